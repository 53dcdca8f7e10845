"""An area of parallel aisles, cut at its cross-aisles and put in order from left to right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from routing.layout import Layout
from routing.policies.areas import Aisle, Area
from routing.policies.lines import Direction, Line

Crossing = Mapping[int, int]  # the cross-aisle, by node


def area_of(
    layout: Layout,
    lines: Sequence[Line],
    upwards: Direction,
    crossing: Crossing,
    numbers: Iterator[int],
) -> Area:
    """The area of these aisles, its front the end from which `upwards` leads to the other.

    numbers: for the pieces.
    """
    right = Direction(upwards.y, -upwards.x)
    along, across = _measure(layout, upwards), _measure(layout, right)
    aisles = [line if along(line[0]) <= along(line[-1]) else line[::-1] for line in lines]
    aisles.sort(key=lambda line: (across(line[len(line) // 2]), along(line[0])))
    cuts = _without_tunnels(aisles, crossing)
    ranks = _ranks([[cuts[node] for node in line if node in cuts] for line in aisles])
    pieces: list[Aisle] = []
    for column, line in enumerate(aisles):
        rank = {node: ranks[cuts[node]] for node in line if node in cuts}
        pieces += _pieces(layout, line, rank, column, numbers)
    return Area(tuple(pieces), max(ranks.values(), default=1))


def _measure(layout: Layout, axis: Direction) -> Callable[[int], float]:
    """How far along this axis a node is."""
    nodes = list(layout.nodes.values())
    return lambda node: nodes[node].x_mm * axis.x + nodes[node].y_mm * axis.y


def _without_tunnels(aisles: Sequence[Line], crossing: Crossing) -> dict[int, int]:
    """Cross-aisles where some aisle ends or that meet half of the aisles: any other is a tunnel."""
    met, ends = Counter[int](), set[int]()
    for line in aisles:
        met.update(crossing[node] for node in line if node in crossing)
        ends |= {crossing[node] for node in (line[0], line[-1]) if node in crossing}
    kept = {i for i, times in met.items() if i in ends or 2 * times >= len(aisles)}
    return {node: i for node, i in crossing.items() if i in kept}


def _ranks(rows: Sequence[Sequence[int]]) -> dict[int, int]:
    """How many cross-aisles, at the most, lie before each one. rows: those of each aisle."""
    ranks = {crossing: 0 for row in rows for crossing in row}
    for _ in range(len(ranks)):  # settles after as many rounds as there are blocks
        before = dict(ranks)
        for row in rows:
            for here, there in pairwise(row):
                ranks[there] = max(ranks[there], ranks[here] + 1)
        if ranks == before:
            break
    return ranks


def _pieces(
    layout: Layout, line: Line, rank: Mapping[int, int], column: int, numbers: Iterator[int]
) -> Iterator[Aisle]:
    """One aisle from the front to the back. rank: of the cross-aisle, by node."""
    cuts = [place for place, node in enumerate(line) if node in rank]
    block = min(rank.values(), default=1) - 1
    for here, there in pairwise(sorted({0, *cuts, len(line) - 1})):
        nodes = line[here : there + 1]
        block = rank.get(nodes[0], block)
        yield Aisle(
            number=next(numbers),
            nodes=nodes,
            opens=(_open(layout, line, rank, here), _open(layout, line, rank, there)),
            walkable=(_leads(layout, nodes), _leads(layout, nodes[::-1])),
            column=column,
            block=block,
        )


def _open(layout: Layout, line: Line, rank: Mapping[int, int], place: int) -> bool:
    """Whether one can turn off the aisle here."""
    arcs = (*layout.arcs[line[place]], *layout.arcs_in[line[place]])
    return line[place] in rank or any(far not in line for far, _, _ in arcs)


def _leads(layout: Layout, nodes: Line) -> bool:
    return all(any(far == v for far, _, _ in layout.arcs[u]) for u, v in pairwise(nodes))
