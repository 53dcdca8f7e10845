"""The worth of all orders by the sets known so far, and the search for sets that pay better."""

from __future__ import annotations

import numpy as np

from routing.batch.arrays import Whole, lowest
from routing.batch.columns import NEVER, columns_beside
from routing.batch.partition import Partition
from routing.batch.worth import FINE, Worth, adjusted

NEAR = 60  # sets to look beside in a round
ACTIVE = 2500
STEPS = 40
FAR = 0.004  # part of the bound: a round that moved it further was worth another


class Mixture:
    """Changes with every round: the worth, and what was looked at."""

    def __init__(self, best: Partition) -> None:
        self._pool, self._rules = best.pool, best.rules
        self.worth = Worth(_first(best), 0.5)
        self._seen = np.zeros(0, dtype=np.bool_)
        self.ripe = False

    def round(self, best: Partition) -> None:
        """Adjusts the worth, and looks beside the sets that pay the most."""
        pool, everyone = self._pool, np.ones(self._pool.nobody, dtype=np.bool_)
        active, batches, before = self.active(ACTIVE), len(best.numbers), self.worth.bound
        self.worth, _ = adjusted(
            self.worth,
            pool.rows[active],
            pool.mm[active],
            everyone,
            batches,
            best.length_mm,
            STEPS,
        )
        self.ripe = abs(self.worth.bound - before) < FAR * before
        surplus = self._surplus()
        enough = int(surplus[lowest(surplus, batches)].max())
        near = lowest(np.where(self._seen, NEVER, surplus), NEAR)
        self._seen[near] = True
        columns_beside(pool, self._rules, self.worth, near, everyone, enough)

    def active(self, most: int) -> Whole:
        """The sets that pay the most, the empty one aside."""
        surplus = self._surplus()
        found = lowest(surplus, most)
        return found[surplus[found] < NEVER]

    def _surplus(self) -> Whole:
        rows = self._pool.rows
        more = np.zeros(len(rows) - len(self._seen), dtype=np.bool_)
        self._seen = np.append(self._seen, more)
        surplus = self.worth.surplus(rows, self._pool.mm)
        surplus[rows[:, 0] == self._pool.nobody] = NEVER
        return surplus


def _first(best: Partition) -> Whole:
    """Each batch's cost shared out by what its orders would cost alone."""
    pool = best.pool
    alone = pool.mm[pool.numbers(np.arange(pool.nobody, dtype=np.int32)[:, None])]
    total = np.append(alone, 0)[best.rows].sum(axis=1)
    shares = FINE * best.mm[best.of] * alone // np.maximum(1, total[best.of])
    return np.append(shares, 0)
