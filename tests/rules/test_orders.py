"""An order comes in: promised, or held with its reason; newer versions; never twice."""

import pytest

from tests.rules.site import Floor, at, only, shop, site
from wcs.allocating import allocate_lines, spread
from wcs.events import (
    OrderAccepted,
    OrderAllocated,
    OrderChanged,
    OrderHeld,
    OrderProgressed,
    StockLevel,
)
from wcs.model import HeldFor, OrderLine, Waiting
from wcs.names import ChannelId, LocationCode, Sku
from wcs.observations import WantedLine

A, B, C = (LocationCode(code) for code in ("A-01-1", "A-02-1", "A-03-1"))
MUG, CUP = Sku("MUG"), Sku("CUP")


@pytest.fixture
def floor() -> Floor:
    """Ten mugs on two shelves, five cups; order 0 is being picked, so the others wait."""
    floor = Floor().stocked((A, "MUG", 4), (B, "MUG", 6), (C, "CUP", 5), ("A-06-2", "PEN", 1))
    floor.orders("0", ("PEN", 1))
    return floor


@pytest.mark.parametrize(
    ("qty", "free", "taken"),
    [
        (3, {A: 4, B: 6}, [(A, 3)]),
        (5, {A: 4, B: 6}, [(B, 5)]),
        (9, {A: 4, B: 6}, [(B, 6), (A, 3)]),
        (8, {A: 5, B: 1, C: 3}, [(A, 5), (C, 3)]),
        (11, {A: 4, B: 6}, [(B, 6), (A, 4)]),
        (1, {}, []),
        (0, {A: 4}, []),
    ],
)
def test_the_shelf_that_covers_most_comes_first(
    qty: int, free: dict[LocationCode, int], taken: list[tuple[LocationCode, int]]
) -> None:
    assert spread(qty, free) == taken


def test_two_lines_of_one_item_see_each_other() -> None:
    lines = [OrderLine(line=1, sku=MUG, qty=3), OrderLine(line=2, sku=MUG, qty=3)]
    found = allocate_lines(lines, {MUG: {A: 4, B: 1}})

    assert [(p.line, p.location, p.qty) for p in found.promises] == [
        (1, A, 3),
        (2, A, 1),
        (2, B, 1),
    ]
    assert [short.why for short in found.short] == ["MUG is short: 3 wanted, 2 free"]


def test_an_order_is_acknowledged_promised_and_told(floor: Floor) -> None:
    told = floor.orders("1", ("MUG", 5), ("CUP", 2))

    assert [type(event) for event in told] == [
        OrderAccepted,
        OrderProgressed,
        OrderAllocated,
        StockLevel,
        StockLevel,
    ]
    (progress,) = only(told, OrderProgressed)
    assert (progress.status, progress.order) == ("acknowledged", "shop:1")
    levels = [(level.sku, level.on_hand, level.available) for level in only(told, StockLevel)]
    assert levels == [("MUG", 10, 5), ("CUP", 5, 3)]
    order = floor.order("1")
    assert (order.state, order.carrier, order.cutoff) == ("waiting", "swift", at(600))
    assert floor.answer == ("accepted", "")


def test_the_same_delivery_ten_times_is_one_order(floor: Floor) -> None:
    floor.orders("1", ("MUG", 5))

    for _ in range(9):
        assert floor.orders("1", ("MUG", 5)) == []
        assert floor.answer == ("accepted", "")
    assert floor.level("MUG") == (10, 5)


