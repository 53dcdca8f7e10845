"""`wedge demo`: a whole simulated warehouse around a real gateway, and its judge.

Without `--exit` it runs until Ctrl-C. With it, it ends when every order has ended and prints what
the witnesses found; exit code 0 only if exactly the seed's orders ended as the seed says.
"""

import argparse
import asyncio
import json
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from simulators.child import NotReady
from simulators.director.director import Director
from simulators.director.ending import Ending, gateway_says
from simulators.director.judge import Verdict
from simulators.in_words import in_words
from simulators.launch import Launch

ONE_HOST = "127.0.0.1"
PAGE_PORT = 8080
OVERLAY = "overlay.json"
JUDGED, PLAYED = 50, 200
"""Orders of a run that ends by itself, and of one that somebody watches."""
A_PICK_S, SPREAD_S = 24.0, 0.2
"""What the picker needs for an order, and how far apart the story's orders arrive."""


class Asked(NamedTuple):
    config: Path
    data: Path
    orders: int
    seed: int
    speed: float
    port: int
    faults: bool
    exits: bool
    as_json: bool


def main() -> None:
    asked = _arguments()
    with in_words():
        sys.exit(asyncio.run(_demo(asked)))


def _arguments() -> Asked:
    made = argparse.ArgumentParser(prog="wedge demo", description=__doc__)
    made.add_argument("--config", type=Path, default=Path("config/demo"))
    made.add_argument("--data", type=Path, help="keep the run here; emptied first")
    made.add_argument("--orders", type=int)
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--speed", type=float, default=10.0)
    made.add_argument("--port", type=int, default=0)
    for flag in ("--faults", "--exit", "--json"):
        made.add_argument(flag, action="store_true")
    given = made.parse_args()
    data = given.data or Path(mkdtemp(prefix="wedge-demo-"))
    port = given.port or _free_port(given.exit)
    return Asked(
        given.config,
        data.absolute(),
        given.orders or (JUDGED if given.exit else PLAYED),
        given.seed,
        given.speed,
        port,
        given.faults,
        given.exit,
        given.json,
    )


def _free_port(any_will_do: bool) -> int:
    """The usual port of the page when it is free; kept over every restart of the gateway."""
    for port in (0,) if any_will_do else (PAGE_PORT, 0):
        with socket.socket() as sock, suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((ONE_HOST, port))
            found: int = sock.getsockname()[1]
            return found
    raise NotReady("no port is free for the page")


async def _demo(asked: Asked) -> int:
    data, url = asked.data / "gateway", f"http://{ONE_HOST}:{asked.port}"
    _empty(asked.data)
    data.mkdir(parents=True)
    launch = Launch(
        asked.config,
        asked.data,
        seed=asked.seed,
        speed=asked.speed,
        orders=asked.orders,
        gateway_url=url,
        pace=1.0 if asked.exits else A_PICK_S / asked.speed / SPREAD_S,
    )
    staff = asyncio.create_task(gateway_says("people", "token", "staff", "--data", str(data)))
    ended = _until_told()
    try:
        async with launch as sims:
            run = ("run", str(asked.config), "--overlay", str(sims.overlay), "--data", str(data))
            command = (sys.executable, "-m", "gateway", *run, "--port", str(asked.port))
            async with Director(sims, command, sims.secrets, faults=asked.faults) as director:
                token = (await staff).strip()
                await asyncio.gather(director.gateway.start(), sims.employ(token))
                return await _play(asked, director, data, url, ended)
    finally:
        await asyncio.wait({staff})  # a command that was begun is not left behind


def _empty(folder: Path) -> None:
    """Of an earlier run, and of nothing else. Raises NotReady for a folder of somebody's."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / OVERLAY).exists():
        raise NotReady(f"{folder} is not empty and holds no run of ours; give another --data")
    shutil.rmtree(folder)


async def _play(
    asked: Asked, director: Director, data: Path, url: str, ended: asyncio.Event
) -> int:
    token = (data / "local.token").read_text().strip()
    if not asked.as_json:
        print(f"\n  Wedge is running: open {url}/enter?token={token}\n", flush=True)
        print("  Everything is SIMULATED. Ctrl-C ends it.", flush=True)
    if not asked.exits:
        await ended.wait()
        return 0
    verdict = await Ending(director, data, ended).judged()
    print(json.dumps(verdict.result) if asked.as_json else _table(verdict), flush=True)
    for reason in verdict.reasons:
        print(f"wedge demo: {reason}", file=sys.stderr)
    return 0 if verdict.passed else 1


def _until_told() -> asyncio.Event:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


def _table(verdict: Verdict) -> str:
    return "\n".join(f"  {name:22} {value}" for name, value in verdict.result.items())


if __name__ == "__main__":
    main()
