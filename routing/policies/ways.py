"""From here to there as a person walks: straight along an aisle or cross-aisle, else the shortest.

A rule says which end of which aisle comes next. On the line one simply walks on, however slow
congestion makes it, because a rule is meant to be predictable. Where the line is blocked, leads
one-way against us, or there is none, the shortest walk of today takes over.
"""

from __future__ import annotations

from collections.abc import Collection

from routing.floor import NodeId
from routing.graph import distances
from routing.layout import Layout
from routing.policies.areas import Floor
from routing.policies.asked import PolicyUnfit
from routing.policies.lines import Reach, reach_of
from routing.weights import SHUT, Weights


class Ways:
    """Lengths and walks between nodes under one snapshot of weights.

    homes: nodes to search distances from rather than from others; on an undirected floor the way
    back is the way there.
    """

    def __init__(
        self, layout: Layout, floor: Floor, weights: Weights, homes: Collection[int]
    ) -> None:
        self._layout, self._floor, self._homes = layout, floor, homes
        self._distances = distances(layout, weights)
        self._changed: dict[int, Reach] = {}
        for number in weights.changed:
            edge = layout.edges[number]
            line = self._line(layout.number[edge.u], layout.number[edge.v])
            if line and line[0] not in self._changed:
                nodes = floor.lines[line[0]]
                self._changed[line[0]] = reach_of(layout, nodes, weights.changed)
        self.detours = layout.directed or any(mm >= SHUT for mm in weights.changed.values())

    def name(self, node: int) -> NodeId:
        return self._layout.ids[node]

    def mm(self, here: int, there: int) -> int:
        """SHUT where there is no way."""
        straight = self._straight_mm(here, there)
        if straight < SHUT:
            return straight
        source, target = self._sought(here, there)
        return self._distances.rows([source])[0][target]

    def walk(self, here: int, there: int) -> list[int]:
        """Node numbers, both ends included. Raises PolicyUnfit where there is no way."""
        line = self._line(here, there)
        if line and self._straight_mm(here, there) < SHUT:
            number, i, j = line
            nodes = self._floor.lines[number]
            return list(nodes[i : j + 1] if i <= j else nodes[j : i + 1][::-1])
        source, target = self._sought(here, there)
        if self.mm(here, there) >= SHUT:
            ids = self._layout.ids
            raise PolicyUnfit(
                f"closures and one-way edges leave no way {ids[here]} to {ids[there]}"
            )
        walk = self._distances.walk(source, target)
        return walk if source == here else walk[::-1]

    def _straight_mm(self, here: int, there: int) -> int:
        line = self._line(here, there)
        if line is None:
            return SHUT
        number, i, j = line
        onward, back = self._changed.get(number) or self._floor.reach[number]
        return onward[j] - onward[i] if i <= j else back[i] - back[j]

    def _line(self, here: int, there: int) -> tuple[int, int, int] | None:
        """A line that both lie on, and their places on it."""
        beside = self._floor.on_lines.get(there, {})
        for number, place in self._floor.on_lines.get(here, {}).items():
            if number in beside:
                return number, place, beside[number]
        return None

    def _sought(self, here: int, there: int) -> tuple[int, int]:
        back = there in self._homes and here not in self._homes and not self._layout.directed
        return (there, here) if back else (here, there)
