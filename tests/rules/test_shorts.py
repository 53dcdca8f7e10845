"""A shelf that holds less: another shelf, the channel's policy, and the count that books why."""

from typing import Literal

import pytest

from tests.rules.site import ACME, Floor, at, only, shop, site
from wcs.commands import LightWanted
from wcs.events import (
    CartonPicked,
    CountAsked,
    CountBooked,
    OrderAllocated,
    OrderCancelled,
    OrderHeld,
    OrderReleased,
    ShortPicked,
    StockMoved,
)
from wcs.model import Balance, Carton, Errand
from wcs.names import LocationCode, OrderKey, Sku
from wcs.observations import Counted, ShortAnswered
from wcs.site import OnShort

PLATE = "L00000001"


def start(on_short: OnShort, *shelves: tuple[str, str, int]) -> Floor:
    """Order 1 wants 3 MUG and 2 CUP; its plate is bound."""
    floor = Floor(site(channels=shop(on_short=on_short)))
    floor.stocked(("A-01-1", "MUG", 3), ("A-05-1", "CUP", 5), *shelves)
    floor.orders("1", ("MUG", 3), ("CUP", 2))
    floor.scans(PLATE)
    return floor


def counts(floor: Floor, location: str, sku: str, qty: int) -> list:
    return floor.says(
        Counted(location=LocationCode(location), sku=Sku(sku), qty=qty, by="carla", at=at(9))
    )


def mug(floor: Floor) -> Balance:
    return floor.has(Balance, "shelf:A-01-1|ACME|MUG")


def test_the_rest_comes_from_another_shelf() -> None:
    floor = start("ship_partial", ("A-02-1", "MUG", 5), ("A-06-1", "MUG", 1))
    told = floor.presses(floor.pick.steps[0], 1)

    (short,) = only(told, ShortPicked)
    assert (short.wanted, short.picked, short.location) == (3, 1, "A-01-1")
    assert short.why == "2 more from A-02-1"
    assert [(s.location, s.qty) for s in floor.open_steps] == [("A-02-1", 2), ("A-05-1", 2)]
    assert [s.task for s in floor.pick.steps] == [f"{floor.pick.key}.{n}" for n in (1, 3, 2)]
    assert [want.light for want in floor.tx.find(LightWanted)] == ["A-00", "A-03", "A-09"]
    assert floor.has(LightWanted, "ptl_a|A-03").flash
    for step in floor.open_steps:
        told = floor.presses(step)
    assert only(told, CartonPicked)[0].expected_g == 180 + 500
    assert [line.picked for line in floor.order("1").lines] == [3, 2]


def test_the_short_shelf_is_counted_and_not_for_sale_until_then() -> None:
    floor = start("ship_partial", ("A-02-1", "MUG", 5))
    told = floor.presses(floor.pick.steps[0], 1)

    assert [(asked.location, asked.sku) for asked in only(told, CountAsked)] == [("A-01-1", "MUG")]
    (errand,) = floor.tx.find(Errand, kind="count")
    assert (errand.station, errand.location, errand.sku) == ("DESK", "A-01-1", "MUG")
    assert (mug(floor).qty, mug(floor).in_count) == (2, True)
    assert floor.level("MUG") == (7, 3)

    told = counts(floor, "A-01-1", "MUG", 0)
    (booked,) = only(told, CountBooked)
    assert (booked.expected, booked.counted, booked.by) == (2, 0, "carla")
    assert booked.why == "counted 0, the book said 2"
    (moved,) = only(told, StockMoved)
    assert (moved.source, moved.target, moved.qty) == ("shelf:A-01-1", "count", 2)
    assert floor.level("MUG") == (5, 3)
    assert list(floor.tx.find(Errand, kind="count")) == []
    assert counts(floor, "A-01-1", "MUG", 0) == []


def test_a_count_may_find_more() -> None:
    floor = start("ship_partial", ("A-02-1", "MUG", 5))
    floor.presses(floor.pick.steps[0], 1)
    (moved,) = only(counts(floor, "A-01-1", "MUG", 7), StockMoved)

    assert (moved.source, moved.target, moved.qty) == ("count", "shelf:A-01-1", 5)
    assert floor.level("MUG") == (12, 10)


@pytest.mark.parametrize(
    ("location", "sku", "qty", "why"),
    [
        ("A-02-2", "HAT", 1, "nothing called HAT is kept at A-02-2"),
        ("Z-99-9", "MUG", 1, "nothing called MUG is kept at Z-99-9"),
        ("A-01-1", "MUG", -1, "A-01-1 cannot hold -1 pieces"),
    ],
)
def test_a_count_of_nothing_we_know_is_refused(location: str, sku: str, qty: int, why: str) -> None:
    floor = start("ship_partial")

    assert counts(floor, location, sku, qty) == []
    assert floor.answer == ("refused", why)


def test_an_unasked_count_of_a_known_item_on_an_empty_shelf_is_booked() -> None:
    floor = start("ship_partial")

    assert [e.counted for e in only(counts(floor, "A-02-2", "MUG", 4), CountBooked)] == [4]
    assert floor.level("MUG") == (7, 4)


def test_ship_partial_sends_what_there_is() -> None:
    floor = start("ship_partial")
    short = only(floor.presses(floor.pick.steps[0], 1), ShortPicked)
    told = floor.presses(floor.open_steps[0])

    assert short[0].why == "2 are nowhere: the order goes out without them"
    assert [picked.expected_g for picked in only(told, CartonPicked)] == [180 + 300]
    assert [(line.picked, line.cancelled) for line in floor.order("1").lines] == [(1, 0), (2, 0)]
    assert not floor.has(Carton, PLATE).cancelled


