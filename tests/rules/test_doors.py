"""Doors: what is wanted of them outlives commands and restarts, and nothing is sent through one
that does not say that it is open."""

from dataclasses import replace

from tests.rules.belt import AMR, A, B, Belt
from tests.rules.site import only
from wcs import doors
from wcs.commands import DoorWanted, MergeLaneWanted, MoveDoor, SendTrip
from wcs.equipment import Door
from wcs.events import DeviceChanged, Event, TripSent
from wcs.model import Errand, Trip
from wcs.names import DeviceId, DoorEnd, DoorState
from wcs.observations import (
    CommandFailed,
    DeviceDown,
    DeviceModeSet,
    DeviceUp,
    DoorAsked,
    DoorChanged,
    Due,
)

FIRE = DeviceId("fire1")


class Hall(Belt):
    """The way of the vehicle and the first lane's conveyor lead through one fire door."""

    def __init__(self) -> None:
        plain = Belt().site
        lanes = tuple(
            replace(lane, door=FIRE if lane.lane == "1" else None) for lane in plain.merge.lanes
        )
        super().__init__(
            replace(
                plain,
                trips=replace(plain.trips, doors=(FIRE,)),
                merge=replace(plain.merge, lanes=lanes),
            )
        )
        self.comes("door=closed")

    def comes(self, *has: str) -> None:
        self.says(DeviceUp(device=FIRE, has=has, at=self.later()))

    def door(
        self,
        state: DoorState,
        asked: DoorEnd | None = None,
        reason: str = "",
    ) -> list[Event]:
        return self.says(
            DoorChanged(
                door=FIRE,
                state=state,
                asked=asked,
                occupied=False,
                reason=reason,
                at=self.later(),
            )
        )

    def asks(self, to: DoorEnd | None) -> None:
        self.says(DoorAsked(device=FIRE, to=to, by="anna", at=self.later()))

    @property
    def moves(self) -> list[DoorEnd]:
        return [command.to for command in self.commands if isinstance(command, MoveDoor)]

    @property
    def trips(self) -> list[SendTrip]:
        return [command for command in self.commands if isinstance(command, SendTrip)]

    @property
    def held(self) -> bool:
        wanted = self.tx.get(MergeLaneWanted, "merge1|1")
        assert wanted is not None
        return wanted.held


def test_the_vehicle_is_sent_when_the_door_on_its_way_is_open() -> None:
    hall = Hall()
    hall.picked(A)
    assert only(hall.fires(f"dispatch:{AMR}"), TripSent) == []
    assert (hall.moves, hall.trips) == (["open"], [])

    hall.door("moving", "open")
    assert hall.trips == []
    told = hall.door("open", "open")
    assert len(only(told, TripSent)) == 1
    assert len(hall.trips) == 1


def test_it_is_closed_after_the_last_trip_and_not_between_two() -> None:
    hall = Hall()
    hall.picked(A)
    hall.fires(f"dispatch:{AMR}")
    hall.door("open", "open")
    hall.picked(B, number="2")
    first = next(hall.tx.find(DoorWanted))
    assert (first.to, first.errand) == ("open", True)
    one = open_trip(hall)
    hall.trip(one, "picked", A)
    hall.trip(one, "dropped", A)
    hall.due(f"dispatch:{AMR}", 100)
    two = open_trip(hall)
    hall.trip(two, "picked", B)
    hall.trip(two, "dropped", B)
    assert hall.moves == ["closed"]
    assert next(hall.tx.find(DoorWanted)).to == "closed"


def open_trip(hall: Hall) -> str:
    (trip,) = (t for t in hall.tx.find(Trip) if t.state in ("sent", "carrying"))
    return trip.key


def test_a_trip_is_not_repeated_through_a_door_that_fell_shut() -> None:
    hall = Hall()
    hall.picked(A)
    hall.fires(f"dispatch:{AMR}")
    hall.door("open", "open")
    trip = open_trip(hall)
    hall.door("closed", "closed")
    hall.fires(f"door:{FIRE}")
    assert hall.moves == ["open"]  # what is wanted is ordered again
    hall.fires(f"trip:{trip}")
    assert hall.trips == []
    hall.door("open", "open")
    hall.fires(f"trip:{trip}")
    assert [one.trip for one in hall.trips] == [trip]


