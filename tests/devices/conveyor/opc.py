"""A merge's OPC UA server for tests: the nodes of docs/wires.md section 7, and its faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds

URI = "urn:wedge:demo:merge"
NODES: dict[str, tuple[Any, ua.VariantType]] = {
    "Merge.Heartbeat": (0, ua.VariantType.UInt32),
    "Merge.GatewayHeartbeat": (0, ua.VariantType.UInt32),
    "Merge.Running": (True, ua.VariantType.Boolean),
    "Merge.Jam": (False, ua.VariantType.Boolean),
    "Merge.Lane1.Full": (False, ua.VariantType.Boolean),
    "Merge.Lane1.Hold": (True, ua.VariantType.Boolean),
    "Merge.Lane1.Priority": (0, ua.VariantType.UInt16),
    "Merge.Lane2.Full": (False, ua.VariantType.Boolean),
    "Merge.Lane2.Hold": (True, ua.VariantType.Boolean),
    "Merge.Lane2.Priority": (0, ua.VariantType.UInt16),
}


class FakeMerge:
    def __init__(self) -> None:
        self.port = 0
        self.nodes: dict[str, Any] = {}
        self.alive = True
        self.server: Any = None

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}/merge"

    async def start(self) -> None:
        self.server = Server()
        await self.server.init()
        self.server.set_endpoint(self.url)
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self.nodes = await self._build(await self.server.register_namespace(URI))
        await self.server.start()
        self.port = self.server.bserver._server.sockets[0].getsockname()[1]

    async def _build(self, index: int) -> dict[str, Any]:
        nodes = {}
        for name, (value, kind) in NODES.items():
            node = await self.server.nodes.objects.add_variable(
                ua.NodeId.from_string(f"ns={index};s={name}"), name, ua.Variant(value, kind)
            )
            await node.set_writable()
            nodes[name] = node
        return nodes

    @asynccontextmanager
    async def namespace_moved(self) -> AsyncIterator[None]:
        """What a restart with another order of registration shows: our URI at another index, and
        at the old one somebody else's."""
        array = self.server.get_node(ObjectIds.Server_NamespaceArray)
        before, nodes = await array.read_value(), self.nodes
        self.nodes = await self._build(len(before))
        moved = ["urn:other" if uri == URI else uri for uri in before]
        await array.write_value([*moved, URI])
        try:
            yield
        finally:
            await array.write_value(before)
            await self.server.delete_nodes(list(self.nodes.values()))
            self.nodes = nodes

    async def stop(self) -> None:
        await self.server.stop()

    async def set(self, name: str, value: Any) -> None:
        await self.nodes[name].write_value(ua.Variant(value, NODES[name][1]))

    async def get(self, name: str) -> Any:
        return await self.nodes[name].read_value()

    async def beating(self) -> None:
        beat = 0
        while True:
            beat += self.alive
            await self.set("Merge.Heartbeat", beat)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(merge: FakeMerge) -> AsyncIterator[FakeMerge]:
    await merge.start()
    beating = asyncio.create_task(merge.beating())
    try:
        yield merge
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await merge.stop()
