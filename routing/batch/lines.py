"""The picks of many sets of orders, chain by chain: what each use of each chain costs them.

The picked nodes are numbered in the order of the sweep, along each chain, so the picks of a set
are one sorted row of small numbers, and routing.aisles.costs becomes arithmetic on such rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from routing.batch.arrays import Whole
from routing.frontier import BOTH, FROM_U, FROM_V, UNUSED

FEW = 6000  # runs: up to here one call of numpy is cheaper than a step for each neighbour
Place = tuple[int, int]  # (number of the chain, how far from its u)


class Lines:
    """The places of each order's picks; the order number len(orders) picks nothing."""

    def __init__(
        self,
        orders: Sequence[Sequence[Place]],
        lengths: Sequence[int],
        shut: int,
        width: type[np.signedinteger[Any]],
    ) -> None:
        """lengths: by number of the chain. shut: what counts as blocked, in places too; costs are
        cut off there and fit into `width`."""
        places = sorted(set(chain(*orders)))
        number = {place: i for i, place in enumerate(places)}
        rows = [sorted({number[place] for place in picks}) for picks in orders]
        longest = max(map(len, rows), default=0)
        small = np.uint16 if len(places) < 1 << 16 else np.int32
        self._numbers = np.full((len(orders) + 1, longest), len(places), dtype=small)
        self._counts = np.zeros((len(orders) + 1, len(lengths)), dtype=np.int16)
        for i, row in enumerate(rows):
            self._numbers[i, : len(row)] = row
            np.add.at(self._counts[i], [places[n][0] for n in row], 1)
        wide = np.int32 if 4 * max(lengths, default=0) < 1 << 31 else np.int64
        self._at = np.array([*(at for _, at in places), 0], dtype=wide)
        self._lengths = np.array(lengths, dtype=wide)
        self._shut, self._width = shut, width

    def costs(self, members: Whole) -> dict[int, Whole]:
        """By use: (chains, n) of what depends on the picks. members: (n, any) order numbers."""
        n, chains = len(members), len(self._lengths)
        costs: dict[int, Whole] = {
            use: np.full((chains, n), self._shut, dtype=self._width)
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
        at: Whole = np.asarray(self._at[numbers[:, :longest].ravel()])
        row, number = np.divmod(used, chains)
        picks = counts.ravel()[used]
        starts = row * longest + (np.cumsum(counts, axis=1) - counts).ravel()[used]
        length: Whole = np.asarray(self._lengths[number])
        where = number * n + row
        two_trips = np.where(picks > 1, 2 * (length - _widest(at, starts, picks)), self._shut)
        for use, cost in (
            (FROM_U, 2 * at[starts + picks - 1]),
            (FROM_V, 2 * (length - at[starts])),
            (BOTH, two_trips),
        ):
            costs[use].reshape(-1)[where] = np.minimum(cost, self._shut)
        return costs

    def _summed(self, members: Whole) -> Whole:
        """(n, chains): how many picks, repeats included."""
        counts: Whole = self._counts.take(members[:, 0], axis=0)
        for column in members.T[1:]:
            counts += self._counts.take(column, axis=0)
        return counts


def _widest(at: Whole, starts: Whole, picks: Whole) -> Whole:
    """The widest gap between two neighbours in each run of picks, 0 where there is only one."""
    if len(starts) <= FEW:
        gaps = np.diff(at, prepend=0)
        gaps[starts] = 0
        return np.asarray(np.maximum.reduceat(gaps, starts))
    widest: Whole = np.zeros(len(starts), dtype=at.dtype)
    runs, here = np.flatnonzero(picks > 1), 1
    while len(runs):
        second = starts[runs] + here
        widest[runs] = np.maximum(widest[runs], at[second] - at[second - 1])
        here += 1
        runs = runs[picks[runs] > here]
    return widest
