"""The best batching, proved: of all sets that may share a batch the cheapest choice that serves
every order once (set partitioning: Gademann and van de Velde 2005,
doi:10.1080/07408170590516980).

A linear program says what every order is worth, which bounds all batchings from below. A set whose
surplus is as large as what is left to gain cannot help; HiGHS decides among the others.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.batch.arrays import Whole, lowest
from routing.batch.mixture import Mixture
from routing.batch.partition import Partition
from routing.batch.rules import Rules
from routing.batch.worth import FINE
from routing.weights import SHUT

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

AT_ONCE = 1 << 16
FIRST, MORE = 3000, 2000  # sets in the linear program, and how many join at a time
SLICES_S = (1, 2, 4, 8, 16, 24)  # HiGHS cannot be asked whether time is up


class Proof(NamedTuple):
    """No batching is shorter than the bound; where `best` is not longer, it is proved."""

    best: Partition
    bound_mm: int


class Duals(NamedTuple):
    """bound: of every batching; surplus: by set, by how much a batching that uses it exceeds the
    bound at least. In 1/1024 mm."""

    bound: int
    surplus: Whole


class Choice(NamedTuple):
    """numbers: the sets chosen, if any were. done: none cost less. bound_mm: none can."""

    numbers: list[int] | None
    done: bool
    bound_mm: int


def proved(known: Partition, sets: Whole, over: Callable[[], bool]) -> Proof:
    """sets: numbers of all that may share a batch. over: asked after each slice of time."""
    pool, rules, best = known.pool, known.rules, known
    unit = gcd(*pool.mm[sets].tolist()) or 1
    duals = _duals(best, sets)
    bound = -(-duals.bound // (FINE * unit)) * unit
    slices = iter(SLICES_S)
    while bound < best.length_mm:
        useful = duals.surplus < FINE * best.length_mm - duals.bound
        left = sets[useful & (pool.mm[sets] < SHUT)]
        seconds = next(slices, None)
        if seconds is None or over():
            return Proof(best, bound)
        found = _chosen(best, left, unit, seconds)
        bound = max(bound, min(found.bound_mm, best.length_mm))
        other = Partition(pool, rules, found.numbers or best.numbers.tolist())
        if other.length_mm < best.length_mm:
            best = other
        if found.done and other.length_mm < SHUT:  # else a set turned out to be home too late
            break
    return Proof(best, best.length_mm)


def all_that_fit(rules: Rules, most: int) -> Whole | None:
    """(sets, largest), each that may share a batch; None when there are more than `most`."""
    n = rules.nobody
    sizes, count = [np.arange(n, dtype=np.int32)[:, None]], n
    while len(sizes[-1]) and sizes[-1].shape[1] < rules.widest:
        larger = _one_more(sizes[-1], rules, most - count)
        if larger is None:
            return None
        sizes.append(larger)
        count += len(larger)
    widest = sizes[-1].shape[1]
    ends = (((0, 0), (0, widest - rows.shape[1])) for rows in sizes)
    padded = zip(sizes, ends, strict=True)
    return np.concatenate([np.pad(rows, end, constant_values=n) for rows, end in padded])


def _one_more(rows: Whole, rules: Rules, room: int) -> Whole | None:
    """Each set with each higher order that fits in; None when these are more than `room`."""
    found, n = [np.zeros((0, rows.shape[1] + 1), dtype=np.int32)], rules.nobody
    step = max(1, AT_ONCE // n)
    for first in range(0, len(rows), step):
        of, order = np.nonzero(np.arange(n) > rows[first : first + step, -1:])
        sets = np.append(rows[first : first + step][of], order[:, None].astype(np.int32), axis=1)
        found.append(sets[rules.fits(sets)])
        if sum(map(len, found)) > room:
            return None
    return np.concatenate(found)


def _duals(best: Partition, sets: Whole) -> Duals:
    """By a linear program over a few sets, which others join while they pay."""
    pool, n = best.pool, best.pool.nobody
    rows, mm = pool.rows[sets], pool.mm[sets]
    fewest = best.rules.fewest(list(range(n)))
    active = np.union1d(
        np.flatnonzero(np.isin(sets, np.append(best.numbers, pool.alone()))),
        lowest(Mixture(best).worth.surplus(rows, mm), FIRST),
    )
    while True:
        worth, each = _relaxed(rows[active], mm[active], n, fewest)
        surplus = FINE * mm - worth[rows].sum(axis=1) - each
        paying = np.setdiff1d(lowest(surplus, MORE), active)
        paying = paying[surplus[paying] < -FINE]
        if not len(paying):
            break
        active = np.union1d(active, paying)
    short = min(0, int(surplus.min()))  # of a hair, which every batch may use
    return Duals(int(worth.sum()) + fewest * each + n * short, surplus - short)


def _relaxed(rows: Whole, mm: Whole, n: int, fewest: int) -> tuple[Whole, int]:
    """What each order is worth, nobody 0, and any batch, since there are at least `fewest`."""
    from scipy.optimize import linprog

    least = np.append(np.ones(n), fewest)
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices
        mm.astype(np.float64), A_ub=-_holding(rows, n), b_ub=-least, method="highs-ds"
    )
    fine = np.floor(-FINE * found.ineqlin.marginals).astype(np.int64)
    return np.append(np.maximum(0, fine[:-1]), 0), max(0, int(fine[-1]))


def _chosen(best: Partition, sets: Whole, unit: int, seconds: float) -> Choice:
    """The cheapest choice among these, as far as it is found in so many seconds."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    pool, n = best.pool, best.pool.nobody
    fewest = best.rules.fewest(list(range(n)))
    once = np.append(np.ones(n), np.inf)
    found = milp(
        pool.mm[sets] // unit,
        constraints=LinearConstraint(
            _holding(pool.rows[sets], n), np.append(np.ones(n), fewest), once
        ),
        integrality=np.ones(len(sets), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    numbers = None if found.x is None else sets[found.x > 0.5].tolist()
    bound = found.mip_dual_bound
    least = 0 if bound is None or not np.isfinite(bound) else int(np.ceil(bound - 1e-4)) * unit
    return Choice(numbers, found.status in (0, 2), least)


def _holding(rows: Whole, n: int) -> csc_matrix:
    """(n + 1, sets): which set holds which order; the last row counts the sets."""
    from scipy.sparse import csc_matrix

    lines = np.append(rows, np.full((len(rows), 1), n + 1, dtype=rows.dtype), axis=1)
    held = lines != n
    starts = np.append(0, held.sum(axis=1).cumsum())
    lines = np.where(lines > n, n, lines)[held]
    return csc_matrix((np.ones(len(lines)), lines, starts), shape=(n + 1, len(rows)))
