"""Good batches: savings, then over and over some batches of the best made anew.

Ruin and rebuild (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck 2000, doi:10.1006/jcph.1999.6413),
where what is ruined are near batches, and what rebuilds them is a dive into the mixture of all
sets that were priced so far.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from routing.batch.dive import dived
from routing.batch.mixture import Mixture
from routing.batch.moves import descended
from routing.batch.partition import Partition
from routing.batch.pool import Pool
from routing.batch.rules import Rules
from routing.batch.savings import merged

Over = Callable[[], bool]
ROUNDS = 20  # at most, until the mixture is good enough to dive into
ALL = 8  # of so many times, once everything is made anew
FEW = (5, 9)  # batches, the other times
FAR = 0.3  # of them are not only the nearest
ACTIVE = 1500


def by_savings(pool: Pool, rules: Rules) -> Partition:
    return merged(Partition(pool, rules, pool.alone().tolist()))


def searched(start: Partition, steps: int, over: Over) -> Partition:
    """Never longer than the start, nor than with fewer steps."""
    best, number = start, 0
    if steps < 1 or len(start.numbers) == 1 or over():
        return best
    chance, best = Random(1), descended(start)
    mixture = Mixture(best)
    for step in range(1, steps):
        if len(best.numbers) == 1 or over():
            break
        if step <= ROUNDS and not mixture.ripe:
            mixture.round(best)
            continue
        ruined = _ruined(best, chance, number % ALL == 0)
        active = mixture.active(ACTIVE)
        other = descended(merged(dived(best, ruined, mixture.worth, active, chance, over)))
        if other.length_mm <= best.length_mm:
            best = other
        if number % 2:
            mixture.round(best)
        number += 1
    return best


def _ruined(here: Partition, chance: Random, everything: bool) -> list[int]:
    """Batches, by number, that are near each other."""
    numbers: list[int] = here.numbers.tolist()
    few = min(len(numbers), chance.randint(*FEW))
    if everything or few == len(numbers):
        return numbers
    first = chance.randrange(len(numbers))
    far = here.added[:, here.of == first].mean(axis=1)
    far[first] = -np.inf
    near: list[int] = here.numbers[np.argsort(far, kind="stable")].tolist()
    if chance.random() < FAR:
        return [near[0], *chance.sample(near[1:], few - 1)]
    return near[:few]
