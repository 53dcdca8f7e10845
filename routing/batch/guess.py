"""Lengths of many tours at once on floors that no sweep covers: short walks, not the shortest.

Each stop, the farthest from the start first, is inserted where it lengthens the walk the least
(Rosenkrantz, Stearns and Lewis 1977, doi:10.1137/0206041).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.batch.arrays import Whole
from routing.graph import Distances

AT_ONCE = 1 << 18  # numbers


class Guess:
    """Prices sets of orders by insertion, all of them together."""

    def __init__(
        self, rows: Distances, start: int, end: int, picks: Sequence[Sequence[int]]
    ) -> None:
        """picks: node numbers by order number; each can be reached and left."""
        ends = (start, end)
        nodes = [n for n in dict.fromkeys(n for nodes in picks for n in nodes) if n not in ends]
        table = np.array(rows.table([*nodes, start, end], [*nodes, start, end]), dtype=np.int64)
        far = np.argsort(-(table[-2] + table[:, -1])[:-2], kind="stable")
        place = np.append(far, [len(nodes), len(nodes) + 1])
        self._mm = table[np.ix_(place, place)]  # stops, the farthest first; start; end
        number = {nodes[stop]: i for i, stop in enumerate(far.tolist())}
        stops = [sorted({number[n] for n in order if n in number}) for order in picks]
        self._nobody = len(nodes)  # as good as the start
        self._stops = np.full((len(picks) + 1, max(map(len, stops), default=0)), self._nobody)
        for row, known in zip(self._stops, stops, strict=False):
            row[: len(known)] = known

    def lengths(self, members: Whole) -> Whole:
        """(n,) millimetres. members: (n, any) order numbers."""
        width = max(1, members.shape[1] * self._stops.shape[1])
        rows = max(64, AT_ONCE // width)
        parts = [self._lengths(members[i : i + rows]) for i in range(0, len(members), rows)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def _lengths(self, members: Whole) -> Whole:
        """A walk is a row of stops from the start on, filled up with the end."""
        n, start, end = len(members), self._nobody, self._nobody + 1
        stops = np.sort(self._stops[members].reshape(n, -1), axis=1)
        stops[:, 1:][stops[:, 1:] == stops[:, :-1]] = start
        stops = np.sort(stops, axis=1)[:, : int((np.diff(stops, prepend=-1) > 0).sum(axis=1).max())]
        walks = np.full((n, stops.shape[1] + 2), end)
        walks[:, 0] = start
        length = np.full(n, self._mm[start, end])
        for column, stop in enumerate(stops.T):
            before, after = walks[:, : column + 1], walks[:, 1 : column + 2]
            detour = self._mm[before, stop[:, None]] + self._mm[stop[:, None], after]
            detour -= self._mm[before, after]
            best = detour.argmin(axis=1)
            here = stop != start
            length[here] += detour[np.arange(n), best][here]
            self._insert(walks, stop, best, here)
        return length

    def _insert(self, walks: Whole, stop: Whole, best: Whole, here: Whole) -> None:
        later = np.arange(walks.shape[1]) > (best + 1)[:, None]
        shifted = np.roll(walks, 1, axis=1)
        moved = np.where(later, shifted, walks)
        moved[np.arange(len(walks)), best + 1] = stop
        walks[here] = moved[here]
