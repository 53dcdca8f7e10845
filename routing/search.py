"""A good order of many stops: descents from simple paths, then parts of it rebuilt exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from routing.beam import grown
from routing.exchange import descended, shaken
from routing.rebuild import rebuilt
from routing.scattered import rechosen
from routing.terms import Terms, backwards, nearest, turned
from routing.window import within_window

MOST_LOOSE = 7  # groups taken out at once
MOST_WORK = 80_000  # stops of theirs squared, times two to the number of groups
LONGEST_STRETCH = 6
WINDOWS, FIRST_WINDOW = 15, 5  # rounds from one to the next

Deadline = Callable[[], bool]


def paths(terms: Terms, deadline: Deadline | None = None) -> Iterator[list[int]]:
    """Paths from 0 to n + 1 through one stop of each group, without end, none worse than before.

    The first is the best of some descents, as many as there is time for. Then in turn: stretches of
    the path near one stop are taken out and put back in the best way (Shaw 1998,
    doi:10.1007/3-540-49481-2_30; Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914);
    the path is shaken and descends again (Martin, Otto and Felten 1991). The same question always
    gets the same paths.
    """
    path = _first(terms, deadline)
    near, chance, ordered = _neighbours(terms), Random(0), bool(terms.after)
    for number, centre in enumerate(_centres(len(terms.groups)), 1):
        yield path
        path = rebuilt(terms, path, _loose(terms, path, near[centre], chance))
        yield path
        other = _settled(terms, shaken(terms, path, chance), deadline)
        path = other if cost_of(terms, other) <= cost_of(terms, path) else path
        if ordered and number % WINDOWS == FIRST_WINDOW:
            moved = within_window(terms, path, deadline)
            path, ordered = moved or path, moved is not None


def _first(terms: Terms, deadline: Deadline | None) -> list[int]:
    descents: list[list[int]] = []
    for start in _starts(terms):
        descents.append(_settled(terms, start, deadline))
        if deadline and deadline():
            break
    return min(descents, key=lambda path: cost_of(terms, path))


def _starts(terms: Terms) -> Iterator[list[int]]:
    """From either end: always on to the nearest, and the best of many at once."""
    back = backwards(terms)
    yield nearest(terms)
    yield turned(terms, nearest(back))
    if (path := grown(terms)) is not None:
        yield path
    if (path := grown(back)) is not None:
        yield turned(terms, path)


def cost_of(terms: Terms, path: list[int]) -> int:
    return int(terms.cost[path[:-1], path[1:]].sum())


def _settled(terms: Terms, path: list[int], deadline: Deadline | None) -> list[int]:
    """Descended; where there are alternatives, in turn with choosing the best for the order."""
    if all(len(group) == 1 for group in terms.groups):
        return descended(terms, path, deadline)
    while True:
        better = descended(terms, rechosen(terms, path), deadline)
        if cost_of(terms, better) >= cost_of(terms, path):
            return path
        path = better


def _centres(groups: int) -> Iterator[int]:
    """Every group once in random order, again and again."""
    chance, order = Random(1), [*range(groups)]
    while True:
        chance.shuffle(order)
        yield from order


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
