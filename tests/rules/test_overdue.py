"""A carton that does not come to its next point: searched for, found, pulled or lost."""

from collections.abc import Callable

import pytest

from tests.rules.belt import TRACKING, A, B, Belt
from tests.rules.site import only
from wcs.events import (
    CartonDeclaredLost,
    CartonMoved,
    CartonOverdue,
    CartonToHospital,
    Event,
    OrderCancelled,
    OrderReleased,
)
from wcs.model import Carton, Load
from wcs.names import Lpn
from wcs.observations import CartonFound, CartonLost, CartonPulled


def found(belt: Belt, lpn: str = A) -> list[Event]:
    return belt.says(CartonFound(lpn=Lpn(lpn), by="bo", at=belt.later()))


def lost(belt: Belt, lpn: str = A) -> list[Event]:
    return belt.says(CartonLost(lpn=Lpn(lpn), by="bo", at=belt.later()))


POINTS = {
    "amr1": lambda belt: belt.picked(),
    "scan_pack1": lambda belt: belt.carried(),
    "tunnel1": lambda belt: belt.packed(),
    "lane 1": lambda belt: (belt.packed(), belt.tunnel(1, A, TRACKING[A])),
    "a person": lambda belt: (belt.carried(), belt.in_hospital(A)),
}


@pytest.mark.parametrize("next", POINTS)
def test_every_point_of_the_way_has_its_patience(next: str) -> None:
    belt = Belt()
    POINTS[next](belt)
    assert belt.carton().next == next

    (overdue,) = only(belt.fires(f"overdue:{A}"), CartonOverdue)

    assert (overdue.lpn, overdue.next) == (A, next)
    place = belt.carton().place
    assert belt.errands() == {f"search:{A}": f"{A} was last seen at {place}, not at {next} since"}
    assert belt.due(f"overdue:{A}") == []


def test_sorted_nobody_waits_for_it() -> None:
    belt = Belt()
    belt.sorted()
    assert f"overdue:{A}" not in belt.tx.timers
    assert belt.due(f"overdue:{A}") == []


def test_seen_anywhere_the_search_ends() -> None:
    belt = Belt()
    belt.packed()
    belt.fires(f"overdue:{A}")
    belt.tunnel(1, A, TRACKING[A])
    assert belt.errands() == {}
    assert not belt.carton().overdue


def test_found_it_rides_again() -> None:
    belt = Belt()
    belt.packed()
    belt.fires(f"overdue:{A}")

    told = found(belt)

    assert [moved.why for moved in only(told, CartonMoved)] == ["found by bo"]
    assert (belt.carton().place, belt.carton().next) == ("HOSPITAL", "scan_pack1")
    assert belt.errands() == {}


def test_found_in_the_hospital_it_is_still_to_be_treated() -> None:
    belt = Belt()
    belt.carried()
    belt.in_hospital(A)
    belt.fires(f"overdue:{A}")
    found(belt)
    assert (belt.carton().state, belt.errands()) == ("hospital", {})
    assert f"hospital:{A}" in belt.errands("HOSPITAL")
    assert f"overdue:{A}" in belt.tx.timers


def test_lost_its_goods_are_written_off_and_picked_again() -> None:
    belt = Belt()
    belt.packed()
    belt.fires(f"overdue:{A}")

    told = lost(belt)

    assert len(only(told, CartonDeclaredLost)) == 1
    assert [released.order for released in only(told, OrderReleased)] == ["shop:1"]
    assert (belt.holds("lost"), belt.holds(f"carton:{A}")) == (2, 0)
    assert (belt.carton().state, belt.order("1").lpn) == ("lost", None)
    assert belt.errands() == {}

    belt.picks(B)
    belt.at_pack(B)
    belt.weighs()
    belt.issued(B)
    belt.printed(B)
    belt.tunnel(2, B, TRACKING[B])
    belt.confirms(2, "1")
    belt.fires(f"load:{belt.carton(B).load}")
    assert (belt.order("1").state, belt.order("1").tracking) == ("shipped", TRACKING[B])
    assert (belt.holds("shipped"), belt.holds("lost")) == (2, 2)


def test_lost_out_of_its_lane_it_is_off_the_load() -> None:
    belt = Belt()
    belt.sorted()
    load = belt.carton().load
    lost(belt)
    assert belt.has(Load, load or "").cartons == 0


def test_lost_and_cancelled_it_is_not_picked_again() -> None:
    belt = Belt()
    belt.packed()
    belt.asks_cancel("1", seconds=belt.now_s)

    told = lost(belt)

    assert only(told, OrderReleased) == []
    assert len(only(told, OrderCancelled)) == 1
    assert belt.order("1").state == "cancelled"


def test_lost_while_it_is_put_back() -> None:
    belt = Belt()
    belt.packed()
    belt.asks_cancel("1", seconds=belt.now_s)
    belt.in_hospital(A, TRACKING[A])
    lost(belt)
    assert (belt.holds("lost"), belt.holds(f"putback:{A}"), belt.errands()) == (2, 0, {})


@pytest.mark.parametrize("ask", [found, lost])
def test_nobody_searches_for_what_is_gone(ask: Callable[..., list[Event]]) -> None:
    belt = Belt()
    belt.packed()
    lost(belt)
    assert ask(belt) == []
    assert belt.answer == ("refused", f"{A} is lost: nobody searches for it")
    assert ask(belt, "L00000099") == []
    assert belt.answer == ("refused", "unknown plate L00000099")


def test_a_lost_carton_that_turns_up_is_not_sent_on() -> None:
    belt = Belt()
    belt.packed()
    lost(belt)
    belt.at_pack(A)
    assert belt.carton().state == "lost"
    belt.hand_scan(A)
    assert belt.answer == ("refused", f"{A} was declared lost")


def test_pulled_it_is_in_the_hospital() -> None:
    belt = Belt()
    belt.packed()
    belt.says(CartonPulled(lpn=Lpn(A), by="bo", at=belt.later()))
    assert (belt.carton().state, belt.carton().fault) == ("hospital", "pulled out of scan_pack1")


def test_pulled_twice_it_is_there_once() -> None:
    belt = Belt()
    belt.packed()
    for told in (1, 0):
        events = belt.says(CartonPulled(lpn=Lpn(A), by="bo", at=belt.later()))
        assert len(only(events, CartonToHospital)) == told


def test_one_plate_one_carton() -> None:
    belt = Belt()
    belt.packed()
    lost(belt)
    belt.picks(A)
    assert [c.lpn for c in belt.tx.find(Carton)] == [A]
    assert belt.carton().state == "picked"
