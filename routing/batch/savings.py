"""A first batching: orders that save the most by being picked together, merged pair by pair."""

from __future__ import annotations

import numpy as np

from routing.batch.partition import Partition

NEVER = -(1 << 60)


def merged(here: Partition) -> Partition:
    """Batches of which no two fit together, or save something together.

    Clarke and Wright 1964, doi:10.1287/opre.12.4.568, in the form C&W(ii) for batches, where the
    savings of a merged batch are computed anew (de Koster, van der Poort and Wolters 1999,
    doi:10.1080/002075499191094).
    """
    pool, rules = here.pool, here.rules
    numbers, rows = here.numbers.tolist(), list(here.rows)
    size = len(rows)
    saved = np.full((size, size), NEVER)
    union = np.zeros((size, size), dtype=np.intp)

    def compute(place: int, others: list[int]) -> None:
        both = np.stack([np.concatenate([rows[place], rows[other]]) for other in others])
        fit = rules.fits(both)
        there = np.array(others)[fit]
        found = pool.numbers(both[fit])
        mm = pool.mm
        saved[place, there] = mm[numbers[place]] + mm[[numbers[i] for i in there]] - mm[found]
        union[place, there] = found

    for place in range(1, size):
        compute(place, list(range(place)))
    alive = list(range(size))
    while size > 1 and saved.max() > 0:
        place, other = divmod(int(saved.argmax()), size)
        for gone in (place, other):
            saved[gone] = saved[:, gone] = NEVER
        alive.remove(other)
        numbers[place], rows[place] = int(union[place, other]), pool.rows[union[place, other]]
        alive.remove(place)
        if alive:
            compute(place, alive)
        alive.append(place)
    return Partition(pool, rules, [numbers[place] for place in alive])
