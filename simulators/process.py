"""What every simulator process does alike: its arguments, its ready line, its end."""

import argparse
import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

LOOPBACK = "127.0.0.1"


class HostPort(NamedTuple):
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as what a simulator runs: `docs/wires.md` section 2.

    `port` is a TCP port (0: any free one) or, for a serial line, the path of its link; `world`
    is None for a simulator that needs no world; `speed` divides walking, travel and waiting.
    """

    id: str
    map: Path
    port: str
    world: HostPort | None
    seed: int
    speed: float

    @property
    def tcp_port(self) -> int:
        return int(self.port)


def parser(about: str) -> argparse.ArgumentParser:
    """The arguments common to all simulators; one with more of its own adds them."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--id", required=True, help="device of the map that this one plays")
    made.add_argument("--map", type=Path, default=Path("config/demo"), help="folder of the site")
    made.add_argument("--port", default="0", help="TCP port (0: any), or path of the serial link")
    made.add_argument("--world", type=host_port, help="HOST:PORT of the world bus")
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--speed", type=float, default=1.0, help="how much faster people walk")
    return made


def place(given: argparse.Namespace) -> Place:
    return Place(given.id, given.map, given.port, given.world, given.seed, given.speed)


def host_port(text: str) -> HostPort:
    host, _, port = text.rpartition(":")
    return HostPort(host or LOOPBACK, int(port))


def ready(id: str, address: dict[str, object]) -> None:
    """The one line on stdout that says: I listen, and here."""
    print(json.dumps({"id": id, "address": address}), flush=True)


def ready_tcp(id: str, server: asyncio.Server) -> None:
    ready(id, {"host": LOOPBACK, "port": port_of(server)})


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs `main` until it returns or stdin closes: a simulator never outlives its parent."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")
    try:
        asyncio.run(_until_stdin_closes(main))
    except KeyboardInterrupt:
        sys.exit(130)


async def _until_stdin_closes(main: Callable[[], Awaitable[None]]) -> None:
    closed, loop = asyncio.Event(), asyncio.get_running_loop()
    watch = threading.Thread(target=_watch_stdin, args=(loop, closed), daemon=True)
    watch.start()
    working = asyncio.ensure_future(main())
    ending = asyncio.ensure_future(closed.wait())
    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working})
    if not working.cancelled():
        working.result()


def _watch_stdin(loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(closed.set)
