"""How long a walk is, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from weakref import WeakKeyDictionary

from routing.layout import Layout
from routing.weights import SHUT, Weights

Step = tuple[int, int]  # from node number to node number

_lengths: WeakKeyDictionary[Layout, Mapping[Step, int]] = WeakKeyDictionary()


def walked_mm(layout: Layout, walk: Sequence[int]) -> int:
    """As built."""
    return sum(map(_as_built(layout).__getitem__, pairwise(walk)))


def further_mm(layout: Layout, walk: Sequence[int], weights: Weights) -> int:
    """How much longer the walk counts today than it is; no step of it may be shut."""
    more = {
        step: mm - layout.edges[edge].length_mm for step, edge, mm in changed_steps(layout, weights)
    }
    return sum(more.get(step, 0) for step in pairwise(walk)) if more else 0


def changed_steps(layout: Layout, weights: Weights) -> Iterator[tuple[Step, int, int]]:
    """Steps that are open but not as built: (from, to), edge number, millimetres today."""
    for number, mm in weights.changed.items():
        if mm < SHUT:
            edge = layout.edges[number]
            u, v = layout.number[edge.u], layout.number[edge.v]
            yield (u, v), number, mm
            if not edge.one_way:
                yield (v, u), number, mm


def _as_built(layout: Layout) -> Mapping[Step, int]:
    if layout not in _lengths:
        arcs = enumerate(layout.arcs)
        _lengths[layout] = {(u, v): mm for u, out in arcs for v, mm, _ in out}
    return _lengths[layout]
