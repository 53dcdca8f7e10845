"""The picks of many sets of orders, chain by chain: what each use of each chain costs them.

The picked nodes are numbered in the order of the sweep, along each chain, so the picks of a set
are one sorted row of small numbers, and routing.aisles.costs becomes arithmetic on such rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from routing.frontier import BOTH, FROM_U, FROM_V, UNUSED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.signedinteger]

FEW = 6000
Place = tuple[int, int]  # (number of the chain, millimetres from its u)


class Lines:
    """orders: the places of each order's picks. The order number len(orders) picks nothing.

    chain_length: by number of the chain; shut: what counts as blocked, in places and lengths too.
    """

    def __init__(
        self,
        orders: Sequence[Sequence[Place]],
        chain_length: Sequence[int],
        shut: int,
        width: type[np.signedinteger[Any]],
    ) -> None:
        import numpy as np

        places = sorted(set(chain(*orders)))
        number = {place: i for i, place in enumerate(places)}
        rows = [sorted(number[place] for place in set(picks)) for picks in orders]
        small = np.uint16 if len(places) < 1 << 16 else np.int32
        self._numbers = np.full(
            (len(orders) + 1, max(map(len, rows), default=0)), len(places), dtype=small
        )
        self._counts = np.zeros((len(orders) + 1, len(chain_length)), dtype=np.int16)
        for i, row in enumerate(rows):
            self._numbers[i, : len(row)] = row
            np.add.at(self._counts[i], [places[n][0] for n in row], 1)
        wide = np.int64 if 4 * max(chain_length, default=0) >= 1 << 31 else np.int32
        self._at: Whole = np.array([mm for _, mm in places] + [0], dtype=wide)
        self._chain_length: Whole = np.array(chain_length, dtype=wide)
        self._shut, self._type = shut, width

    def costs(self, members: Whole) -> dict[int, Whole]:
        """By use: (chains, n) millimetres of what depends on the picks.

        members: (n, any) order numbers.
        """
        import numpy as np

        n, chains = len(members), len(self._chain_length)
        costs = {
            use: np.full((chains, n), self._shut, dtype=self._type)
            for use in (UNUSED, FROM_U, FROM_V, BOTH)
        }
        counts = self._summed(members)
        costs[UNUSED][counts.T == 0] = 0
        used = np.flatnonzero(counts)
        if not len(used):
            return costs
        longest = int(counts.sum(axis=1).max())
        numbers = self._numbers.take(members, axis=0).reshape(n, -1)
        numbers.sort(axis=1)
        at = self._at.take(numbers[:, :longest]).ravel()
        row, number = np.divmod(used, chains)
        picks = counts.ravel()[used]
        starts = row * longest + (np.cumsum(counts, axis=1) - counts).ravel()[used]
        mm, where = self._chain_length[number], number * n + row
        for use, cost in (
            (FROM_U, 2 * at[starts + picks - 1]),
            (FROM_V, 2 * (mm - at[starts])),
            (BOTH, np.where(picks > 1, 2 * (mm - _widest(at, starts, picks)), self._shut)),
        ):
            costs[use].reshape(-1)[where] = np.minimum(cost, self._shut)
        return costs

    def _summed(self, members: Whole) -> Whole:
        """(n, chains): how many picks, repeats included."""
        counts = self._counts.take(members[:, 0], axis=0)
        for column in members.T[1:]:
            counts += self._counts.take(column, axis=0)
        return counts


def _widest(at: Whole, starts: Whole, picks: Whole) -> Whole:
    """The widest gap between two neighbours in each run of picks, 0 where there is only one."""
    import numpy as np

    if len(starts) < FEW:
        gaps = np.diff(at, prepend=0)
        gaps[starts] = 0
        return np.maximum.reduceat(gaps, starts)
    widest = np.zeros(len(starts), dtype=at.dtype)
    runs, here = np.flatnonzero(picks > 1), 1
    while len(runs):
        second = starts[runs] + here
        widest[runs] = np.maximum(widest[runs], at[second] - at[second - 1])
        here += 1
        runs = runs[picks[runs] > here]
    return widest
