"""A first batching: orders that save the most by being picked together, merged pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.partition import Partition
from routing.weights import SHUT

NEVER = -(1 << 60)
AT_ONCE = 1 << 14  # pairs


def merged(here: Partition) -> Partition:
    """Batches of which no two fit together and save something together.

    Clarke and Wright 1964, doi:10.1287/opre.12.4.568, in the form C&W(ii) for batches, where the
    savings of a merged batch are computed anew (de Koster, van der Poort and Wolters 1999,
    doi:10.1080/002075499191094).
    """
    merging = _Merging(here)
    while (pair := merging.best()) is not None:
        merging.merge(*pair)
    return Partition(here.pool, here.rules, merging.numbers[merging.alive].tolist())


class _Merging:
    """alive: (batches,) which are still there. saved: (batches, batches) mm by merging two."""

    def __init__(self, here: Partition) -> None:
        self._pool, self._rules, size = here.pool, here.rules, len(here.numbers)
        self.numbers, self.alive = here.numbers.copy(), np.ones(size, dtype=np.bool_)
        self._saved = np.full((size, size), NEVER)
        self._both = np.zeros((size, size), dtype=np.intp)
        pairs = np.array(list(combinations(range(size), 2)), dtype=np.intp).reshape(-1, 2)
        for first in range(0, len(pairs), AT_ONCE):
            self._compute(*pairs[first : first + AT_ONCE].T)

    def best(self) -> tuple[int, int] | None:
        """The pair that saves the most; the first of equal ones."""
        while self._saved.size:
            one, other = divmod(int(self._saved.argmax()), len(self._saved))
            both = self._both[one, other]
            if self._saved[one, other] <= 0:
                break
            self._pool.confirm(both[None])
            if self._pool.mm[both] < SHUT:
                return one, other
            self._saved[one, other] = NEVER
        return None

    def merge(self, one: int, other: int) -> None:
        """The second into the first."""
        self.numbers[one] = self._both[one, other]
        self.alive[other] = False
        for place in (one, other):
            self._saved[place] = self._saved[:, place] = NEVER
        others = np.flatnonzero(self.alive)
        others = others[others != one]
        self._compute(np.minimum(one, others), np.maximum(one, others))

    def _compute(self, one: Whole, other: Whole) -> None:
        pool = self._pool
        rows = np.append(pool.rows[self.numbers[one]], pool.rows[self.numbers[other]], axis=1)
        fits = self._rules.fits(rows)
        one, other = one[fits], other[fits]
        both = pool.numbers(rows[fits])
        alone = pool.mm[self.numbers[one]] + pool.mm[self.numbers[other]]
        self._saved[one, other] = alone - pool.mm[both]
        self._both[one, other] = both
