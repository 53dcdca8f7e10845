"""The merge's PLC as an OPC UA server: it merges two lanes by hold and priority, on its own."""

import asyncio
import logging
import socket
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

from devices.map.load import load_map
from devices.map.schema import DeviceMap, Merge, NodeTag, OpcUa
from simulators.bus import BusClient, Message
from simulators.opcua_space import address_of, standard_nodes, url_of
from simulators.process import LOOPBACK, Place, parser, place, ready, run

BEAT_S: Final = 0.25
CYCLE_S: Final = 0.05
TYPES: Final = {
    "bool": ua.VariantType.Boolean,
    "uint16": ua.VariantType.UInt16,
    "uint32": ua.VariantType.UInt32,
}

log = logging.getLogger("merge")


@dataclass(slots=True)
class Infeed:
    """One lane as the PLC knows it. After power on it is held until the host writes."""

    waiting: int = 0
    full: bool = False
    hold: bool = True
    priority: int = 0


@dataclass(slots=True)
class Merging:
    """Which lane's front carton goes next: the highest priority, the other one on a tie."""

    lanes: dict[str, Infeed]
    clear: bool = False
    last: str = ""

    def next(self) -> str | None:
        ready = [name for name, lane in self.lanes.items() if lane.waiting and not lane.hold]
        if not self.clear or not ready:
            return None
        return max(ready, key=lambda name: (self.lanes[name].priority, name != self.last))

    def released(self, name: str) -> None:
        """Nothing more until the world says that the line is clear again."""
        self.lanes[name].waiting -= 1
        self.clear, self.last = False, name


@dataclass(slots=True)
class MergePlc:
    device: Merge
    nodes: dict[str, Node]
    merging: Merging
    beat: int = field(default=0)

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "infeed", "lane": name, "waiting": waiting, "full": full}:
                lane = self.merging.lanes[str(name)]
                lane.waiting, lane.full = waiting, full
            case {"fact": "clear", "clear": clear}:
                self.merging.clear = clear
            case _:
                log.debug("not for a merge: %s", fact)

    async def cycle(self, world: BusClient) -> None:
        """The program: read what the host wrote, let a carton go, show the lanes, beat."""
        beat_at = monotonic()
        while True:
            await self._read()
            if (name := self.merging.next()) is not None:
                self.merging.released(name)
                world.act("release", lane=name)
            await self._show()
            if monotonic() - beat_at >= BEAT_S:
                beat_at, self.beat = monotonic(), self.beat + 1 & 0xFFFF_FFFF
                await self._write("beat", self.beat)
            await asyncio.sleep(CYCLE_S)

    async def _read(self) -> None:
        for name, lane in self.merging.lanes.items():
            tags = self.device.lanes[name]
            lane.hold = await self.nodes[tags.hold].read_value()
            lane.priority = await self.nodes[tags.priority].read_value()

    async def _show(self) -> None:
        for name, lane in self.merging.lanes.items():
            tag = self.device.lanes[name].full
            if await self.nodes[tag].read_value() != lane.full:
                await self._write(tag, lane.full)

    async def _write(self, tag: str, value: bool | int) -> None:
        await self.nodes[tag].write_value(value, TYPES[self.device.tags[tag].type])


async def power_on(server: Server, site: DeviceMap, id: str, port: int) -> MergePlc:
    """Nodes at their first values: running, no jam, every lane held.

    Raises LookupError when the map has no such merge.
    """
    device = site.devices.get(id)
    if not isinstance(device, Merge):
        raise LookupError(f"{id} is not a merge of this map")
    line = site.connections[device.connection]
    assert isinstance(line, OpcUa)
    await server.init(await standard_nodes())
    server.set_endpoint(url_of(line, port))
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    spaces = {name: await server.register_namespace(uri) for name, uri in line.namespaces.items()}
    nodes = {
        name: await _node(server, spaces, tag)
        for name, tag in device.tags.items()
        if isinstance(tag, NodeTag)
    }
    plc = MergePlc(device, nodes, Merging({name: Infeed() for name in device.lanes}))
    await nodes["running"].write_value(True)
    for lane in device.lanes.values():
        await nodes[lane.hold].write_value(True)
    return plc


async def _node(server: Server, spaces: dict[str, int], tag: NodeTag) -> Node:
    space, _, name = tag.node.partition(";s=")
    kind = TYPES[tag.type]
    first = False if kind is ua.VariantType.Boolean else 0
    id = ua.NodeId.from_string(f"ns={spaces[space]};s={name}")
    named = ua.QualifiedName(name, spaces[space])
    node = await server.nodes.objects.add_variable(id, named, first, kind)
    if "w" in tag.access:
        await node.set_writable()
    return node


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def main(site: Place) -> None:
    assert site.world is not None
    port = site.tcp_port or free_port()
    server, world = Server(), BusClient(site.world, site.id)
    devices = load_map(site.map)
    plc = await power_on(server, devices, site.id, port)
    line = devices.connections[plc.device.connection]
    assert isinstance(line, OpcUa)
    async with server, asyncio.TaskGroup() as tasks:
        tasks.create_task(world.run(plc.heard))
        tasks.create_task(plc.cycle(world))
        ready(site.id, address_of(line, port))


if __name__ == "__main__":
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
