"""What a search over orders looks at all the time, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from routing.precedence import closure
from routing.weights import SHUT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

Table = Sequence[Sequence[int]]
After = Mapping[int, frozenset[int]]  # by group: the groups that are served after it


@dataclass(frozen=True, eq=False)
class Terms:
    """groups: the stops that can be served, by group. home: (n + 2,) the group of each stop, -1 for
    the start, the end and what cannot be served. cost: (n + 2, n + 2) from row to column.
    between: (groups, groups) the least cost from a stop of the row's to one of the column's.
    after: nothing comes after itself. later: (n + 2, n + 2) whether the row's group comes before
    the column's; symmetric: whether all ways between stops cost the same both ways.
    """

    groups: Sequence[Sequence[int]]
    home: Ints
    cost: Ints
    between: Ints
    after: After
    later: Flags
    symmetric: bool


def terms_of(
    table: Table, groups: Sequence[Sequence[int]], before: Iterable[tuple[int, int]]
) -> Terms | None:
    """None when it is certain that there is no order.

    Of two groups between which there is no way in one direction, the other direction is the order;
    with ways that are transitive, every order that obeys this can be walked.
    """
    import numpy as np

    cost = np.array(table, dtype=np.int64)
    served = (cost[0, :] < SHUT) & (cost[:, -1] < SHUT)
    open_ = [tuple(stop for stop in group if served[stop]) for group in groups]
    if not all(open_):
        return None
    home = np.full(len(cost), -1)
    for number, group in enumerate(open_):
        home[list(group)] = number
    between = _between(cost, open_)
    number_of = {stop: number for number, group in enumerate(groups) for stop in group}
    no_way = np.argwhere((between.T >= SHUT) & ~np.eye(len(open_), dtype=np.bool_))
    pairs = {(number_of[i], number_of[j]) for i, j in before} | {
        (int(i), int(j)) for i, j in no_way
    }
    after = closure(pairs)
    if any(group in later for group, later in after.items()):
        return None
    order = np.zeros((len(open_) + 1, len(open_) + 1), dtype=np.bool_)
    for number, later in after.items():
        order[number, list(later)] = True
    inner = cost[1:-1, 1:-1]
    symmetric = bool((inner == inner.T).all())
    return Terms(open_, home, cost, between, after, order[np.ix_(home, home)], symmetric)


def backwards(terms: Terms) -> Terms:
    """The same stops from the end to the start; a path of theirs is `turned`."""
    import numpy as np

    swapped = _swapped(terms)
    earlier: dict[int, set[int]] = {}
    for group, later in terms.after.items():
        for other in later:
            earlier.setdefault(other, set()).add(group)
    return replace(
        terms,
        cost=terms.cost.T[np.ix_(swapped, swapped)],
        between=terms.between.T,
        after={group: frozenset(others) for group, others in earlier.items()},
        later=terms.later.T,
    )


def turned(terms: Terms, path: list[int]) -> list[int]:
    swapped = _swapped(terms)
    return [swapped[stop] for stop in reversed(path)]


def _swapped(terms: Terms) -> list[int]:
    last = len(terms.cost) - 1
    return [last, *range(1, last), 0]


def nearest(terms: Terms) -> list[int]:
    """A path: always on to the nearest stop that waits for no other."""
    table, groups, after = terms.cost.tolist(), terms.groups, terms.after
    waits = Counter(chain.from_iterable(after.values()))
    home = {stop: number for number, group in enumerate(groups) for stop in group}
    path, left = [0], dict(enumerate(groups))
    while left:
        free = (stop for number, group in left.items() if not waits[number] for stop in group)
        path.append(min(free, key=table[path[-1]].__getitem__))
        del left[home[path[-1]]]
        waits.subtract(after.get(home[path[-1]], ()))
    return [*path, len(table) - 1]


def _between(cost: Ints, groups: Sequence[Sequence[int]]) -> Ints:
    import numpy as np

    stops = [*chain.from_iterable(groups)]
    first = np.cumsum([0, *map(len, groups)])[:-1]
    least = np.minimum.reduceat(cost[np.ix_(stops, stops)], first, axis=0)
    return np.minimum.reduceat(least, first, axis=1)
