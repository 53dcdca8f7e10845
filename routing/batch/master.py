"""The cheapest mixture of batches that serves every order: a linear program over priced sets.

Its duals say what each order is worth, and so which further sets are worth pricing (column
generation, Gilmore and Gomory 1961, doi:10.1287/opre.9.6.849; for batches Gademann and van de
Velde 2005, doi:10.1080/07408170590516980).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing.batch.arrays import Whole

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Real: TypeAlias = NDArray[np.float64]


class Mixture(NamedTuple):
    """share: (columns,) of each set. worth: (n + 1,) mm by order, 0 of nobody; each: mm of any
    batch, because there cannot be fewer than a number of them."""

    mm: float
    share: Real
    worth: Real
    each: float

    def surplus(self, rows: Whole, mm: Whole) -> Real:
        """By how much sets cost more than their orders are worth; below zero they help."""
        return np.asarray(mm - self.worth[rows].sum(axis=1) - self.each)


def mixture(rows: Whole, mm: Whole, orders: Sequence[int], nobody: int, fewest: int) -> Mixture:
    """Serving each of `orders` at least once, with at least `fewest` batches.

    rows: (columns, any) sets of these orders, each alone among them.
    """
    from scipy.optimize import linprog

    needed = np.append(np.ones(len(orders)), fewest)
    matrix = covering(rows, orders, nobody)
    costs = mm.astype(np.float64)
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices
        costs, A_ub=-matrix, b_ub=-needed, bounds=(0, None), method="highs-ds"
    )
    duals = -found.ineqlin.marginals
    worth = np.zeros(nobody + 1)
    worth[orders] = duals[:-1]
    return Mixture(float(found.fun), found.x, worth, float(duals[-1]))


def covering(rows: Whole, orders: Sequence[int], nobody: int) -> csc_matrix:
    """(orders + 1, columns): which set holds which order; the last row counts the sets."""
    from scipy.sparse import csc_matrix

    line = np.full(nobody + 1, -1, dtype=np.int32)
    line[orders] = np.arange(len(orders))
    lines = np.append(line[rows], np.full((len(rows), 1), len(orders), dtype=np.int32), axis=1)
    held = lines >= 0
    starts = np.append(0, held.sum(axis=1).cumsum())
    data = np.ones(int(starts[-1]))
    return csc_matrix((data, lines[held], starts), shape=(len(orders) + 1, len(rows)))
