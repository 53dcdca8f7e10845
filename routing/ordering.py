"""A pick path by the order of its stops: what it costs from each to each, then the best order.

Where turning round costs something, a stop is served by coming to it from either side: two
alternatives, and their costs are walks that know where they came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count, pairwise
from typing import NamedTuple

from routing.errors import Unreachable
from routing.facing import facing_rows, states
from routing.graph import Rows, distances
from routing.ground import Found, Ground, Option
from routing.orders import Deadline, Stops, ordered
from routing.request import Request
from routing.serving import Visits
from routing.weights import SHUT


class Network(NamedTuple):
    """Places, and how far it is from each to each. A place is a node, or a node and the neighbour
    that one came from, and starting at a node is a place of its own.

    arrived: by node number, the places of having come to it. nodes: node number by place.
    """

    rows: Rows
    arrived: Sequence[tuple[int, ...]]
    nodes: Sequence[int]
    start: int

    def at(self, node: int) -> tuple[int, ...]:
        """The places of being at a node."""
        there = self.arrived[node]
        return there if node != self.start or node in there else (node, *there)


def in_order(
    ground: Ground,
    asked: Request,
    wanted: Visits,
    iterations: int | None = None,
    deadline: Deadline | None = None,
) -> Found:
    """Exact for a few stops, a search and a bound for many. Raises Unreachable."""
    network = _network(ground, asked.start)
    groups = _groups(network, ground, asked, wanted)
    if not groups:
        walk, cost = _walk(network, (), asked.end)
        return Found(walk, cost, "shortest_path", cost, wanted.free)
    options = [*chain.from_iterable(groups)]
    stops = _stops(network, ground, asked, wanted, groups)
    found = ordered(stops, iterations=iterations, deadline=deadline)
    if found is None:
        raise Unreachable((asked.names[k] for k, _ in options), "no walk serves all of these")
    taken = [options[i - 1] for i in found.order]
    walk, _ = _walk(network, [place for _, place in taken], asked.end)
    chosen = tuple(k for k, _ in taken if k not in asked.picks)
    least = found.lower_bound - _doubtful_stops(ground, asked, wanted)
    return Found(walk, found.cost, found.method, least, (*wanted.free, *chosen))


def _doubtful_stops(ground: Ground, asked: Request, wanted: Visits) -> int:
    """Where an order makes one come back to a node that two groups share, the table has two stops
    for what may be one."""
    nodes = [{asked.nodes[k] for k in group} for group in wanted.groups]
    shared = len(set().union(*nodes)) < sum(map(len, nodes))
    return ground.stop * (len(nodes) - 1) if wanted.before and shared else 0


def _network(ground: Ground, start: int) -> Network:
    if ground.turn:
        places = states(ground.layout)
        rows = facing_rows(ground.layout, ground.weights, ground.turn)
        return Network(rows, places.arrived, places.nodes, start)
    every = range(len(ground.layout.ids))
    rows = distances(ground.layout, ground.weights)
    return Network(rows, [(n,) for n in every], every, start)


def _groups(network: Network, ground: Ground, asked: Request, wanted: Visits) -> list[list[Option]]:
    """Stops, then groups: the places of each that can be come to."""
    (there,) = network.rows.rows([network.start])
    return [
        [
            (k, place)
            for k, node in ground.options(asked, group)
            for place in network.at(node)
            if there[place] < SHUT
        ]
        for group in (*((k,) for k in wanted.stops), *wanted.groups)
    ]


def _stops(
    network: Network,
    ground: Ground,
    asked: Request,
    wanted: Visits,
    groups: Sequence[Sequence[Option]],
) -> Stops:
    options = [*chain.from_iterable(groups)]
    numbers = count(1)
    numbered = tuple(tuple(next(numbers) for _ in group) for group in groups)
    known: dict[int, list[int]] = {}
    for i, (k, _) in enumerate(options, 1):
        known.setdefault(k, []).append(i)
    pairs = ((i, j) for i, j in wanted.before if i in known and j in known)
    before = frozenset((a, b) for i, j in pairs for a in known[i] for b in known[j])
    return Stops(_table(network, ground, asked, options), before, numbered)


def _table(
    network: Network, ground: Ground, asked: Request, options: Sequence[Option]
) -> list[list[int]]:
    """From row to column; nobody comes back to the start or leaves the end."""
    ends, certain = network.at(asked.end), {asked.nodes[k] for k in asked.picks}
    nodes = [asked.nodes[k] for k, _ in options]
    stop = [0 if node in certain else ground.stop for node in nodes]
    table = []
    for here, row in zip(
        [None, *nodes],
        network.rows.rows([network.start, *(place for _, place in options)]),
        strict=True,
    ):
        onward = (
            row[place] + (there != here and more)
            for (_, place), there, more in zip(options, nodes, stop, strict=True)
        )
        table.append([SHUT, *onward, min(row[end] for end in ends)])
    return [*table, [SHUT] * (len(options) + 2)]


def _walk(network: Network, places: Sequence[int], end: int) -> tuple[list[int], int]:
    """Node numbers of a walk by these places to the end node, and the length of its last part."""
    rows, stops = network.rows, [network.start, *places]
    (row,) = rows.rows(stops[-1:])
    last = min(network.at(end), key=lambda place: row[place])
    walk = stops[:1]
    for here, there in pairwise([*stops, last]):
        walk += rows.walk(here, there)[1:]
    return [network.nodes[place] for place in walk], row[last]
