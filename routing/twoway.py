"""A floor as if every edge could be walked in both directions: no walk on the real one is shorter.

Two one-way edges between the same nodes become one edge of the shorter length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from weakref import WeakKeyDictionary

from routing.floor import Edge
from routing.ground import Ground
from routing.layout import Layout
from routing.weights import SHUT, Weights


@dataclass(frozen=True, slots=True)
class TwoWay:
    """layout: undirected. merged: the edges that became one, by number there."""

    layout: Layout
    merged: tuple[tuple[int, ...], ...]


_two_way: WeakKeyDictionary[Layout, TwoWay] = WeakKeyDictionary()


def both_ways(ground: Ground) -> Ground:
    """The ground itself where no edge is one-way."""
    layout, today = ground.layout, ground.weights
    if not layout.directed:
        return ground
    if layout not in _two_way:
        _two_way[layout] = _new(layout)
    loose = _two_way[layout]
    changed = {
        number: min(today.changed.get(e, layout.edges[e].length_mm) for e in merged)
        for number, merged in enumerate(loose.merged)
        if any(e in today.changed for e in merged)
    }
    return replace(ground, layout=loose.layout, weights=Weights(changed, today.closed))


def walkable(ground: Ground, walk: Sequence[int]) -> bool:
    """Whether the real floor allows a walk of the other, and it costs no more there."""
    loose = both_ways(ground)
    real, cheap = (_steps(floor) for floor in (ground, loose))
    return all(real.get(step) == cheap[step] for step in pairwise(walk))


def _steps(ground: Ground) -> dict[tuple[int, int], int]:
    """What each step costs today, by (from, to)."""
    changed, arcs = ground.weights.changed, enumerate(ground.layout.arcs)
    now = {(u, v): changed.get(edge, mm) for u, out in arcs for v, mm, edge in out}
    return {step: cost for step, cost in now.items() if cost < SHUT}


def _new(layout: Layout) -> TwoWay:
    merged: dict[frozenset[str], list[int]] = {}
    for number, edge in enumerate(layout.edges):
        merged.setdefault(frozenset((edge.u, edge.v)), []).append(number)
    edges = [_one(layout, numbers) for numbers in merged.values()]
    loose = replace(layout, edges=tuple(edges))
    return TwoWay(loose, tuple(map(tuple, merged.values())))


def _one(layout: Layout, numbers: Sequence[int]) -> Edge:
    shortest = min((layout.edges[number] for number in numbers), key=lambda e: e.length_mm)
    return replace(shortest, one_way=False)
