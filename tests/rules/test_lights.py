"""Lamps and devices: wanted until answered, asked again while the device is up, never a storm."""

import pytest

from tests.rules.site import PTL, Floor, at, only
from wcs.commands import LightWanted, SetLight
from wcs.events import DeviceChanged
from wcs.model import Device
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, Due, LampAnswered

PLATE = "L00000001"


@pytest.fixture
def floor() -> Floor:
    """Zone up, three lamps wanted: the display and A-01 and A-09."""
    floor = Floor().stocked(("A-01-1", "MUG", 10), ("A-05-1", "CUP", 5))
    floor.says(DeviceUp(device=PTL, at=at()))
    floor.orders("1", ("MUG", 3), ("CUP", 2))
    floor.scans(PLATE)
    return floor


def answers(floor: Floor, light: str, task: str | None, seconds: float = 2) -> list:
    name = None if task is None else TaskId(task)
    return floor.says(LampAnswered(zone=PTL, light=LightId(light), task=name, at=at(seconds)))


def sent(floor: Floor) -> list[tuple[str, str | None]]:
    return [(c.light, c.task) for c in floor.commands if isinstance(c, SetLight)]


def test_an_answer_ends_the_asking(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    assert "lamp:ptl_a|A-01" in floor.tx.timers

    answers(floor, "A-01", task)
    assert floor.has(LightWanted, "ptl_a|A-01").answered
    assert "lamp:ptl_a|A-01" not in floor.tx.timers
    assert sent(floor) == []


def test_without_an_answer_the_lamp_is_asked_again(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    floor.says(Due(key="lamp:ptl_a|A-01", at=at(2.5)))

    assert sent(floor) == [("A-01", task)]
    assert floor.commands[0].before == at(4.0)
    assert floor.tx.timers["lamp:ptl_a|A-01"] == at(4.0)


def test_a_lamp_that_stays_lit_is_put_out_again(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    floor.presses(floor.pick.steps[0])
    assert ("A-01", None) in sent(floor)

    floor.says(Due(key="lamp:ptl_a|A-01", at=at(3.5)))
    assert sent(floor) == [("A-01", None)]
    answers(floor, "A-01", task)
    assert sent(floor) == [("A-01", None)]
    answers(floor, "A-01", None)
    assert (sent(floor), "lamp:ptl_a|A-01" in floor.tx.timers) == ([], False)


def test_an_answer_to_an_older_command_is_waited_out(floor: Floor) -> None:
    answers(floor, "A-01", None)

    assert sent(floor) == []
    assert "lamp:ptl_a|A-01" in floor.tx.timers


def test_a_lamp_that_went_dark_by_itself_is_lit_again(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    answers(floor, "A-01", task)
    answers(floor, "A-01", None)

    assert sent(floor) == [("A-01", task)]
    assert not floor.has(LightWanted, "ptl_a|A-01").answered


def test_a_zone_that_is_away_is_not_asked(floor: Floor) -> None:
    floor.says(DeviceDown(device=PTL, reason="broker gone", at=at(2)))
    floor.says(Due(key="lamp:ptl_a|A-01", at=at(2.5)))
    assert sent(floor) == []
    floor.presses(floor.pick.steps[0])
    assert sent(floor) == []
    assert [want.light for want in floor.tx.find(LightWanted)] == ["A-00", "A-09"]


def test_a_zone_that_comes_back_shows_what_is_wanted_and_nothing_else(floor: Floor) -> None:
    display, task, other = (floor.pick.key, *(step.task for step in floor.pick.steps))
    answers(floor, "A-00", display)
    answers(floor, "A-01", task)
    answers(floor, "A-09", other)
    floor.says(DeviceDown(device=PTL, reason="broker gone", at=at(3)))
    floor.says(
        DeviceUp(device=PTL, has=("A-01=old", f"A-09={other}", "A-05=5-1.1", "A-07="), at=at(4))
    )

    assert sorted(sent(floor), key=str) == [("A-00", display), ("A-01", task), ("A-05", None)]
    assert {command.before for command in floor.commands} == {at(5.5)}


def test_after_a_restart_of_the_zone_every_lamp_is_lit_again(floor: Floor) -> None:
    floor.says(DeviceDown(device=PTL, reason="gone", at=at(3)))
    floor.says(DeviceUp(device=PTL, at=at(4)))

    assert [light for light, _ in sent(floor)] == ["A-00", "A-01", "A-09"]


def test_a_device_is_said_to_change_only_when_it_does() -> None:
    floor, cam = Floor(), DeviceId("tunnel1")
    down = DeviceDown(device=cam, reason="line went silent", at=at(2))

    up = floor.says(DeviceUp(device=cam, at=at(1)))
    assert [changed.up for changed in only(up, DeviceChanged)] == [True]
    assert floor.says(DeviceUp(device=cam, at=at(1.5))) == []
    assert [(e.up, e.why) for e in only(floor.says(down), DeviceChanged)] == [
        (False, "line went silent")
    ]
    assert floor.says(down) == []
    assert floor.has(Device, cam).since == at(2)


def test_a_failed_command_is_shown_with_its_device(floor: Floor) -> None:
    failed = CommandFailed(
        device=PTL, command="4-1", what="SetLight A-01", reason="too late", at=at(3)
    )

    assert floor.says(failed) == []
    assert floor.has(Device, PTL).reason == "SetLight A-01: too late"
