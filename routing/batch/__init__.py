"""Orders put together into batches, each picked on one tour.

batch(layout, orders, capacity, depot=...) -> Batching
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from routing.batch.budget import Budget
from routing.batch.exact import proved, simple_bound_mm
from routing.batch.orders import Batching, LeftOut, Method, Order, OrderId, Unit
from routing.batch.pool import Pool
from routing.batch.prices import Prices, check_reachable
from routing.batch.rules import LOADS, Rules, too_big
from routing.batch.search import bettered, started
from routing.errors import BadRequest
from routing.floor import NodeId
from routing.layout import Layout
from routing.orders import Deadline
from routing.pace import WALKING, Pace
from routing.question import question
from routing.request import node_of
from routing.tour import Tour, tour
from routing.weights import Ends

FEW = 12  # on floors without a sweep each set costs a tour

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

    left_out = _left_out(orders, picks, limits, touring, layout)
    out = {found.order for found in left_out}
    held = [i for i, order in enumerate(orders) if order.id not in out]
    kept = [orders[i] for i in held]
    prices = Prices(asks.floor, asks.today, home, kept, [picks[i] for i in held], touring)
    found = _found(kept, limits, prices, Budget(iterations, deadline), exact)
    batches = [[kept[i].id for i in members] for members in found.batches]
    return Batching(
        batches=tuple(map(tuple, batches)),
        tours=tuple(map(prices.tour, found.batches)),
        length_mm=found.length_mm,
        lower_bound_mm=found.lower_bound_mm,
        optimal=found.lower_bound_mm == found.length_mm,
        method=found.method,
        left_out=tuple(left_out),
    )


class Found(NamedTuple):
    """batches: order numbers."""

    batches: list[list[int]]
    length_mm: int
    lower_bound_mm: int
    method: Method


def _found(
    orders: Sequence[Order], limits: Mapping[Unit, int], prices: Prices, over: Budget, exact: bool
) -> Found:
    if not orders:
        return Found([], 0, 0, "none")
    rules = Rules(orders, limits)
    pool = Pool(len(orders), rules.widest, prices.lengths, prices.lengths)
    best = started(pool, rules)
    if prices.quick or len(orders) <= FEW:
        best = bettered(best, over)
    method: Method = "search"
    bound = simple_bound_mm(pool.mm[: len(orders)].tolist(), rules.widest)
    proof = proved(pool, rules, best) if exact else None
    if proof is not None:
        best, bound, method = proof.best, max(bound, proof.lower_bound_mm), "set_partitioning"
    batches = sorted(best.sets())
    return Found(batches, best.length_mm, min(bound, best.length_mm), method)


def _left_out(
    orders: Sequence[Order],
    picks: Sequence[Sequence[int]],
    limits: Mapping[Unit, int],
    touring: Callable[[Sequence[NodeId]], Tour],
    layout: Layout,
) -> list[LeftOut]:
    found = []
    for order, nodes in zip(orders, picks, strict=True):
        reason = too_big(order, limits)
        if not reason and order.due_s is not None:
            seconds = touring([layout.ids[n] for n in nodes]).seconds
            late = seconds > order.due_s
            reason = f"takes {seconds:.0f} s alone, due in {order.due_s:.0f} s" if late else ""
        if reason:
            found.append(LeftOut(order=order.id, reason=reason))
    return found


def _check(orders: Sequence[Order], limits: Mapping[Unit, int]) -> None:
    for unit, most in limits.items():
        if unit not in LOADS:
            raise BadRequest(f"unit must be one of {', '.join(LOADS)}, not {unit}")
        if most < 1:
            raise BadRequest(f"capacity {most}: a batch holds at least 1")
    twice = [order for order, n in Counter(order.id for order in orders).items() if n > 1]
    if twice:
        raise BadRequest(f"order ids are given twice: {', '.join(sorted(twice))}")
