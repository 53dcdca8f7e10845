"""Batches: what may share one, what each costs, and how good the whole is."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.batch import Batching, Order, batch
from routing.errors import BadRequest, UnknownNode, Unreachable
from routing.layout import layout_from
from routing.tour import tour
from tests.routing.batch_instances import Instance, warehouse

HALL = warehouse(2, 6, 20)
BAYS = [node.id for node in HALL.nodes.values() if node.kind == "bay"]


def orders(seed: int, many: int, most: int = 5) -> list[Order]:
    chance = Random(seed)
    return [
        Order(id=f"O{i}", picks=chance.choices(BAYS, k=chance.randint(1, most)))
        for i in range(many)
    ]


def checked(found: Batching, asked: list[Order]) -> Batching:
    """Each order once, each batch its shortest tour, the sum the sum."""
    by_id = {order.id: order for order in asked}
    gone = {left.order for left in found.left_out}
    assert sorted(id for held in found.batches for id in held) == sorted(set(by_id) - gone)
    for held, walked in zip(found.batches, found.tours, strict=True):
        picks = [pick for id in held for pick in by_id[id].picks]
        assert walked.length_mm == tour(HALL, "depot", picks, "depot").length_mm
    assert found.length_mm == sum(walked.length_mm for walked in found.tours)
    assert found.lower_bound_mm <= found.length_mm
    return found


@given(st.integers(0, 10**6), st.integers(1, 14), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_a_search_shares_out_all_and_never_beats_the_proof(
    seed: int, many: int, capacity: int
) -> None:
    asked = orders(seed, many)
    some = checked(batch(HALL, asked, capacity, depot="depot", iterations=5), asked)
    best = checked(batch(HALL, asked, capacity, depot="depot", exact=True), asked)
    assert best.optimal
    assert some.lower_bound_mm <= best.length_mm <= some.length_mm
    assert all(len(held) <= capacity for held in best.batches)


def test_more_steps_are_never_worse_and_repeat() -> None:
    asked = orders(3, 40)
    lengths = [
        batch(HALL, asked, 5, depot="depot", iterations=steps).length_mm for steps in (0, 3, 12, 40)
    ]
    assert all(later <= before for before, later in pairwise(lengths))
    assert lengths[0] > lengths[-1]
    again = [batch(HALL, asked, 5, depot="depot", iterations=12).batches for _ in range(2)]
    assert again[0] == again[1]


def test_a_deadline_ends_the_search_with_savings_at_least() -> None:
    asked, left = orders(4, 40), iter(range(3))
    found = batch(HALL, asked, 5, depot="depot", deadline=lambda: next(left, None) is None)
    plain = batch(HALL, asked, 5, depot="depot", iterations=0)
    assert checked(found, asked).length_mm <= plain.length_mm


def test_capacity_counts_what_it_is_said_to_count() -> None:
    asked = [
        Order(id="a", picks=BAYS[:3], volume_cm3=600, weight_g=10, positions=2),
        Order(id="b", picks=BAYS[:3], volume_cm3=600, weight_g=10),
        Order(id="c", picks=BAYS[:3], volume_cm3=300, weight_g=10),
    ]

    def together(**units: int) -> set[frozenset[str]]:
        found = batch(HALL, asked, units, depot="depot", exact=True)  # type: ignore[arg-type]
        return {frozenset(held) for held in found.batches}

    assert together(orders=3) == {frozenset("abc")}
    assert together(items=8) != {frozenset("abc")}
    assert frozenset("ab") not in together(volume=1000)
    assert together(weight=30, positions=4) == {frozenset("abc")}
    assert together(weight=30, positions=3) != {frozenset("abc")}


def test_zones_and_orders_that_must_be_apart_never_share() -> None:
    asked = [
        Order(id="food", picks=BAYS[:2], apart=("paint",)),
        Order(id="paint", picks=BAYS[:2]),
        Order(id="cold", picks=BAYS[:2], zone="freezer"),
        Order(id="more", picks=BAYS[:2]),
    ]
    found = checked(batch(HALL, asked, 4, depot="depot", exact=True), asked)
    shared = [set(held) for held in found.batches]
    assert {"cold"} in shared
    assert not any({"food", "paint"} <= held for held in shared)
    assert len(shared) == 3


def test_every_batch_is_home_before_the_first_is_due_and_who_cannot_be_is_left_out() -> None:
    asked = [Order(id=f"O{i}", picks=[BAYS[k]]) for i, k in enumerate((5, 45, 85, 119))]
    walks = [tour(HALL, "depot", order.picks, "depot").seconds for order in asked]
    due = max(walks) + 1
    soon = [
        *(Order(id=order.id, picks=order.picks, due_s=due) for order in asked),
        Order(id="never", picks=[BAYS[119]], due_s=1.0),
    ]
    found = checked(batch(HALL, soon, 5, depot="depot", exact=True), soon)
    assert [left.order for left in found.left_out] == ["never"]
    assert "due in 1 s" in found.left_out[0].reason
    assert all(walked.seconds <= due for walked in found.tours)
    assert len(found.batches) > 1


def test_an_order_too_large_for_any_batch_is_left_out_by_name() -> None:
    asked = [Order(id="small", picks=BAYS[:1]), Order(id="big", picks=BAYS[:9])]
    found = checked(batch(HALL, asked, 8, unit="items", depot="depot"), asked)
    assert found.batches == (("small",),)
    assert [left.order for left in found.left_out] == ["big"]


def test_every_culprit_is_named() -> None:
    asked = [Order(id="a", picks=["nowhere"]), Order(id="b", picks=["gone", BAYS[0]])]
    with pytest.raises(UnknownNode) as unknown:
        batch(HALL, asked, 2, depot="depot")
    assert unknown.value.nodes == ("gone", "nowhere")
    shut = [Order(id="a", picks=[BAYS[0]]), Order(id="b", picks=[BAYS[7]])]
    with pytest.raises(Unreachable) as cut_off:
        batch(HALL, shut, 2, depot="depot", closed=[BAYS[0], BAYS[7]])
    assert cut_off.value.nodes == tuple(sorted((BAYS[0], BAYS[7])))
    with pytest.raises(BadRequest, match="twice"):
        batch(HALL, [shut[0], shut[0]], 2, depot="depot")


def test_one_way_floors_are_batched_by_their_tours() -> None:
    chance = Random(5)
    edges = [
        {"u": f"{a}-{b}", "v": f"{a}-{b + 1}", "length_mm": 1000, "oneway": True}
        for a in range(4)
        for b in range(5)
    ]
    edges += [
        {"u": f"{a}-{b}", "v": f"{a + 1}-{b}", "length_mm": 2000} for a in range(3) for b in (0, 5)
    ]
    edges.append({"u": "3-5", "v": "0-0", "length_mm": 3000})
    nodes = [{"id": f"{a}-{b}", "x_mm": a, "y_mm": b} for a in range(4) for b in range(6)]
    floor = layout_from({"nodes": nodes, "edges": edges}, "one-way")
    ids = [str(node["id"]) for node in nodes]
    asked = [Order(id=f"O{i}", picks=chance.sample(ids, 2)) for i in range(8)]
    found = batch(floor, asked, 3, depot="0-0", exact=True)
    assert found.optimal
    assert sorted(id for held in found.batches for id in held) == sorted(o.id for o in asked)


def test_a_hundred_orders_leave_savings_behind() -> None:
    one = Instance(blocks=1, aisles=10, bays=45, orders=100, lines=(1, 10), capacity=6, seed=1)
    asked = one.wanted()
    plain = batch(one.layout(), asked, 6, depot="depot", iterations=0)
    found = batch(one.layout(), asked, 6, depot="depot", iterations=20)
    assert found.length_mm < 0.985 * plain.length_mm
