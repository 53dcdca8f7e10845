"""Which solver answers a pick path, and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

from routing.errors import Unreachable
from routing.graph import Distances, distances
from routing.layout import Layout
from routing.orders import Deadline, Stops, ordered
from routing.plan import Plan, plan_for
from routing.precedence import on_cycles
from routing.request import Request
from routing.round import shortest_round
from routing.serving import Visits
from routing.sweep import NARROW
from routing.weights import SHUT, Weights

FEW_STOPS = 12  # Held-Karp is quicker than a wide sweep
MOST_CHOICES = 64  # alternatives, all combinations, that are swept one by one


class Found(NamedTuple):
    """walk: node numbers. chosen: the alternatives taken, by number of the request."""

    walk: list[int]
    cost: int
    method: str
    lower_bound: int
    chosen: tuple[int, ...]


def solved(
    layout: Layout,
    today: Weights,
    asked: Request,
    wanted: Visits,
    iterations: int | None = None,
    deadline: Deadline | None = None,
) -> Found:
    """Raises Unreachable."""
    return _by_sweep(layout, today, asked, wanted) or _by_order(
        layout, today, asked, wanted, iterations, deadline
    )


def _by_sweep(layout: Layout, today: Weights, asked: Request, wanted: Visits) -> Found | None:
    """Nothing where the floor is directed or meshed, Held-Karp is quicker, or there is no walk."""
    if layout.directed or wanted.before or not (wanted.stops or wanted.groups):
        return None
    plan = plan_for(layout, asked.start, asked.end)
    stops = len(wanted.stops) + len(wanted.groups)
    if plan is None or (plan.width > NARROW and stops <= FEW_STOPS):
        return None
    if prod(map(len, wanted.groups)) > MOST_CHOICES:
        return None
    tried = (
        _swept(layout, plan, today, asked, wanted, chosen) for chosen in product(*wanted.groups)
    )
    return min((found for found in tried if found), key=lambda found: found.cost, default=None)


def _swept(
    layout: Layout,
    plan: Plan,
    today: Weights,
    asked: Request,
    wanted: Visits,
    chosen: tuple[int, ...],
) -> Found | None:
    nodes = dict.fromkeys([asked.nodes[k] for k in (*wanted.stops, *chosen)])
    nodes |= {asked.start: None, asked.end: None}
    found = shortest_round(layout, plan, today, nodes, asked.start)
    return found and Found(found[1], found[0], "sweep", found[0], (*wanted.free, *chosen))


def _by_order(
    layout: Layout,
    today: Weights,
    asked: Request,
    wanted: Visits,
    iterations: int | None,
    deadline: Deadline | None,
) -> Found:
    rows = distances(layout, today)
    wanted = reachable(rows, asked, wanted)
    numbers = [*wanted.stops, *(k for group in wanted.groups for k in group)]
    nodes = [asked.start, *(asked.nodes[k] for k in numbers), asked.end]
    place = {number: i for i, number in enumerate(numbers, 1)}
    stops = Stops(
        rows.table(nodes, nodes),
        frozenset((place[i], place[j]) for i, j in wanted.before if i in place and j in place),
        tuple(tuple(place[k] for k in g) for g in (*((k,) for k in wanted.stops), *wanted.groups)),
    )
    _check_order(asked, numbers, stops)
    if not numbers:
        walk = rows.walk(asked.start, asked.end)
        return Found(walk, stops.table[0][1], "shortest_path", stops.table[0][1], wanted.free)
    found = ordered(stops, iterations=iterations, deadline=deadline)
    if found is None:
        raise Unreachable((asked.names[k] for k in numbers), "no walk serves all of these")
    walk = [asked.start]
    for here, there in pairwise((0, *found.order, len(nodes) - 1)):
        walk += rows.walk(nodes[here], nodes[there])[1:]
    chosen = (k for k in (numbers[i - 1] for i in found.order) if k not in asked.picks)
    return Found(walk, found.cost, found.method, found.lower_bound, (*wanted.free, *chosen))


def reachable(rows: Distances, asked: Request, wanted: Visits) -> Visits:
    """Without the alternatives that no walk reaches.

    Raises Unreachable with every place that is closed, or on no way from the start to the end, and
    with every member of a group of such. Of a closed start only what is closed is said.
    """
    ids, ends = rows.layout.ids, (asked.start, asked.end)
    shut = {rows.layout.number[node] for node in rows.weights.closed}
    far = dict(zip((*ends, *asked.nodes), rows.rows([*ends, *asked.nodes]), strict=True))
    there, joined = far[asked.start], far[asked.start][asked.end] < SHUT

    def lost(node: int) -> bool:
        if node in shut or asked.start in shut:
            return node in shut
        return there[node] >= SHUT or (joined and far[node][asked.end] >= SHUT)

    groups = tuple(tuple(k for k in g if not lost(asked.nodes[k])) for g in wanted.groups)
    culprits = {ids[node] for node in ends if lost(node)}
    for group in (*((k,) for k in asked.picks), *asked.groups):
        if all(lost(asked.nodes[k]) for k in group):
            culprits |= {asked.names[k] for k in group}
    if culprits:
        cut_off = f"no way from {ids[asked.start]} and on to {ids[asked.end]}"
        raise Unreachable(culprits, f"closed, or {cut_off}" if shut else cut_off)
    return replace(wanted, groups=groups)


def _check_order(asked: Request, numbers: Sequence[int], stops: Stops) -> None:
    """Raises Unreachable with every stop that would have to be passed before itself.

    One stop must come before another when it is asked for or when there is no way back from the
    other. Ways are transitive: without a cycle in this, any order that obeys it can be walked.
    """
    single = {group[0] for group in stops.groups if len(group) == 1}
    no_way = {(i, j) for i in single for j in single if i != j and stops.table[j][i] >= SHUT}
    if no_way:
        torn = on_cycles(no_way | {(i, j) for i, j in stops.before if {i, j} <= single})
        if torn:
            names = {asked.names[numbers[i - 1]] for i in torn}
            raise Unreachable(names, "one-way edges allow no walk through all of these")
