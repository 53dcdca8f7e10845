"""`make bench`: every bar beside its floor of the same run."""

import importlib
import sys
from collections.abc import Iterator

MODULES = (
    *("scan", "store", "drain", "lamp", "routing", "routing_search", "policies", "layouts"),
    *("orders", "batching", "gs1", "tags_bus", "telemetry", "opcua", "start"),
)
Value = float | str
Row = tuple[str, Value, Value, str]


def rows(names: tuple[str, ...]) -> Iterator[Row]:
    """(path, ours, floor, bar): seconds, megabytes above ten, or a text that has its own unit; a
    floor of 0 means an absolute bar."""
    for name in names:
        yield from importlib.import_module(f"tests.benchmarks.{name}").rows()


def main() -> None:
    chosen = tuple(sys.argv[1:]) or MODULES
    print(f"{'path':<66}{'ours':>12}{'floor':>12}{'ratio':>8}  bar", flush=True)
    for path, ours, floor, bar in rows(chosen):
        told = isinstance(ours, str) or isinstance(floor, str) or not floor
        ratio = "" if told else f"{float(ours) / float(floor):.2f}x"
        print(f"{path:<66}{shown(ours):>12}{shown(floor):>12}{ratio:>8}  {bar}", flush=True)


def shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    if not value:
        return "-"
    return f"{value * 1000:.3f} ms" if value < 10 else f"{value:.1f}"


if __name__ == "__main__":
    main()
