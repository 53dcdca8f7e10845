"""What people set of a device: modes, another unit, a simulator, the look before a shift."""

from dataclasses import replace

import pytest

from sync.memory import MemoryTx
from tests.rules.belt import AMR, SORTER, TRACKING, A, Belt
from tests.rules.site import Floor, at, only
from wcs.commands import Divert, SendTrip, SetLight
from wcs.comparing import KEPT
from wcs.equipment import Compared, Comparison, Setup, Shift
from wcs.events import (
    CartonSorted,
    DeviceBound,
    DeviceModeChanged,
    DeviceSimulationChanged,
    ShiftChecked,
)
from wcs.names import DeviceId, LightId, Mode, TaskId
from wcs.observations import (
    DeviceModeSet,
    DeviceReplaced,
    DeviceSimulated,
    DeviceUp,
    LampAnswered,
    ReadyChecked,
)
from wcs.readiness import is_ready
from wcs.readylines import ReadyLine
from wcs.setups import mode_of

LIGHTS = DeviceId("ptl_a")


def set_mode(floor: Floor, device: DeviceId, mode: Mode) -> list[DeviceModeChanged]:
    told = floor.says(DeviceModeSet(device=device, mode=mode, by="anna", at=at()))
    return only(told, DeviceModeChanged)


def test_a_device_is_in_the_mode_of_the_site_until_somebody_sets_one() -> None:
    floor = Floor()
    assert mode_of(floor.tx, SORTER) == "automatic"
    assert mode_of(MemoryTx(), SORTER) == "automatic"
    (changed,) = set_mode(floor, SORTER, "observe")
    assert (changed.before, changed.mode, changed.by) == ("automatic", "observe", "anna")
    assert mode_of(floor.tx, SORTER) == "observe"


def test_the_same_mode_again_changes_nothing() -> None:
    floor = Floor()
    set_mode(floor, SORTER, "manual")
    assert set_mode(floor, SORTER, "manual") == []
    assert floor.answer == ("accepted", "sorter1 is in manual already")


@pytest.mark.parametrize("mode", ["off", "observe", "manual"])
def test_only_in_automatic_is_a_device_ready_for_the_rules(mode: Mode) -> None:
    belt = Belt()
    assert is_ready(belt.tx, AMR)
    set_mode(belt, AMR, mode)
    assert not is_ready(belt.tx, AMR)
    belt.picked()
    belt.due(f"dispatch:{AMR}", 60)
    assert not [one for one in belt.commands if isinstance(one, SendTrip)]
    set_mode(belt, AMR, "automatic")
    belt.says(DeviceUp(device=AMR, at=belt.later()))  # its session is opened anew
    assert [one for one in belt.commands if isinstance(one, SendTrip)]


def test_an_observed_zone_is_not_told_to_go_dark() -> None:
    """The old system lights lamps of which our rules know nothing."""
    floor = Floor()
    set_mode(floor, LIGHTS, "observe")
    floor.says(DeviceUp(device=LIGHTS, has=("A-01=theirs",), at=at()))
    assert floor.commands == []
    set_mode(floor, LIGHTS, "automatic")
    floor.says(DeviceUp(device=LIGHTS, has=("A-01=theirs",), at=at()))
    assert [type(one) for one in floor.commands] == [SetLight]


def test_the_lamps_of_an_address_walk_are_left_alone() -> None:
    floor = Floor()
    floor.says(DeviceUp(device=LIGHTS, at=at()))
    lit = LampAnswered(zone=LIGHTS, light=LightId("A-01"), task=TaskId("test:green"), at=at())
    floor.says(lit)
    assert floor.commands == []
    floor.says(replace(lit, task=TaskId("gone")))
    assert [type(one) for one in floor.commands] == [SetLight]


