"""The pack line: which carton stands at the applicator, what it weighs, which label it needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.belt import PRINT1, TRACKING, A, B, Belt
from tests.rules.site import only, site
from wcs.commands import LabelWanted, PrintLabel
from wcs.events import CartonWeighed, LabelRequested, LabelStuck
from wcs.model import Label, PackStation
from wcs.packing import weight_fault
from wcs.zpl import exception_label

LINE = site().pack


def noread(belt: Belt) -> str:
    (key,) = (key for key in belt.wanted_labels() if key.startswith("noread-"))
    return key


def zpl_of(belt: Belt, key: str) -> str:
    return belt.has(LabelWanted, key).zpl


@pytest.mark.parametrize(
    ("expected_g", "measured_g", "fault"),
    [
        (380, 420, None),
        (380, 340, None),
        (380, 421, "wrong weight: 421 g, expected 380 g (+-40 g)"),
        (380, 339, "wrong weight: 339 g, expected 380 g (+-40 g)"),
        (10_000, 10_300, None),
        (10_000, 10_301, "wrong weight: 10301 g, expected 10000 g (+-300 g)"),
    ],
)
def test_three_percent_or_forty_grams_whichever_is_more(
    expected_g: int, measured_g: int, fault: str | None
) -> None:
    assert weight_fault(expected_g, measured_g, LINE) == fault


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_tolerance_is_the_same_above_and_below(expected_g: int, off_g: int) -> None:
    over = weight_fault(expected_g, expected_g + off_g, LINE)
    under = weight_fault(expected_g, expected_g - off_g, LINE)
    assert (over is None) == (under is None)


def test_a_wrong_weight_gets_an_exception_label_and_no_tracking_number() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)

    told = belt.weighs(580)

    assert [weighed.ok for weighed in only(told, CartonWeighed)] == [False]
    assert only(told, LabelRequested) == []
    assert belt.carton().fault == "wrong weight: 580 g, expected 380 g (+-40 g)"
    assert belt.carton().remedy == "check contents, accept weight"
    assert belt.wanted_labels() == {A: PRINT1}
    assert "^FDEXCEPTION^FS" in zpl_of(belt, A)
    belt.printed()
    assert (belt.wanted_labels(), belt.carton().next) == ({}, "tunnel1")
    assert belt.tx.get(Label, A) is None


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        ((), "no-read"),
        (("SW0000000001",), "no-read"),
        ((A, "L00000099"), f"several plates: {A}, L00000099"),
        (("L00000099",), "unknown plate L00000099"),
    ],
)
def test_what_nobody_knows_gets_an_exception_label_of_its_own(
    codes: tuple[str, ...], why: str
) -> None:
    belt = Belt()
    belt.carried()

    belt.at_pack(*codes)

    station = belt.has(PackStation, "scan_pack1")
    assert (station.lpn, station.why) == (None, why)
    assert "EXCEPTION" in zpl_of(belt, noread(belt)) and why[:20] in zpl_of(belt, noread(belt))
    assert belt.weighs() == []
    assert len(belt.wanted_labels()) == 1
    belt.printed(noread(belt))
    assert belt.wanted_labels() == {}


def test_a_label_is_not_printed_for_a_carton_that_has_left() -> None:
    belt = Belt()
    belt.carried(A)
    belt.at_pack(A)
    belt.weighs()
    belt.issued(A)
    assert belt.wanted_labels() == {A: PRINT1}

    belt.carried(B, number="2")
    belt.at_pack(B)

    assert belt.wanted_labels() == {}
    assert (belt.carton(A).next, belt.has(Label, A).prints) == ("tunnel1", 0)
    assert f"overdue:{A}" in belt.tx.timers


def test_a_label_that_comes_too_late_is_only_kept() -> None:
    belt = Belt()
    belt.carried(A)
    belt.at_pack(A)
    belt.weighs()
    belt.at_pack()
    belt.issued(A)

    assert A not in belt.wanted_labels()
    assert belt.carton(A).tracking == TRACKING[A]


def test_a_weight_belongs_to_the_carton_read_at_most_two_seconds_before() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)

    told = belt.weighs(after_s=2.1)

    assert only(told, CartonWeighed) == []
    assert belt.has(PackStation, "scan_pack1").lpn is None
    assert noread(belt) in belt.wanted_labels()


def test_a_stray_weight_is_not_taken_for_another_carton() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    for after_s in (0.5, 30):
        assert belt.weighs(700, after_s) == []
        assert belt.answer[0] == "refused"

    assert (belt.carton().measured_g, belt.carton().weight_ok) == (380, True)
    assert belt.wanted_labels() == {}


def test_read_twice_it_is_one_carton_and_one_request() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    assert belt.at_pack(A) == []
    first = belt.weighs()
    belt.at_pack()
    belt.at_pack(A)
    second = belt.weighs()

    assert [len(only(told, LabelRequested)) for told in (first, second)] == [1, 0]


def test_what_comes_again_with_its_label_needs_nothing() -> None:
    belt = Belt()
    belt.packed()
    belt.tunnel(1, A, TRACKING[A])
    belt.confirms(1, "0", "recirculated")

    belt.at_pack(A)
    belt.weighs(395)

    assert (belt.commands, belt.wanted_labels()) == ([], {})
    assert (belt.carton().next, belt.carton().weight_ok) == ("tunnel1", True)


def test_a_good_carton_that_is_not_weighed_again_is_left_alone() -> None:
    belt = Belt()
    belt.packed()
    belt.at_pack()
    belt.at_pack(A)

    assert f"label:{A}" not in belt.tx.timers
    assert (belt.carton().next, belt.carton().fault) == ("tunnel1", None)


def test_what_comes_again_too_light_does_not_ship() -> None:
    belt = Belt()
    belt.packed()
    belt.at_pack()
    belt.at_pack(A)
    belt.weighs(200)

    assert not belt.carton().weight_ok
    assert "EXCEPTION" in zpl_of(belt, A)


def test_a_carton_that_the_scale_did_not_see_does_not_block_the_line() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)

    belt.fires(f"label:{A}")

    assert belt.carton().fault == "not weighed"
    assert "EXCEPTION" in zpl_of(belt, A)


def test_a_carrier_that_does_not_answer_is_said_once() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()

    (stuck,) = only(belt.fires(f"label:{A}"), LabelStuck)

    assert (stuck.lpn, stuck.why) == (A, "the carrier has not answered")
    assert belt.wanted_labels() == {}
    belt.issued()
    assert belt.wanted_labels() == {A: PRINT1}


def test_a_cancelled_carton_gets_an_exception_label_instead() -> None:
    belt = Belt()
    belt.carried()
    belt.asks_cancel("1")
    belt.at_pack(A)
    told = belt.weighs()

    assert only(told, LabelRequested) == []
    assert "cancelled" in zpl_of(belt, A)
    assert belt.carton().remedy == "put back"
    assert belt.carton().fault is not None


def test_a_cancellation_at_the_applicator_swaps_the_label() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.issued()
    assert "EXCEPTION" not in zpl_of(belt, A)

    belt.asks_cancel("1", seconds=belt.now_s)

    assert "EXCEPTION" in zpl_of(belt, A)
    assert [type(command) for command in belt.commands] == [PrintLabel]


def test_an_exception_label_says_why_and_carries_no_code() -> None:
    zpl = exception_label("L00000001", "wrong weight: 580 g ^FO ~HS \n done")

    assert zpl.startswith("^XA") and zpl.endswith("^XZ")
    assert "^FDEXCEPTION^FS" in zpl and "^BC" not in zpl
    assert "wrong weight: 580 g  FO  HS   done" in zpl


@given(st.text())
def test_no_reason_can_break_a_label(why: str) -> None:
    zpl = exception_label("L00000001", why)
    fields = zpl.count("^FD")
    assert fields == 3 and zpl.count("^XZ") == 1 and "~" not in zpl
