"""Whether there is a walk at all, and who is to blame if not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from routing.errors import Unreachable
from routing.graph import Distances
from routing.precedence import on_cycles
from routing.request import Request
from routing.serving import Visits
from routing.weights import SHUT


def reachable(rows: Distances, asked: Request, wanted: Visits) -> Visits:
    """Without the alternatives that no walk reaches.

    Raises Unreachable with every place that is closed, or on no way from the start to the end, and
    with every member of a group of such. Of a closed start only what is closed is said.
    """
    ids, ends = rows.layout.ids, (asked.start, asked.end)
    lost = _lost(rows, asked)
    groups = tuple(tuple(k for k in g if asked.nodes[k] not in lost) for g in wanted.groups)
    culprits = {ids[node] for node in ends if node in lost}
    for group in (*((k,) for k in asked.picks), *asked.groups):
        if all(asked.nodes[k] in lost for k in group):
            culprits |= {asked.names[k] for k in group}
    if culprits:
        cut_off = f"no way from {ids[asked.start]} and on to {ids[asked.end]}"
        raise Unreachable(culprits, f"closed, or {cut_off}" if rows.weights.closed else cut_off)
    if rows.layout.directed:
        _check_one_way(rows, asked, wanted)
    return replace(wanted, groups=groups)


def _lost(rows: Distances, asked: Request) -> Collection[int]:
    nodes = list(dict.fromkeys((asked.start, asked.end, *asked.nodes)))
    shut = {rows.layout.number[node] for node in rows.weights.closed}
    if asked.start in shut:
        return shut.intersection(nodes)
    far = dict(zip(nodes, rows.rows(nodes), strict=True))
    there = far[asked.start]
    joined = there[asked.end] < SHUT
    return {
        node
        for node in nodes
        if node in shut or there[node] >= SHUT or (joined and far[node][asked.end] >= SHUT)
    }


def _check_one_way(rows: Distances, asked: Request, wanted: Visits) -> None:
    """Raises Unreachable with every stop that would have to be passed before itself.

    One stop must come before another when it is asked for or when there is no way back from the
    other. Ways are transitive: without a cycle in this, any order that obeys it can be walked.
    """
    stops, nodes = wanted.stops, asked.nodes
    far = dict(zip(stops, rows.rows([nodes[k] for k in stops]), strict=True))
    no_way = {(i, j) for i in stops for j in stops if far[j][nodes[i]] >= SHUT}
    if no_way:
        torn = on_cycles(no_way | {(i, j) for i, j in wanted.before if i in far and j in far})
        if torn:
            names = {asked.names[k] for k in torn}
            raise Unreachable(names, "one-way edges allow no walk through all of these")