def test_an_observed_sorter_is_compared_with_the_old_system() -> None:
    belt = Belt()
    set_mode(belt, SORTER, "observe")
    belt.packed()
    belt.tunnel(1, A, TRACKING[A])
    assert [type(one) for one in belt.commands] == [Divert]  # the links let none of them out
    belt.confirms(1, "2")
    one = belt.has(Comparison, "sorter1|000")
    assert (one.lpn, one.chosen, one.went, one.result) == (A, "1", "2", "diverted")
    assert one.why == "lane 1 takes cartons of swift"


def test_where_a_carton_went_is_true_whatever_we_would_have_chosen() -> None:
    belt = Belt()
    set_mode(belt, SORTER, "observe")
    belt.packed()
    belt.tunnel(1, A, TRACKING[A])
    (sorted_,) = only(belt.confirms(1, "2"), CartonSorted)
    assert sorted_.lane == "2"


def test_nothing_is_compared_in_automatic_and_a_repeat_counts_once() -> None:
    belt = Belt()
    belt.sorted()
    assert belt.tx.get(Compared, SORTER) is None
    set_mode(belt, SORTER, "observe")
    belt.confirms(1, "1")  # once more
    assert belt.tx.get(Compared, SORTER) is None


def test_a_carton_that_nobody_read_has_no_choice_of_ours() -> None:
    belt = Belt()
    set_mode(belt, SORTER, "observe")
    belt.confirms(7, "0", "no_decision")
    assert belt.has(Comparison, "sorter1|000").chosen is None


def test_the_last_two_hundred_are_kept() -> None:
    belt = Belt()
    set_mode(belt, SORTER, "observe")
    for track in range(1, KEPT + 4):
        belt.confirms(track, "1")
    assert belt.has(Compared, SORTER).cartons == KEPT + 3
    kept = list(belt.tx.find(Comparison, sorter=SORTER))
    assert sorted(one.number for one in kept) == list(range(3, KEPT + 3))


def replaced(floor: Floor, binding: dict[str, str | int]) -> list[DeviceBound]:
    told = floor.says(
        DeviceReplaced(device=SORTER, binding=binding, found="it answers", by="bo", at=at())
    )
    return only(told, DeviceBound)


def test_a_replacement_remembers_what_was_there_before() -> None:
    floor = Floor()
    (bound,) = replaced(floor, {"host": "10.0.0.9"})
    assert (bound.before, bound.binding) == ({}, {"host": "10.0.0.9"})
    replaced(floor, {"host": "10.0.0.10"})
    setup = floor.has(Setup, SORTER)
    assert (setup.binding, setup.before) == ({"host": "10.0.0.10"}, {"host": "10.0.0.9"})
    assert replaced(floor, {"host": "10.0.0.10"}) == []


def test_a_simulated_device_is_said_once() -> None:
    floor = Floor()
    on = DeviceSimulated(device=SORTER, on=True, by="bo", at=at())
    (said,) = only(floor.says(on), DeviceSimulationChanged)
    assert said.why == "SIMULATED from now on"
    assert only(floor.says(on), DeviceSimulationChanged) == []
    off = DeviceSimulated(device=SORTER, on=False, by="bo", at=at())
    assert only(floor.says(off), DeviceSimulationChanged)
    assert not floor.has(Setup, SORTER).simulated


def test_the_look_before_a_shift_is_kept_with_name_and_time() -> None:
    floor = Floor()
    lines = (
        ReadyLine(check="connected", device=SORTER, state="bad", found="down", remedy="power"),
        ReadyLine(check="clock", state="good", found="in step"),
        ReadyLine(check="test scan", device=DeviceId("hand1"), state="skipped", found=""),
    )
    told = floor.says(ReadyChecked(lines=lines, by="anna", at=at(5)))
    (checked,) = only(told, ShiftChecked)
    assert (checked.good, checked.bad, checked.skipped) == (1, 1, 1)
    assert checked.why == "sorter1: down"
    assert floor.has(Shift, "last") == Shift(lines=lines, by="anna", at=at(5))
