"""In which order to serve stops between which only the cost of going from one to the next counts.

up to 12 groups                          Held-Karp, exact
else                                     a search, and a bound on how far off it may be
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from routing.bounds import lower_bound
from routing.held_karp import best_order, within_reach
from routing.search import good_order
from routing.terms import terms_of
from routing.weights import SHUT

Method = Literal["held_karp", "local_search"]
Deadline = Callable[[], bool]  # says that time is up


@dataclass(frozen=True, slots=True)
class Stops:
    """What is to be put in order.

    table: (n + 2, n + 2) cost (mm or ms) from row to column, SHUT where there is no way; 0 is the
    start, n + 1 the end. SHUT is transitive: where there is a way through a third, there is one.
    before: pairs (i, j) of 1 .. n, i is served before j; between groups they hold for every
    member, whichever of them is named.
    groups: a partition of 1 .. n, exactly one of each is served (singletons for plain picks).
    """

    table: Sequence[Sequence[int]]
    before: frozenset[tuple[int, int]]
    groups: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """order: the stops served. cost: from 0 through them to n + 1. No order costs less than
    lower_bound, so one that equals it is optimal."""

    order: tuple[int, ...]
    cost: int
    method: Method
    lower_bound: int


def plain(table: Sequence[Sequence[int]]) -> Stops:
    """All stops of the table, in any order."""
    return Stops(table, frozenset(), tuple((stop,) for stop in range(1, len(table) - 1)))


def ordered(
    stops: Stops, *, iterations: int | None = None, deadline: Deadline | None = None
) -> Ordered | None:
    """The cheapest order that was found; None when there is none.

    None is proved where the answer would be exact or every group is a single stop; among
    alternatives on one-way paths a search may miss the only order there is.
    iterations: how much is searched; the answer is then the same everywhere. deadline: asked
    between improvements; a first order is found in any case. Neither: a fixed number.
    """
    if within_reach(stops.groups, stops.before):
        order = best_order(stops.table, stops.groups, stops.before, deadline)
        if order:
            return _told(stops, order, "held_karp", SHUT)
    terms = terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        return None
    bound = lower_bound(stops.table, stops.groups, stops.before)
    return _told(stops, good_order(terms, bound, iterations, deadline), "local_search", bound)


def _told(stops: Stops, order: Sequence[int], method: Method, bound: int) -> Ordered | None:
    price = cost(stops.table, order)
    return Ordered(tuple(order), price, method, min(price, bound)) if price < SHUT else None


def cost(table: Sequence[Sequence[int]], order: Sequence[int]) -> int:
    """Of the way from 0 through `order` to n + 1; SHUT or more when it cannot be gone."""
    return sum(table[a][b] for a, b in pairwise((0, *order, len(table) - 1)))
