"""Plain data (what a YAML or JSON reader returns) read into nodes, edges and locations.

    name:      hall-1
    maps:      {0: ground, 1: mezzanine}                       map id by floor
    blocks:    [{id, aisles, bays, blocks?, levels?, sides?, aisle_pitch?, bay_pitch?, cross?,
                 reach?, x?, y?, z?, floor?}]                  see routing.blocks
    nodes:     [{id, x, y, z?, floor?, kind?, heading_deg?, map?}]
    edges:     [{u, v, length?, oneway?, kind?, speed?, users?}]  length: else the straight line
    locations: [{code, node, side?, level?, reach?, facing_deg?, also?, x?, y?, z?, heading_deg?}]

A length is metres under its bare name or `*_m`, integer millimetres under `*_mm`; a speed metres
per second under `speed` or `speed_m_s`, millimetres per second under `speed_mm_s`. A node without a
heading takes the direction, from u to v, of the first edge that names it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, cast, get_args

from routing.blocks import MOST, Block, block_edges, block_locations, block_nodes
from routing.draft import Draft, on_floors, on_maps, straight_mm
from routing.floor import Edge, EdgeKind, Location, Node, NodeKind, Place, Side, User
from routing.problems import Path, Problems, shown
from routing.rows import Row, keys

KEYS: Final = keys("name", "maps", "blocks", "nodes", "edges", "locations")
NODE: Final = keys("id", "floor", "kind", "heading_deg", "map", lengths=("x", "y", "z"))
EDGE: Final = keys("u", "v", "oneway", "kind", "users", lengths=("length",), speeds=("speed",))
LOCATION: Final = keys(
    *("code", "node", "side", "level", "facing_deg", "also", "heading_deg"),
    lengths=("reach", "x", "y", "z"),
)
BLOCK: Final = keys(
    *("id", "aisles", "bays", "blocks", "levels", "sides", "floor"),
    lengths=("aisle_pitch", "bay_pitch", "cross", "reach", "x", "y", "z"),
)
SIDES: Final = get_args(Side)
NODE_KINDS: Final = get_args(NodeKind)
EDGE_KINDS: Final = get_args(EdgeKind)
NODE_WORDS: Final = {
    **dict.fromkeys(("crossing", "junction", "intersection"), "cross"),
    **dict.fromkeys(("pick", "slot", "shelf", "rack", "storage"), "bay"),
    **dict.fromkeys(("node", "waypoint", "aisle"), "point"),
    **{"elevator": "lift", "gate": "door", "charger": "charge", "parking": "park"},
}
EDGE_WORDS: Final = {
    **dict.fromkeys(("cross-aisle", "cross_aisle"), "cross"),
    **dict.fromkeys(("walk", "walkway", "corridor", "connector", "bridge"), "path"),
    **{"elevator": "lift", "gate": "door", "stair": "stairs", "bay": "aisle"},
}
PEOPLE_AND_AMRS: Final = get_args(User)
LEAST_FLOOR: Final = -99


def read_plain(data: Mapping[str, object], problems: Problems) -> Draft:
    """The floor as far as it could be read; everything that is wrong with it in `problems`."""
    top = Row((), data, problems)
    top.only(KEYS)
    draft = Draft(name=top.text("name"), maps=top.maps("maps"))
    sound = len(problems)
    blocks = list(_blocks(top))
    if len(problems) > sound:  # a block's mistake would be repeated for each of its bays
        return draft
    for path, block in blocks:
        draft.nodes += ((path, node) for node in block_nodes(block))
        draft.edges += ((path, edge) for edge in block_edges(block))
        draft.locations += ((path, location) for location in block_locations(block))
    nodes = top.rows("nodes")
    draft.nodes += ((row.path, _node(row)) for row in nodes)
    if not blocks and not any(row.has("floor") for row in nodes):
        draft.nodes = on_floors(draft.nodes)
    if draft.maps:
        draft.nodes = on_maps(draft.nodes, draft.maps)
    known = draft.known
    draft.edges += ((row.path, _edge(row, known)) for row in top.rows("edges"))
    draft.locations += ((row.path, _location(row)) for row in top.rows("locations"))
    return draft


def _blocks(top: Row) -> Iterator[tuple[Path, Block]]:
    seen: dict[str, Row] = {}
    for row in top.rows("blocks"):
        block = _block(row)
        if block.id and seen.setdefault(block.id, row) is not row:
            row.says(f"duplicate block (the first is {shown(seen[block.id].path)})", "id")
        yield row.path, block


def _block(row: Row) -> Block:
    row.only(BLOCK)
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
        z_mm=row.mm("z", 0),
        floor=row.whole("floor", 0, least=LEAST_FLOOR),
    )
    if min(block.aisle_pitch_mm, block.bay_pitch_mm, block.cross_mm) < 1:
        row.says("aisle_pitch, bay_pitch and cross must be above zero")
    if block.size > MOST:
        row.says(f"{block.size} bays, ends and locations are more than {MOST}")
    return block


def _node(row: Row) -> Node:
    row.only(NODE)
    heading = row.number("heading_deg")
    return Node(
        id=row.name("id"),
        x_mm=row.mm("x"),
        y_mm=row.mm("y"),
        z_mm=row.mm("z", 0),
        floor=row.whole("floor", 0, least=LEAST_FLOOR),
        kind=cast(NodeKind, row.choice("kind", NODE_KINDS, "point", NODE_WORDS)),
        heading_deg=math.nan if heading is None else heading,
        map_id=row.text("map"),
    )


def _edge(row: Row, known: Mapping[str, Node]) -> Edge:
    row.only(EDGE)
    u, v, length = row.name("u"), row.name("v"), row.length("length")
    return Edge(
        u=u,
        v=v,
        length_mm=straight_mm(known.get(u), known.get(v)) if length is None else length,
        one_way=row.flag("oneway"),
        kind=cast(EdgeKind, row.choice("kind", EDGE_KINDS, "path", EDGE_WORDS)),
        speed_mm_s=row.speed("speed"),
        users=_users(row.choices("users", PEOPLE_AND_AMRS)),
    )


@cache
def _users(names: tuple[str, ...]) -> frozenset[User]:
    return cast("frozenset[User]", frozenset(names))


def _location(row: Row) -> Location:
    row.only(LOCATION)
    x, y = row.length("x"), row.length("y")
    if (x is None) != (y is None):
        row.says("x and y go together")
    return Location(
        code=row.name("code"),
        node=row.name("node"),
        side=cast(Side, row.choice("side", SIDES, "ahead")),
        level=row.whole("level", 1, least=0),
        reach_mm=row.mm("reach", 0),
        facing_deg=row.number("facing_deg"),
        also=row.names("also"),
        at=None if x is None or y is None else _place(row, x, y),
    )


def _place(row: Row, x_mm: int, y_mm: int) -> Place:
    heading = row.number("heading_deg")
    return Place(x_mm=x_mm, y_mm=y_mm, z_mm=row.mm("z", 0), heading_deg=heading)
