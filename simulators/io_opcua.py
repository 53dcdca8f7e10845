"""The OPC UA server of one device made from the map: its namespaces by URI, its nodes with the
types of the tags, its methods, behind a front that breaks as real lines do. Without security,
whatever the map wants: its address says so."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from asyncua import ua
from asyncua.common.callback import CallbackType
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds

from devices.map.schema import Method, NodeTag, OpcUa
from simulators.bus import Message
from simulators.child import Address
from simulators.free_port import free_port
from simulators.io_faults import Faults
from simulators.io_nodes import Nodes, nothing
from simulators.io_shakes import Act
from simulators.opcua_front import Front
from simulators.opcua_space import address_of, standard_nodes, url_of
from simulators.process import LOOPBACK

KINDS: Final = {
    "bool": ua.VariantType.Boolean, "int16": ua.VariantType.Int16, "uint16": ua.VariantType.UInt16,
    "int32": ua.VariantType.Int32, "uint32": ua.VariantType.UInt32, "int64": ua.VariantType.Int64,
    "uint64": ua.VariantType.UInt64, "float32": ua.VariantType.Float,
    "float": ua.VariantType.Float, "float64": ua.VariantType.Double,
    "double": ua.VariantType.Double, "string": ua.VariantType.String,
    "enum": ua.VariantType.Int32, "bits": ua.VariantType.UInt32,
    "bcd16": ua.VariantType.UInt16, "bcd32": ua.VariantType.UInt32,
}  # fmt: skip

log = logging.getLogger("io")


class OpcWire:
    """`written` is called after every write of a client; a method gives zeros and is an act."""

    def __init__(
        self,
        line: OpcUa,
        nodes: Nodes,
        methods: Mapping[str, Method],
        written: Callable[[], None],
        act: Act,
    ) -> None:
        self._line, self._nodes, self._methods = line, nodes, methods
        self._written, self._act = written, act
        self._faults = Faults()
        self._node_of: dict[ua.NodeId, str] = {}
        self._owners: set[ua.NodeId] = set()

    def fault(self, fact: Message) -> bool:
        return self._faults.told(fact)

    @asynccontextmanager
    async def at(self, port: str) -> AsyncIterator[Address]:
        logging.getLogger("asyncua").setLevel(logging.ERROR)
        shown, behind, server = int(port) or free_port(), free_port(), Server()
        await server.init(await standard_nodes())
        server.set_endpoint(url_of(self._line, shown))
        server.socket_address = (LOOPBACK, behind)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await self._build(server)
        server.subscribe_server_callback(CallbackType.PostWrite, self._heard)
        async with server, Front(self._faults).listening(shown, behind):
            showing = asyncio.create_task(self._show(server))
            try:
                yield address_of(self._line, shown)
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)

    async def _build(self, server: Server) -> None:
        spaces = {
            alias: await server.register_namespace(uri)
            for alias, uri in self._line.namespaces.items()
        }
        for tag in self._nodes.tags.values():
            id = node_id(spaces, tag.node)
            if id not in self._node_of:
                self._node_of[id] = tag.node
                if id.NamespaceIndex:  # the standard ones are there
                    await _add(server, id, tag, self._nodes.raw(tag.node), self._writable(tag.node))
        self._nodes.changed.clear()
        for name, one in self._methods.items():
            await self._add_method(server, spaces, name, one)

    async def _add_method(
        self, server: Server, spaces: Mapping[str, int], name: str, method: Method
    ) -> None:
        owner, id = node_id(spaces, method.object), node_id(spaces, method.method)
        if owner not in self._owners and owner.NamespaceIndex:
            await server.nodes.objects.add_object(owner, _named(owner))
        self._owners.add(owner)
        gives = [ua.Variant(nothing(one), KINDS[one]) for one in method.gives.values()]

        async def called(_: ua.NodeId, *given: ua.Variant) -> list[ua.Variant]:
            self._act("called", method=name, data=[one.Value for one in given])
            return gives

        takes = [KINDS[one] for one in method.takes.values()]
        kinds = [KINDS[one] for one in method.gives.values()]
        await server.get_node(owner).add_method(id, _named(id), called, takes, kinds)

    def _writable(self, node: str) -> bool:
        return any("w" in tag.access for tag in self._nodes.tags.values() if tag.node == node)

    def _heard(self, event: Any, _: Any) -> None:
        for one, status in zip(
            event.request_params.NodesToWrite, event.response_params, strict=True
        ):
            node = self._node_of.get(one.NodeId)
            if node is not None and status.is_good() and one.AttributeId == AttributeIds.Value:
                self._nodes.written(node, one.Value.Value.Value)
        self._written()

    async def _show(self, server: Server) -> None:
        ids = {node: id for id, node in self._node_of.items()}
        kinds = {tag.node: KINDS[tag.type] for tag in reversed(list(self._nodes.tags.values()))}
        while True:
            await self._nodes.stirred.wait()
            self._nodes.stirred.clear()
            while self._nodes.changed:
                node = next(iter(self._nodes.changed))
                raw = self._nodes.changed.pop(node)
                value = ua.DataValue(ua.Variant(raw, kinds[node]))
                await server.write_attribute_value(ids[node], value)


def node_id(spaces: Mapping[str, int], text: str) -> ua.NodeId:
    alias, _, identifier = text.partition(";")
    return ua.NodeId.from_string(f"ns={spaces[alias]};{identifier}")


async def _add(server: Server, id: ua.NodeId, tag: NodeTag, first: Any, writable: bool) -> None:
    node = await server.nodes.objects.add_variable(id, _named(id), first, KINDS[tag.type])
    if writable:
        await node.set_writable()


def _named(id: ua.NodeId) -> ua.QualifiedName:
    return ua.QualifiedName(str(id.Identifier), id.NamespaceIndex)
