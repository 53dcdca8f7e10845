"""Rack areas, recognised from a floor as it is drawn: no word of the layout says "block".

A line with storage along it is an aisle; of two that cross, the one whose direction has more
storage, so racks along a cross-aisle do not make it an aisle. Any other line that joins aisles is a
cross-aisle and cuts them into pieces; pieces from one cross-aisle to the next are a block.
Aisles belong to one area when two cross-aisles join them, or all that one of them has: so two halls
with one passage in between are two areas, and each is walked by the rule on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import atan2, cos, degrees, radians
from weakref import WeakKeyDictionary

from routing.layout import Layout
from routing.policies.areas import Aisle, Area, Floor
from routing.policies.lines import Direction, Line, direction, reach_of, straight_lines

PARALLEL = cos(radians(20))
POINTS = 12  # of the compass, on half a circle: a line has no front

Ways = dict[int, Direction]  # from front to back, by the number of an aisle's line
Crossings = dict[int, list[int]]  # aisles by cross-aisle, both as numbers of lines

_floors: WeakKeyDictionary[Layout, Floor] = WeakKeyDictionary()


def floor_of(layout: Layout) -> Floor:
    """Recognised once for each layout."""
    if layout not in _floors:
        lines = straight_lines(layout)
        aisles = _aisles(layout, lines)
        crossings = _crossings(lines, aisles)
        groups = _grouped(aisles, crossings)
        _floors[layout] = Floor(
            lines=tuple(lines),
            reach=tuple(reach_of(layout, line, {}) for line in lines),
            areas=tuple(_area(layout, lines, group, crossings) for group in groups),
        )
    return _floors[layout]


def _aisles(layout: Layout, lines: Sequence[Line]) -> Ways:
    on_lines = Counter(node for line in lines for node in line)
    storage = {node for node in _storage(layout) if on_lines[node] == 1}
    bays, ways = dict[int, int](), Ways()
    for i, line in enumerate(lines):
        places = [place for place, node in enumerate(line) if node in storage]
        way = places and direction(
            layout, line[max(places[0] - 1, 0)], line[min(places[-1] + 1, len(line) - 1)]
        )
        if way:
            bays[i], ways[i] = len(places), _upwards(way)
    company = _company(bays, ways)
    found, taken = Ways(), set[int]()
    for i in sorted(ways, key=lambda i: (-company[i], -bays[i], i)):
        if not taken.intersection(lines[i]):
            taken.update(lines[i])
            found[i] = ways[i]
    return dict(sorted(found.items()))


def _storage(layout: Layout) -> set[int]:
    """Where to pick: bays, locations' nodes, nodes amid aisle edges; else all that is between."""
    around: list[dict[str, str]] = [{} for _ in layout.ids]
    for edge in layout.edges:
        around[layout.number[edge.u]][edge.v] = edge.kind
        around[layout.number[edge.v]][edge.u] = edge.kind
    between = {node for node, kinds in enumerate(around) if len(kinds) == 2}
    picked = {node for node in between if set(around[node].values()) == {"aisle"}}
    picked |= {i for i, node in enumerate(layout.nodes.values()) if node.kind == "bay"}
    picked |= {layout.number[location.node] for location in layout.locations.values()}
    return picked or between


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


def _grouped(aisles: Ways, crossings: Crossings) -> list[Ways]:
    crossed = Counter(aisle for joined in crossings.values() for aisle in joined)
    shared = Counter(pair for joined in crossings.values() for pair in combinations(joined, 2))
    group = {aisle: [aisle] for aisle in aisles}
    for (a, b), times in shared.items():
        parallel = abs(aisles[a].along(aisles[b])) > PARALLEL
        if parallel and times >= min(2, crossed[a], crossed[b]) and group[a] is not group[b]:
            group[a] += group[b]
            group |= dict.fromkeys(group[b], group[a])
    groups = {id(members): sorted(members) for members in group.values()}
    return [{i: aisles[i] for i in members} for members in groups.values()]


def _area(layout: Layout, lines: Sequence[Line], ways: Ways, crossings: Crossings) -> Area:
    """The area of these aisles, its front the lower end as drawn."""
    up = next(iter(ways.values()))
    right = Direction(up.y, -up.x)
    nodes = list(layout.nodes.values())
    at = [(node.x_mm, node.y_mm) for node in nodes]

    def along(node: int, axis: Direction) -> float:
        return at[node][0] * axis.x + at[node][1] * axis.y

    upward = [
        line if along(line[0], up) <= along(line[-1], up) else line[::-1]
        for line in (lines[i] for i in ways)
    ]
    upward.sort(key=lambda line: (along(line[len(line) // 2], right), along(line[0], up)))
    cut = {node: i for i in crossings for node in lines[i]}
    ranks = _ranks(upward, cut)
    aisles = [
        piece
        for column, line in enumerate(upward)
        for piece in _pieces(layout, line, column, {n: ranks[cut[n]] for n in line if n in cut})
    ]
    return Area(tuple(aisles), max(ranks.values(), default=1))


def _ranks(aisles: Sequence[Line], cut: Mapping[int, int]) -> dict[int, int]:
    """How many cross-aisles, at the most, lie before each one on any aisle."""
    met = [[cut[node] for node in line if node in cut] for line in aisles]
    ranks = dict.fromkeys((crossing for row in met for crossing in row), 0)
    for _ in ranks:  # settles after as many rounds as there are blocks
        before = dict(ranks)
        for row in met:
            for here, there in pairwise(row):
                ranks[there] = max(ranks[there], ranks[here] + 1)
        if ranks == before:
            break
    return ranks


def _pieces(layout: Layout, line: Line, column: int, rank: Mapping[int, int]) -> list[Aisle]:
    """An aisle cut at its cross-aisles. rank: of the cross-aisle, by node."""
    ends = [0, *(i for i, node in enumerate(line[:-1]) if node in rank and i), len(line) - 1]
    found, block = list[Aisle](), min(rank.values(), default=1) - 1
    for here, there in pairwise(ends):
        nodes = line[here : there + 1]
        block = rank.get(nodes[0], block)
        opens = [node in rank or _leads_off(layout, node, line) for node in (nodes[0], nodes[-1])]
        walkable = (_leads(layout, nodes), _leads(layout, nodes[::-1]))
        found.append(Aisle(nodes, (opens[0], opens[1]), walkable, column, block))
    return found


def _leads_off(layout: Layout, node: int, line: Line) -> bool:
    arcs = (*layout.arcs[node], *layout.arcs_in[node])
    return any(far not in line for far, _, _ in arcs)


def _leads(layout: Layout, nodes: Line) -> bool:
    return all(any(far == v for far, _, _ in layout.arcs[u]) for u, v in pairwise(nodes))
