"""A cancellation, by how far the order has come; a cancellation that overtakes its order wins."""

import pytest

from tests.rules.site import Floor, at, only, placed
from wcs import hosts
from wcs.commands import LightWanted
from wcs.events import CancelRefused, OrderAllocated, OrderCancelled, OrderReleased
from wcs.model import Carton, Errand, Order, Waiting
from wcs.names import ChannelId, LaneId
from wcs.observations import OrderCancelAsked

PLATE = "L00000001"


@pytest.fixture
def floor() -> Floor:
    """Order 1 is released and waits for its carton, order 2 waits for the zone."""
    floor = Floor().stocked(("A-01-1", "MUG", 10), ("A-05-1", "CUP", 5))
    floor.orders("1", ("MUG", 3), ("CUP", 2))
    floor.orders("2", ("MUG", 5), at=at(1))
    return floor


def cancelled(told: list) -> list[str]:
    return [event.order for event in only(told, OrderCancelled)]


def test_a_waiting_order_frees_its_stock(floor: Floor) -> None:
    told = floor.asks_cancel("2")

    assert cancelled(told) == ["shop:2"]
    assert (floor.order("2").state, floor.order("2").told) == ("cancelled", 5)
    assert floor.level("MUG") == (10, 7)
    assert list(floor.tx.find(Waiting)) == []


def test_the_same_cancellation_again_changes_nothing(floor: Floor) -> None:
    floor.asks_cancel("2")

    assert floor.asks_cancel("2") == []
    assert floor.answer == ("accepted", "")


def test_a_held_order_is_cancelled_at_once(floor: Floor) -> None:
    floor.orders("3", ("MUG", 9))

    assert cancelled(floor.asks_cancel("3")) == ["shop:3"]


def test_what_it_frees_goes_to_a_held_order(floor: Floor) -> None:
    floor.orders("3", ("MUG", 7), at=at(2))
    told = floor.asks_cancel("2")

    assert [allocated.order for allocated in only(told, OrderAllocated)] == ["shop:3"]
    assert floor.level("MUG") == (10, 0)


def test_without_a_carton_the_zone_goes_on_with_the_next(floor: Floor) -> None:
    told = floor.asks_cancel("1")

    assert cancelled(told) == ["shop:1"]
    assert [released.order for released in only(told, OrderReleased)] == ["shop:2"]
    assert floor.order("1").state == "cancelled"
    assert (floor.level("MUG"), floor.level("CUP")) == ((10, 5), (5, 5))


def test_in_mid_pick_lamps_go_out_and_the_carton_goes_to_the_hospital(floor: Floor) -> None:
    floor.scans(PLATE)
    floor.presses(floor.pick.steps[0])
    told = floor.asks_cancel("1")

    assert cancelled(told) == ["shop:1"]
    carton = floor.has(Carton, PLATE)
    assert (carton.state, carton.cancelled) == ("picked", True)
    assert (carton.fault, carton.remedy) == ("cancelled, put back", "put back")
    assert floor.order("1").state == "cancelling"
    assert [want.text for want in floor.tx.find(LightWanted)] == ["SCAN CARTON"]
    off = {command.light for command in floor.commands if command.task is None}
    assert off == {"A-00", "A-09"}
    assert (floor.level("MUG"), floor.level("CUP")) == ((7, 2), (5, 5))


def test_a_press_after_the_cancellation_moves_nothing(floor: Floor) -> None:
    floor.scans(PLATE)
    step = floor.pick.steps[0]
    floor.asks_cancel("1")
    floor.presses(step)

    assert floor.answer == ("refused", "A-01: order shop:1 is no longer picked")
    assert floor.level("MUG") == (10, 5)


def test_with_nothing_in_its_carton_the_order_has_ended(floor: Floor) -> None:
    floor.scans(PLATE)
    floor.asks_cancel("1")

    carton = floor.has(Carton, PLATE)
    assert (carton.cancelled, carton.remedy) == (True, "emptied")
    assert floor.order("1").state == "cancelled"


def test_on_its_way_the_last_word_comes_from_the_hospital(floor: Floor) -> None:
    floor.picks(PLATE)
    told = floor.asks_cancel("1")

    assert cancelled(told) == []
    assert floor.answer == ("accepted", "")
    assert floor.has(Carton, PLATE).cancelled
    assert (floor.order("1").state, floor.order("1").told) == ("cancelling", 2)


def put_in_lane(floor: Floor) -> None:
    floor.picks(PLATE)
    fields = {"state": "sorted", "lane": LaneId("1"), "place": "lane 1"}
    floor.changes(floor.has(Carton, PLATE), **fields)
    floor.changes(floor.order("1"), state="sorted")


def test_sorted_it_is_to_be_pulled(floor: Floor) -> None:
    put_in_lane(floor)
    told = floor.asks_cancel("1")

    assert cancelled(told) == []
    (errand,) = floor.tx.find(Errand, kind="pull")
    assert (errand.station, errand.subject) == ("DESK", PLATE)
    assert floor.order("1").state == "cancelling"


def test_shipped_it_is_refused_once(floor: Floor) -> None:
    floor.picks(PLATE)
    order = hosts.tell(floor.tx, floor.order("1"), "shipped", at(4))
    floor.changes(order, state="shipped")

    refused = only(floor.asks_cancel("1"), CancelRefused)
    assert [(event.number, event.why) for event in refused] == [("1", "shipped")]
    assert floor.answer == ("refused", "shipped")
    assert floor.asks_cancel("1") == []
    assert floor.answer == ("refused", "shipped")


def test_a_cancellation_that_overtakes_its_order_wins(floor: Floor) -> None:
    assert cancelled(floor.asks_cancel("9")) == ["shop:9"]
    assert floor.asks_cancel("9") == []

    assert floor.orders("9", ("MUG", 1)) == []
    assert floor.answer == ("accepted", "")
    assert floor.order("9").state == "cancelled"
    assert floor.level("MUG") == (10, 2)
    floor.says(placed("9", ("MUG", 1), version=3))
    assert floor.answer == ("refused", "order 9 is cancelled")


def test_a_cancellation_older_than_the_order_says_nothing(floor: Floor) -> None:
    floor.orders("2", ("MUG", 1), version=3)

    assert floor.asks_cancel("2", version=2) == []
    assert floor.order("2").state == "waiting"


def test_a_channel_that_nobody_knows_is_refused(floor: Floor) -> None:
    asked = OrderCancelAsked(channel=ChannelId("bazaar"), number="1", version=2, at=at(3))

    assert floor.says(asked) == []
    assert floor.answer == ("refused", "bazaar is no channel of this site")


def test_the_shop_hears_each_step_once_and_never_backwards(floor: Floor) -> None:
    tx, order = floor.tx, floor.order("2")
    tx.begin(tx.seq + 1)
    for status in ("packed", "picking", "acknowledged", "packed", "shipped", "shipped"):
        order = hosts.tell(tx, order, status, at(5))
    hosts.tell_cancelled(tx, order, "too late", at(6))

    assert [getattr(event, "status", "?") for event in tx.events] == ["packed", "shipped"]
    assert floor.has(Order, "shop:2").told == 4
