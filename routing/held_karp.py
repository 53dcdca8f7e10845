"""The best order of a few stops, exactly, whatever the distances (one-way ones included)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_STOPS = 12
UNSEEN = 1 << 60
MOST_STEPS = 40_000_000


def best_order(
    table: Sequence[Sequence[int]],
    groups: Sequence[Sequence[int]] | None = None,
    before: Iterable[tuple[int, int]] = (),
) -> list[int]:
    """The order of one stop of each group that makes the way 0, order, n + 1 cheapest.

    Held and Karp 1962, doi:10.1137/0110015: the best way that has served a set of groups and
    stands at one of their stops, for every set, smaller ones first. O(2^g n^2) time and 2^g n
    numbers for g groups and n stops (Noon and Bean 1993 for groups). Of equal orders always the
    same. Imports numpy.

    table: (n + 2, n + 2) costs from row to column; 0 is the start, n + 1 the end.
    groups: a partition of 1 .. n; each stop for itself when not given.
    before: (i, j) when the group of i is served before the group of j.
    """
    import numpy as np

    n = len(table) - 2
    sets = [tuple(g) for g in groups] if groups is not None else [(i,) for i in range(1, n + 1)]
    cost = np.array(table, dtype=np.int64)
    first, inner, onward = cost[0, 1:-1], cost[1:-1, 1:-1], cost[1:-1, -1]
    home = np.empty(n, dtype=np.int64)  # the group of each stop
    for number, group in enumerate(sets):
        home[[stop - 1 for stop in group]] = number
    needs = np.zeros(len(sets), dtype=np.int64)  # what a group waits for, as a set of groups
    for i, j in before:
        needs[home[j - 1]] |= 1 << home[i - 1]
    needed = needs[home][:, None]
    best = np.full((n, 1 << len(sets)), UNSEEN)
    stops = np.arange(n)
    best[stops, 1 << home] = np.where(needed[:, 0] == 0, first, UNSEEN)
    for layer in _layers(len(sets)):
        served = layer[home]  # (n, sets without the group of this stop)
        ways = (best[:, served] + inner[:, :, None]).min(axis=0)
        ways[served & needed != needed] = UNSEEN
        best[stops[:, None], served | (1 << home)[:, None]] = ways
    order: list[int] = []
    left = (1 << len(sets)) - 1
    while left:
        stop = int((best[:, left] + onward).argmin())
        order.append(stop + 1)
        left, onward = left ^ (1 << int(home[stop])), inner[:, stop]
    return order[::-1]


@lru_cache(maxsize=MOST_STOPS + 1)
def _layers(groups: int) -> list[Ints]:
    """By size from 1 to groups - 1: for each group, the sets of that size which are without it."""
    import numpy as np

    sets = np.arange(1 << groups)
    size = np.bitwise_count(sets)
    return [
        np.array([sets[(size == k) & (sets >> group & 1 == 0)] for group in range(groups)])
        for k in range(1, groups)
    ]


def within_reach(groups: Sequence[Sequence[int]]) -> bool:
    """Whether `best_order` takes less than about 0.2 s and 40 MB."""
    stops = sum(map(len, groups))
    return len(groups) <= MOST_STOPS and (stops * stops << len(groups)) <= MOST_STEPS