def test_nothing_is_promised_twice(floor: Floor) -> None:
    floor.orders("1", ("MUG", 6))
    told = floor.orders("2", ("MUG", 5))

    assert [held.why for held in only(told, OrderHeld)] == ["MUG is short: 5 wanted, 4 free"]
    assert [p.status for p in only(told, OrderProgressed)] == ["acknowledged"]
    assert floor.level("MUG") == (10, 4)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"paid": False}, "payment is pending"),
        ({"service": "balloon"}, "no carrier is known for the service balloon"),
        ({"lines": (WantedLine(line=1, sku=Sku("HAT"), qty=1),)}, "HAT not known"),
        ({"lines": (WantedLine(line=1, sku=MUG, qty=11),)}, "MUG is short: 11 wanted, 10 free"),
    ],
)
def test_held_with_the_reason_in_words(floor: Floor, changes: dict, why: str) -> None:
    told = floor.orders("1", ("MUG", 1), **changes)

    assert [held.why for held in only(told, OrderHeld)] == [why]
    assert (floor.order("1").state, floor.order("1").reason) == ("held", why)
    assert (floor.order("1").told, floor.answer[0]) == (1, "accepted")
    assert floor.level("MUG") == (10, 10)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channel": ChannelId("bazaar")}, "bazaar is no channel of this site"),
        ({"lines": ()}, "order 1: it has no lines"),
        ({"lines": (WantedLine(line=1, sku=MUG, qty=0),)}, "order 1: line 1 wants 0 pieces"),
        (
            {"lines": (WantedLine(line=1, sku=MUG, qty=1), WantedLine(line=1, sku=CUP, qty=1))},
            "order 1: a line number comes twice",
        ),
    ],
)
def test_refused_with_the_reason(floor: Floor, changes: dict, why: str) -> None:
    assert floor.orders("1", **changes) == []
    assert floor.answer == ("refused", why)


def test_a_payment_releases_the_order(floor: Floor) -> None:
    floor.orders("1", ("MUG", 5), paid=False)
    told = floor.orders("1", ("MUG", 5), version=2, paid=True)

    assert [changed.accepted for changed in only(told, OrderChanged)] == [True]
    assert len(only(told, OrderAllocated)) == 1
    assert only(told, OrderProgressed) == []
    assert floor.order("1").state == "waiting"


def test_a_change_before_picking_is_promised_anew(floor: Floor) -> None:
    floor.orders("1", ("MUG", 6))
    told = floor.orders("1", ("MUG", 2), ("CUP", 1), version=2)

    assert [changed.accepted for changed in only(told, OrderChanged)] == [True]
    assert (floor.level("MUG"), floor.level("CUP")) == ((10, 8), (5, 4))
    assert len([w for w in floor.tx.find(Waiting) if w.order == "shop:1"]) == 1
    assert floor.orders("1", ("MUG", 6), version=1) == []
    assert floor.order("1").lines[0].qty == 2


def test_what_a_change_frees_goes_to_the_oldest_held_order(floor: Floor) -> None:
    floor.orders("1", ("MUG", 9))
    floor.orders("2", ("MUG", 4), at=at(1))
    floor.orders("3", ("MUG", 4), at=at(2))
    floor.orders("1", ("MUG", 5), version=2, at=at(3))

    assert [floor.order(n).state for n in "123"] == ["waiting", "waiting", "held"]
    assert [held.order for held in floor.tx.find(HeldFor)] == ["shop:3"]
    assert floor.level("MUG") == (10, 1)


def test_a_change_before_the_carton_is_bound_takes_the_lamps_back(floor: Floor) -> None:
    told = floor.orders("0", ("CUP", 1), version=2)

    assert [changed.accepted for changed in only(told, OrderChanged)] == [True]
    assert [step.sku for step in floor.pick.steps] == ["CUP"]
    assert floor.level("PEN") == (1, 1)


def test_a_change_after_picking_began_is_refused_once_and_for_ever(floor: Floor) -> None:
    floor.scans("L00000001")
    told = floor.orders("0", ("CUP", 1), version=2)

    assert [(changed.accepted, changed.why) for changed in only(told, OrderChanged)] == [
        (False, "picking of order 0 has begun")
    ]
    assert floor.answer == ("refused", "picking of order 0 has begun")
    assert floor.orders("0", ("CUP", 1), version=2) == []
    assert floor.answer == ("refused", "picking of order 0 has begun")


def test_a_newer_version_of_the_same_goods_is_fine_at_any_time(floor: Floor) -> None:
    floor.scans("L00000001")
    told = floor.orders("0", ("PEN", 1), version=2, customer="customer-7")

    assert [changed.accepted for changed in only(told, OrderChanged)] == [True]
    assert (floor.order("0").version, floor.order("0").customer) == (2, "customer-7")
    assert floor.order("0").state == "picking"


def test_the_safety_stock_is_not_for_sale() -> None:
    floor = Floor(site(channels=shop(safety_stock=3))).stocked((A, "MUG", 10), (C, "CUP", 2))

    assert (floor.level("MUG"), floor.level("CUP")) == ((10, 7), (2, 0))
    floor.orders("1", ("MUG", 9))
    assert floor.order("1").state == "picking"
    assert floor.level("MUG") == (10, 0)
