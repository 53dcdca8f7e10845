"""A good order of many stops: descents from simple paths, then parts of it rebuilt exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from random import Random

from routing.exchange import descended
from routing.rebuild import rebuilt
from routing.terms import Terms, nearest, nearest_backwards

ITERATIONS = 200  # when neither a number nor a deadline is given
MOST_LOOSE = 7  # groups taken out at once
MOST_WORK = 30_000  # stops of theirs squared, times two to the number of groups
LONGEST_STRETCH = 6

Deadline = Callable[[], bool]


def good_order(
    terms: Terms, enough: int, iterations: int | None = None, deadline: Deadline | None = None
) -> list[int]:
    """One stop of each group, in an order whose cost is low, though perhaps not lowest.

    Large neighbourhood search (Shaw 1998, doi:10.1007/3-540-49481-2_30): stretches of the path
    near one stop are taken out (Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914)
    and put back in the best way; `iterations` times, until time is up or the cost is `enough`.
    The same question always gets the same answer, and more iterations never a worse one.
    """
    most = ITERATIONS if iterations is None and deadline is None else iterations
    path = _first(terms, deadline)
    centres, chance = _centres(terms), Random(len(terms.groups))
    near = _neighbours(terms)
    for done in count():
        late = deadline is not None and deadline()
        if late or done == most or cost_of(terms, path) <= enough:
            break
        path = rebuilt(terms, path, _loose(terms, path, near[next(centres)], chance))
    return path[1:-1]


def cost_of(terms: Terms, path: list[int]) -> int:
    return int(terms.cost[path[:-1], path[1:]].sum())


def _first(terms: Terms, deadline: Deadline | None) -> list[int]:
    """The better of two descents."""
    there = descended(terms, nearest(terms), deadline)
    back = descended(terms, nearest_backwards(terms), deadline)
    return min(there, back, key=lambda path: cost_of(terms, path))


def _centres(terms: Terms) -> Iterator[int]:
    """Every group once in random order, again and again."""
    chance, groups = Random(0), [*range(len(terms.groups))]
    while True:
        chance.shuffle(groups)
        yield from groups


def _neighbours(terms: Terms) -> list[list[int]]:
    """By group: itself and all others, the nearest first, whichever way round."""
    import numpy as np

    far = np.minimum(terms.between, terms.between.T)
    np.fill_diagonal(far, -1)
    nearest: list[list[int]] = far.argsort(axis=1, kind="stable").tolist()
    return nearest


def _loose(terms: Terms, path: list[int], near: list[int], chance: Random) -> list[int]:
    """Groups in stretches of the path, at those of `near` in turn, until there are enough."""
    order = terms.home[path[1:-1]].tolist()
    at = {group: place for place, group in enumerate(order)}
    loose, stops = list[int](), 0
    for group in near:
        if group in loose:
            continue
        length = chance.randint(1, LONGEST_STRETCH)
        first = max(0, at[group] - chance.randrange(length))
        for taken in order[first : first + length]:
            more = stops + len(terms.groups[taken])
            if loose and (len(loose) == MOST_LOOSE or more * more << len(loose) + 1 > MOST_WORK):
                return loose
            if taken not in loose:
                loose, stops = [*loose, taken], more
    return loose
