"""Plain data (what a YAML or JSON reader returns) read into nodes, edges and locations.

    maps:      {0: hall-1}                                     map id by floor
    blocks:    [{id, aisles, bays, blocks?, levels?, sides?, aisle_pitch?, bay_pitch?, cross?,
                 reach?, x?, y?, floor?}]                      see routing.blocks
    nodes:     [{id, x, y, z?, floor?, kind?, heading_deg?}]
    edges:     [{u, v, length?, oneway?, kind?, speed?, users?}]  length: else the straight line
    locations: [{code, node, side?, level?, reach?}]

A length is metres under its bare name or `*_m`, integer millimetres under `*_mm`; a speed metres
per second under `speed` or `speed_m_s`, millimetres per second under `speed_mm_s`. A node without a
heading takes the direction, from u to v, of the first edge that names it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast, get_args

from routing.blocks import Block, block_edges, block_locations, block_nodes
from routing.floor import Edge, EdgeKind, Location, Node, NodeKind, Side, User
from routing.rows import Row, rows_of

KEYS = ("name", "maps", "blocks", "nodes", "edges", "locations")


@dataclass(frozen=True, slots=True)
class Floor:
    """What was read, duplicates dropped."""

    nodes: list[Node]
    edges: list[Edge]
    locations: list[Location]
    maps: dict[int, str]


def read_floor(data: Mapping[str, object]) -> tuple[Floor, list[str]]:
    """The floor as far as it could be read, and a sentence for everything that is wrong with it."""
    problems = [f"unknown key {key}" for key in data if key not in KEYS]
    maps = _maps(data.get("maps"), problems)
    sound = len(problems)
    blocks = [_block(row) for row in rows_of(data, "blocks", problems)]
    if len(problems) > sound:  # a block's mistake would be repeated for each of its bays
        return Floor([], [], [], maps), problems
    nodes = [node for block in blocks for node in block_nodes(block)]
    nodes += [_node(row) for row in rows_of(data, "nodes", problems)]
    known = {node.id: node for node in nodes}
    edges = [edge for block in blocks for edge in block_edges(block)]
    edges += [_edge(row, known) for row in rows_of(data, "edges", problems)]
    locations = [location for block in blocks for location in block_locations(block)]
    locations += [_location(row) for row in rows_of(data, "locations", problems)]
    problems += _duplicates("node", (node.id for node in nodes))
    problems += _duplicates("location", (location.code for location in locations))
    problems += _bad_edges(edges, known)
    problems += [
        f"location {location.code}: unknown node {location.node}"
        for location in locations
        if location.node and location.node not in known
    ]
    return Floor(_headed(known, edges), edges, locations, maps), problems


def _block(row: Row) -> Block:
    block = Block(
        id=row.name("id"),
        aisles=row.whole("aisles", None, least=1),
        bays=row.whole("bays", None, least=1),
        blocks=row.whole("blocks", 1, least=1),
        levels=row.whole("levels", 1, least=1),
        sides=cast("tuple[Side, ...]", row.choices("sides", ("left", "right"))),
        aisle_pitch_mm=row.mm("aisle_pitch", 3000),
        bay_pitch_mm=row.mm("bay_pitch", 1000),
        cross_mm=row.mm("cross", 1000),
        reach_mm=row.mm("reach", 0),
        x_mm=row.mm("x", 0),
        y_mm=row.mm("y", 0),
        floor=row.whole("floor", 0, least=-99),
    )
    row.end()
    if min(block.aisle_pitch_mm, block.bay_pitch_mm, block.cross_mm) < 1:
        row.says("aisle_pitch, bay_pitch and cross must be above zero")
    return block


def _node(row: Row) -> Node:
    node = Node(
        id=row.name("id"),
        x_mm=row.mm("x"),
        y_mm=row.mm("y"),
        z_mm=row.mm("z", 0),
        floor=row.whole("floor", 0, least=-99),
        kind=cast(NodeKind, row.choice("kind", get_args(NodeKind), "point")),
        heading_deg=row.number("heading_deg", math.nan),
    )
    row.end()
    return node


def _edge(row: Row, known: Mapping[str, Node]) -> Edge:
    u, v = row.name("u"), row.name("v")
    straight = _straight_mm(known[u], known[v]) if u in known and v in known else 1
    edge = Edge(
        u=u,
        v=v,
        length_mm=row.mm("length", straight),
        one_way=row.flag("oneway"),
        kind=cast(EdgeKind, row.choice("kind", get_args(EdgeKind), "path")),
        speed_mm_s=row.speed("speed"),
        users=cast("frozenset[User]", frozenset(row.choices("users", get_args(User)))),
    )
    row.end()
    return edge


def _location(row: Row) -> Location:
    location = Location(
        code=row.name("code"),
        node=row.name("node"),
        side=cast(Side, row.choice("side", get_args(Side), "ahead")),
        level=row.whole("level", 1, least=0),
        reach_mm=row.mm("reach", 0),
    )
    row.end()
    return location


def _maps(found: object, problems: list[str]) -> dict[int, str]:
    pairs = list(found.items()) if isinstance(found, Mapping) else []
    good = {int(k): v for k, v in pairs if str(k).lstrip("-").isdigit() and isinstance(v, str)}
    if len(good) < len(pairs) or not isinstance(found, Mapping | None):
        problems.append("maps must give a map id for each floor number")
    return good


def _straight_mm(u: Node, v: Node) -> int:
    return round(math.dist((u.x_mm, u.y_mm, u.z_mm), (v.x_mm, v.y_mm, v.z_mm)))


def _duplicates(what: str, ids: Iterable[str]) -> list[str]:
    return [f"duplicate {what} {name}" for name, n in Counter(ids).items() if n > 1 and name]


def _bad_edges(edges: Iterable[Edge], known: Mapping[str, Node]) -> list[str]:
    """Two edges may join the same nodes only as two one-way edges, one for each direction."""
    problems, taken = [], set[tuple[str, str]]()
    for edge in edges:
        name = f"edge {edge.u}-{edge.v}"
        problems += [f"{name}: unknown node {n}" for n in (edge.u, edge.v) if n and n not in known]
        if edge.u == edge.v:
            problems.append(f"{name}: leads back to its own node")
        if edge.length_mm <= 0:
            problems.append(f"{name}: length {edge.length_mm} mm is not above zero")
        ways = {(edge.u, edge.v)} if edge.one_way else {(edge.u, edge.v), (edge.v, edge.u)}
        if ways & taken:
            problems.append(f"duplicate {name}")
        taken |= ways
    return problems


def _headed(known: Mapping[str, Node], edges: Iterable[Edge]) -> list[Node]:
    """The nodes with a heading each: their own, else their first edge's, else along +x."""
    found: dict[str, float] = {}
    for edge in edges:
        u, v = known.get(edge.u), known.get(edge.v)
        if u and v and (u.x_mm, u.y_mm) != (v.x_mm, v.y_mm):
            heading = math.degrees(math.atan2(v.y_mm - u.y_mm, v.x_mm - u.x_mm))
            found.setdefault(u.id, heading)
            found.setdefault(v.id, heading)
    return [
        replace(node, heading_deg=found.get(node.id, 0.0)) if math.isnan(node.heading_deg) else node
        for node in known.values()
    ]
