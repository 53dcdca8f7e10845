"""Items and their opening stock: once, and refused with a sentence otherwise."""

import pytest

from tests.rules.site import ACME, T0, Floor, only
from wcs.events import OrderAllocated, OrderHeld, StockLevel, StockMoved
from wcs.model import Balance
from wcs.names import LocationCode, Sku
from wcs.observations import StockOpened


def opening(location: str, sku: str, qty: int) -> StockOpened:
    place = LocationCode(location)
    return StockOpened(location=place, owner=ACME, sku=Sku(sku), qty=qty, by="anna", at=T0)


def test_an_opening_is_a_movement_and_a_level() -> None:
    floor = Floor()
    floor.knows("MUG")
    told = floor.says(opening("A-01-1", "MUG", 40))

    (moved,) = only(told, StockMoved)
    assert (moved.source, moved.target, moved.qty) == ("opening", "shelf:A-01-1", 40)
    assert [(level.on_hand, level.available) for level in only(told, StockLevel)] == [(40, 40)]
    assert floor.has(Balance, "opening|ACME|MUG").qty == -40


def test_an_opening_counts_once() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 40))

    assert floor.says(opening("A-01-1", "MUG", 40)) == []
    assert floor.answer == ("accepted", "")
    assert floor.says(opening("A-01-1", "MUG", 50)) == []
    assert floor.answer == (
        "refused",
        "A-01-1 was opened with 40 MUG: a count changes it, not a second opening with 50",
    )
    assert floor.level("MUG") == (40, 40)


def test_an_empty_shelf_is_opened_too() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 0))

    floor.says(opening("A-01-1", "MUG", 5))
    assert floor.answer[0] == "refused"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (opening("Z-99-9", "MUG", 1), "Z-99-9 is no location of the layout"),
        (opening("A-01-1", "CUP", 1), "CUP of ACME is not known: load the items first"),
        (opening("A-01-1", "MUG", -1), "A-01-1 cannot hold -1 pieces"),
    ],
)
def test_an_opening_that_cannot_be(seen: StockOpened, why: str) -> None:
    floor = Floor()
    floor.knows("MUG")
    floor.says(seen)

    assert floor.answer == ("refused", why)


def test_an_item_that_comes_to_be_known_is_looked_at_again() -> None:
    floor = Floor()
    floor.orders("1", ("MUG", 2))

    assert [held.why for held in only(floor.knows("MUG"), OrderHeld)] == [
        "MUG is short: 2 wanted, 0 free"
    ]
    told = floor.says(opening("A-01-1", "MUG", 2))
    assert len(only(told, OrderAllocated)) == 1
    assert floor.order("1").state == "picking"
