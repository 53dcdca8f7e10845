"""`wedge simulate`: the simulators of a site until Ctrl-C, and the overlay with their addresses."""

import argparse
import asyncio
import signal
from pathlib import Path

from simulators.in_words import in_words
from simulators.launch import Launch
from simulators.process import LOOPBACK


def main() -> None:
    asked = _arguments()
    with in_words():
        asyncio.run(_simulate(asked))


def _arguments() -> argparse.Namespace:
    made = argparse.ArgumentParser(prog="wedge simulate", description=__doc__)
    made.add_argument("--config", type=Path, required=True)
    made.add_argument("--run", type=Path, required=True)
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--speed", type=float, default=1.0)
    made.add_argument("--orders", type=int, default=0)
    made.add_argument("--only", action="append")
    made.add_argument("--gateway", default="http://127.0.0.1:8080")
    made.add_argument("--token", default="")
    return made.parse_args()


async def _simulate(asked: argparse.Namespace) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with Launch(
        asked.config,
        asked.run,
        seed=asked.seed,
        speed=asked.speed,
        orders=asked.orders,
        gateway_url=asked.gateway,
        token=asked.token,
        only=asked.only,
    ) as sims:
        for id, state in sims.status().items():
            control = sims.children[id].control
            told = f"  control: {LOOPBACK}:{control}" if control else ""
            print(f"{id:12} {state:8} {sims.address(id)}{told}")
        for why in sims.unplayed.values():
            print(f"not simulated: {why}")
        print(f"overlay: {asked.run / 'overlay.json'}; Ctrl-C ends them", flush=True)
        await ended.wait()


if __name__ == "__main__":
    main()