def test_a_lane_is_held_while_its_door_is_not_open() -> None:
    hall = Hall()
    assert hall.held
    hall.door("open")
    assert not hall.held
    hall.door("blocked", reason="something is in its way")
    assert hall.held
    hall.door("open")
    hall.says(DeviceDown(device=FIRE, reason="no answer", at=hall.later()))
    assert hall.held  # nobody knows whether it is open
    hall.comes("door=open")
    assert not hall.held


def test_a_door_that_was_told_to_close_is_not_passed_any_more() -> None:
    hall = Hall()
    hall.door("open")
    hall.asks("closed")
    assert hall.held
    assert not doors.passable(hall.tx, FIRE)
    hall.asks(None)
    hall.door("open", "closed")  # the panel closes it
    assert not doors.passable(hall.tx, FIRE)


def test_what_a_person_wants_outlives_failures_restarts_and_the_line() -> None:
    hall = Hall()
    hall.asks("open")
    assert hall.moves == ["open"]
    hall.says(
        CommandFailed(device=FIRE, command="9-1", what="Open fire1", reason="-", at=hall.later())
    )
    assert hall.moves == []
    hall.fires(f"door:{FIRE}")
    assert hall.moves == ["open"]
    hall.door("open", "open")
    assert hall.moves == []

    hall.comes("door=open", "asked=open")
    assert hall.moves == []
    hall.comes("door=open")  # it lost its memory
    assert hall.moves == ["open"]
    hall.door("open", None)
    assert hall.moves == []  # the order is on its way
    hall.door("open", "open")
    hall.fires(f"door:{FIRE}")
    assert hall.moves == []


def test_a_wish_that_was_withdrawn_is_not_repeated() -> None:
    hall = Hall()
    hall.asks("open")
    hall.asks(None)
    hall.comes("door=closed")
    assert hall.moves == []
    hall.says(Due(key=f"door:{FIRE}", at=hall.later()))
    assert hall.moves == []


def test_rules_do_not_order_a_door_in_manual_and_people_are_told() -> None:
    hall = Hall()
    hall.says(DeviceModeSet(device=FIRE, mode="manual", by="anna", at=hall.later()))
    hall.asks("open")
    assert hall.moves == []
    assert hall.answer == ("refused", "fire1 is in manual: it is ordered only in automatic")


def test_a_door_is_not_closed_while_a_trip_is_under_way() -> None:
    hall = Hall()
    hall.picked(A)
    hall.fires(f"dispatch:{AMR}")
    hall.door("open", "open")
    hall.asks("closed")
    assert hall.moves == []
    assert hall.answer[1].startswith("fire1 is on the way of a trip")


def test_what_a_person_opened_stays_open_after_a_trip() -> None:
    hall = Hall()
    hall.asks("open")
    hall.door("open", "open")
    hall.carried(A)
    assert hall.moves == []
    wanted = hall.tx.get(DoorWanted, FIRE)
    assert wanted is not None and wanted.to == "open"


def test_a_door_that_is_stuck_says_so_once_and_again_when_it_is_cured() -> None:
    hall = Hall()
    why = "it was asked to open 20 s ago and is still closed"
    told = only(hall.door("stuck", "open", why), DeviceChanged)
    assert [one.why for one in told] == [f"not ready: {why}"]
    (errand,) = hall.tx.find(Errand)
    assert (errand.kind, errand.text) == ("door", f"fire1: {why}")
    assert only(hall.door("stuck", "open", why), DeviceChanged) == []
    cured = only(hall.door("open", "open"), DeviceChanged)
    assert [one.why for one in cured] == ["ready"]
    assert list(hall.tx.find(Errand)) == []
    row = hall.tx.get(Door, FIRE)
    assert row is not None and row.state == "open"


def test_what_only_stands_in_the_way_for_a_moment_is_no_errand() -> None:
    hall = Hall()
    hall.door("blocked", "open", "something is in its way")
    assert list(hall.tx.find(Errand)) == []
