"""Sets that are worth more than they cost, made by exchanging orders in those that nearly are."""

from __future__ import annotations

import numpy as np

from routing.batch.arrays import Flags, Whole
from routing.batch.master import Mixture, Real, mixture
from routing.batch.pool import Pool
from routing.batch.rules import Rules

NEAR = 80  # sets to look beside at a time
PRICED = 1500
TAKEN = 600  # sets into the mixture at a time
ACTIVE = 2000
BELOW = -1e-6


class Columns:
    """The mixture of all sets known so far, and the search for better ones, round by round."""

    def __init__(self, pool: Pool, rules: Rules, active: Whole) -> None:
        """active: numbers of sets to begin with; together they hold every order."""
        self.pool, self.rules, self.active = pool, rules, active
        self._orders = list(range(pool.nobody))
        self._seen = np.zeros(0, dtype=np.bool_)
        self.found = self._mixed()
        self.dry = False  # the last round brought next to nothing

    def round(self) -> None:
        """Looks beside the sets that nearly pay, and mixes again with what is found."""
        surplus = self._surplus()
        order = np.argsort(surplus, kind="stable")[: 2 * TAKEN]
        near = order[~self._seen[order]][:NEAR]
        self._seen[near] = True
        beside(self.pool, self.rules, self.found, near, np.ones(self.pool.nobody, dtype=np.bool_))
        surplus = self._surplus()
        paying = np.argsort(surplus, kind="stable")[:TAKEN]
        paying = paying[surplus[paying] < BELOW]
        if len(self.active) > ACTIVE:
            least = np.argsort(surplus[self.active], kind="stable")[: ACTIVE // 2]
            self.active = np.union1d(self._basis(), self.active[least])
        self.active = np.union1d(self.active, paying)
        before = self.found.mm
        self.found = self._mixed()
        self.dry = len(near) == 0 or (len(paying) < TAKEN // 4 and self.found.mm > 0.998 * before)

    def _basis(self) -> Whole:
        """The sets that are mixed, and those of one order each."""
        alone = (self.pool.rows[self.active, 1:] == self.pool.nobody).all(axis=1)
        return np.asarray(self.active[alone | (self.found.share > 0)])

    def _surplus(self) -> Real:
        rows = self.pool.rows
        grown = len(rows) - len(self._seen)
        self._seen = np.append(self._seen, np.zeros(grown, dtype=np.bool_))
        surplus = self.found.surplus(rows, self.pool.mm)
        surplus[rows[:, 0] == self.pool.nobody] = np.inf
        return surplus

    def _mixed(self) -> Mixture:
        fewest = self.rules.fewest(self._orders)
        rows, mm = self.pool.rows[self.active], self.pool.mm[self.active]
        return mixture(rows, mm, self._orders, self.pool.nobody, fewest)


def beside(pool: Pool, rules: Rules, found: Mixture, near: Whole, orders: Flags) -> Whole:
    """The numbers of sets one order less or one exchange away from the sets `near`.

    orders: (n,) whom to take in. As in routing.batch.moves an exchange is guessed from what it
    saves to leave one out and costs to take one in; only those that promise to pay are priced.
    """
    if not len(near):
        return near
    rows, mm = pool.rows[near], pool.mm[near]
    less, more = pool.beside(near)
    surplus = found.surplus(rows, mm)
    out = less - mm[:, None] + found.worth[rows]  # (near, widest)
    into = more - mm[:, None] - found.worth[:-1]  # (near, n)
    into[:, ~orders] = np.inf
    exchanges = surplus[:, None, None] + out[:, :, None] + into[:, None, :]
    exchanges[~_may_exchange(rows, rules)] = np.inf
    smaller = np.where(rows < pool.nobody, surplus[:, None] + out, np.inf)
    joined = np.append(exchanges.ravel(), smaller.ravel())
    best = np.argpartition(joined, min(PRICED, len(joined) - 1))[:PRICED]
    best = np.sort(best[joined[best] < 0])
    swaps, drops = best[best < exchanges.size], best[best >= exchanges.size] - exchanges.size
    one, place, order = np.unravel_index(swaps, exchanges.shape)
    fewer, gone = np.unravel_index(drops, smaller.shape)
    sets = rows[np.append(one, fewer)]
    sets[np.arange(len(sets)), np.append(place, gone)] = np.append(
        order, np.full(len(fewer), pool.nobody)
    )
    sets = sets[(sets < pool.nobody).any(axis=1)]
    return np.unique(pool.numbers(sets)) if len(sets) else np.zeros(0, dtype=np.intp)


def _may_exchange(rows: Whole, rules: Rules) -> Flags:
    """(sets, widest, n): whether the order may take this place; of free places the first counts."""
    nobody = rules.nobody
    free = rows == nobody
    places = ~free | (np.cumsum(free, axis=1) == 1)
    inside = np.zeros((len(rows), nobody + 1), dtype=np.bool_)
    inside[np.arange(len(rows))[:, None], rows] = True
    room = rules.capacity - rules.loads[rows].sum(axis=1)[:, None] + rules.loads[rows]
    fits = (rules.loads[:nobody] <= room[:, :, None]).all(axis=3)
    clashes = rules.apart[rows].sum(axis=1)[:, None, :nobody] - rules.apart[rows][:, :, :nobody]
    return np.asarray(fits & (clashes == 0) & places[:, :, None] & ~inside[:, None, :nobody])
