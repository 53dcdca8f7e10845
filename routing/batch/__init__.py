"""Orders put together into batches, each picked on one tour.

batch(layout, orders, capacity, depot=...) -> Batching

  what an order asks, what may share a batch   orders, rules
  the price of a set of orders: its tour       task, ground, pricing (ways, ranks, lines), guess
  every set that was ever priced               pool, partition
  a first batching, single moves               savings, moves
  what pays, and whole batches made of it      worth, columns, mixture, dive, search
  proofs                                       bound, exact

numpy is imported when the first batch is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from routing.batch.orders import Batching, LeftOut, Order, OrderId, Unit
from routing.errors import BadRequest
from routing.floor import NodeId
from routing.layout import Layout
from routing.orders import Deadline
from routing.pace import WALKING, Pace
from routing.request import Place
from routing.weights import Ends

__all__ = ["Batching", "LeftOut", "Order", "OrderId", "Unit", "batch"]

ITERATIONS = 40


def batch(
    layout: Layout,
    orders: Sequence[Order],
    capacity: int | Mapping[Unit, int],
    *,
    depot: Place,
    end: Place | None = None,
    unit: Unit = "orders",
    iterations: int | None = None,
    deadline: Deadline | None = None,
    exact: bool = False,
    pace: Pace = WALKING,
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
    factors: Mapping[Ends, float] | None = None,
) -> Batching:
    """Every order in one batch, so that all tours together are short.

    capacity: what one batch holds, counted in `unit`, or several limits by their units. Tours go
    from the depot to `end`, which is the depot again when it is not given; their length is what
    `tour` minimises. pace: for due times.
    iterations: how often some batches are made anew, for a repeatable answer; deadline: says that
    time is up; neither: a fixed number. The answer is never longer than that of savings, which are
    computed in any case. exact: the best batching is proved where there are few enough batches that
    could be, by set partitioning; else the bound is the best that is known.
    An order that no batch can hold, or that is late alone, is left out with the reason.
    Raises BadRequest, UnknownNode, UnknownEdge or Unreachable with every culprit of all orders.
    """
    limits: Mapping[Unit, int] = {unit: capacity} if isinstance(capacity, int) else dict(capacity)
    _check(orders, limits)
    from routing.batch.ground import Ground
    from routing.batch.solve import batched

    ground = Ground(
        layout=layout,
        start=depot,
        end=depot if end is None else end,
        closed=list(closed),
        blocked=list(blocked),
        factors=dict(factors or {}),
        pace=pace,
    )
    turns = iterations if iterations is not None else ITERATIONS if deadline is None else None
    return batched(ground, orders, limits, turns, deadline or (lambda: False), exact)


def _check(orders: Sequence[Order], limits: Mapping[Unit, int]) -> None:
    units = get_args(Unit)
    wrong = [
        f"there is no unit {unit}, but {', '.join(units)}" for unit in limits if unit not in units
    ]
    wrong += [f"a batch must hold at least 1, not {most}" for most in limits.values() if most < 1]
    wrong += [] if limits else ["what a batch holds is not said"]
    times = Counter(order.id for order in orders)
    wrong += [f"order {order} is given twice" for order, n in times.items() if n > 1]
    for order in orders:
        wrong += [
            f"order {order.id}: {other} is none" for other in order.apart if other not in times
        ]
        loads = (order.pieces, order.volume_cm3, order.weight_g, order.positions)
        wrong += [f"order {order.id} takes less than nothing"] if min(loads) < 0 else []
    if wrong:
        raise BadRequest("; ".join(wrong))
