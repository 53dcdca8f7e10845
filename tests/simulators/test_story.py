"""The seeded plan of a run: what it promises to shop, world and judge."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.story import (
    ALL_FATES_FROM,
    ENDS,
    FAR_TOO_MANY,
    GHOST,
    PlannedOrder,
    Story,
    plan,
    shelf,
)
from simulators.world.config import read_stock
from tests.simulators.equipment.bench import DEMO

STOCK = read_stock(DEMO / "stock.csv")


def any_run(test: Callable[..., None]) -> Callable[..., None]:
    few = settings(max_examples=25, deadline=None)
    return few(given(st.integers(0, 10_000), st.integers(0, 80))(test))


def of(story: Story, fate: str) -> list[PlannedOrder]:
    return [order for order in story.orders if order.fate == fate]


@any_run
def test_same_seed_same_story(seed: int, orders: int) -> None:
    assert plan(seed, orders) == plan(seed, orders)


@any_run
def test_numbers_and_arrivals_run_up(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    assert [order.number for order in story.orders] == [str(1001 + n) for n in range(orders)]
    arrivals = [order.arrives_s for order in story.orders]
    assert arrivals == sorted(arrivals)
    assert all(0 <= arrives_s <= orders * 0.2 for arrives_s in arrivals)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(ALL_FATES_FROM, 200))
def test_from_twenty_orders_on_everything_happens(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    assert {order.fate for order in story.orders} == set(ENDS)
    assert set(story.defects.values()) == {"unreadable", "overweight", "two_plates"}


@any_run
def test_each_rare_item_is_wanted_by_one_order_that_it_fails(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    wanted = [
        (line.sku, line.qty, order.fate)
        for order in story.orders
        for line in order.lines
        if line.sku.startswith("RARE-")
    ]
    assert len({sku for sku, _, _ in wanted}) == len(wanted)
    really = shelf(STOCK, story)
    for sku, qty, fate in wanted:
        there = {place: pieces for (place, known), pieces in really.items() if known == sku}
        assert qty == 3
        assert set(there.values()) == {2}
        assert (sum(there.values()) >= qty) == (fate == "short_complete")


@any_run
def test_a_shelf_is_the_stock_file_less_what_is_missing(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    really = shelf(STOCK, story)
    less = {place: STOCK[place] - pieces for place, pieces in really.items()}
    assert {place: pieces for place, pieces in less.items() if pieces} == story.missing


@any_run
def test_what_cannot_ship_says_why(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    held = [order for order in story.orders if order.ends == ("held",)]
    for order in held:
        unknown = any(line.sku == GHOST for line in order.lines)
        too_many = any(line.qty == FAR_TOO_MANY for line in order.lines)
        assert (order.fate == "unknown_sku", order.fate == "too_many") == (unknown, too_many)
        assert order.paid == (order.fate != "unpaid")


@any_run
def test_a_plate_with_a_defect_is_surely_taken_from_the_stack(seed: int, orders: int) -> None:
    story = plan(seed, orders)
    carried = [order for order in story.orders if order.ends != ("held",)]
    assert all(1 <= plate <= len(carried) for plate in story.defects)


@any_run
def test_cartons_are_light_enough_for_the_scale_to_notice_padding(seed: int, orders: int) -> None:
    heaviest = {"SKU-006": 850, "SKU-009": 400, "SKU-001": 320}
    for order in plan(seed, orders).orders:
        if order.ends != ("held",):
            grams = sum(heaviest.get(line.sku, 320) * line.qty for line in order.lines)
            assert grams * 0.03 < 200 - 20


def test_an_order_is_changed_by_being_paid_later() -> None:
    for order in of(plan(7, 50), "changed"):
        assert not order.paid
        assert order.pays_after_s is not None and order.pays_after_s > 0


@pytest.mark.parametrize("orders", [20, 50, 200])
def test_the_plan_of_a_seed_stands(orders: int) -> None:
    """Shares of about four in a hundred each; the rest is plain."""
    fates = Counter(order.fate for order in plan(7, orders).orders)
    each = max(1, round(orders * 0.04))
    assert all(fates[fate] == each for fate in ENDS if fate != "normal")


def test_an_order_is_found_by_its_number() -> None:
    story = plan(7, 5)
    assert story.order("1003") == story.orders[2]
    assert story.order("1006") is None
