"""Whole batches out of a mixture: the largest share is taken, the rest is mixed anew, and so on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random

import numpy as np

from routing.batch.arrays import Flags, Real, Whole, lowest
from routing.batch.columns import columns_beside
from routing.batch.partition import Partition
from routing.batch.worth import Worth, adjusted

NEAR = 24  # sets to look beside for every batch that is taken
KEPT = 700
STEPS = 12
STRIDE = 0.2
GAMBLE = 0.5  # how much larger chance may make a share


def dived(
    here: Partition,
    free: Collection[int],
    worth: Worth,
    active: Whole,
    chance: Random,
    over: Callable[[], bool],
) -> Partition:
    """free: the batches, by number, that are made anew. active: sets to mix."""
    pool, n = here.pool, here.pool.nobody
    taken = [number for number in here.numbers.tolist() if number not in free]
    left = np.ones(n + 1, dtype=np.bool_)
    left[pool.rows[taken]] = False
    left[n] = True
    alone = pool.numbers(np.arange(n, dtype=np.int32)[:, None])
    active, aim = np.union1d(active, alone), here.length_mm - int(pool.mm[taken].sum())
    worth = worth._replace(stride=STRIDE)
    while left[:n].any() and not over():
        batches = len(here.numbers) - len(taken)
        active = active[left[pool.rows[active]].all(axis=1)]
        active, worth, share = _mixed(here, active, worth, left, batches, aim)
        luck = np.array([1 + GAMBLE * chance.random() for _ in share])
        number = int(active[np.argmax(share * luck)])
        taken.append(number)
        left[pool.rows[number]] = False
        left[n] = True
        aim -= int(pool.mm[number])
    return Partition(pool, here.rules, [*taken, *alone[left[:n]].tolist()])


def _mixed(
    here: Partition, active: Whole, worth: Worth, left: Flags, batches: int, aim: int
) -> tuple[Whole, Worth, Real]:
    """The sets of the orders that are left with some new ones, their worth and shares."""
    pool, rules, orders = here.pool, here.rules, left[:-1]
    batches = max(batches, rules.fewest(np.flatnonzero(orders).tolist()))
    worth = worth._replace(price=np.where(left, worth.price, 0))
    rows, mm = pool.rows[active], pool.mm[active]
    worth, share = adjusted(worth, rows, mm, orders, batches, aim, STEPS)
    surplus = worth.surplus(rows, mm)
    near = active[lowest(surplus, NEAR)]
    enough = int(surplus[lowest(surplus, batches)].max())
    new = columns_beside(pool, rules, worth, near, orders, enough)
    if not len(np.setdiff1d(new, active)):
        return active, worth, share
    alone = active[(pool.rows[active, 1:] == pool.nobody).all(axis=1)]
    active = np.union1d(np.union1d(active[lowest(surplus, KEPT)], alone), new)
    worth, share = adjusted(worth, pool.rows[active], pool.mm[active], orders, batches, aim, STEPS)
    return active, worth, share
