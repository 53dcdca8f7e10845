"""VDMA LIF, the Layout Interchange Format for driverless vehicles, version 1.0.0, read.

    layouts:  each a level; `layoutLevelId` names it, whole numbers of it are the floors' numbers
    nodes:    x, y in metres, `mapId`; `theta` becomes the node's heading
    edges:    one direction each; two opposite ones that agree become one two-way edge
    stations: locations; interaction nodes after the first are `also`

LIF has no lengths, heights, kinds or shelf faces. A length is that of the trajectory, else the
straight line; a way to another level counts 4 m for each level. What Wedge knows beside
LIF stands in objects called `wedge` (`routing.lif_writing`) and is read back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from routing.curve import Control, curve_length, is_curve
from routing.draft import Draft, Placed, on_maps
from routing.floor import Edge, EdgeKind, Location, Node, NodeId, NodeKind, Place, Side, User
from routing.layout import Layout, layout_of
from routing.lif_writing import direct_mm, kind_between, to_lif
from routing.problems import Path, Problems, shown
from routing.reading import EDGE_KINDS, NODE_KINDS, PEOPLE_AND_AMRS, SIDES
from routing.rows import Row

__all__ = ["is_lif", "layout_from_lif", "to_lif"]

Way = tuple[Path, Edge, bool]  # the last: it is one-way even beside its opposite
VEHICLES: Final = ("amr",)
WORDS: Final = {
    "id": "nodeId",
    "u": "startNodeId",
    "v": "endNodeId",
    "code": "stationId",
    "node": "interactionNodeIds",
    "also": "interactionNodeIds",
}


def is_lif(data: object) -> bool:
    return isinstance(data, Mapping) and ("layouts" in data or "metaInformation" in data)


def layout_from_lif(data: Mapping[str, object], name: str, vehicle: str | None = None) -> Layout:
    """The layout of a LIF file, for vehicles of every type or of one.

    vehicle: a vehicleTypeId: edges of other types are left out. Without it an edge has the speed
    of its slowest type. Keys that are not of LIF pass, as its schema lets them.
    Raises LayoutError as `layout_from` does, with the places of the LIF data.
    """
    problems = Problems()
    top = Row((), data, problems)
    draft = Draft(name=top.inner("metaInformation").text("projectIdentification"), words=WORDS)
    layouts = top.rows("layouts")
    if not layouts:
        top.says("layouts is missing or empty")
    for layout, floor in zip(layouts, _floors(layouts), strict=True):
        draft.nodes += ((row.path, _node(row, floor, vehicle)) for row in layout.rows("nodes"))
    beside = top.inner("wedge")
    draft.maps = beside.maps("maps") if beside.has("maps") else _maps(draft.nodes)
    draft.nodes = on_maps(draft.nodes, draft.maps)
    known = draft.known
    edges = [row for layout in layouts for row in layout.rows("edges")]
    draft.edges = _two_way(_ways(edges, known, vehicle, draft.names))
    for layout in layouts:
        draft.locations += _locations(layout.rows("stations"), known)
    return layout_of(draft, problems, name)


def _floors(layouts: Sequence[Row]) -> list[int]:
    """Equal levels are one floor; levels that are not all numbers count from 0 as they come."""
    levels = [layout.text("layoutLevelId") or layout.text("layoutId") for layout in layouts]
    if all(re.fullmatch(r"-?\d{1,3}", level) for level in levels):
        return list(map(int, levels))
    numbers = {level: i for i, level in enumerate(dict.fromkeys(levels))}
    return [numbers[level] for level in levels]


def _node(row: Row, floor: int, vehicle: str | None) -> Node:
    at, beside = row.inner("nodePosition"), row.inner("wedge")
    heading = beside.number("heading_deg")
    types = _of(row.rows("vehicleTypeNodeProperties"), vehicle)
    thetas = (degrees for one in types if (degrees := _degrees(one)) is not None)
    return Node(
        id=row.name("nodeId"),
        x_mm=at.mm("x"),
        y_mm=at.mm("y"),
        z_mm=beside.mm("z", 0),
        floor=floor,
        kind=cast(NodeKind, beside.choice("kind", NODE_KINDS, "point")),
        heading_deg=next(thetas, math.nan) if heading is None else heading,
        map_id=row.text("mapId"),
    )


def _degrees(row: Row) -> float | None:
    """The theta of a row. Radians in LIF; what is more than a turn can only be meant as degrees."""
    theta = row.number("theta")
    if theta is None:
        return None
    degrees = math.degrees(theta) if abs(theta) <= math.tau else theta
    return round(-math.remainder(-degrees, 360), 6)


def _of(types: Iterable[Row], vehicle: str | None) -> list[Row]:
    return [one for one in types if vehicle in (None, one.text("vehicleTypeId"))]


def _maps(nodes: Iterable[Placed[Node]]) -> dict[int, str]:
    """The first map of each floor."""
    maps: dict[int, str] = {}
    for _, node in nodes:
        if node.map_id:
            maps.setdefault(node.floor, node.map_id)
    return maps


def _ways(
    rows: Iterable[Row], known: Mapping[NodeId, Node], vehicle: str | None, names: dict[Path, str]
) -> Iterator[Way]:
    first: dict[str, Row] = {}
    for row in rows:
        name = names[row.path] = row.name("edgeId")
        if name and first.setdefault(name, row) is not row:
            row.says(f"duplicate edge (the first is {shown(first[name].path)})", "edgeId")
        every = row.rows("vehicleTypeEdgeProperties")
        types = _of(every, vehicle)
        if types or not every:
            yield row.path, _way(row, types, known), row.inner("wedge").flag("oneway")


def _way(row: Row, types: Sequence[Row], known: Mapping[NodeId, Node]) -> Edge:
    u, v, beside = row.name("startNodeId"), row.name("endNodeId"), row.inner("wedge")
    start, end = known.get(u), known.get(v)
    both = (start, end) if start and end else None
    length = beside.length("length")
    speeds = [speed for one in types if (speed := one.speed("maxSpeed")) is not None]
    users = beside.choices("users", PEOPLE_AND_AMRS) if beside.has("users") else VEHICLES
    return Edge(
        u=u,
        v=v,
        length_mm=_length_mm(types, both) if length is None else length,
        one_way=True,
        kind=cast(
            EdgeKind, beside.choice("kind", EDGE_KINDS, kind_between(*both) if both else "path")
        ),
        speed_mm_s=min(speeds, default=beside.speed("speed")),
        users=cast("frozenset[User]", frozenset(users)),
    )


def _length_mm(types: Iterable[Row], ends: tuple[Node, Node] | None) -> int:
    """Of the first trajectory that is a curve, else of the straight line."""
    for one in types:
        path = one.inner("trajectory")
        degree, knots = path.whole("degree", 3, least=1), path.numbers("knotVector")
        points = [_control(point) for point in path.rows("controlPoints")]
        if is_curve(degree, knots, points):
            return round(curve_length(degree, knots, points) * 1000)
    return direct_mm(*ends) if ends else 1


def _control(row: Row) -> Control:
    weight = row.number("weight")
    return row.number("x") or 0.0, row.number("y") or 0.0, 1.0 if weight is None else weight


def _two_way(ways: Iterable[Way]) -> list[Placed[Edge]]:
    """Opposite ways that agree in all else as one edge; of two in one direction the shorter.

    Which of two parallel edges is taken cannot be said by a walk, which names nodes.
    """
    kept: dict[tuple[NodeId, NodeId], Way] = {}
    for way in ways:
        ends = way[1].u, way[1].v
        if ends not in kept or way[1].length_mm < kept[ends][1].length_mm:
            kept[ends] = way
    edges: dict[tuple[NodeId, NodeId], Placed[Edge]] = {}
    for (u, v), (path, edge, alone) in kept.items():
        back = kept.get((v, u))
        if back is None or alone or back[2] or replace(back[1], u=u, v=v) != edge or u == v:
            edges[u, v] = path, edge
        elif (v, u) not in edges:
            edges[u, v] = path, replace(edge, one_way=False)
    return list(edges.values())


def _locations(rows: Iterable[Row], known: Mapping[NodeId, Node]) -> Iterator[Placed[Location]]:
    """A station without interaction nodes is a drawing: nobody can go there."""
    for row in rows:
        nodes = tuple(dict.fromkeys(row.names("interactionNodeIds")))
        if nodes:
            yield row.path, _location(row, nodes, known.get(nodes[0]))


def _location(row: Row, nodes: tuple[NodeId, ...], place: Node | None) -> Location:
    at, beside = _place(row), row.inner("wedge")
    facing = beside.number("facing_deg")
    if facing is None and not row.has("wedge") and at and place:
        facing = _towards(place, at)
    return Location(
        code=row.name("stationId"),
        node=nodes[0],
        side=cast(Side, beside.choice("side", SIDES, "ahead")),
        level=beside.whole("level", 1, least=0),
        reach_mm=beside.mm("reach", 0),
        facing_deg=facing,
        also=nodes[1:],
        at=at,
    )


def _place(row: Row) -> Place | None:
    if not row.has("stationPosition"):
        return None
    at, beside = row.inner("stationPosition"), row.inner("wedge")
    heading = beside.number("heading_deg")
    return Place(
        x_mm=at.mm("x"),
        y_mm=at.mm("y"),
        z_mm=row.mm("stationHeight", beside.mm("z", 0)),
        heading_deg=_degrees(at) if heading is None else heading,
    )


def _towards(place: Node, at: Place) -> float | None:
    """The direction of a station from a node where a vehicle's own direction is not said."""
    if not math.isnan(place.heading_deg) or (place.x_mm, place.y_mm) == (at.x_mm, at.y_mm):
        return None
    return round(math.degrees(math.atan2(at.y_mm - place.y_mm, at.x_mm - place.x_mm)), 6)
