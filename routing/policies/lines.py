"""The straight lines of a floor: where a person would say "along here", however it is drawn.

At every node the edges that go straight on belong together; a line ends where none does. Every
edge that is no lift lies on exactly one line, a bay on one, and a crossing on two.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, combinations, pairwise
from math import cos, hypot, radians
from typing import NamedTuple

from routing.layout import Layout
from routing.weights import SHUT

BEND = cos(radians(45))  # an edge that turns off by less goes straight on

Line = tuple[int, ...]  # node numbers, from one end to the other
Step = tuple[int, int]
Reach = tuple[list[int], list[int]]  # mm from a line's first node, by place: onward, and back


class Direction(NamedTuple):
    """A unit vector on the floor."""

    x: float
    y: float

    def along(self, other: Direction) -> float:
        """1 for the same direction, 0 at right angles, -1 for the opposite one."""
        return self.x * other.x + self.y * other.y


def direction(layout: Layout, u: int, v: int) -> Direction | None:
    """From one node to another, None where they stand on one spot or on different floors."""
    here, there = layout.nodes[layout.ids[u]], layout.nodes[layout.ids[v]]
    x, y = there.x_mm - here.x_mm, there.y_mm - here.y_mm
    far = hypot(x, y)
    return Direction(x / far, y / far) if far and here.floor == there.floor else None


def straight_lines(layout: Layout) -> list[Line]:
    """Every line once, from the end with the lower node number; a ring from its lowest node."""
    near = _neighbours(layout)
    onward = {step: node for at in range(len(near)) for step, node in _onward(layout, at, near[at])}
    steps = [(u, v) for u, nodes in enumerate(near) for v in nodes]
    walked, lines = set[Step](), list[Line]()
    for step in [*(s for s in steps if s[::-1] not in onward), *steps]:
        if step not in walked:
            lines.append(_line(step, onward))
            for u, v in pairwise(lines[-1]):
                walked |= {(u, v), (v, u)}
    return lines


def reach_of(layout: Layout, line: Line, changed: Mapping[int, int]) -> Reach:
    """How far each node of a line lies from its first one, onward and back; SHUTs add up."""

    def mm(u: int, v: int) -> int:
        arcs = layout.arcs[u]
        return min((changed.get(edge, mm) for far, mm, edge in arcs if far == v), default=SHUT)

    onward = accumulate((mm(u, v) for u, v in pairwise(line)), initial=0)
    back = accumulate((mm(v, u) for u, v in pairwise(line)), initial=0)
    return list(onward), list(back)


def _neighbours(layout: Layout) -> list[list[int]]:
    near: list[set[int]] = [set() for _ in layout.ids]
    for edge in layout.edges:
        u, v = layout.number[edge.u], layout.number[edge.v]
        if edge.kind != "lift" and direction(layout, u, v):
            near[u].add(v)
            near[v].add(u)
    return [sorted(nodes) for nodes in near]


def _onward(layout: Layout, at: int, near: list[int]) -> list[tuple[Step, int]]:
    """Who comes to `at` from one side goes on to the other; the straightest pairs first."""
    away = {node: direction(layout, at, node) for node in near}
    bends = [
        (there.along(here), u, v)
        for (u, here), (v, there) in combinations(away.items(), 2)
        if here and there
    ]
    taken, found = set[int](), list[tuple[Step, int]]()
    for bend, u, v in sorted(bends):
        if bend < -BEND and not {u, v} & taken:
            taken |= {u, v}
            found += [((u, at), v), ((v, at), u)]
    return found


def _line(step: Step, onward: dict[Step, int]) -> Line:
    nodes = [*step]
    while (node := onward.get((nodes[-2], nodes[-1]))) is not None:
        nodes.append(node)
        if (nodes[-2], node) == step:  # once round a ring
            return tuple(nodes[:-1])
    return tuple(nodes)
