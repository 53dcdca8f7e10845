"""A scanner that calls its host: it dials until somebody answers, and again when the line is gone.

Facts: `read {codes, trigger}` of a fixed one, `trigger {code}` of a hand scanner, and the faults of
`simulators.scanner_faults`. The overlay says where the host is to listen, and for whom.
"""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from typing import Final

from devices.map.load import load_map
from devices.map.schema import Scanner
from simulators.bus import BusClient, Message
from simulators.free_port import free_port
from simulators.hand_scanner import tones
from simulators.process import LOOPBACK, Place, parser, place, ready, run
from simulators.scanner import payload
from simulators.scanner_faults import Spoiler, control

AGAIN_S: Final = 0.1

log = logging.getLogger("dial")


class Dialer:
    """tones: what the host has sent, good or bad."""

    def __init__(self, device: Scanner, port: int, seed: int, source: str = LOOPBACK) -> None:
        self._device, self._port, self._source = device, port, source
        self._spoiler = Spoiler(seed)
        self._line: asyncio.StreamWriter | None = None
        self._plugged = asyncio.Event()
        self._plugged.set()
        self.tones: list[bool] = []

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "read", "codes": codes, "trigger": trigger}:
                device = self._device
                self._send(payload(codes, trigger, device.fields, device.framing.separator or ""))
            case {"fact": "trigger", "code": code}:
                self._send(code)
            case {"fact": "fault", "fault": "unplugged", "on": True}:
                self._plugged.clear()
                self.hang_up()
            case {"fact": "fault", "fault": "unplugged"}:
                self._plugged.set()
            case {"fact": "fault", "fault": "disconnect"}:
                self.hang_up()
            case _ if not self._spoiler.told(fact):
                log.debug("not for a scanner: %s", fact)
            case _:
                return

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.transport.abort()

    async def run(self) -> None:
        """For ever: whoever has roamed calls again, and the old line may still look alive."""
        while True:
            await self._plugged.wait()
            with suppress(OSError):
                await self._call()
            self._line = None
            await asyncio.sleep(AGAIN_S)

    async def beat(self) -> None:
        beat = self._device.heartbeat
        while beat is not None:
            self._send(beat.match)
            await asyncio.sleep(beat.every_s)

    async def _call(self) -> None:
        reader, self._line = await asyncio.open_connection(
            LOOPBACK, self._port, local_addr=(self._source, 0)
        )
        rest = b""
        try:
            while data := await reader.read(4096):
                heard, rest = tones(rest + data)
                self.tones += heard
        finally:
            self._line.transport.abort()

    def _send(self, text: str) -> None:
        if self._line is None:
            return
        framing = self._device.framing
        frame = (framing.start + text + framing.end).encode(self._device.payload.encoding)
        for piece in self._spoiler.pieces(frame):
            self._line.write(piece)


async def main(site: Place, control_port: int | None) -> None:
    device = load_map(site.map).devices.get(site.id)
    if not isinstance(device, Scanner):
        raise SystemExit(f"{site.id} is not a scanner of this map")
    port = site.tcp_port or free_port()
    scanner = Dialer(device, port, site.seed)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        if control_port is not None:
            await stack.enter_async_context(await control(control_port, scanner.heard))
        if site.world is not None:
            tasks.create_task(BusClient(site.world, site.id).run(scanner.heard))
        tasks.create_task(scanner.run())
        tasks.create_task(scanner.beat())
        ready(site.id, {"host": LOOPBACK, "port": port, "peer": LOOPBACK})


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--control", type=int, help="port for facts and faults")
    given = arguments.parse_args()
    run(lambda: main(place(given), given.control))
