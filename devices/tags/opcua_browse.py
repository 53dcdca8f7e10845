"""What an OPC UA server has, for `wedge map import --opcua`: every variable and method below its
objects, with its node by namespace URI, its type and whether it may be written."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.device import Clock
from devices.map.connections import OpcUa
from devices.tags.opcua_session import Line, opened
from devices.tags.opcua_watch import AT_ONCE

AT_MOST: Final = 100_000
"""Nodes of one server."""
TYPES: Final[dict[int, str]] = {
    ObjectIds.Boolean: "bool", ObjectIds.Int16: "int16", ObjectIds.UInt16: "uint16",
    ObjectIds.Int32: "int32", ObjectIds.UInt32: "uint32", ObjectIds.Int64: "int64",
    ObjectIds.UInt64: "uint64", ObjectIds.Float: "float", ObjectIds.Double: "double",
    ObjectIds.String: "string", ObjectIds.Byte: "uint16", ObjectIds.SByte: "int16",
    ObjectIds.LocalizedText: "string", ObjectIds.DateTime: "string", ObjectIds.UtcTime: "string",
    ObjectIds.Enumeration: "int32",
}  # fmt: skip
"""What the map calls them. Others are browsed with an empty type."""
READ, WRITE = 1, 2
"""Bits of an access level (OPC 10000-3, 8.57)."""


@dataclass(frozen=True, slots=True)
class BrowsedNode:
    """`path` from the objects folder, `uri` of its namespace, `identifier` as `s=Merge.Speed`."""

    path: tuple[str, ...]
    uri: str
    identifier: str
    kind: Literal["variable", "method"]
    type: str = ""
    access: Literal["", "r", "w", "rw"] = ""
    array: bool = False
    parent: str = ""
    """Identifier of the object that a method belongs to."""


def browse(connection: OpcUa, clock: Clock) -> Iterator[BrowsedNode]:
    """All of a server, standard nodes left out. Raises DeviceError. Not for a running loop."""

    async def all() -> list[BrowsedNode]:
        return [one async for one in browsed(connection, clock)]

    yield from asyncio.run(all())


async def browsed(connection: OpcUa, clock: Clock) -> AsyncIterator[BrowsedNode]:
    """Breadth first, in the server's order; each node once."""
    async with opened("browse", connection.model_copy(update={"namespaces": {}}), clock) as line:
        root = ua.NodeId(ObjectIds.ObjectsFolder)  # type: ignore[arg-type]
        waiting: deque[tuple[tuple[str, ...], ua.NodeId]] = deque([((), root)])
        seen = {root}
        while waiting and len(seen) < AT_MOST:
            level = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
            found = [
                ((*path, str(one.BrowseName.Name)), parent, one)
                for (path, parent), refs in zip(level, await _below(line, level), strict=True)
                for one in refs
                if one.NodeId not in seen and not seen.add(one.NodeId)  # type: ignore[func-returns-value]
            ]
            waiting.extend((path, one.NodeId) for path, _, one in found if not _is_standard(one))
            for browsed_node in await _described(line, [f for f in found if _is_own(f[2])]):
                yield browsed_node


def _is_standard(one: ua.ReferenceDescription) -> bool:
    """The server about itself: thousands of nodes, none of the plant."""
    return int(one.NodeId.NamespaceIndex) == 0


def _is_own(one: ua.ReferenceDescription) -> bool:
    """Names of the standard's own namespace say something of a node: its arguments, its range."""
    kinds = (ua.NodeClass.Variable, ua.NodeClass.Method)
    standard = one.NodeId.NamespaceIndex == 0 or one.BrowseName.NamespaceIndex == 0
    return one.NodeClass in kinds and not standard


async def _below(line: Line, level: Sequence[tuple[Any, ua.NodeId]]) -> list[list[Any]]:
    """Of each node what is organised or composed by it, however many answers that takes."""
    wanted = ua.BrowseParameters()
    wanted.View = ua.ViewDescription()
    wanted.NodesToBrowse = [_description(node) for _, node in level]
    results = await line.ask(line.services.browse(wanted))
    found = [list(one.References or []) for one in results]
    open_ = {n: one.ContinuationPoint for n, one in enumerate(results) if one.ContinuationPoint}
    while open_:
        more = ua.BrowseNextParameters()
        more.ContinuationPoints = list(open_.values())
        answers = await line.ask(line.services.browse_next(more))
        for n, answer in zip(list(open_), answers, strict=True):
            found[n] += answer.References or []
            open_[n] = answer.ContinuationPoint
        open_ = {n: point for n, point in open_.items() if point}
    return found


def _description(node: ua.NodeId) -> ua.BrowseDescription:
    made = ua.BrowseDescription()
    made.NodeId = node
    made.BrowseDirection = ua.BrowseDirection.Forward
    made.ReferenceTypeId = ua.NodeId(ObjectIds.HierarchicalReferences)  # type: ignore[arg-type]
    made.IncludeSubtypes = True
    made.NodeClassMask = ua.NodeClass.Object | ua.NodeClass.Variable | ua.NodeClass.Method
    made.ResultMask = ua.BrowseResultMask.All
    return made


async def _described(line: Line, found: Sequence[tuple[Any, ua.NodeId, Any]]) -> list[BrowsedNode]:
    nodes = [one.NodeId for _, _, one in found]
    attributes = (AttributeIds.DataType, AttributeIds.UserAccessLevel, AttributeIds.ValueRank)
    types, access, ranks = [await _attribute(line, nodes, one) for one in attributes]
    return [
        _node(line, *one, type, level, rank)
        for one, type, level, rank in zip(found, types, access, ranks, strict=True)
    ]


async def _attribute(line: Line, nodes: Iterable[ua.NodeId], which: Any) -> list[Any]:
    wanted = [ua.ReadValueId(node, which) for node in nodes]
    values: list[Any] = []
    for first in range(0, len(wanted), AT_ONCE):
        params = ua.ReadParameters(NodesToRead=wanted[first : first + AT_ONCE])
        answers = await line.ask(line.services.read(params))
        values += [one.Value.Value if one.Value is not None else None for one in answers]
    return values


def _node(
    line: Line, path: tuple[str, ...], parent: ua.NodeId, one: Any, type: Any, level: Any, rank: Any
) -> BrowsedNode:
    uri, identifier = line.namespaces[one.NodeId.NamespaceIndex], _identifier(one.NodeId)
    if one.NodeClass is ua.NodeClass.Method:
        return BrowsedNode(path, uri, identifier, "method", parent=_identifier(parent))
    known = isinstance(type, ua.NodeId) and type.NamespaceIndex == 0
    told = TYPES.get(_plain(type.Identifier), "") if known else ""
    return BrowsedNode(path, uri, identifier, "variable", told, _access(level), (rank or -1) >= 0)


def _plain(identifier: Any) -> int:
    return identifier if isinstance(identifier, int) else 0


def _access(level: Any) -> Literal["", "r", "w", "rw"]:
    bits = level if isinstance(level, int) else 0
    if bits & READ:
        return "rw" if bits & WRITE else "r"
    return "w" if bits & WRITE else ""


def _identifier(node: ua.NodeId) -> str:
    """As a map writes it: the text without its index."""
    text = str(node.to_string())
    return text.partition(";")[2] if text.startswith("ns=") else text
