"""A scanner on USB: its device file is a FIFO at `--port`, into which it writes events or reports.

Facts as of a hand scanner: `trigger {code}`, and the faults of `simulators.scanner_faults`.
Unplugged, the file is gone.
"""

import asyncio
import logging
import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from devices.map.load import load_map
from devices.map.schema import Hid, Scanner
from simulators.bus import BusClient, Message
from simulators.process import Place, parser, place, ready, run
from simulators.scanner_faults import Spoiler, control
from simulators.scanner_keys import EVENT, events, pos_reports, reports

UNITS: Final = {"events": EVENT.size, "keyboard": 8, "pos": 64}
"""Bytes of one record: the kernel hands out no less."""
NO_AIM: Final = b"]Z0"

log = logging.getLogger("hid")


class UsbScanner:
    def __init__(self, device: Scanner, line: Hid, node: Path, seed: int) -> None:
        self._device, self._line, self._node = device, line, node
        self._spoiler = Spoiler(seed, UNITS[line.reports])
        self._file: int | None = None

    def plug(self) -> None:
        if self._file is None:
            self._node.unlink(missing_ok=True)
            os.mkfifo(self._node)
            self._file = os.open(self._node, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        if self._file is not None:
            self._node.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "trigger", "code": code}:
                self._send(code)
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.unplug() if on else self.plug()
            case {"fact": "fault", "fault": "disconnect"}:
                self.unplug()
                self.plug()
            case _ if not self._spoiler.told(fact):
                log.debug("not for a scanner on USB: %s", fact)
            case _:
                return

    def _send(self, code: str) -> None:
        if self._file is None:
            return
        try:
            for piece in self._spoiler.pieces(self._record(code)):
                os.write(self._file, piece)
        except BlockingIOError:
            log.info("nobody reads the file: %s is lost", code)

    def _record(self, code: str) -> bytes:
        layout, end = self._line.layout, self._device.framing.end
        match self._line.reports:
            case "events":
                return events(code + end, layout)
            case "keyboard":
                return reports(code + end, layout)
            case "pos":
                aim, text = (code[:3], code[3:]) if code.startswith("]") else ("", code)
                encoding = self._device.payload.encoding
                return pos_reports(text.encode(encoding), aim.encode() or NO_AIM)


async def main(site: Place, control_port: int | None) -> None:
    map = load_map(site.map)
    device = map.devices.get(site.id)
    line = map.connections[device.connection] if device is not None else None
    if not isinstance(device, Scanner) or not isinstance(line, Hid):
        raise SystemExit(f"{site.id} is not a scanner on USB of this map")
    scanner = UsbScanner(device, line, Path(site.port), site.seed)
    scanner.plug()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        stack.callback(scanner.unplug)
        if control_port is not None:
            await stack.enter_async_context(await control(control_port, scanner.heard))
        if site.world is not None:
            tasks.create_task(BusClient(site.world, site.id).run(scanner.heard))
        ready(site.id, {"port": site.port})
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--control", type=int, help="port for facts and faults")
    given = arguments.parse_args()
    run(lambda: main(place(given), given.control))
