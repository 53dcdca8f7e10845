"""The same door over OPC UA: only the map is another one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from asyncua import ua

from devices.door.door import DoorDriver
from devices.live import Live
from devices.map.load import understood
from devices.map.reading import read
from devices.map.schema import Door, OpcUa
from tests.devices.conveyor.opc import FakeMerge
from tests.devices.conveyor.site import Ears, RunningClock, posted, supervised, until
from tests.devices.door.site import DOOR
from tests.simulators.equipment.bench import working
from wcs.commands import MoveDoor
from wcs.names import DoorEnd
from wcs.observations import CommandFailed, DeviceUp, DoorChanged

MAP = """\
devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
connections:
  opc:
    type: opcua
    url: URL
    insecure: true
    namespaces: {p: "urn:wedge:demo:merge"}
    publishing: 30ms
devices:
  fire1:
    kind: door
    connection: opc
    tags:
      up: {node: "p;s=Up", type: bool}
      down: {node: "p;s=Down", type: bool}
      wish: {node: "p;s=Wish", type: bool, access: rw}
      go: {node: "p;s=Go", type: bool, access: rw}
      back: {node: "p;s=Back", type: bool, access: rw}
    open: up
    closed: down
    handshakes: SHAKES
"""
TARGET = "{move: {style: target, target: wish, actual: up, timeout: 20s}}"
PULSES = "{open: {style: pulse, signal: go, width: 60ms}, close: {style: pulse, signal: back}}"


class DoorServer(FakeMerge):
    """A door whose leaf needs no time; `pressed` counts the pulses that it saw."""

    pressed = 0

    async def _build(self, index: int) -> dict[str, Any]:
        nodes = {}
        for name in ("Up", "Down", "Wish", "Go", "Back"):
            at = ua.NodeId.from_string(f"ns={index};s={name}")
            first = ua.Variant(name == "Down", ua.VariantType.Boolean)
            nodes[name] = await self.server.nodes.objects.add_variable(at, name, first)
            await nodes[name].set_writable()
        return nodes

    async def follow(self) -> None:
        was = wished = False
        while True:
            wish, go = await self.get("Wish"), await self.get("Go")
            if go and not was:
                self.pressed += 1
            if wish != wished or (go and not was):
                up = wish or go
                await self.nodes["Down"].write_value(not up)
                await self.nodes["Up"].write_value(up)
            was, wished = go, wish
            await asyncio.sleep(0.01)


@asynccontextmanager
async def a_server() -> AsyncIterator[DoorServer]:
    server = DoorServer()
    await server.start()
    try:
        async with working(server.follow()):
            yield server
    finally:
        await server.stop()


class World:
    def __init__(self, server: DoorServer, shakes: str) -> None:
        tree, errors = read(MAP.replace("URL", server.url).replace("SHAKES", shakes), "m.yaml")
        assert tree is not None and not errors
        made = understood(tree, []).map
        assert made is not None
        config, line = made.devices[DOOR], made.connections["opc"]
        assert isinstance(config, Door)
        assert isinstance(line, OpcUa)
        self.ears, self.clock = Ears(), RunningClock()
        self.driver = DoorDriver(
            DOOR, config, line, clock=self.clock, live=Live(), beat=self.ears.beat
        )

    def to(self, end: DoorEnd) -> MoveDoor:
        return MoveDoor(device=DOOR, to=end, before=self.clock.now() + timedelta(seconds=20))

    async def says(self, state: str) -> None:
        def said() -> bool:
            told = self.ears.of(DoorChanged)
            return bool(told) and told[-1].state == state

        await until(said)


async def test_levels_and_pulses_over_opc_ua() -> None:
    async with a_server() as server:
        level, pulses = World(server, TARGET), World(server, PULSES)
        async with supervised(level.driver, level.ears, level.clock) as links:
            (up,) = await level.ears.hear(DeviceUp)
            assert up.has == ("door=closed", "asked=closed")
            links.post(posted(level.to("open")))
            await level.says("open")
            assert await server.get("Wish") is True
            links.post(posted(level.to("closed")))
            await level.says("closed")
            assert level.ears.of(CommandFailed) == []

        await server.nodes["Back"].write_value(True)  # left over from before
        async with supervised(pulses.driver, pulses.ears, pulses.clock) as links:
            await pulses.ears.hear(DeviceUp)
            assert await server.get("Back") is False
            links.post(posted(pulses.to("open")))
            await pulses.says("open")
            links.post(posted(pulses.to("open")))  # it is
            async with asyncio.timeout(20):
                while await server.get("Go"):
                    await asyncio.sleep(0.01)
            assert server.pressed == 1
            assert pulses.ears.of(CommandFailed) == []
