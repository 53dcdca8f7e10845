"""Sets of orders as rows of order numbers, each filled up with the number of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.signedinteger[Any]]
Flags: TypeAlias = NDArray[np.bool_]


def rows_of(sets: Sequence[Sequence[int]], nobody: int) -> Whole:
    """(sets, largest)"""
    rows = np.full((len(sets), max(map(len, sets), default=0) or 1), nobody, dtype=np.int32)
    for row, members in zip(rows, sets, strict=True):
        row[: len(members)] = members
    return rows


def narrowed(rows: Whole, nobody: int) -> Whole:
    """Ascending rows without the columns that nobody fills."""
    return rows[:, : max(1, int((rows < nobody).sum(axis=1).max(initial=0)))]
