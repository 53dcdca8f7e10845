"""The best order of a few stops, exactly, whatever the distances (one-way ones included)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_STOPS = 12
Layer = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]


def best_order(table: Sequence[Sequence[int]]) -> list[int]:
    """The order 1 .. n that makes the way 0, order, n + 1 shortest; of equal ones always the same.

    Held and Karp 1962, doi:10.1137/0110015: the best way that has visited a set and stands at one
    of its stops, for every set, smaller ones first; O(2^n n^2) time, 2^n n numbers. Imports numpy.

    table: (n + 2, n + 2) millimetres from row to column; 0 is the start, n + 1 the end.
    """
    import numpy as np

    n = len(table) - 2
    mm = np.array(table, dtype=np.int64)
    into = mm[1:-1, 1:-1].T
    best = np.full((1 << n, n), np.iinfo(np.int64).max // 4)
    stops = np.arange(n)
    best[1 << stops, stops] = mm[0, 1:-1]
    for visited, last, before in _layers(n):
        best[visited, last] = (best[before] + into[last]).min(axis=1)
    order: list[int] = []
    left, onward = (1 << n) - 1, mm[1:-1, -1]
    while left:
        stop = int((best[left] + onward).argmin())
        order.append(stop + 1)
        left, onward = left ^ (1 << stop), into[stop]
    return order[::-1]


@lru_cache(maxsize=MOST_STOPS)
def _layers(n: int) -> list[Layer]:
    """By size from 2 to n: every set once for each of its stops, that stop, the set without it."""
    import numpy as np

    visited, last = np.divmod(np.arange(n << n), n)
    member = (visited >> last) & 1 == 1
    visited, last = visited[member], last[member]
    size = np.bitwise_count(visited)
    sizes = (size == k for k in range(2, n + 1))
    return [(visited[k], last[k], visited[k] ^ (1 << last[k])) for k in sizes]
