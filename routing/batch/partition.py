"""Orders in batches, and what each order would save and cost elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from routing.batch.arrays import Whole, rows_of
from routing.batch.pool import Pool
from routing.batch.rules import Rules


class Partition:
    """numbers: (batches,) sets of the pool; mm: (batches,). of: (n,) each order's batch, by place.

    saved: (n,) mm when an order leaves its batch. added: (batches, n) mm when an order joins.
    loads: (batches, limits). clashes: (batches, n) from how many orders in it one must be apart.
    Never changed; what it knows of a set is kept in the pool, so a neighbour costs what is new.
    """

    def __init__(self, pool: Pool, rules: Rules, numbers: Iterable[int]) -> None:
        """Empty sets are left out."""
        self.pool, self.rules = pool, rules
        asked, n = np.array(sorted(numbers), dtype=np.intp), pool.nobody
        self.numbers = asked[pool.rows[asked, 0] < n]
        pool.confirm(self.numbers)
        self.rows = pool.rows[self.numbers]
        self.mm = pool.mm[self.numbers]
        less, more = pool.beside(self.numbers)
        of, saved = np.zeros(n + 1, dtype=np.intp), np.zeros(n + 1, dtype=np.int64)
        of[self.rows] = np.arange(len(self.rows))[:, None]
        saved[self.rows] = self.mm[:, None] - less
        self.of, self.saved = of[:n], saved[:n]
        self.added = more - self.mm[:, None]
        self.loads = rules.loads[self.rows].sum(axis=1)
        self.clashes = rules.apart[self.rows].sum(axis=1)[:, :n]

    @property
    def length_mm(self) -> int:
        return int(self.mm.sum())

    def with_(self, places: Sequence[int], sets: Whole) -> Partition:
        """The batches at these places replaced by these sets; both hold the same orders."""
        kept = np.delete(self.numbers, places)
        return Partition(self.pool, self.rules, [*kept, *self.pool.numbers(sets)])

    def sets(self) -> list[list[int]]:
        return [self.pool.members(number) for number in self.numbers.tolist()]


def partition(pool: Pool, rules: Rules, sets: Sequence[Sequence[int]]) -> Partition:
    """Of these sets of order numbers."""
    return Partition(pool, rules, pool.numbers(rows_of(sets, pool.nobody)).tolist())
