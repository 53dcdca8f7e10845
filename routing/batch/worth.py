"""What each order is worth: prices at which no known batch costs less than its orders bring in.

The prices are nearly the dual of the cheapest mixture of sets that serves every order with a given
number of batches. They say which further sets are worth pricing (column generation, Gilmore and
Gomory 1961, doi:10.1287/opre.9.6.849; for batches Gademann and van de Velde 2005,
doi:10.1080/07408170590516980), and they are found by steps along subgradients (Held and Karp 1971,
doi:10.1007/BF01584070), whose running average is the mixture (Barahona and Anbil 2000,
doi:10.1007/s101070050002): many times cheaper than a linear program, and steadier.

Whole numbers throughout, so that the same steps are taken on every processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Flags, Real, Whole, lowest, narrowed

FINE = 1024  # prices are in 1/1024 mm
MEMORY = 0.93  # of the running average
NEW, OLD = 614, 410  # of 1024: the direction of a step
PATIENCE = 8  # steps without a better bound until they become smaller
SMALLER, SMALLEST = 0.7, 0.1
LEAST = 500  # part of the aim that is stepped for at least


class Worth(NamedTuple):
    """price: (n + 1,) by order in 1/1024 mm, of nobody 0. stride: relative size of the next steps.

    bound: what the mixture of the sets known to it costs at least, in the same unit.
    """

    price: Whole
    stride: float
    bound: int = 0

    def surplus(self, rows: Whole, mm: Whole) -> Whole:
        """By how much sets cost more than their orders are worth; the lowest pay the most."""
        return np.asarray(FINE * mm - self.price[rows].sum(axis=1))


def adjusted(
    worth: Worth, rows: Whole, mm: Whole, orders: Flags, batches: int, aim: int, steps: int
) -> tuple[Worth, Real]:
    """The best prices on the way, and the share of each set in the mixture, up to a factor.

    rows, mm: sets of these orders. orders: (n,) who is to be served, by `batches` sets. aim: mm
    that the mixture should come to.
    """
    cost, columns = FINE * mm, np.ascontiguousarray(narrowed(rows, len(orders)).T)
    price, found, stride, waited = worth.price, worth.price, worth.stride, 0
    best, way, share = None, np.zeros(len(orders), dtype=np.int64), np.zeros(len(rows))
    for _ in range(steps):
        surplus = cost - price.take(columns).sum(axis=0)
        taken = lowest(surplus, batches)
        bound = int(price.sum() + surplus[taken].sum())
        if best is None or bound > best:
            best, found, waited = bound, price, 0
        else:
            waited += 1
            stride *= SMALLER if waited % PATIENCE == 0 else 1
        share *= MEMORY
        share[taken] += 1 - MEMORY
        way = (NEW * _missed(columns[:, taken], orders) + OLD * way) // 1024
        if not way.any():
            break
        length = 1024 * stride * max(FINE * aim - bound, FINE * aim // LEAST) / int(way @ way)
        price = np.append(np.maximum(0, price[:-1] + np.rint(length * way).astype(np.int64)), 0)
    return Worth(found, max(stride, SMALLEST), best or 0), share


def _missed(columns: Whole, orders: Flags) -> Whole:
    """(n,) 1024 times: how much too seldom each order is served."""
    served = np.bincount(columns.ravel(), minlength=len(orders) + 1)[:-1]
    return np.where(orders, 1024 * (1 - served), 0)
