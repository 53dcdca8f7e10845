"""Where shelves stand, for pictures: each bay's faces as corners beside its node, in millimetres.

A layout says which side of its node a location is on, and not how deep a shelf is: the room between
an aisle and the next one tells that.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from routing.floor import LocationCode, Node, NodeId, Side
from routing.layout import Layout

Point = tuple[float, float]
WIDEST_MM, DEEPEST_MM, WALKWAY_MM = 3000.0, 1500.0, 900.0
SAME_LINE_MM = 300.0
BOTH: tuple[Side, ...] = ("left", "right")


@dataclass(frozen=True, slots=True)
class Face:
    """codes: the locations on this side of the node, none where the layout only says `bay`.

    corners: of the shelf as seen from above.
    """

    node: NodeId
    side: Side
    codes: tuple[LocationCode, ...]
    corners: tuple[Point, Point, Point, Point]

    @property
    def middle(self) -> Point:
        (x0, y0), _, (x1, y1), _ = self.corners
        return (x0 + x1) / 2, (y0 + y1) / 2


def faces(layout: Layout) -> list[Face]:
    """Of every node with locations, and both sides of a bay without any; in the layout's order."""
    found = _sides(layout)
    width = _width(layout, found)
    depth = _depths([layout.nodes[node] for node in found])
    return [
        Face(node, side, tuple(codes), _corners(layout.nodes[node], side, width[node], depth))
        for node, sides in found.items()
        for side, codes in sides.items()
    ]


def _sides(layout: Layout) -> dict[NodeId, dict[Side, list[LocationCode]]]:
    found: dict[NodeId, dict[Side, list[LocationCode]]] = {}
    for location in layout.locations.values():
        sides = found.setdefault(location.node, {})
        sides.setdefault(location.side, []).append(location.code)
    bare = [n.id for n in layout.nodes.values() if n.kind == "bay" and n.id not in found]
    return found | {node: {side: [] for side in BOTH} for node in bare}


def _width(layout: Layout, wanted: Iterable[NodeId]) -> Mapping[NodeId, float]:
    """Along the aisle: up to the next bay, and no wider than bays usually are here."""
    bays = set(wanted)
    steps: dict[NodeId, list[float]] = defaultdict(list)
    for edge in layout.edges:
        u, v = layout.nodes[edge.u], layout.nodes[edge.v]
        if edge.u in bays and edge.v in bays and u.floor == v.floor:
            for node in (edge.u, edge.v):
                steps[node].append(math.dist((u.x_mm, u.y_mm), (v.x_mm, v.y_mm)) or WIDEST_MM)
    usual = median([min(near) for near in steps.values()] or [1000.0])
    return {node: min(*steps[node], usual, WIDEST_MM, WIDEST_MM) for node in bays}


def _depths(bays: Iterable[Node]) -> Mapping[int, float]:
    """Half the room between an aisle and the next parallel one, by heading in degrees, 0 to 179."""
    lines: dict[int, set[float]] = defaultdict(set)
    for bay in bays:
        lines[_heading(bay)].add(_line(bay))
    return {heading: _half_gap(sorted(at)) for heading, at in lines.items()}


def _half_gap(at: list[float]) -> float:
    gaps = [there - here for here, there in pairwise(at) if there - here > SAME_LINE_MM]
    return min([gap / 2 for gap in gaps] + [WALKWAY_MM + DEEPEST_MM])


def _heading(node: Node) -> int:
    return round(node.heading_deg) % 180


def _line(node: Node) -> float:
    """How far the aisle's line is from the origin."""
    turn = math.radians(_heading(node))
    return round(node.y_mm * math.cos(turn) - node.x_mm * math.sin(turn))


def _corners(
    node: Node, side: Side, width: float, depth: Mapping[int, float]
) -> tuple[Point, Point, Point, Point]:
    room = depth[_heading(node)]
    near = min(room * 0.4, WALKWAY_MM)
    far = min(room, near + DEEPEST_MM)
    if side == "ahead":
        near, far = -width / 4, width / 4
        width /= 2
    turn = math.radians(node.heading_deg + {"left": 90, "right": -90, "ahead": 0}[side])
    out, along = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    a, b, c, d = (
        (
            node.x_mm + out[0] * way + along[0] * aside,
            node.y_mm + out[1] * way + along[1] * aside,
        )
        for way, aside in _rectangle(near, far, width / 2)
    )
    return a, b, c, d


def _rectangle(near: float, far: float, half: float) -> Iterator[Point]:
    yield from ((near, -half), (far, -half), (far, half), (near, half))
