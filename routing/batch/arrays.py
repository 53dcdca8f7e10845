"""Sets of orders as rows of order numbers, each filled up with the number of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.signedinteger[Any]]
Flags: TypeAlias = NDArray[np.bool_]
Real: TypeAlias = NDArray[np.float64]


def rows_of(sets: Sequence[Sequence[int]], nobody: int) -> Whole:
    """(sets, largest)"""
    rows = np.full((len(sets), max(map(len, sets), default=0) or 1), nobody, dtype=np.int32)
    for row, members in zip(rows, sets, strict=True):
        row[: len(members)] = members
    return rows


def narrowed(rows: Whole, nobody: int) -> Whole:
    """Ascending rows without the columns that nobody fills."""
    return rows[:, : max(1, int((rows < nobody).sum(axis=1).max(initial=0)))]


def lowest(values: Whole, most: int) -> Whole:
    """Where the lowest values are, ascending; of equal ones the first, on every processor."""
    if most >= len(values):
        return np.arange(len(values))
    last = np.partition(values, most - 1)[most - 1]
    found = np.flatnonzero(values <= last)
    if len(found) == most:
        return found
    equal = np.flatnonzero(values[found] == last)
    return np.delete(found, equal[most - len(found) :])
