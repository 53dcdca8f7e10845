"""A partition shaken where it can change: orders exchanged at random among near batches."""

from __future__ import annotations

from random import Random

import numpy as np

from routing.batch.arrays import rows_of
from routing.batch.partition import Partition

NEAR = 4  # batches of which two are shaken with the first


def shaken(here: Partition, chance: Random, exchanges: int) -> Partition:
    """Some orders of one batch exchanged with those of two near ones, as far as they fit."""
    first = chance.randrange(len(here.numbers))
    beside = here.added[:, here.of == first].mean(axis=1)
    near = [p for p in np.argsort(beside, kind="stable").tolist() if p != first][:NEAR]
    places = [first, *chance.sample(near, min(2, len(near)))]
    sets = [here.pool.members(here.numbers[place]) for place in places]
    for _ in range(exchanges if len(sets) > 1 else 0):
        _exchange(here, sets, chance)
    return here.with_(places, rows_of(sets, here.pool.nobody))


def _exchange(here: Partition, sets: list[list[int]], chance: Random) -> None:
    one, other = sets[0], chance.choice(sets[1:])
    i, j = chance.randrange(len(one)), chance.randrange(len(other))
    swapped = [*one[:i], other[j], *one[i + 1 :]], [*other[:j], one[i], *other[j + 1 :]]
    if here.rules.fits(rows_of(swapped, here.pool.nobody)).all():
        one[i], other[j] = other[j], one[i]
