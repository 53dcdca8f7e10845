"""Two neighbouring stretches of a path change places, or one is turned round, while that helps."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from routing.terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

MOST_EXCHANGES = 8000  # to price at once; of a longer path one of the two stretches is short
FAR_SHAKEN = 25  # stops in a stretch
SHAKES = 10
Move = tuple[int, list[int]]  # what it adds to the cost, and the new order of the places


def descended(
    terms: Terms, path: list[int], deadline: Callable[[], bool] | None = None
) -> list[int]:
    """The path after the best move, again and again until none helps or time is up.

    An exchange moves any stretch anywhere without turning it (Gambardella and Dorigo 2000,
    doi:10.1287/ijoc.12.3.237.12636); a reversal (2-opt, Croes 1958, doi:10.1287/opre.6.6.791) is
    tried where all ways cost the same both ways. No move breaks the precedence.
    """
    while len(path) > 3 and not (deadline and deadline()):
        added, places = _best_move(terms, path)
        if added >= 0:
            break
        path = [path[place] for place in places]
    return path


def shaken(terms: Terms, path: list[int], chance: Random) -> list[int]:
    """The path after an exchange at random, one of the first that precedence allows."""
    import numpy as np

    end = len(path) - 1
    for _ in range(SHAKES if end > 2 else 0):
        a = chance.randrange(1, end - 1)
        b = chance.randint(a + 1, min(end - 1, a + FAR_SHAKEN))
        c = chance.randint(b + 1, min(end, b + FAR_SHAKEN))
        if not terms.later[np.ix_(path[a:b], path[b:c])].any():
            return path[:a] + path[b:c] + path[a:b] + path[c:]
    return path


def _best_move(terms: Terms, path: list[int]) -> Move:
    import numpy as np

    here = np.ix_(path, path)
    cost = terms.cost[here]
    after = _first_after(terms.later[here]) if terms.after else None
    exchange = _best_exchange(cost, after)
    return min(exchange, _best_reversal(cost, after)) if terms.symmetric else exchange


def _best_exchange(cost: Ints, after: Ints | None) -> Move:
    """The stretches i + 1 .. j and j + 1 .. k change places."""
    import numpy as np

    i, j, k, i_j, k_i, j_k = _exchanges(len(cost))
    instead = cost.copy()
    instead[:-1] -= np.diagonal(cost, 1)[:, None]
    gain = instead.take(i_j)
    gain += instead.take(k_i)
    gain += instead.take(j_k)
    if after is not None:
        gain[_barriers(after).take(i_j) <= k] = 0
    best = int(gain.argmin())
    a, b, c = int(i[best]) + 1, int(j[best]) + 1, int(k[best]) + 1
    return int(gain[best]), [*range(a), *range(b, c), *range(a, b), *range(c, len(cost))]


def _best_reversal(cost: Ints, after: Ints | None) -> Move:
    """The stretch i .. j is turned round."""
    import numpy as np

    i, j = _stretches(len(cost))
    onward = np.diagonal(cost, 1)
    gain = cost[i - 1, j] + cost[i, j + 1] - onward[i - 1] - onward[j]
    if after is not None:
        soonest = np.minimum.accumulate(after[:, 0][::-1])[::-1]
        gain[soonest[i] <= j] = 0
    best = int(gain.argmin())
    a, b = int(i[best]), int(j[best]) + 1
    return int(gain[best]), [*range(a), *reversed(range(a, b)), *range(b, len(cost))]


def _first_after(later: Flags) -> Ints:
    """(places, places): the first place from the column on that has to come after the row's.

    The number of places where there is none.
    """
    import numpy as np

    places = np.where(later, np.arange(len(later)), len(later))
    return np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]


def _barriers(after: Ints) -> Ints:
    """(i, j + 1): the first place behind j that has to come after one of i + 1 .. j."""
    import numpy as np

    none = len(after)
    within = np.where(np.tri(none, dtype=np.bool_), none, after)
    least = np.minimum.accumulate(within[::-1], axis=0)[::-1]
    return np.append(least[1:], np.full((1, none), none), axis=0)


@lru_cache(maxsize=8)
def _exchanges(places: int) -> list[Ints]:
    """i, j, k, and in a flat (places, places): (i, j + 1), (k, i + 1), (j, k + 1)."""
    import numpy as np

    short, long = max(3, MOST_EXCHANGES // places**2), 2 * MOST_EXCHANGES // places
    first, second = np.indices((min(places, long), min(places, long))).reshape(2, -1) + 1
    few = np.minimum(first, second) <= short
    first, second = first[few], second[few]
    i, lengths = np.nonzero(np.arange(places)[:, None] + first + second < places - 1)
    j = i + first[lengths]
    k = j + second[lengths]
    return [i, j, k, i * places + j + 1, k * places + i + 1, j * places + k + 1]


@lru_cache(maxsize=8)
def _stretches(places: int) -> tuple[Ints, Ints]:
    import numpy as np

    i, j = np.triu_indices(places - 2, 1)
    return i + 1, j + 1
