"""A fixed scanner over the belt: a TCP server that frames what passes, and beats when idle."""

import asyncio
import logging
from typing import Final

from devices.map.load import load_map
from devices.map.schema import Scanner
from simulators.bus import BusClient, Message
from simulators.lines import Lines
from simulators.process import Place, parser, place, ready_tcp, run
from simulators.scanner_faults import Spoiler

NO_READ: Final = "NoRead"

log = logging.getLogger("scanner")


def payload(codes: list[str], trigger: int | None, fields: tuple[str, ...], separator: str) -> str:
    """One gate as text: the trigger where the map has one, then every code, or `NoRead`."""
    read = codes or [NO_READ]
    return separator.join([str(trigger), *read] if "trigger" in fields else read)


class FixedScanner:
    def __init__(self, device: Scanner, seed: int = 7) -> None:
        self._device, self._spoiler = device, Spoiler(seed)
        self.lines = Lines()

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "read", "codes": codes, "trigger": trigger}:
                device = self._device
                separator = device.framing.separator or ""
                self._send(payload(codes, trigger, device.fields, separator))
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.lines.unplug(on)
            case {"fact": "fault", "fault": "disconnect"}:
                self.lines.unplug(True)
                self.lines.unplug(False)
            case _ if not self._spoiler.told(fact):
                log.debug("not for a scanner: %s", fact)
            case _:
                return

    async def beat(self) -> None:
        beat = self._device.heartbeat
        while beat is not None:
            self._send(beat.match)
            await asyncio.sleep(beat.every_s)

    def _send(self, text: str) -> None:
        framing = self._device.framing
        frame = (framing.start + text + framing.end).encode(self._device.payload.encoding)
        for piece in self._spoiler.pieces(frame):
            self.lines.send(piece)


async def main(site: Place) -> None:
    assert site.world is not None
    device = load_map(site.map).devices.get(site.id)
    if not isinstance(device, Scanner):
        raise SystemExit(f"{site.id} is not a scanner of this map")
    scanner, world = FixedScanner(device, site.seed), BusClient(site.world, site.id)
    server = await scanner.lines.listen(site.tcp_port)
    async with server, asyncio.TaskGroup() as tasks:
        tasks.create_task(world.run(scanner.heard))
        tasks.create_task(scanner.beat())
        ready_tcp(site.id, server)


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
