"""`make soak`: long runs, one line each. Exit 0 only if all passed.

python -m tests.soak                         all of it
python -m tests.soak demo --seeds 3          only that part, three seeds
python -m tests.soak --reconnects 10000      every driver so often, or those of --drivers
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import found
from tests.faults.lines import Needs
from tests.soak import blackout, breaks, demo, kills, reconnects, tunnel
from tests.soak.result import Run

PARTS = ("demo", "breaks", "kills", "power", "tunnel", "reconnects")
DEMO_ORDERS, OTHER_ORDERS = 50, 30

Make = Callable[[Path], Run]


def main() -> int:
    asked = _arguments()
    failed: list[Run] = []
    for number, make in enumerate(_runs(asked)):
        run = _kept(make, asked.keep / str(number)) if asked.keep else _forgotten(make)
        run.tell()
        failed += [] if run.passed else [run]
    print(f"{len(failed)} of {number + 1} runs failed" if failed else f"{number + 1} runs passed")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    made = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    made.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is given")
    made.add_argument("--seeds", type=int, default=5, help="how many")
    made.add_argument("--first", type=int, default=1, help="seed")
    made.add_argument("--orders", type=int, help="per run")
    made.add_argument("--speed", type=float, default=20.0)
    made.add_argument("--minutes", type=float, default=tunnel.MINUTES, help="of the tunnel")
    made.add_argument("--reconnects", type=int, help="of each driver; only them without parts")
    made.add_argument("--drivers", nargs="*", default=[*reconnects.DRIVERS], help="to reconnect")
    made.add_argument("--keep", type=Path, help="keep the runs in this folder")
    asked = made.parse_args()
    if wrong := set(asked.parts) - set(PARTS):
        made.error(f"there is no part {', '.join(sorted(wrong))}; known: {', '.join(PARTS)}")
    if wrong := set(asked.drivers) - set(reconnects.DRIVERS):
        known = ", ".join(reconnects.DRIVERS)
        made.error(f"there is no driver {', '.join(sorted(wrong))}; known: {known}")
    if asked.reconnects is not None and not asked.parts:
        asked.parts = ["reconnects"]
    asked.keep = asked.keep and asked.keep.absolute()
    return asked


def _runs(asked: argparse.Namespace) -> Iterator[Make]:
    times = asked.reconnects or reconnects.TIMES
    seeds = range(asked.first, asked.first + asked.seeds)
    for part in asked.parts or PARTS:
        if part == "tunnel":
            yield lambda folder: tunnel.run(folder, asked.minutes)
            continue
        if part == "reconnects":
            for name in asked.drivers:
                yield partial(_reconnects, name, times)
            continue
        for seed in seeds:
            yield from _seeded(part, seed, asked)


def _seeded(part: str, seed: int, asked: argparse.Namespace) -> Iterator[Make]:
    orders, speed = asked.orders or OTHER_ORDERS, asked.speed
    match part:
        case "demo":
            orders = asked.orders or DEMO_ORDERS
            yield lambda folder: demo.run(folder, seed, orders, speed, faults=False)
            yield lambda folder: demo.run(folder, seed, orders, speed, faults=True)
        case "breaks":
            yield lambda folder: asyncio.run(breaks.run(folder, seed, orders, speed))
        case "kills":
            yield lambda folder: asyncio.run(kills.run(folder, seed, orders, speed))
        case _:
            yield lambda folder: asyncio.run(blackout.run(folder, seed, orders, speed))


def _reconnects(name: str, times: int, folder: Path) -> Run:
    return reconnects.run(Needs(folder, found("mosquitto")), name, times)


def _kept(make: Make, folder: Path) -> Run:
    folder.mkdir(parents=True)
    return make(folder)


def _forgotten(make: Make) -> Run:
    with TemporaryDirectory(prefix="wedge-soak-") as folder:
        return make(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
