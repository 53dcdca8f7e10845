"""One question answered: who is left out, good batches, perhaps a proof, and the tours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from routing.batch.bound import least_mm
from routing.batch.exact import all_that_fit, proved
from routing.batch.ground import Ground
from routing.batch.orders import Batching, LeftOut, Order, Unit
from routing.batch.partition import partition
from routing.batch.rules import too_big
from routing.batch.search import by_savings, searched
from routing.batch.task import Task

STEPS = 60  # of a search before a proof
MOST_SETS = 200_000  # that are priced for a proof
MOST_TOURS = 1000  # that are walked one by one for a proof
ENDLESS = 1 << 40


class Found(NamedTuple):
    """sets: order numbers by batch. proof: whether one was tried."""

    sets: list[list[int]]
    bound_mm: int
    proof: bool


def batched(
    ground: Ground,
    orders: Sequence[Order],
    limits: Mapping[Unit, int],
    steps: int | None,
    over: Callable[[], bool],
    exact: bool,
) -> Batching:
    """steps: None for as many as there is time for."""
    asks = ground.question(orders)
    left_out = tuple(_left_out(ground, orders, limits))
    gone = {one.order for one in left_out}
    task = Task(ground, asks, [order for order in orders if order.id not in gone], limits)
    found = _found(task, ENDLESS if steps is None else steps, over, exact)
    tours = tuple(map(task.tour, found.sets))
    length = sum(tour.length_mm for tour in tours)
    return Batching(
        batches=tuple(tuple(task.orders[k].id for k in held) for held in found.sets),
        tours=tours,
        length_mm=length,
        lower_bound_mm=min(length, found.bound_mm),
        optimal=found.bound_mm >= length,
        method="set_partitioning" if found.proof else "search",
        left_out=left_out,
    )


def _found(task: Task, steps: int, over: Callable[[], bool], exact: bool) -> Found:
    if not task.orders:
        return Found([], 0, exact)
    pool, rules = task.priced(), task.rules
    start = by_savings(pool, rules)
    sets = all_that_fit(rules, MOST_SETS if task.swept else MOST_TOURS) if exact else None
    best = searched(start, steps if sets is None else min(steps, STEPS), over)
    if not task.swept:
        pool = task.walked()
        walked = (partition(pool, rules, one.sets()) for one in (start, best))
        best = min(walked, key=lambda one: one.length_mm)
    bound = least_mm(rules, task.alone_mm(pool))
    if sets is None:
        return Found(sorted(best.sets()), bound, False)
    proof = proved(best, pool.numbers(sets), over)
    bound = max(bound, proof.bound_mm if task.certain else 0)
    return Found(sorted(proof.best.sets()), bound, True)


def _left_out(
    ground: Ground, orders: Iterable[Order], limits: Mapping[Unit, int]
) -> Iterator[LeftOut]:
    for order in orders:
        reason = too_big(order, limits)
        if not reason and order.due_s is not None:
            seconds = ground.tour(order.picks).seconds
            if seconds > order.due_s:
                reason = f"takes {seconds:.0f} s alone, due in {order.due_s:.0f} s"
        if reason:
            yield LeftOut(order=order.id, reason=reason)
