"""The vehicle: when it is sent, what it says, and what becomes of cartons that it did not carry."""

import pytest

from tests.rules.belt import AMR, A, B, Belt
from tests.rules.site import at, only
from wcs.commands import SendTrip, TripWanted
from wcs.events import CartonMoved, CartonOverdue, TripEnded, TripSent
from wcs.model import Trip
from wcs.observations import DeviceDown, DeviceUp, VehicleChanged

PLATES = [f"L0000000{n}" for n in range(1, 8)]


def sent(belt: Belt) -> list[SendTrip]:
    return [command for command in belt.commands if isinstance(command, SendTrip)]


def test_six_cartons_are_enough() -> None:
    belt = Belt()
    for n, plate in enumerate(PLATES[:5]):
        assert only(belt.picked(plate, number=str(n), qty=1), TripSent) == []
    (trip,) = only(belt.picked(PLATES[5], number="6", qty=1), TripSent)

    assert trip.lpns == tuple(PLATES[:6])
    assert trip.why == "6 cartons wait"
    assert [command.before for command in sent(belt)] == [at(2 + 5)]
    assert f"dispatch:{AMR}" not in belt.tx.timers


def test_one_carton_waits_no_longer_than_a_minute() -> None:
    belt = Belt()
    assert only(belt.picked(A), TripSent) == []
    assert belt.tx.timers[f"dispatch:{AMR}"] == at(2 + 60)

    (trip,) = only(belt.fires(f"dispatch:{AMR}"), TripSent)
    assert (trip.lpns, trip.why) == ((A,), f"{A} waits 60 s")


def test_the_next_trip_waits_for_the_end_of_this_one() -> None:
    belt = Belt()
    belt.picked(A)
    first = belt.dispatched()
    belt.picked(B, number="2")
    assert only(belt.due(f"dispatch:{AMR}", 100), TripSent) == []

    belt.trip(first, "picked", A)
    told = belt.trip(first, "dropped", A)
    assert [ended.trip for ended in only(told, TripEnded)] == [first]
    assert [trip.lpns for trip in only(told, TripSent)] == [(B,)]
    assert belt.tx.get(TripWanted, first) is None


def test_a_vehicle_that_is_away_or_not_ready_is_not_sent() -> None:
    belt = Belt()
    belt.says(VehicleChanged(vehicle=AMR, ready=False, reason="paused", node=None, at=belt.now))
    belt.picked(A)
    assert only(belt.due(f"dispatch:{AMR}", 100), TripSent) == []

    belt.says(DeviceDown(device=AMR, reason="gone", at=belt.later()))
    belt.says(VehicleChanged(vehicle=AMR, ready=True, reason="", node=None, at=belt.later()))
    assert only(belt.due(f"dispatch:{AMR}"), TripSent) == []

    assert len(only(belt.says(DeviceUp(device=AMR, at=belt.later())), TripSent)) == 1


def test_a_rebooted_vehicle_gets_the_same_trip_again() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    belt.trip(key, "picked", A)

    belt.says(DeviceUp(device=AMR, has=(f"trip={key}",), at=belt.later()))
    assert sent(belt) == []
    told = belt.says(DeviceUp(device=AMR, has=(), at=belt.later()))
    assert [command.trip for command in sent(belt)] == [key]
    assert only(told, TripSent) == []


def test_an_unanswered_trip_is_asked_for_again_every_ten_seconds() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    for _ in range(3):
        before = belt.tx.timers[f"trip:{key}"]
        belt.fires(f"trip:{key}")
        assert [command.trip for command in sent(belt)] == [key]
        assert (belt.tx.timers[f"trip:{key}"] - before).total_seconds() == 10

    belt.trip(key, "picked", A)
    belt.fires(f"trip:{key}")
    assert sent(belt) == []


def test_a_vehicle_that_is_away_is_not_asked_again() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    belt.says(DeviceDown(device=AMR, reason="gone", at=belt.later()))
    belt.fires(f"trip:{key}")
    assert sent(belt) == []


def test_what_is_said_twice_is_done_once() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    belt.trip(key, "picked", A)
    assert only(belt.trip(key, "picked", A), CartonMoved) == []
    belt.trip(key, "dropped", A)
    belt.at_pack(A)

    assert belt.trip(key, "dropped", A) == []
    assert belt.trip(key, "picked", A) == []
    assert belt.carton().place == "scan_pack1"


def test_a_carton_that_the_vehicle_did_not_carry_is_searched_for() -> None:
    belt = Belt()
    belt.picked(A)
    belt.picked(B, number="2")
    key = belt.dispatched()

    told = belt.trip(key, "picked", B)

    assert [overdue.lpn for overdue in only(told, CartonOverdue)] == [A]
    assert (belt.carton(A).state, belt.carton(B).state) == ("picked", "riding")
    assert f"search:{A}" in belt.errands()
    told = belt.trip(key, "dropped", B)
    assert only(told, TripSent) == []
    assert belt.due(f"dispatch:{AMR}", 1000) == []


@pytest.mark.parametrize("step", ["rejected", "failed"])
def test_after_three_trips_in_a_row_a_person_looks(step: str) -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    for attempt in (2, 3):
        (trip,) = only(belt.trip(key, step, text="no way"), TripSent)  # type: ignore[arg-type]
        assert trip.trip != key
        key = trip.trip
        assert belt.has(Trip, key).attempt == attempt

    told = belt.trip(key, step, text="no way")  # type: ignore[arg-type]
    assert [ended.why for ended in only(told, TripEnded)] == [f"{step}: no way"]
    assert only(told, TripSent) == []
    assert belt.errands()["vehicle:amr1"] == f"amr1 {step} 3 trips in a row: no way"

    (again,) = only(belt.fires(f"dispatch:{AMR}"), TripSent)
    belt.trip(again.trip, "picked", A)
    assert belt.errands() == {}


def test_a_carton_that_is_never_there_is_searched_for_and_the_vehicle_left_in_peace() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    for _ in (2, 3):
        (trip,) = only(belt.trip(key, "failed", A, text="nothing there"), TripSent)
        key = trip.trip

    belt.trip(key, "failed", A, text="nothing there")

    assert set(belt.errands()) == {f"search:{A}"}


def test_a_failed_pick_lets_the_others_ride() -> None:
    belt = Belt()
    belt.picked(A)
    belt.picked(B, number="2")
    key = belt.dispatched()

    (again,) = only(belt.trip(key, "failed", A, text="nothing there"), TripSent)

    assert again.lpns == (A,)
    assert belt.carton(B).state == "riding"


def test_a_trip_whose_cartons_were_carried_by_hand_ends() -> None:
    belt = Belt()
    belt.picked(A)
    key = belt.dispatched()
    belt.at_pack(A)

    told = belt.fires(f"trip:{key}")

    assert [ended.why for ended in only(told, TripEnded)] == [
        "its cartons were seen on the conveyor"
    ]
    assert belt.tx.get(TripWanted, key) is None
