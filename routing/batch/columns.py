"""Sets that pay, made from sets that nearly do by leaving one order out or taking another in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Flags, Whole, lowest
from routing.batch.pool import Pool
from routing.batch.rules import Rules
from routing.batch.worth import FINE, Worth

PRICED = 500  # sets at a time
NEVER = 1 << 61


class Changes(NamedTuple):
    """(changes,) each: in the row `of`, whoever has the place makes way for `order` or nobody."""

    of: Whole
    place: Whole
    order: Whole


def columns_beside(
    pool: Pool, rules: Rules, worth: Worth, near: Whole, orders: Flags, enough: int
) -> Whole:
    """The numbers of sets one change away from the sets `near`, whose surplus promises to be below
    `enough`.

    orders: (n,) whom to take in. As in routing.batch.moves the surplus is guessed from what a set
    saves and costs with one order less and more.
    """
    rows = pool.rows[near]
    changes = _promising(pool, rules, worth, near, orders, enough)
    sets = rows[changes.of]
    sets[np.arange(len(sets)), changes.place] = changes.order
    sets = sets[(sets < pool.nobody).any(axis=1)]
    return np.unique(pool.numbers(sets)) if len(sets) else np.zeros(0, dtype=np.intp)


def _promising(
    pool: Pool, rules: Rules, worth: Worth, near: Whole, orders: Flags, enough: int
) -> Changes:
    rows, mm, n = pool.rows[near], pool.mm[near], pool.nobody
    less, more = pool.beside(near, orders)
    surplus = worth.surplus(rows, mm) - enough
    without = surplus[:, None] + FINE * (less - mm[:, None]) + worth.price[rows]
    extra = FINE * (more - mm[:, None]) - worth.price[:-1]  # (near, n)
    changed = without[:, :, None] + extra[:, None, :]  # (near, widest, n)
    changed[~(_may_change(rows, rules) & orders)] = NEVER
    without[rows == n] = NEVER
    guessed = np.append(changed.ravel(), without.ravel())
    best = lowest(guessed, PRICED)
    best = best[guessed[best] < 0]
    swaps, drops = best[best < changed.size], best[best >= changed.size] - changed.size
    of, place, order = np.unravel_index(swaps, changed.shape)
    fewer, gone = np.unravel_index(drops, without.shape)
    nobody = np.full(len(drops), n)
    return Changes(np.append(of, fewer), np.append(place, gone), np.append(order, nobody))


def _may_change(rows: Whole, rules: Rules) -> Flags:
    """(sets, widest, n): whether the order may take this place; of free places only the first."""
    nobody = rules.nobody
    free = rows == nobody
    places = ~free | (np.cumsum(free, axis=1) == 1)
    inside = np.zeros((len(rows), nobody + 1), dtype=np.bool_)
    inside[np.arange(len(rows))[:, None], rows] = True
    room = rules.capacity - rules.loads[rows].sum(axis=1)[:, None] + rules.loads[rows]
    fits = (rules.loads[:nobody] <= room[:, :, None]).all(axis=3)
    fits &= places[:, :, None] & ~inside[:, None, :nobody]
    if rules.apart.any():
        apart = rules.apart[rows][:, :, :nobody]
        fits &= apart.sum(axis=1)[:, None] == apart
    return np.asarray(fits)
