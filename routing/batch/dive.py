"""Whole batches out of a mixture: the largest share is taken, the rest is mixed anew, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import numpy as np

from routing.batch.arrays import Flags, Whole
from routing.batch.columns import beside
from routing.batch.master import Mixture, mixture
from routing.batch.partition import Partition
from routing.batch.pool import Pool
from routing.batch.rules import Rules

NEAR = 24
KEPT = 700
WHOLE = 0.85


def dived(
    pool: Pool, rules: Rules, active: Whole, chance: Random, over: Callable[[], bool]
) -> Partition:
    """active: sets to mix; those that hold one order are always among them."""
    n = pool.nobody
    active = np.union1d(active, pool.numbers(np.arange(n, dtype=np.int32)[:, None]))
    left, taken = np.ones(n + 1, dtype=np.bool_), list[int]()
    while left[:n].any() and not over():
        active, found = _mixed(pool, rules, active, left)
        for number in _chosen(active, found, chance):
            row = pool.rows[number]
            members = row[row < n]
            if left[members].all():
                taken.append(number)
                left[members] = False
    alone = np.flatnonzero(left[:n])[:, None]
    return Partition(pool, rules, [*taken, *(pool.numbers(alone) if len(alone) else ())])


def _mixed(pool: Pool, rules: Rules, active: Whole, left: Flags) -> tuple[Whole, Mixture]:
    """The sets of the orders that are left, with some new ones, and their mixture."""
    n = pool.nobody
    orders = np.flatnonzero(left[:n]).tolist()
    active = active[left[pool.rows[active]].all(axis=1)]
    fewest = rules.fewest(orders)
    found = mixture(pool.rows[active], pool.mm[active], orders, n, fewest)
    surplus = found.surplus(pool.rows[active], pool.mm[active])
    order = np.argsort(surplus, kind="stable")
    new = beside(pool, rules, found, active[order[:NEAR]], left[:n])
    single = (pool.rows[active, 1:] == n).all(axis=1)
    kept = np.union1d(active[order[:KEPT]], active[single])
    if not len(np.setdiff1d(new, active)):
        return active, found
    active = np.union1d(kept, new)
    return active, mixture(pool.rows[active], pool.mm[active], orders, n, fewest)


def _chosen(active: Whole, found: Mixture, chance: Random) -> Iterator[int]:
    """Sets that are (nearly) whole, and the largest share, give or take."""
    shares = found.share.tolist()
    largest = max(range(len(shares)), key=lambda i: shares[i] * (1 + 0.5 * chance.random()))
    yield int(active[largest])
    yield from (int(active[i]) for i, share in enumerate(shares) if share > WHOLE)
