"""A floor on which it matters from where one came, because turning round costs something.

A node with two neighbours or one becomes a state for each side from which it can be entered; the
node's own number stays for who starts there. Other nodes are one state, with their own number.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from routing.graph import Rows
from routing.layout import Arc, Layout
from routing.weights import SHUT, Weights


@dataclass(frozen=True, slots=True)
class States:
    """nodes: node number by state. arrived: the states of having come to a node, by node number.

    arcs: by state, (state after, how often one turns round, edge number).
    """

    nodes: tuple[int, ...]
    arrived: tuple[tuple[int, ...], ...]
    arcs: tuple[tuple[Arc, ...], ...]


_states: WeakKeyDictionary[Layout, States] = WeakKeyDictionary()


def states(layout: Layout) -> States:
    """Kept per layout."""
    if layout not in _states:
        _states[layout] = _new(layout)
    return _states[layout]


def facing_rows(layout: Layout, weights: Weights, turn: int) -> Rows:
    """Distances between states today; turning round costs `turn`."""
    now = [weights.changed.get(i, edge.length_mm) for i, edge in enumerate(layout.edges)]
    arcs: list[list[Arc]] = []
    into: list[list[Arc]] = [[] for _ in states(layout).nodes]
    for state, out in enumerate(states(layout).arcs):
        arcs.append([(s, now[e] + turns * turn, e) for s, turns, e in out if now[e] < SHUT])
        for after, cost, edge in arcs[-1]:
            into[after].append((state, cost, edge))
    return Rows(arcs, into)


def _new(layout: Layout) -> States:
    sides = [_sides(layout, node) for node in range(len(layout.ids))]
    nodes = [*range(len(sides)), *(n for n, beside in enumerate(sides) for _ in beside or ())]
    came = [None] * len(sides) + [side for beside in sides for side in beside or ()]
    number = {which: state for state, which in enumerate(zip(nodes, came, strict=True))}
    arrived = tuple(
        (n,) if beside is None else tuple(number[n, side] for side in beside)
        for n, beside in enumerate(sides)
    )
    arcs = tuple(
        tuple(
            (number.get((far, node), far), int(far == side), edge)
            for far, _, edge in layout.arcs[node]
        )
        for node, side in zip(nodes, came, strict=True)
    )
    return States(tuple(nodes), arrived, arcs)


def _sides(layout: Layout, node: int) -> list[int] | None:
    """Whence a narrow node can be entered, ascending; None where turning round is free."""
    into = {n for n, _, _ in layout.arcs_in[node]}
    beside = into | {n for n, _, _ in layout.arcs[node]}
    return sorted(into) if len(beside) <= 2 else None
