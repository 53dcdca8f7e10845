"""Batches against every way to share out a few orders, with every rule that may forbid one."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.batch import Batching, Order, batch
from routing.graph import distances
from routing.layout import Layout, layout_from
from routing.tour import Tour, tour
from routing.weights import AS_BUILT, SHUT
from tests.routing.batch_instances import Instance, warehouse
from tests.routing.reference_floors import one_way_aisles

HALLS = (warehouse(1, 5, 8), warehouse(2, 4, 10))


def partitions(things: Sequence[Order]) -> Iterator[list[list[Order]]]:
    if not things:
        yield []
        return
    first, *rest = things
    for shared in partitions(rest):
        yield [[first], *shared]
        for i, held in enumerate(shared):
            yield [*shared[:i], [first, *held], *shared[i + 1 :]]


class Reference:
    """Tours one by one, rules one by one."""

    def __init__(self, layout: Layout, depot: str, limits: dict[Any, int]) -> None:
        self.layout, self.depot, self.limits = layout, depot, limits
        self._tours: dict[frozenset[str], Tour] = {}

    def tour(self, held: Sequence[Order]) -> Tour:
        ids = frozenset(order.id for order in held)
        if ids not in self._tours:
            picks = [pick for order in sorted(held, key=lambda o: o.id) for pick in order.picks]
            self._tours[ids] = tour(self.layout, self.depot, picks, self.depot)
        return self._tours[ids]

    def allows(self, held: Sequence[Order]) -> bool:
        ids = {order.id for order in held}
        taken = {
            "orders": len(held),
            "items": sum(len(o.picks) if o.items is None else o.items for o in held),
            "volume": sum(o.volume_cm3 for o in held),
            "weight": sum(o.weight_g for o in held),
            "positions": sum(o.positions for o in held),
        }
        dues = [order.due_s for order in held if order.due_s is not None]
        return (
            all(taken[unit] <= most for unit, most in self.limits.items())
            and len({order.zone for order in held}) == 1
            and not any(ids & {*order.apart} - {order.id} for order in held)
            and (not dues or self.tour(held).seconds <= min(dues))
        )

    def best_mm(self, orders: Sequence[Order]) -> int:
        return min(
            sum(self.tour(held).length_mm for held in shared)
            for shared in partitions(orders)
            if all(map(self.allows, shared))
        )


@st.composite
def questions(
    draw: st.DrawFn, layout: Layout, depot: str = "depot"
) -> tuple[list[Order], dict[Any, int]]:
    chance = Random(draw(st.integers(0, 10**6)))
    count = draw(st.integers(1, 6))
    units = draw(st.sets(st.sampled_from(["orders", "items", "volume", "weight", "positions"])))
    limits: dict[Any, int] = {unit: chance.randint(4, 9) for unit in units or {"orders"}}
    if "orders" in limits:
        limits["orders"] = chance.randint(1, 4)
    rules = draw(st.sets(st.sampled_from(["due", "zone", "apart"])))
    places = joined(layout)[depot]
    orders = []
    for i in range(count):
        picks = chance.choices(places, k=chance.randint(0 if chance.random() < 0.1 else 1, 4))
        orders.append(
            Order(
                id=f"O{i}",
                picks=picks,
                items=chance.choice([None, None, chance.randint(0, 5)]),
                volume_cm3=chance.randint(0, 5),
                weight_g=chance.randint(1, 10),
                positions=chance.randint(1, 3),
                zone=chance.choice(["", "", "cold"]) if "zone" in rules else "",
                due_s=chance.choice([None, 30.0, 60.0, 90.0, 150.0]) if "due" in rules else None,
                apart=[f"O{chance.randrange(count)}"] if "apart" in rules else (),
            )
        )
    return orders, limits


def check(layout: Layout, depot: str, orders: list[Order], limits: dict[Any, int]) -> None:
    known = Reference(layout, depot, limits)
    fine = [order for order in orders if known.allows([order])]
    least = known.best_mm(fine)
    for exact in (False, True):
        found = batch(layout, orders, limits, depot=depot, iterations=8, exact=exact)
        checked(known, found, orders, fine)
        assert found.lower_bound_mm <= least <= found.length_mm
        assert found.optimal is (found.lower_bound_mm == found.length_mm)
        assert found.optimal or not exact
    assert found.length_mm == least


def checked(
    known: Reference, found: Batching, orders: Sequence[Order], fine: Sequence[Order]
) -> None:
    by_id = {order.id: order for order in orders}
    out = {one.order for one in found.left_out}
    assert out == by_id.keys() - {order.id for order in fine}
    assert all(one.reason for one in found.left_out)
    assert sorted(k for held in found.batches for k in held) == sorted(order.id for order in fine)
    for held, walked in zip(found.batches, found.tours, strict=True):
        assert known.allows([by_id[k] for k in held])
        assert walked.length_mm == known.tour([by_id[k] for k in held]).length_mm
    assert found.length_mm == sum(walked.length_mm for walked in found.tours)


@pytest.mark.parametrize("hall", HALLS, ids=["one block", "two blocks"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_other_way_to_share_out_is_shorter(hall: Layout, data: st.DataObject) -> None:
    check(hall, "depot", *data.draw(questions(hall)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_nor_on_one_way_floors(seed: int, data: st.DataObject) -> None:
    layout = layout_from(one_way_aisles(Random(seed)), "one-way")
    near = joined(layout)
    depot = max(near, key=lambda node: len(near[node]))
    check(layout, depot, *data.draw(questions(layout, depot)))


def joined(layout: Layout) -> dict[str, list[str]]:
    """From where one can get to which nodes and back."""
    every, ids = range(len(layout.ids)), layout.ids
    far = distances(layout, AS_BUILT).table(every, every)
    return {ids[i]: [ids[j] for j in every if max(far[i][j], far[j][i]) < SHUT] for i in every}


def test_a_walk_may_end_elsewhere() -> None:
    hall, chance = HALLS[0], Random(3)
    bays = [node.id for node in hall.nodes.values() if node.kind == "bay"]
    orders = [Order(id=f"O{i}", picks=chance.sample(bays, 2)) for i in range(6)]
    found = batch(hall, orders, 2, depot="depot", end="A-x1-05", exact=True)
    by_id = {order.id: order for order in orders}

    def mm(held: Sequence[str]) -> int:
        return tour(hall, "depot", [p for k in held for p in by_id[k].picks], "A-x1-05").length_mm

    shared = [s for s in partitions(orders) if max(map(len, s)) <= 2]
    assert found.optimal
    assert found.length_mm == min(sum(mm([o.id for o in held]) for held in s) for s in shared)
    assert all(walked.walk[-1] == "A-x1-05" for walked in found.tours)


def test_too_many_sets_for_a_proof_leave_a_bound() -> None:
    one = Instance(blocks=1, aisles=10, bays=45, orders=60, lines=(1, 10), capacity=8, seed=16)
    found = batch(one.layout(), one.wanted(), 8, depot="depot", exact=True, iterations=3)
    assert not found.optimal
    assert 0.2 * found.length_mm < found.lower_bound_mm < found.length_mm


def test_a_proof_stops_when_time_is_up() -> None:
    one = Instance(blocks=1, aisles=10, bays=45, orders=24, lines=(1, 10), capacity=4, seed=5)
    plain = batch(one.layout(), one.wanted(), 4, depot="depot", iterations=0)
    found = batch(one.layout(), one.wanted(), 4, depot="depot", exact=True, deadline=lambda: True)
    assert plain.lower_bound_mm < found.lower_bound_mm <= found.length_mm == plain.length_mm
