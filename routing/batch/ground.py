"""The floor that orders are picked on: where their picks are, and what tours through them cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.guess import Guess
from routing.batch.orders import Order
from routing.batch.pool import Pricing
from routing.batch.pricing import Sweep
from routing.errors import Unreachable
from routing.floor import NodeId
from routing.graph import distances
from routing.layout import Layout
from routing.pace import Pace
from routing.plan import Plan, plan_for
from routing.question import Question, question
from routing.request import Place, node_of
from routing.tour import Tour, tour
from routing.weights import SHUT, Ends

WIDE = 5  # three blocks: wider sweeps would be priced too slowly


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One snapshot of it; all tours go from `start` to `end`."""

    layout: Layout
    start: Place
    end: Place
    closed: Sequence[NodeId]
    blocked: Sequence[Ends]
    factors: Mapping[Ends, float]
    pace: Pace

    def question(self, orders: Iterable[Order]) -> Question:
        """Raises UnknownNode, UnknownEdge, BadRequest, Unreachable with every culprit."""
        asks = question(
            self.layout,
            self.start,
            [pick for order in orders for pick in order.picks],
            self.end,
            closed=self.closed,
            blocked=self.blocked,
            factors=self.factors,
            pace=self.pace,
        )
        lost = _lost(asks)
        if lost:
            cut_off = f"no way from {self.start} and on to {self.end}"
            raise Unreachable(
                (self.layout.ids[node] for node in lost),
                f"closed, or {cut_off}" if self.closed else cut_off,
            )
        return asks

    def tour(self, picks: Sequence[Place]) -> Tour:
        return tour(
            self.layout,
            self.start,
            picks,
            self.end,
            closed=self.closed,
            blocked=self.blocked,
            factors=self.factors,
            pace=self.pace,
        )


def plan_of(asks: Question) -> Plan | None:
    """None on floors that are directed or too wide for thousands of sweeps."""
    if asks.floor.directed:
        return None
    plan = plan_for(asks.floor, asks.asked.start, asks.asked.end)
    return plan if plan and plan.width <= WIDE else None


def pricing(asks: Question, plan: Plan | None, orders: Sequence[Order]) -> Pricing:
    """Millimetres of the tours of sets of these orders; without a plan of good walks only."""
    ends = (asks.asked.start, asks.asked.end)
    picks = [{node_of(asks.layout, pick) for pick in order.picks} - {*ends} for order in orders]
    if plan is None:
        return Guess(distances(asks.floor, asks.today), *ends, list(map(sorted, picks))).lengths
    sweep = Sweep(asks.floor, plan, asks.today, ends, picks)
    moves = np.array([ends[0] != ends[1] or bool(nodes) for nodes in picks] + [False])

    def priced(sets: Whole) -> Whole:
        return np.where(moves[sets].any(axis=1), sweep.lengths(sets), 0)

    return priced


def _lost(asks: Question) -> set[int]:
    """Nodes that are closed, or on no way from the start to the end."""
    floor, start, end = asks.floor, asks.asked.start, asks.asked.end
    nodes = list(dict.fromkeys((start, end, *asks.asked.nodes)))
    shut = {floor.number[node] for node in asks.today.closed}
    if start in shut:
        return shut.intersection(nodes)
    far = distances(floor, asks.today)
    (there,) = far.rows([start])
    lost = {node for node in nodes if node in shut or there[node] >= SHUT}
    if floor.directed and end not in lost:
        lost |= {node for node in nodes if far.table([node], [end])[0][0] >= SHUT}
    return lost
