"""A floor measured in time, for whatever finds shortest walks: the same nodes, other lengths.

Lengths are half milliseconds. Half an entry lies at each end of an aisle and is paid on the way in
and on the way out, so that an edge costs the same in both directions; what this leaves out or adds
where a walk starts or ends in mid-aisle is the same for all walks. In the same way half a lift's
wait lies between a landing and the lift: every landing has a twin in the shaft. Turning round is no
property of an edge and is left to the solvers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from routing.floor import Edge, Node, NodeId
from routing.ground import Found, Ground
from routing.layout import Layout
from routing.pace import Pace, edge_ms, in_mid_aisle
from routing.request import Request
from routing.weights import SHUT, Weights

PACES_KEPT = 4  # per layout
IN_LIFT = "\0lift"  # no node's id ends like this


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """layout: edges in the order of the floor's own, then those between landings and lifts.

    doors: half milliseconds for the entries at the ends of each edge. shaft: by landing, its twin.
    inside: nodes in mid-aisle.
    """

    layout: Layout
    doors: Sequence[int]
    shaft: Mapping[int, int]
    inside: frozenset[int]


_timed: WeakKeyDictionary[Layout, dict[Pace, Timed]] = WeakKeyDictionary()


def timed(layout: Layout, pace: Pace) -> Timed:
    """Kept for the last few paces of each layout."""
    kept = _timed.setdefault(layout, {})
    if pace not in kept:
        while len(kept) >= PACES_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[pace] = _new(layout, pace)
    return kept[pace]


def in_time(layout: Layout, weights: Weights, pace: Pace) -> Ground:
    """The layout under these weights, to minimise half milliseconds."""
    floor = timed(layout, pace)
    changed = {
        edge: mm if mm >= SHUT else 2 * edge_ms(layout, edge, mm, pace) + floor.doors[edge]
        for edge, mm in weights.changed.items()
    }
    today = Weights(changed, weights.closed)
    return Ground(floor.layout, today, 2 * pace.turn_ms, 2 * pace.stop_ms, floor.shaft)


def least_ms(layout: Layout, asked: Request, found: Found, pace: Pace) -> int:
    """What no walk through all of it can take less than, with what all walks have in common."""
    inside = timed(layout, pace).inside
    doors = sum(node in inside for node in (asked.start, asked.end)) if len(found.walk) > 1 else 0
    picked = {asked.nodes[k] for k in asked.picks}
    shelf = pace.stop_ms * len(picked) + pace.pick_ms * (len(asked.picks) + len(found.chosen))
    return (found.lower_bound + pace.aisle_entry_ms * doors + 1) // 2 + shelf


def _new(layout: Layout, pace: Pace) -> Timed:
    inside = in_mid_aisle(layout)
    ends = [(layout.number[edge.u], layout.number[edge.v]) for edge in layout.edges]
    doors = [
        pace.aisle_entry_ms * sum(node not in inside for node in uv) * (edge.kind == "aisle")
        for edge, uv in zip(layout.edges, ends, strict=True)
    ]
    lifts = pace.lift_wait_ms > 0
    landings = {n: None for e in layout.edges if e.kind == "lift" and lifts for n in (e.u, e.v)}
    edges = [
        _moved(edge, landings, 2 * edge_ms(layout, i, edge.length_mm, pace) + doors[i])
        for i, edge in enumerate(layout.edges)
    ]
    edges += [Edge(u=n, v=n + IN_LIFT, length_mm=pace.lift_wait_ms) for n in landings]
    nodes: dict[NodeId, Node] = {**layout.nodes}
    nodes |= {n + IN_LIFT: replace(layout.nodes[n], id=n + IN_LIFT) for n in landings}
    twin = Layout(layout.name, nodes, tuple(edges), {}, {})
    shaft = {layout.number[n]: twin.number[n + IN_LIFT] for n in landings}
    return Timed(twin, doors, shaft, inside)


def _moved(edge: Edge, landings: Mapping[NodeId, None], half_ms: int) -> Edge:
    """A lift's edges lie in the shaft."""
    if edge.kind != "lift" or not landings:
        return replace(edge, length_mm=half_ms)
    return replace(edge, u=edge.u + IN_LIFT, v=edge.v + IN_LIFT, length_mm=half_ms)
