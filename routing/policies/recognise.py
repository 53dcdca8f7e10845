"""Rack areas, recognised from a floor as it is drawn: no word of the layout says "block".

A line with storage along it is an aisle (where nothing says what is storage, all nodes but
crossings are); of two that cross, the one whose direction has more
storage, so racks along a cross-aisle do not make it an aisle. Any other line that joins aisles is a
cross-aisle and cuts them into pieces, unless it is a mere tunnel; pieces from one cross-aisle to
the next are a block.
Aisles belong to one area when two cross-aisles join them, or all that one of them has: so two halls
with one passage in between are two areas, and each is walked by the rule on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, count
from math import atan2, cos, degrees, radians
from weakref import WeakKeyDictionary

from routing.layout import Layout
from routing.policies.areas import Area, Floor
from routing.policies.lines import Direction, Line, direction, reach_of, straight_lines
from routing.policies.pieces import area_of

PARALLEL = cos(radians(20))
POINTS = 12  # of the compass, on half a circle: a line has no front

Ways = dict[int, Direction]  # from front to back, by the number of an aisle's line
Crossings = dict[int, list[int]]  # aisles by cross-aisle, both as numbers of lines

_floors: WeakKeyDictionary[Layout, Floor] = WeakKeyDictionary()


def floor_of(layout: Layout) -> Floor:
    """Recognised once for each layout."""
    if layout not in _floors:
        lines = straight_lines(layout)
        beside = _beside(layout, lines)
        aisles = _aisles(layout, lines, beside)
        crossings = _crossings(lines, aisles)
        crossing = {node: i for i in crossings for node in lines[i]}
        areas, numbers = list[Area](), count()
        for members in _grouped(aisles, crossings):
            upwards = aisles[members[0]]
            areas.append(area_of(layout, [lines[i] for i in members], upwards, crossing, numbers))
        reach = tuple(reach_of(layout, line, {}) for line in lines)
        _floors[layout] = Floor(tuple(lines), reach, tuple(areas), beside)
    return _floors[layout]


def _beside(layout: Layout, lines: Sequence[Line]) -> dict[int, int]:
    """Shelves drawn as nodes of their own to the left and right: the node they lie beside."""
    on_lines = Counter(node for line in lines for node in line)
    found: dict[int, int] = {}
    for line in lines:
        leaves = [node for node in line if _leaf(layout, node)]
        bases = [node for node in line if node not in leaves and on_lines[node] > 1]
        if len(line) <= 3 and len(bases) == 1 and len(leaves) == len(line) - 1:
            found |= dict.fromkeys(leaves, bases[0])
    return found


def _leaf(layout: Layout, node: int) -> bool:
    return len({far for far, _, _ in (*layout.arcs[node], *layout.arcs_in[node])}) == 1


def _aisles(layout: Layout, lines: Sequence[Line], beside: Mapping[int, int]) -> Ways:
    on_lines = Counter(node for line in lines if not beside.keys() & line for node in line)
    single = {node for node, times in on_lines.items() if times == 1}
    storage = single & ({beside.get(node, node) for node in _storage(layout)} or single)
    bays, ways = dict[int, int](), Ways()
    for i, line in enumerate(lines):
        places = [place for place, node in enumerate(line) if node in storage]
        way = places and direction(
            layout, line[max(places[0] - 1, 0)], line[min(places[-1] + 1, len(line) - 1)]
        )
        if way and not beside.keys() & line:
            bays[i], ways[i] = len(places), _upwards(way)
    company = _company(bays, ways)
    found, taken = Ways(), set[int]()
    for i in sorted(ways, key=lambda i: (-company[i], -bays[i], i)):
        if not taken.intersection(lines[i]):
            taken.update(lines[i])
            found[i] = ways[i]
    return dict(sorted(found.items()))


def _storage(layout: Layout) -> set[int]:
    """Where to pick: bays, nodes of locations, nodes amid nothing but aisle edges."""
    kinds: list[set[str]] = [set() for _ in layout.ids]
    for edge in layout.edges:
        kinds[layout.number[edge.u]].add(edge.kind)
        kinds[layout.number[edge.v]].add(edge.kind)
    found = {node for node, around in enumerate(kinds) if around == {"aisle"}}
    found |= {i for i, node in enumerate(layout.nodes.values()) if node.kind == "bay"}
    return found | {layout.number[location.node] for location in layout.locations.values()}


def _upwards(way: Direction) -> Direction:
    down = way.y < -1e-6 or (abs(way.y) <= 1e-6 and way.x < 0)
    return Direction(-way.x, -way.y) if down else way


def _company(bays: Mapping[int, int], ways: Ways) -> dict[int, int]:
    """How much storage the floor has in the direction of each line, give or take 22 degrees."""
    compass = {i: round(degrees(atan2(way.y, way.x)) * POINTS / 180) for i, way in ways.items()}
    total = Counter[int]()
    for i, point in compass.items():
        total.update({(point + turn) % POINTS: bays[i] for turn in (-1, 0, 1)})
    return {i: total[point % POINTS] for i, point in compass.items()}


def _crossings(lines: Sequence[Line], aisles: Ways) -> Crossings:
    aisle_at = {node: i for i in aisles for node in lines[i]}
    found = {
        i: sorted({aisle_at[node] for node in line if node in aisle_at})
        for i, line in enumerate(lines)
        if i not in aisles
    }
    return {i: joined for i, joined in found.items() if len(joined) > 1}


def _grouped(aisles: Ways, crossings: Crossings) -> list[list[int]]:
    crossed = Counter(aisle for joined in crossings.values() for aisle in joined)
    shared = Counter(pair for joined in crossings.values() for pair in combinations(joined, 2))
    group = {aisle: [aisle] for aisle in aisles}
    for (a, b), times in shared.items():
        parallel = abs(aisles[a].along(aisles[b])) > PARALLEL
        if parallel and times >= min(2, crossed[a], crossed[b]) and group[a] is not group[b]:
            group[a] += group[b]
            group |= dict.fromkeys(group[b], group[a])
    return list({id(members): sorted(members) for members in group.values()}.values())
