"""`make bench`: every bar beside its floor of the same run."""

import importlib
import sys
from collections.abc import Iterator

MODULES = ("scan", "store", "drain", "lamp", "routing", "gs1", "start")
Row = tuple[str, float, float, str]


def rows(names: tuple[str, ...]) -> Iterator[Row]:
    """(path, ours, floor, bar): seconds or megabytes; a floor of 0 means an absolute bar."""
    for name in names:
        yield from importlib.import_module(f"tests.benchmarks.{name}").rows()


def main() -> None:
    chosen = tuple(sys.argv[1:]) or MODULES
    print(f"{'path':<66}{'ours':>12}{'floor':>12}{'ratio':>8}  bar", flush=True)
    for path, ours, floor, bar in rows(chosen):
        ratio = f"{ours / floor:.2f}x" if floor else ""
        print(f"{path:<66}{shown(ours):>12}{shown(floor):>12}{ratio:>8}  {bar}", flush=True)


def shown(value: float) -> str:
    if not value:
        return "-"
    return f"{value * 1000:.3f} ms" if value < 10 else f"{value:.1f}"


if __name__ == "__main__":
    main()
