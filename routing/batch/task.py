"""The orders that are to be batched, on their floor: what sets of them cost, and their tours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.ground import Ground, plan_of, pricing
from routing.batch.orders import Order, Unit
from routing.batch.pool import Pool, Pricing
from routing.batch.rules import Rules
from routing.question import Question
from routing.tour import Tour


class Task:
    """swept: whether prices are exact without walking every tour. certain: whether all tours
    walked so far are the shortest."""

    def __init__(
        self,
        ground: Ground,
        asks: Question,
        orders: Sequence[Order],
        limits: Mapping[Unit, int],
    ) -> None:
        self.orders, self.rules = orders, Rules(orders, limits)
        self._ground, self._asks, self._plan = ground, asks, plan_of(asks)
        self.swept, self.certain = self._plan is not None, True
        self._tours: dict[tuple[int, ...], Tour] = {}
        speeds = (edge.speed_mm_s or 0 for edge in asks.floor.edges)
        self._fastest_mm_s = max([ground.pace.walk_mm_s, *speeds])

    def tour(self, members: Sequence[int]) -> Tour:
        """Of orders by number, their picks in the orders' own sequence."""
        held = tuple(sorted(members))
        if held not in self._tours:
            self._tours[held] = self._ground.tour([p for k in held for p in self.orders[k].picks])
            self.certain &= self._tours[held].optimal
        return self._tours[held]

    def priced(self) -> Pool:
        """By sweeps, thousands at once; where there are none, by good walks."""
        return self._pool(pricing(self._asks, self._plan, self.orders))

    def walked(self) -> Pool:
        """By their tours, one by one."""
        return self._pool(self._lengths)

    def alone_mm(self, pool: Pool) -> Whole:
        """(n,) No tour with this order is shorter."""
        if self.swept:
            return pool.mm[pool.alone()]
        return np.array([self.tour((k,)).lower_bound_mm for k in range(len(self.orders))])

    def late(self, members: Sequence[int], mm: int) -> bool:
        """Whether one of them is due before their tour, so long, ends. It is walked only when
        walking and picking alone would be in time."""
        due = min((_due_s(self.orders[k]) for k in members), default=inf)
        if due == inf:
            return False
        picking_ms = self._ground.pace.pick_ms * sum(len(self.orders[k].picks) for k in members)
        least_s = picking_ms / 1000 + (mm / self._fastest_mm_s if self.swept else 0)
        return least_s > due + 1 or self.tour(members).seconds > due

    def _pool(self, priced: Pricing) -> Pool:
        timed = any(order.due_s is not None for order in self.orders)
        late = self.late if timed else None
        return Pool(len(self.orders), self.rules.widest, priced, late)

    def _lengths(self, sets: Whole) -> Whole:
        rows = ([k for k in row if k < len(self.orders)] for row in sets.tolist())
        return np.array([self.tour(row).length_mm for row in rows], dtype=np.int64)


def _due_s(order: Order) -> float:
    return inf if order.due_s is None else order.due_s
