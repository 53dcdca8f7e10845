"""A zone of Banner PICK-IQ modules on a real line: RTU frames behind TCP, or a serial port.

Serial when `--port` is a path: a pty whose stable link it names. Facts of the world: `press`, and
`fault` with `silent`, `stuck` or `restart` and a `light`; `unplugged` is the whole line.
"""

import asyncio
import logging
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from devices.map.load import load_map
from devices.map.schema import LightZone, Modbus
from simulators.bus import BusClient, Message
from simulators.io_rtu import SETTINGS
from simulators.pick_iq_modules import PRIMARY, TOUCHES, Module, modules
from simulators.process import LOOPBACK, Place, parser, place, port_of, ready, run
from simulators.rtu import Line, Unit

log = logging.getLogger("pick_iq")

HELD_S: Final = 0.4
"""How long a finger rests on a key."""


class Rack:
    """The modules of one zone, and whoever touches them."""

    def __init__(self, zone: LightZone, usual_unit: int = 1) -> None:
        self.modules = modules(zone, usual_unit, self._showed)
        self.others: dict[int, Unit] = {}
        """Whoever else is on the line."""
        self.world: BusClient | None = None
        self._lines: set[asyncio.Transport] = set()

    def line(self) -> Line:
        return Line(self.others | {one.number: one.unit for one in self.modules.values()})

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "press", "light": light, "button": button}:
                self.press(light, button)
            case {"fact": "fault", "fault": "silent", "light": light, "on": on}:
                self.modules[light].unit.silent = on
            case {"fact": "fault", "fault": "stuck", "light": light, "on": on}:
                self.modules[light].touch(PRIMARY if on else 0)
            case {"fact": "fault", "fault": "restart", "light": light, "on": True}:
                self.modules[light].restart()
            case {"fact": "fault", "fault": "unplugged", "on": True}:
                self.hang_up()
            case _:
                log.debug("not for modules: %s", fact)

    def press(self, light: str, button: str = "confirm", held_s: float = HELD_S) -> None:
        module = self.modules[light]
        module.touch(TOUCHES[button])
        asyncio.get_running_loop().call_later(held_s, module.touch, 0)

    def opened(self, line: asyncio.Transport) -> None:
        self._lines.add(line)

    def closed(self, line: asyncio.Transport) -> None:
        self._lines.discard(line)

    def hang_up(self) -> None:
        for line in list(self._lines):
            line.abort()

    def _showed(self, module: Module) -> None:
        if self.world is not None:
            on, qty, colour = module.looks
            self.world.act("lamp", light=module.light, on=on, qty=qty, colour=colour, task=None)


class _Stream(asyncio.Protocol):
    def __init__(self, rack: Rack) -> None:
        self._rack, self._line = rack, rack.line()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rack.opened(transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._line.feed(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._rack.closed(self._transport)


@asynccontextmanager
async def on_tcp(rack: Rack, port: int = 0) -> AsyncIterator[int]:
    """Yields its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Stream(rack), LOOPBACK, port, reuse_address=True)
    try:
        yield port_of(server)
    finally:
        server.close()
        rack.hang_up()
        await server.wait_closed()


@asynccontextmanager
async def on_serial(rack: Rack, link: Path) -> AsyncIterator[Path]:
    """A pty; our own open end keeps it alive while the master comes and goes."""
    loop, (ours, theirs), line = asyncio.get_running_loop(), os.openpty(), rack.line()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    fresh = link.with_name(link.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.ttyname(theirs))
    fresh.replace(link)
    loop.add_reader(ours, lambda: os.write(ours, line.feed(os.read(ours, 4096))))
    try:
        yield link
    finally:
        loop.remove_reader(ours)
        link.unlink(missing_ok=True)
        os.close(ours)
        os.close(theirs)


async def serve(site: Place) -> None:
    known = load_map(site.map)
    device = known.devices[site.id]
    assert isinstance(device, LightZone), f"{site.id} is no pick-to-light zone"
    connection = known.connections[device.connection]
    assert isinstance(connection, Modbus), f"{site.id} is not on a Modbus line"
    rack = Rack(device, connection.unit)
    async with asyncio.TaskGroup() as tasks:
        if site.world is not None:
            rack.world = BusClient(site.world, site.id)
            tasks.create_task(rack.world.run(rack.heard))
        if site.port.isdecimal():
            async with on_tcp(rack, site.tcp_port) as port:
                ready(site.id, {"host": LOOPBACK, "port": port})
                await asyncio.Event().wait()
        async with on_serial(rack, Path(site.port)) as link:
            ready(site.id, {"port": str(link), **SETTINGS})
            await asyncio.Event().wait()


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: serve(site))
