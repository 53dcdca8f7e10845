"""What a solver is given and what it gives back, in one unit: millimetres or half milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from routing.layout import Layout
from routing.request import Request
from routing.weights import Weights

Option = tuple[int, int]  # (number in the request, where it may be served)


@dataclass(frozen=True, slots=True)
class Ground:
    """The layout's lengths, turn and stop are in the unit that is minimised.

    turn: for turning round between junctions. stop: at each further node that a group brings.
    shaft: by landing of a lift, the place in the lift while it is there.
    """

    layout: Layout
    weights: Weights
    turn: int = 0
    stop: int = 0
    shaft: Mapping[int, int] = field(default_factory=dict)

    def shut(self, node: int) -> bool:
        return bool(self.weights.closed) and self.layout.ids[node] in self.weights.closed

    def options(self, asked: Request, group: Iterable[int]) -> list[Option]:
        """Where each alternative may be served; of several in one place the first counts."""
        found: dict[int, int] = {}
        for k in group:
            node = asked.nodes[k]
            found.setdefault(node, k)
            if node in self.shaft:
                found.setdefault(self.shaft[node], k)
        return [(k, place) for place, k in found.items()]

    def further_stops(self, asked: Request, chosen: Iterable[int]) -> int:
        """What stopping costs at the alternatives' nodes, besides those of the picks."""
        if not self.stop:
            return 0
        certain = {asked.nodes[k] for k in asked.picks}
        return self.stop * len({asked.nodes[k] for k in chosen} - certain)

    def on_floor(self, walk: list[int]) -> list[int]:
        """The walk with landings for places in a lift, each once."""
        if not self.shaft:
            return walk
        landing = {place: node for node, place in self.shaft.items()}
        return [node for node, _ in groupby(landing.get(place, place) for place in walk)]


class Found(NamedTuple):
    """walk: node numbers of the ground. chosen: the alternatives taken, by number of the request.

    No walk costs less than lower_bound.
    """

    walk: list[int]
    cost: int
    method: str
    lower_bound: int
    chosen: tuple[int, ...]
