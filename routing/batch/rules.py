"""Which orders may share a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from routing.batch.arrays import Flags, Whole
from routing.batch.orders import Order, Unit

LOADS: Mapping[Unit, Callable[[Order], int]] = {
    "orders": lambda order: 1,
    "items": lambda order: order.pieces,
    "volume": lambda order: order.volume_cm3,
    "weight": lambda order: order.weight_g,
    "positions": lambda order: order.positions,
}
IN_WORDS: Mapping[Unit, str] = {
    "orders": "order(s)",
    "items": "item(s)",
    "volume": "cm3",
    "weight": "g",
    "positions": "cart position(s)",
}


class Rules:
    """loads: (n + 1, limits), capacity: (limits,). apart: (n + 1, n + 1), who may not share.

    The last row is that of nobody, who fits everywhere.
    """

    def __init__(self, orders: Sequence[Order], capacity: Mapping[Unit, int]) -> None:
        self.nobody = len(orders)
        self.capacity = np.array(list(capacity.values()), dtype=np.int64)
        loads = [[LOADS[unit](order) for unit in capacity] for order in orders]
        self.loads = np.array([*loads, [0] * len(capacity)], dtype=np.int64)
        self.apart = _apart(orders)
        self.zones = [order.zone for order in orders]

    def fits(self, sets: Whole) -> Flags:
        """(m,) whether the orders of each row may share a batch; due times aside."""
        within = (self.loads[sets].sum(axis=1) <= self.capacity).all(axis=1)
        if self.apart.any():
            within &= ~self.apart[sets[:, :, None], sets[:, None, :]].any(axis=(1, 2))
        return np.asarray(within)

    @property
    def widest(self) -> int:
        """No batch holds more orders than this."""
        small_first = np.sort(self.loads[:-1], axis=0).cumsum(axis=0)
        return int((small_first <= self.capacity).sum(axis=0).min(initial=self.nobody))

    def fewest(self, orders: Sequence[int]) -> int:
        """No fewer batches can hold these orders."""
        zones: dict[str, list[int]] = {}
        for order in orders:
            zones.setdefault(self.zones[order], []).append(order)
        loads = (self.loads[held].sum(axis=0) for held in zones.values())
        return sum(int((-(-load // self.capacity)).max(initial=1)) for load in loads)


def too_big(order: Order, capacity: Mapping[Unit, int]) -> str:
    """Why no batch can hold this order; empty when one can."""
    over = [
        f"has {LOADS[unit](order)} {IN_WORDS[unit]}, a batch holds {most}"
        for unit, most in capacity.items()
        if LOADS[unit](order) > most
    ]
    return "; ".join(over)


def _apart(orders: Sequence[Order]) -> Flags:
    """Symmetric, whoever of the two said it."""
    n = len(orders)
    number = {order.id: i for i, order in enumerate(orders)}
    zones: dict[str, int] = {}
    zone = np.array([zones.setdefault(order.zone, len(zones)) for order in orders], dtype=np.intp)
    apart = np.zeros((n + 1, n + 1), dtype=np.bool_)
    apart[:n, :n] = zone[:, None] != zone[None, :]
    for i, order in enumerate(orders):
        others = [number[other] for other in order.apart if other != order.id and other in number]
        apart[i, others] = apart[others, i] = True
    return apart
