"""Better batches by moving one order or exchanging two, the best first, until none helps.

What an exchange gains is guessed from what each order saves where it leaves and costs where it
joins. The guess is exact but where the two share an aisle, and errs on the hopeful side, so only
the few exchanges that promise something are priced.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Flags, Whole, lowest
from routing.batch.partition import Partition

PRICED = 96  # moves at a time
NEVER = -(1 << 60)


class Moves(NamedTuple):
    """(moves,) each: `order` goes to the batch at place `there`, and `back`, perhaps nobody, from
    there to its batch."""

    order: Whole
    back: Whole
    there: Whole


def descended(here: Partition, settled: Collection[int] = ()) -> Partition:
    """A partition that no single move or exchange is known to better.

    settled: sets of the pool between which there is no such move.
    """
    while True:
        there = _moved(here, _promising(here, ~np.isin(here.numbers, list(settled))))
        if there is here:
            return here
        if there.length_mm < here.length_mm:  # else a new batch turned out to end too late
            here = there


def _promising(here: Partition, fresh: Flags) -> Moves:
    """The moves from or to fresh batches that gain the most, as far as can be guessed."""
    n, batches = len(here.of), len(here.numbers)
    orders = np.flatnonzero(fresh[here.of])
    single = np.where(_may_join(here), here.saved - here.added, NEVER)  # (batches, n)
    single[:, ~fresh[here.of]][~fresh] = NEVER
    joins = here.added[here.of]  # (n, n): by who is there, by who comes
    pairs = here.saved[orders][:, None] + here.saved - joins[:, orders].T - joins[orders]
    pairs[~_may_swap(here, orders)] = NEVER
    gains = np.concatenate([single.ravel(), pairs.ravel()])
    best = lowest(-gains, PRICED)
    best = best[gains[best] > 0]
    alone, paired = best[best < batches * n], best[best >= batches * n] - batches * n
    order, back = orders[paired // n], paired % n
    return Moves(
        np.concatenate([alone % n, order]),
        np.concatenate([np.full(len(alone), n), back]),
        np.concatenate([alone // n, here.of[back]]),
    )


def _may_join(here: Partition) -> Flags:
    """(batches, n)"""
    rules, n = here.rules, len(here.of)
    fits = (here.loads[:, None] + rules.loads[:n] <= rules.capacity).all(axis=2)
    return np.asarray(fits & (here.clashes == 0) & (here.of != np.arange(len(here.loads))[:, None]))


def _may_swap(here: Partition, orders: Whole) -> Flags:
    """(orders, n)"""
    rules, of, n = here.rules, here.of, len(here.of)
    loads, apart = rules.loads[:n], rules.apart[:n, :n]
    change = loads[None, :] - loads[orders][:, None]  # (orders, n, limits)
    fits = here.loads[of[orders]][:, None] + change <= rules.capacity
    fits &= here.loads[of][None, :] - change <= rules.capacity
    clashes = here.clashes[of[orders]] - apart[orders]
    clashes_there = here.clashes[of][:, orders].T - apart[orders]
    together = of[orders][:, None] == of
    return np.asarray(fits.all(axis=2) & (clashes == 0) & (clashes_there == 0) & ~together)


def _moved(here: Partition, moves: Moves) -> Partition:
    """After the best of these moves, and the next best ones that touch other batches."""
    rows, nobody = _wider(here), here.pool.nobody
    home = here.of[moves.order]
    left = np.where(rows[home] == moves.order[:, None], moves.back[:, None], rows[home])
    joined = rows[moves.there]
    joined[joined == moves.back[:, None]] = nobody
    joined[:, -1] = moves.order
    numbers = here.pool.numbers(np.concatenate([left, joined]))
    mm = here.pool.mm[numbers].reshape(2, -1).sum(axis=0)
    gains = here.mm[home] + here.mm[moves.there] - mm
    places, sets = list[int](), list[Whole]()
    for move in np.lexsort((np.arange(len(gains)), -gains)).tolist():
        touched = (int(home[move]), int(moves.there[move]))
        if gains[move] > 0 and not set(touched) & set(places):
            places += touched
            sets += [left[move], joined[move]]
    return here.with_(places, np.stack(sets)) if sets else here


def _wider(here: Partition) -> Whole:
    """The rows with a free place at the end."""
    free = np.full((len(here.rows), 1), here.pool.nobody, dtype=here.rows.dtype)
    return np.concatenate([here.rows, free], axis=1)
