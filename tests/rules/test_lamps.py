"""Lamps that fail: an alarm in a plain sentence, the pick goes on by hand, and the lamp ends it."""

import pytest

from tests.rules.site import PICK_A, PTL, Floor, at, only
from wcs.commands import LightWanted, SetLight
from wcs.events import LampFailing, LampWell, LinePicked, WrongPress
from wcs.lampstates import LampTrouble
from wcs.model import Errand
from wcs.names import LightId, TaskId
from wcs.observations import (
    DeviceDown,
    DeviceUp,
    Due,
    LampAnswered,
    LampFailed,
    LightPressed,
    PickReported,
)

PLATE = "L00000001"
ALARM = f"lamp:{PTL}|A-01|{PICK_A}"


@pytest.fixture
def floor() -> Floor:
    """Two lamps wanted, A-01 and A-09, and the display."""
    floor = Floor().stocked(("A-01-1", "MUG", 10), ("A-05-1", "CUP", 5))
    floor.says(DeviceUp(device=PTL, at=at()))
    floor.orders("1", ("MUG", 3), ("CUP", 2))
    floor.scans(PLATE)
    return floor


def fails(
    floor: Floor, outcome: str = "no_answer", light: str = "A-01", seconds: float = 3
) -> list:
    task = floor.pick.steps[0].task
    return floor.says(
        LampFailed(
            zone=PTL,
            light=LightId(light),
            outcome=outcome,  # type: ignore[arg-type]
            task=task,
            at=at(seconds),
        )
    )


def answers(floor: Floor, task: str | None, *, stuck: bool = False, seconds: float = 4) -> list:
    name = TaskId(task) if task else None
    told = LampAnswered(zone=PTL, light=LightId("A-01"), task=name, stuck=stuck, at=at(seconds))
    return floor.says(told)


def by_hand(floor: Floor, task: TaskId, qty: int = 3, seconds: float = 5) -> list:
    return floor.says(PickReported(task=task, button="confirm", qty=qty, by="anna", at=at(seconds)))


def test_a_module_that_is_not_there_is_said_at_once(floor: Floor) -> None:
    (failing,) = only(fails(floor), LampFailing)
    assert (failing.light, failing.trouble) == ("A-01", "no_answer")
    errand = floor.has(Errand, ALARM)
    assert (errand.station, errand.kind, errand.subject) == (PICK_A, "lamp", "A-01")
    assert errand.text == "Light A-01 does not answer."
    assert fails(floor, seconds=9) == []  # once


def test_one_message_may_be_lost(floor: Floor) -> None:
    assert fails(floor, "timed_out") == []
    assert floor.tx.get(Errand, ALARM) is None
    assert len(only(fails(floor, "timed_out", seconds=4), LampFailing)) == 1
    assert floor.has(Errand, ALARM).text == "Light A-01 does not say whether it is lit."
    assert fails(floor, "timed_out", seconds=6) == []


def test_an_answer_in_between_begins_anew(floor: Floor) -> None:
    fails(floor, "timed_out")
    answers(floor, floor.pick.steps[0].task)
    assert fails(floor, "timed_out", seconds=5) == []
    assert floor.tx.get(Errand, ALARM) is None


