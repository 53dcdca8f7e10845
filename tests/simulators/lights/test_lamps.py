"""The lamps by value: what they show, what they ignore, what a press says."""

from datetime import UTC, datetime, timedelta

import pytest

from simulators.lamps import DARK, Lamps

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LATER = "2026-11-21T10:00:01.000Z"


def lit(**change: object) -> dict:
    return {"task": "12-3", "on": True, "colour": "green", "qty": 3, "before": LATER} | change


@pytest.fixture
def lamps() -> Lamps:
    return Lamps(["A-00", "A-01"], boot="b1")


def test_all_are_dark_at_start(lamps: Lamps) -> None:
    assert set(lamps.shows.values()) == {DARK}
    assert lamps.state("A-01") == {"task": None, "on": False}


def test_a_lamp_shows_what_it_was_told(lamps: Lamps) -> None:
    assert lamps.set("A-01", lit(), NOW)
    assert lamps.state("A-01") == {"task": "12-3", "on": True}
    assert (lamps.shows["A-01"].qty, lamps.shows["A-01"].colour) == (3, "green")


def test_the_display_shows_a_text(lamps: Lamps) -> None:
    lamps.set("A-00", lit(text="SCAN CARTON"), NOW)
    assert lamps.shows["A-00"].text == "SCAN CARTON"


def test_off_is_dark_whatever_else_is_said(lamps: Lamps) -> None:
    lamps.set("A-01", lit(), NOW)
    assert lamps.set("A-01", {"task": None, "on": False, "before": LATER}, NOW)
    assert lamps.shows["A-01"] == DARK


def test_a_command_after_its_moment_is_ignored(lamps: Lamps) -> None:
    assert not lamps.set("A-01", lit(), NOW + timedelta(seconds=2))
    assert lamps.shows["A-01"] == DARK


@pytest.mark.parametrize(
    "command", [{}, {"on": True}, lit(before="soon"), lit(qty="many"), {"before": LATER}, None, 3]
)
def test_what_is_no_command_is_ignored(lamps: Lamps, command) -> None:
    assert not lamps.set("A-01", command, NOW)


def test_a_lamp_of_another_zone_is_unknown(lamps: Lamps) -> None:
    with pytest.raises(KeyError):
        lamps.set("B-01", lit(), NOW)


def test_presses_count_on_and_name_what_the_lamp_showed(lamps: Lamps) -> None:
    lamps.set("A-01", lit(), NOW)
    presses = [lamps.press("A-01", "confirm", 3), lamps.press("A-00", "short", 0)]
    assert presses == [
        {"event": "confirm", "qty": 3, "task": "12-3", "seq": 1, "boot": "b1"},
        {"event": "short", "qty": 0, "task": None, "seq": 2, "boot": "b1"},
    ]


def test_a_confirm_does_not_darken_the_lamp(lamps: Lamps) -> None:
    lamps.set("A-01", lit(), NOW)
    lamps.press("A-01", "confirm", 3)
    assert lamps.shows["A-01"].on


def test_plus_and_minus_change_what_confirm_says() -> None:
    lamps = Lamps(["A-01"], boot="b")
    assert lamps.set("A-01", lit(qty=3), NOW)
    assert [lamps.key("A-01", key)["qty"] for key in ("-", "-", "+")] == [2, 1, 2]
    assert lamps.key("A-01", "+")["event"] == "qty"
    assert lamps.key("A-01", "-")["seq"] == 5
    confirmed = lamps.key("A-01", "confirm")
    assert (confirmed["event"], confirmed["qty"], confirmed["task"]) == ("confirm", 2, "12-3")
    assert lamps.set("A-01", lit(qty=4), NOW)
    assert lamps.digits("A-01") == 4


def test_less_than_none_is_none() -> None:
    lamps = Lamps(["A-01"], boot="b")
    assert [lamps.key("A-01", "-")["qty"] for _ in range(2)] == [0, 0]


def test_a_module_that_is_gone_obeys_nothing_and_its_zone_says_so() -> None:
    lamps = Lamps(["A-01", "A-02"], boot="b")
    lamps.faults["A-01"] = "no_answer"
    assert not lamps.set("A-01", lit(), NOW)
    assert lamps.state("A-01") == {"task": None, "on": False, "fault": "no_answer"}
    assert lamps.set("A-02", lit(), NOW)
    assert lamps.state("A-02") == {"task": "12-3", "on": True}
