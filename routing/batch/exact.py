"""The best batching, proved: every set of orders that fits is priced, and the cheapest choice of
sets that serves all is found by set partitioning (Gademann and van de Velde 2005,
doi:10.1080/07408170590516980), solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Whole, rows_of
from routing.batch.master import covering, mixture
from routing.batch.partition import Partition
from routing.batch.pool import Pool
from routing.batch.rules import Rules

MOST_SETS = 100_000
AT_MOST_S = 50.0
HAIR = 1e-6


class Proved(NamedTuple):
    best: Partition
    lower_bound_mm: int


def proved(pool: Pool, rules: Rules, known: Partition) -> Proved | None:
    """The best partition with its bound; equal lengths mean proof. None: too many sets fit.

    known: any partition; a set that cannot be part of a shorter one is left out.
    """
    sets = _all_that_fit(rules)
    if sets is None:
        return None
    numbers = np.concatenate([pool.numbers(rows) for rows in sets])
    orders = list(range(pool.nobody))
    fewest = rules.fewest(orders)
    relaxed = mixture(pool.rows[numbers], pool.mm[numbers], orders, pool.nobody, fewest)
    bound = ceil(relaxed.mm - HAIR * max(1.0, relaxed.mm))
    if bound >= known.length_mm:
        return Proved(known, known.length_mm)
    surplus = relaxed.surplus(pool.rows[numbers], pool.mm[numbers])
    numbers = numbers[surplus <= known.length_mm - relaxed.mm + 1]
    return _whole(pool, rules, numbers, known, bound, fewest)


def _whole(
    pool: Pool, rules: Rules, numbers: Whole, known: Partition, bound: int, fewest: int
) -> Proved:
    from scipy.optimize import Bounds, LinearConstraint, milp

    orders = list(range(pool.nobody))
    matrix = covering(pool.rows[numbers], orders, pool.nobody)
    least = np.append(np.ones(len(orders)), fewest)
    found = milp(
        pool.mm[numbers].astype(float),
        constraints=LinearConstraint(matrix, least, np.inf),
        integrality=np.ones(len(numbers), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": AT_MOST_S, "mip_rel_gap": 0.0},
    )
    best = known
    if found.x is not None:
        taken = _once(pool, numbers[found.x > 0.5])
        best = min(known, Partition(pool, rules, taken.tolist()), key=lambda p: p.length_mm)
    if found.mip_dual_bound is not None:
        bound = max(bound, ceil(found.mip_dual_bound - HAIR * best.length_mm))
    if found.status == 0:
        bound = best.length_mm
    return Proved(best, min(bound, best.length_mm))


def _once(pool: Pool, numbers: Whole) -> Whole:
    """Orders served twice stay in the first set only, which makes no tour longer."""
    served, sets = set[int](), list[list[int]]()
    for number in numbers.tolist():
        sets.append([order for order in pool.members(number) if order not in served])
        served.update(sets[-1])
    return pool.numbers(rows_of([held for held in sets if held], pool.nobody))


def _all_that_fit(rules: Rules) -> list[Whole] | None:
    """Every set that may share a batch, (sets, size) by size; None when there are too many."""
    n = rules.nobody
    sizes, count = [np.arange(n, dtype=np.int32)[:, None]], n
    while len(sizes[-1]) and sizes[-1].shape[1] < rules.widest:
        grown = _one_more(sizes[-1], rules, MOST_SETS - count)
        if grown is None:
            return None
        sizes.append(grown)
        count += len(grown)
    return [rows for rows in sizes if len(rows)]


def _one_more(rows: Whole, rules: Rules, room: int) -> Whole | None:
    """Each set with each higher order that fits in; None when these are more than `room`."""
    found, count = list[Whole](), 0
    for start in range(0, len(rows), 2000):
        held = rows[start : start + 2000]
        sets = np.repeat(held, rules.nobody, axis=0)
        more = np.tile(np.arange(rules.nobody, dtype=np.int32), len(held))[:, None]
        sets = np.concatenate([sets, more], axis=1)
        sets = sets[sets[:, -1] > sets[:, -2]]
        sets = sets[rules.fits(sets)]
        count += len(sets)
        if count > room:
            return None
        found.append(sets)
    return np.concatenate(found)


def simple_bound_mm(lengths: Sequence[int], widest: int) -> int:
    """No batching is shorter: a batch is no shorter than the longest tour of one of its orders, and
    these are least when the longest `widest` orders share one, the next another, and so on."""
    return sum(sorted(lengths, reverse=True)[:: max(1, widest)])
