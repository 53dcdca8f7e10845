"""Orders put together into batches, each picked on one tour.

batch(layout, orders, capacity, depot=...) -> Batching
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from routing.batch.orders import Batching, LeftOut, Order, OrderId, Unit
from routing.batch.prices import Prices, check_reachable
from routing.batch.rules import LOADS, Rules, members, too_big
from routing.batch.savings import by_savings
from routing.errors import BadRequest
from routing.floor import NodeId
from routing.layout import Layout
from routing.orders import Deadline
from routing.pace import WALKING, Pace
from routing.question import question
from routing.request import node_of
from routing.tour import Tour, tour
from routing.weights import Ends

__all__ = ["Batching", "LeftOut", "Order", "OrderId", "Unit", "batch"]


def batch(
    layout: Layout,
    orders: Sequence[Order],
    capacity: int | Mapping[Unit, int],
    *,
    depot: NodeId,
    unit: Unit = "orders",
    iterations: int | None = None,
    deadline: Deadline | None = None,
    exact: bool = False,
    pace: Pace = WALKING,
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
    factors: Mapping[Ends, float] | None = None,
) -> Batching:
    """Every order in one batch, so that all tours from the depot and back are short together.

    capacity: what one batch may hold, counted in `unit`, or several limits by unit.
    An order that no batch can hold is left out, with the reason.
    Raises UnknownNode or Unreachable with every culprit among all orders.
    """
    limits: Mapping[Unit, int] = {unit: capacity} if isinstance(capacity, int) else capacity
    _check(orders, limits)
    closed, blocked, factors = list(closed), list(blocked), dict(factors or {})
    named = [pick for order in orders for pick in order.picks]
    asks = question(layout, depot, named, depot, closed=closed, blocked=blocked, factors=factors)
    home, picks = asks.asked.start, [[node_of(layout, p) for p in o.picks] for o in orders]
    check_reachable(asks.floor, asks.today, home, (n for nodes in picks for n in nodes))

    def touring(stops: Sequence[NodeId]) -> Tour:
        start = layout.ids[home]
        return tour(
            layout, start, stops, start, closed=closed, blocked=blocked, factors=factors, pace=pace
        )

    rules = Rules(orders, limits)
    prices = Prices(asks.floor, asks.today, home, picks, touring)
    left_out = [
        LeftOut(order=order.id, reason=reason)
        for order in orders
        if (reason := too_big(order, limits))
    ]
    out = {found.order for found in left_out}
    held = [i for i, order in enumerate(orders) if order.id not in out]
    batches = sorted(by_savings(rules, prices, held), key=lambda b: b & -b)
    tours = tuple(prices.tour(found) for found in batches)
    length = sum(found.length_mm for found in tours)
    bound = max(prices.of(1 << i for i in held), default=0)
    return Batching(
        batches=tuple(tuple(orders[i].id for i in members(found)) for found in batches),
        tours=tours,
        length_mm=length,
        lower_bound_mm=bound,
        optimal=bound == length,
        method="search",
        left_out=tuple(left_out),
    )


def _check(orders: Sequence[Order], limits: Mapping[Unit, int]) -> None:
    for unit, most in limits.items():
        if unit not in LOADS:
            raise BadRequest(f"unit must be one of {', '.join(LOADS)}, not {unit}")
        if most < 1:
            raise BadRequest(f"capacity {most}: a batch holds at least 1")
    twice = [order for order, n in Counter(order.id for order in orders).items() if n > 1]
    if twice:
        raise BadRequest(f"order ids are given twice: {', '.join(sorted(twice))}")