def test_the_three_outcomes_are_told_apart(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    fails(floor, "timed_out")
    fails(floor, "timed_out")
    assert floor.has(LampTrouble, "ptl_a|A-01").trouble == "timed_out"
    fails(floor, "no_answer")
    assert floor.has(LampTrouble, "ptl_a|A-01").trouble == "no_answer"
    assert floor.has(Errand, ALARM).text == "Light A-01 does not answer."
    answers(floor, task)
    assert floor.tx.get(LampTrouble, "ptl_a|A-01") is None
    assert floor.has(LightWanted, "ptl_a|A-01").answered


def test_the_lamp_ends_its_alarm_itself(floor: Floor) -> None:
    fails(floor)
    told = answers(floor, floor.pick.steps[0].task)
    assert [well.light for well in only(told, LampWell)] == ["A-01"]
    assert floor.tx.get(Errand, ALARM) is None


def test_a_key_that_is_stuck_is_said_though_the_lamp_shows_its_task(floor: Floor) -> None:
    told = answers(floor, floor.pick.steps[0].task, stuck=True)
    assert [failing.trouble for failing in only(told, LampFailing)] == ["stuck"]
    assert floor.has(LightWanted, "ptl_a|A-01").answered
    assert floor.has(Errand, ALARM).text == "Light A-01 has a key that stays down."
    assert len(only(answers(floor, floor.pick.steps[0].task), LampWell)) == 1


def test_a_failed_lamp_is_asked_on_but_not_in_a_storm(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    fails(floor)
    assert floor.commands == []
    floor.says(Due(key="lamp:ptl_a|A-01", at=at(4.5)))
    assert [(c.light, c.task) for c in floor.commands] == [("A-01", task)]


def test_its_pick_is_told_by_hand_exactly_once(floor: Floor) -> None:
    step = floor.pick.steps[0]
    fails(floor)
    assert len(only(by_hand(floor, step.task), LinePicked)) == 1
    assert only(by_hand(floor, step.task), LinePicked) == []  # the page again
    assert floor.answer[0] == "accepted"
    assert only(floor.presses(step, seconds=6), LinePicked) == []  # the lamp woke up
    assert floor.answer[0] == "accepted"
    assert floor.level("MUG")[0] == 7


def test_a_press_before_the_page_counts_once_too(floor: Floor) -> None:
    step = floor.pick.steps[0]
    fails(floor)
    assert len(only(floor.presses(step), LinePicked)) == 1
    assert only(by_hand(floor, step.task), LinePicked) == []
    assert floor.level("MUG")[0] == 7


def test_fewer_pieces_by_hand_is_a_short_pick_and_more_is_refused(floor: Floor) -> None:
    step = floor.pick.steps[0]
    by_hand(floor, step.task, qty=4)
    assert floor.answer == ("refused", "4 reported, 3 wanted")
    by_hand(floor, step.task, qty=2)
    taken = next(each for each in floor.pick.steps if each.task == step.task)
    assert (taken.picked, taken.state) == (2, "short")


def test_a_failed_lamp_that_is_wanted_no_more_is_asked_when_its_zone_is_back(floor: Floor) -> None:
    fails(floor)
    by_hand(floor, floor.pick.steps[0].task)
    floor.says(DeviceDown(device=PTL, reason="gone", at=at(6)))
    floor.says(DeviceUp(device=PTL, has=("A-09=" + floor.pick.steps[1].task,), at=at(7)))
    asked = [(c.light, c.task) for c in floor.commands if isinstance(c, SetLight)]
    assert ("A-01", None) in asked
    answers(floor, None, seconds=8)
    assert floor.tx.get(Errand, ALARM) is None


def test_a_failed_lamp_that_shows_its_task_when_its_zone_is_back_is_asked_all_the_same(
    floor: Floor,
) -> None:
    """Else nothing would end its alarm."""
    task = floor.pick.steps[0].task
    answers(floor, task)
    fails(floor)
    floor.says(DeviceDown(device=PTL, reason="gone", at=at(6)))
    floor.says(DeviceUp(device=PTL, has=(f"A-01={task}",), at=at(7)))
    asked = [(c.light, c.task) for c in floor.commands if isinstance(c, SetLight)]
    assert ("A-01", task) in asked
    answers(floor, task, seconds=8)
    assert floor.tx.get(Errand, ALARM) is None


def test_a_key_pressed_in_a_test_is_no_pick(floor: Floor) -> None:
    pressed = LightPressed(
        zone=PTL,
        light=LightId("A-02"),
        task=TaskId("test:green"),
        button="confirm",
        qty=88,
        at=at(3),
    )
    assert only(floor.says(pressed), WrongPress) == []
    assert floor.answer == ("accepted", "A-02: its key works")
