"""A pick path: the shortest walk from a start through every pick to an end.

    nothing to pick                          a shortest path
    undirected, up to two blocks             a sweep over the junctions, exact for any picks
    up to 12 stops                           Held-Karp on walking distances, exact
    undirected, up to four blocks            the sweep again, exact
    else                                     local search, and a bound on how far off it may be

Which of them answers depends on the layout and the stops alone, never on what is cached, so the
same question always gets the same walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from routing.errors import Unreachable
from routing.floor import NodeId
from routing.graph import distances
from routing.held_karp import MOST_STOPS, best_order
from routing.layout import Layout
from routing.plan import plan_for
from routing.round import shortest_round
from routing.search import good_order, lower_bound, path_length
from routing.sweep import NARROW
from routing.weights import SHUT, Ends, Weights, check_nodes, weights

Method = Literal["shortest_path", "sweep", "held_karp", "local_search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """walk: every node passed, start and end included; a node may come up again.

    order: the picks, each once, as they are first passed on the walk: a pick is served at the
    first pass. lower_bound_mm: no walk is shorter; it is length_mm when the walk is `optimal`.
    """

    walk: tuple[NodeId, ...]
    order: tuple[NodeId, ...]
    length_mm: int
    method: Method
    optimal: bool
    lower_bound_mm: int
    layout_version: str


class Found(NamedTuple):
    """walk: node numbers."""

    walk: list[int]
    length_mm: int
    method: Method
    lower_bound_mm: int


def tour(
    layout: Layout,
    start: NodeId,
    picks: Sequence[NodeId],
    end: NodeId,
    *,
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
) -> Tour:
    """Shortest walk from `start` through every pick, in any order, to `end`.

    picks: any number, repeats walked once. closed: nodes not to be entered; blocked: edges, by
    their two ends, not to be walked in either direction.
    Raises UnknownNode or UnknownEdge with everything that the layout does not have, Unreachable
    with every node that is closed or cut off.
    """
    closed, blocked = list(closed), list(blocked)
    check_nodes(layout, [start, *picks, end, *closed, *(node for ends in blocked for node in ends)])
    today = weights(layout, closed, blocked)
    shut = today.closed.intersection((start, *picks, end))
    if shut:
        raise Unreachable(shut, "closed")
    stops = [layout.number[n] for n in dict.fromkeys(picks) if n not in (start, end)]
    nodes = [layout.number[start], *stops, layout.number[end]]
    found = _by_sweep(layout, today, nodes) or _by_distances(layout, today, nodes)
    walk = tuple(layout.ids[node] for node in found.walk)
    return Tour(
        walk=walk,
        order=first_passes(walk, picks),
        length_mm=found.length_mm,
        method=found.method,
        optimal=found.lower_bound_mm == found.length_mm,
        lower_bound_mm=found.lower_bound_mm,
        layout_version=layout.version,
    )


def warm(layout: Layout, home: NodeId) -> None:
    """Pays at start what the first tours from `home` would pay: plan, tables and imports.

    A floor with one-way edges or three blocks imports numpy (0.1 s); scipy (0.4 s more) is
    imported by the first tour that asks for many distances at once on a floor above 400 nodes.
    """
    for picks in (layout.ids[:MOST_STOPS], layout.ids[: MOST_STOPS + 3]):
        with suppress(Unreachable):
            tour(layout, home, picks, home)


def first_passes(walk: Iterable[NodeId], picks: Iterable[NodeId]) -> tuple[NodeId, ...]:
    """The picks, each once, in the order in which the walk first comes by."""
    wanted = set(picks)
    return tuple(node for node in dict.fromkeys(walk) if node in wanted)


def _by_sweep(layout: Layout, today: Weights, nodes: list[int]) -> Found | None:
    """Nothing where the floor is directed or meshed, Held-Karp is quicker, or there is no walk."""
    if layout.directed or len(nodes) == 2:
        return None
    plan = plan_for(layout, nodes[0], nodes[-1])
    if plan is None or (plan.width > NARROW and len(nodes) - 2 <= MOST_STOPS):
        return None
    found = shortest_round(layout, plan, today, dict.fromkeys(nodes), nodes[0])
    return found and Found(found[1], found[0], "sweep", found[0])


def _by_distances(layout: Layout, today: Weights, nodes: list[int]) -> Found:
    rows = distances(layout, today)
    table = rows.table(nodes, nodes)
    _check_reachable(layout, nodes, table)
    method, inner = _order(table)
    order = [0, *inner, len(nodes) - 1]
    length = path_length(table, order)
    bound = min(length, lower_bound(table)) if method == "local_search" else length
    walk = [nodes[0]]
    for here, there in pairwise(order):
        walk += rows.walk(nodes[here], nodes[there])[1:]
    return Found(walk, length, method, bound)


def _order(table: list[list[int]]) -> tuple[Method, list[int]]:
    stops = len(table) - 2
    if not stops:
        return "shortest_path", []
    if stops <= MOST_STOPS:
        return "held_karp", best_order(table)
    return "local_search", good_order(table)


def _check_reachable(layout: Layout, nodes: Sequence[int], table: list[list[int]]) -> None:
    """A walk exists when every node is reached, reaches the end, and any two can be put in order.

    (Reaching is transitive, so pairwise order is enough for an order of all.)
    """
    ids, reached = [layout.ids[node] for node in nodes], [mm < SHUT for mm in table[0]]
    astray = {ids[i] for i, row in enumerate(table) if reached[-1] and row[-1] >= SHUT}
    cut_off = {ids[i] for i in range(len(ids)) if not reached[i]} | astray
    if cut_off:
        raise Unreachable(cut_off, f"no way from {ids[0]} and on to {ids[-1]}")
    inner = range(1, len(ids) - 1)
    pairs = [(i, j) for i in inner for j in inner if table[i][j] >= SHUT and table[j][i] >= SHUT]
    if pairs:
        raise Unreachable({ids[i] for i, _ in pairs}, "one-way edges allow no walk through all")
