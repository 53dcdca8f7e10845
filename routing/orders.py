"""In which order to serve stops between which only the cost of going from one to the next counts.

few sets that precedence allows (always up to 12 groups): Held-Karp, exact
else: a search, and a bound on how far off it may be
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from routing.bounds import LowerBound
from routing.held_karp import SMALL, best_order, within_reach
from routing.search import cost_of, paths
from routing.terms import Terms, terms_of
from routing.weights import SHUT

Method = Literal["held_karp", "local_search"]
ITERATIONS = 200  # when neither a number nor a deadline is given
PATIENCE = 5  # iterations
AT_FIRST = 4  # under a deadline, ahead of what is exact but may take too long
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
    between improvements; a first order is found in any case, and of up to 12 groups the best.
    Neither: a fixed number.
    """
    exact = within_reach(stops.groups, stops.before)
    if exact and (deadline is None or len(stops.groups) <= SMALL):
        return _exactly(stops, None)
    terms = terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        return None
    if exact and deadline:
        found = _searched(terms, AT_FIRST, deadline)
        return (None if deadline() else _exactly(stops, deadline)) or found
    most = ITERATIONS if iterations is None and deadline is None else iterations
    return _searched(terms, most, deadline or _never)


def _exactly(stops: Stops, deadline: Deadline | None) -> Ordered | None:
    order = best_order(stops.table, stops.groups, stops.before, deadline)
    price = SHUT if order is None else cost(stops.table, order)
    return Ordered(tuple(order or ()), price, "held_karp", price) if price < SHUT else None


def _searched(terms: Terms, iterations: int | None, late: Deadline) -> Ordered | None:
    """Better and better paths, and a higher bound whenever they have stopped becoming better."""
    bound, least, better = LowerBound(terms), 2 * SHUT, 0
    for done, path in enumerate(paths(terms, late)):
        price = cost_of(terms, path)
        least, better = min(least, price), done if price < least else better
        if done == 0 or done - better >= PATIENCE:
            bound.lift(price)
        if price <= bound.least or done == iterations or late():
            break
    return Ordered(tuple(path[1:-1]), price, "local_search", bound.least) if price < SHUT else None


def _never() -> bool:
    return False


def cost(table: Sequence[Sequence[int]], order: Sequence[int]) -> int:
    """Of the way from 0 through `order` to n + 1; SHUT or more when it cannot be gone."""
    return sum(table[a][b] for a, b in pairwise((0, *order, len(table) - 1)))