def test_cancel_line_cancels_what_is_nowhere() -> None:
    floor = start("cancel_line")
    floor.presses(floor.pick.steps[0], 1)
    floor.presses(floor.open_steps[0])

    assert [(line.picked, line.cancelled) for line in floor.order("1").lines] == [(1, 2), (2, 0)]
    assert floor.has(Carton, PLATE).state == "picked"


def test_hold_stops_the_pick_and_puts_its_goods_back() -> None:
    floor = start("hold")
    told = floor.presses(floor.pick.steps[0], 1)

    assert [held.why for held in only(told, OrderHeld)] == ["MUG is short: 3 wanted, 0 free"]
    carton = floor.has(Carton, PLATE)
    assert (carton.state, carton.cancelled) == ("picked", True)
    assert (carton.fault, carton.remedy) == ("short, put back", "put back")
    order = floor.order("1")
    assert (order.state, order.lpn, order.promises) == ("held", None, ())
    assert [line.picked for line in order.lines] == [0, 0]
    assert list(floor.tx.find(LightWanted)) == []
    assert floor.level("CUP") == (5, 5)
    assert only(told, OrderCancelled) == []

    told = counts(floor, "A-01-1", "MUG", 3)
    assert [allocated.order for allocated in only(told, OrderAllocated)] == ["shop:1"]
    assert [released.order for released in only(told, OrderReleased)] == ["shop:1"]


def answers(floor: Floor, decision: Literal["ship_partial", "hold", "cancel_line"]) -> list:
    return floor.says(
        ShortAnswered(order=OrderKey("shop:1"), decision=decision, by="anna", at=at(5))
    )


def test_ask_waits_for_a_person() -> None:
    floor = start("ask")
    floor.presses(floor.pick.steps[0], 1)
    (errand,) = floor.tx.find(Errand, kind="ask_short")
    assert errand.text == "2 MUG of order 1 are nowhere"

    assert only(floor.presses(floor.open_steps[0]), CartonPicked) == []
    assert [want.light for want in floor.tx.find(LightWanted)] == ["A-00"]
    assert len(only(answers(floor, "ship_partial"), CartonPicked)) == 1
    assert list(floor.tx.find(Errand, kind="ask_short")) == []
    answers(floor, "ship_partial")
    assert floor.answer == ("refused", "nobody asks what to do about order shop:1")


def test_an_early_answer_lets_the_picker_go_on() -> None:
    floor = start("ask")
    floor.presses(floor.pick.steps[0], 1)

    answers(floor, "cancel_line")
    assert [(line.picked, line.cancelled) for line in floor.order("1").lines] == [(1, 2), (0, 0)]
    assert len(only(floor.presses(floor.open_steps[0]), CartonPicked)) == 1


def test_a_person_may_decide_to_hold() -> None:
    floor = start("ask")
    floor.presses(floor.pick.steps[0], 1)

    answers(floor, "hold")
    assert (floor.order("1").state, floor.has(Carton, PLATE).cancelled) == ("held", True)


@pytest.mark.parametrize("on_short", ["ship_partial", "hold"])
def test_nothing_picked_at_all_is_held_and_its_empty_carton_goes_on(on_short: OnShort) -> None:
    floor = start(on_short)
    floor.presses(floor.pick.steps[0], 0)
    if on_short == "ship_partial":
        floor.presses(floor.open_steps[0], 0)

    carton = floor.has(Carton, PLATE)
    assert (floor.order("1").state, carton.cancelled, carton.remedy) == ("held", True, "emptied")
    assert carton.state == "picked"


def test_nothing_picked_at_all_is_cancelled_where_lines_are() -> None:
    floor = start("cancel_line")
    floor.presses(floor.pick.steps[0], 0)
    told = floor.presses(floor.open_steps[0], 0)

    assert [cancelled.why for cancelled in only(told, OrderCancelled)] == ["nothing of it is there"]
    assert (floor.order("1").state, floor.order("1").told) == ("cancelled", 5)


def test_a_count_takes_promises_away_from_the_last_in_the_queue() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 9), ("A-05-1", "CUP", 5))
    for n in range(1, 4):
        floor.orders(str(n), ("MUG", 3), at=at(n))
    told = counts(floor, "A-01-1", "MUG", 6)

    assert [held.order for held in only(told, OrderHeld)] == ["shop:3"]
    assert [floor.order(n).state for n in "123"] == ["picking", "waiting", "held"]
    assert floor.level("MUG") == (6, 0)
    told = counts(floor, "A-01-1", "MUG", 9)
    assert [allocated.order for allocated in only(told, OrderAllocated)] == ["shop:3"]


def test_a_picker_may_find_what_a_count_missed() -> None:
    floor = start("ship_partial")
    counts(floor, "A-01-1", "MUG", 1)
    assert floor.order("1").promises[0].sku == "CUP"

    told = floor.presses(floor.pick.steps[0])
    assert [(m.source, m.target, m.qty) for m in only(told, StockMoved)] == [
        ("count", "shelf:A-01-1", 2),
        ("shelf:A-01-1", f"carton:{PLATE}", 3),
    ]
    assert floor.level("MUG") == (0, 0)
    assert mug(floor).owner == ACME
