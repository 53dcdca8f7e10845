"""From here to there as a person walks: straight along an aisle or cross-aisle, else the shortest.

A rule says which end of which aisle comes next. On the line one simply walks on, however slow
congestion makes it, because a rule is meant to be predictable. Where the line is blocked, leads
one-way against us, or there is none, the shortest walk of today takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from routing.graph import distances, row_in_python
from routing.layout import Layout
from routing.policies.areas import Aisle, Floor
from routing.policies.asked import PolicyUnfit
from routing.policies.lines import Reach, reach_of
from routing.weights import SHUT, Weights


class Straight(NamedTuple):
    """From place to place on a line. mm: SHUT or more where a step is shut."""

    number: int
    here: int
    there: int
    mm: int


class Ways:
    """Lengths and walks between nodes under one snapshot of weights.

    homes: nodes that many walks start or end at. detours: whether the straight way along a line may
    be shut today.
    """

    def __init__(
        self, layout: Layout, floor: Floor, weights: Weights, homes: Iterable[int]
    ) -> None:
        self._layout, self._floor = layout, floor
        self._distances = distances(layout, weights)
        sources = list(dict.fromkeys(homes))
        self._away = self._home = dict(zip(sources, self._distances.rows(sources), strict=True))
        if layout.directed:
            arcs_in = self._distances.arcs_in
            self._home = {home: row_in_python(arcs_in, home) for home in sources}
        self._reach: dict[int, Reach] = {}
        for edge in (layout.edges[number] for number in weights.changed):
            line = floor.line_of.get((layout.number[edge.u], layout.number[edge.v]))
            if line is not None and line not in self._reach:
                self._reach[line] = reach_of(layout, floor.lines[line], weights.changed)
        self.detours = layout.directed or any(mm >= SHUT for mm in weights.changed.values())

    def named(self, aisle: Aisle) -> str:
        """For people."""
        ids = self._layout.ids
        return f"the aisle from {ids[aisle.nodes[0]]} to {ids[aisle.nodes[-1]]}"

    def straight(self, here: int, there: int) -> bool:
        """Whether both lie on a line that is open in between."""
        line = self._line(here, there)
        return line is not None and line.mm < SHUT

    def mm(self, here: int, there: int) -> int:
        """SHUT where there is no way."""
        line = self._line(here, there)
        if line and line.mm < SHUT:
            return line.mm
        if here in self._away:
            return self._away[here][there]
        if there in self._home:
            return self._home[there][here]
        return self._distances.rows([here])[0][there]

    def walk(self, here: int, there: int) -> list[int]:
        """Node numbers, both ends included. Raises PolicyUnfit where there is no way."""
        line = self._line(here, there)
        if line and line.mm < SHUT:
            nodes, i, j = self._floor.lines[line.number], line.here, line.there
            return list(nodes[i : j + 1] if i <= j else nodes[j : i + 1][::-1])
        if self.mm(here, there) >= SHUT:
            ends = f"{self._layout.ids[here]} to {self._layout.ids[there]}"
            raise PolicyUnfit(f"closures and one-way edges leave no way from {ends}")
        if there in self._home and here not in self._away and not self._layout.directed:
            return self._distances.walk(there, here)[::-1]
        return self._distances.walk(here, there)

    def nearest(self, node: int, nodes: Sequence[int]) -> int:
        """Of these nodes the first from which the way there and back is shortest."""
        if self._layout.directed:
            there = [row[0] for row in self._distances.table(nodes, [node])]
        else:
            there = [0] * len(nodes)
        (back,) = self._distances.table([node], nodes)
        return nodes[min(range(len(nodes)), key=lambda i: there[i] + back[i])]

    def _line(self, here: int, there: int) -> Straight | None:
        """Along the line that both lie on."""
        beside = self._floor.on_lines.get(there, {})
        for number, i in self._floor.on_lines.get(here, {}).items():
            if number in beside:
                j = beside[number]
                onward, back = self._reach.get(number) or self._floor.reach[number]
                mm = onward[j] - onward[i] if i <= j else back[i] - back[j]
                return Straight(number, i, j, mm)
        return None
