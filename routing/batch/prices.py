"""What sets of orders cost: the millimetres of their shortest tours, thousands at once where the
floor has a sweep; a set that would come home late costs more than anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.orders import Order
from routing.batch.pricing import Sweep
from routing.errors import Unreachable
from routing.floor import NodeId
from routing.graph import distances
from routing.layout import Layout
from routing.plan import plan_for
from routing.tour import Tour
from routing.weights import SHUT, Weights

Touring = Callable[[Sequence[NodeId]], Tour]
LATE_MM = 1 << 40  # far beyond every tour, and sums of many still fit


class Prices:
    """quick: whether sets are priced thousands at once, not tour by tour."""

    def __init__(
        self,
        layout: Layout,
        weights: Weights,
        depot: int,
        orders: Sequence[Order],
        picks: Sequence[Sequence[int]],
        touring: Touring,
    ) -> None:
        """picks: node numbers by order number. touring: the tour through picks, by node id."""
        self._layout, self._orders, self._picks = layout, orders, picks
        self._touring, self._nobody = touring, len(orders)
        self._walks = np.array([bool({*nodes} - {depot}) for nodes in picks] + [False])
        self._known: dict[tuple[int, ...], int] = {}
        timed = any(order.due_s is not None for order in orders)
        self._sweep = None if timed else _sweep(layout, weights, depot, picks)
        self.quick = self._sweep is not None

    def lengths(self, sets: Whole) -> Whole:
        """Millimetres of (m, any) rows of order numbers filled up with `nobody`.

        An order that is picked at the depot alone makes no tour longer.
        """
        if self._sweep is not None:
            walking = self._walks[sets]
            found = self._sweep.lengths(np.where(walking, sets, self._nobody))
            return np.where(walking.any(axis=1), found, 0)
        rows = [tuple(n for n in row if n != self._nobody) for row in sets.tolist()]
        return np.array([self._length(row) for row in rows], dtype=np.int64)

    def tour(self, members: Iterable[int]) -> Tour:
        members = list(members)
        lines = [pick for order in members for pick in self._picks[order]]
        return self._touring([self._layout.ids[n] for n in lines])

    def in_time(self, members: Sequence[int], tour: Tour) -> bool:
        dues = [due for n in members if (due := self._orders[n].due_s) is not None]
        return tour.seconds <= min(dues, default=tour.seconds)

    def _length(self, members: tuple[int, ...]) -> int:
        members = tuple(sorted(members))
        if members not in self._known:
            tour = self.tour(members)
            on_time = self.in_time(members, tour)
            self._known[members] = tour.length_mm if on_time else LATE_MM
        return self._known[members]


def _sweep(
    layout: Layout, weights: Weights, depot: int, picks: Sequence[Sequence[int]]
) -> Sweep | None:
    """None on floors that are directed or too wide for a sweep."""
    plan = None if layout.directed else plan_for(layout, depot, depot)
    if plan is None:
        return None
    wanted = [set(nodes) - {depot} for nodes in picks]
    if any(n not in plan.inside and n not in plan.last for n in set().union(*wanted)):
        return None
    return Sweep(layout, plan, weights, depot, wanted)


def check_reachable(layout: Layout, weights: Weights, depot: int, nodes: Iterable[int]) -> None:
    """Raises Unreachable with every one of `nodes` from which there is no round trip."""
    wanted = [depot, *dict.fromkeys(nodes)]
    shut = {n for n in wanted if layout.ids[n] in weights.closed}
    if depot in shut:
        raise Unreachable((layout.ids[n] for n in shut), "closed")
    known = distances(layout, weights)
    (there,) = known.rows([depot])
    cut_off = shut | {n for n in wanted if there[n] >= SHUT}
    if layout.directed:
        cut_off |= {n for n in wanted if known.table([n], [depot])[0][0] >= SHUT}
    if cut_off:
        home = layout.ids[depot]
        raise Unreachable((layout.ids[n] for n in cut_off), f"no way from {home} and back")
