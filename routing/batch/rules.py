"""Which orders may share a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
    """Sets of orders are Python integers: bit i stands for order number i."""

    def __init__(self, orders: Sequence[Order], capacity: Mapping[Unit, int]) -> None:
        self.capacity = tuple(capacity.values())
        self.loads = [tuple(LOADS[unit](order) for unit in capacity) for order in orders]
        self.apart = _apart(orders)

    def fits(self, orders: int) -> bool:
        """Whether these orders may share a batch, due times aside."""
        numbers = list(members(orders))
        if any(self.apart[i] & orders for i in numbers):
            return False
        totals = map(sum, zip(*(self.loads[i] for i in numbers), strict=True))
        return all(load <= most for load, most in zip(totals, self.capacity, strict=True))


def members(orders: int) -> Iterable[int]:
    """The numbers in a set, ascending."""
    while orders:
        bit = orders & -orders
        yield bit.bit_length() - 1
        orders ^= bit


def too_big(order: Order, capacity: Mapping[Unit, int]) -> str:
    """Why no batch can hold this order; empty when one can."""
    over = [
        f"has {LOADS[unit](order)} {IN_WORDS[unit]}, a batch holds {most}"
        for unit, most in capacity.items()
        if LOADS[unit](order) > most
    ]
    return "; ".join(over)


def _apart(orders: Sequence[Order]) -> list[int]:
    """By order number: the set of orders that it may not share a batch with."""
    number = {order.id: i for i, order in enumerate(orders)}
    zones: dict[str, int] = {}
    for i, order in enumerate(orders):
        zones[order.zone] = zones.get(order.zone, 0) | 1 << i
    everyone = (1 << len(orders)) - 1
    apart = [everyone & ~zones[order.zone] for order in orders]
    for i, order in enumerate(orders):
        for other in order.apart:
            if other in number and other != order.id:
                apart[i] |= 1 << number[other]
                apart[number[other]] |= 1 << i
    return apart
