"""Good batches: savings, then by turns mixtures, dives into them, and shakes of the best."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from routing.batch.columns import Columns
from routing.batch.dive import dived
from routing.batch.moves import descended
from routing.batch.partition import Partition
from routing.batch.pool import Pool
from routing.batch.rules import Rules
from routing.batch.savings import merged
from routing.batch.shake import shaken

SHAKES = 12
Over = Callable[[], bool]


def started(pool: Pool, rules: Rules) -> Partition:
    """By savings alone."""
    singles = pool.numbers(np.arange(pool.nobody, dtype=np.int32)[:, None])
    return merged(Partition(pool, rules, singles.tolist()))


def bettered(best: Partition, over: Over) -> Partition:
    """Never longer than `best`. over: asked between steps; the search goes on until it says so."""
    pool, rules, chance = best.pool, best.rules, Random(1)
    if len(best.numbers) < 2 or over():
        return best
    best = descended(best)
    singles = pool.numbers(np.arange(pool.nobody, dtype=np.int32)[:, None])
    columns = Columns(pool, rules, np.union1d(singles, best.numbers))
    while not over():
        if not columns.dry:
            columns.round()
            continue
        here = descended(merged(dived(pool, rules, columns.active, chance, over)))
        here = _polished(here, chance, over)
        if here.length_mm < best.length_mm:
            best = here
        columns.round()
        columns.round()
        columns.dry = True
    return best


def _polished(here: Partition, chance: Random, over: Over) -> Partition:
    for _ in range(SHAKES if len(here.numbers) > 1 else 0):
        if over():
            break
        other = descended(shaken(here, chance, chance.randint(2, 5)), here.numbers.tolist())
        if other.length_mm <= here.length_mm:
            here = other
    return here
