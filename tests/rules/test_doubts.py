"""A label that may have come out is held until the printer, a scan or a person says which."""

import pytest

from tests.rules.belt import PRINT1, PRINT2, TRACKING, A, B, Belt
from tests.rules.site import only
from tests.rules.test_labels import prints, waiting
from wcs.commands import LabelWanted
from wcs.events import LabelHeld, LabelReprinted, LabelSettled, LabelStuck, OrderProgressed
from wcs.model import Label
from wcs.names import DeviceId, Lpn
from wcs.observations import (
    CommandFailed,
    DeviceUp,
    LabelInDoubt,
    LabelJudged,
    LabelPrinted,
    PrinterChanged,
    ReprintAsked,
)

LOST = "it was sent, and the printer does not say that it is out"


def name(belt: Belt, lpn: str = A) -> str:
    return belt.has(LabelWanted, lpn).name


def up(belt: Belt, printer: DeviceId = PRINT1, **has: str) -> list[object]:
    shown = tuple(f"{slot}={task}" for slot, task in has.items())
    return [*belt.says(DeviceUp(device=printer, has=shown, at=belt.later()))]


def doubted(belt: Belt, lpn: str = A) -> list[object]:
    return [
        *belt.says(
            LabelInDoubt(
                printer=PRINT1, lpn=Lpn(lpn), name=name(belt, lpn), reason=LOST, at=belt.later()
            )
        )
    ]


def judged(belt: Belt, *, there: bool) -> list[object]:
    return [*belt.says(LabelJudged(lpn=Lpn(A), there=there, by="anna", at=belt.later()))]


def held() -> Belt:
    belt = waiting()
    (said,) = only(doubted(belt), LabelHeld)  # type: ignore[arg-type]
    assert said.why == f"print1: nobody knows whether the label of {A} came out: {LOST}"
    return belt


def test_a_held_label_is_an_errand_and_is_never_sent_again() -> None:
    belt = held()
    assert list(belt.errands()) == [f"label:{A}"]
    assert doubted(belt) == []

    assert only(belt.fires(f"label:{A}"), LabelStuck) == []
    up(belt)
    up(belt, label="W7", begun=name(belt))
    up(belt, label="W7")
    belt.says(PrinterChanged(printer=PRINT1, ready=False, reason="paper out", at=belt.later()))
    belt.says(PrinterChanged(printer=PRINT1, ready=True, reason="", at=belt.later()))
    failed = CommandFailed(
        device=PRINT1,
        command=belt.has(LabelWanted, A).command,
        what="Print",
        reason="too late",
        at=belt.later(),
    )
    belt.says(failed)
    assert prints(belt) == []
    assert belt.wanted_labels() == {A: PRINT1}


def test_the_printer_may_remember_it_after_all() -> None:
    belt = held()
    told = up(belt, label=name(belt))
    assert [one.status for one in only(told, OrderProgressed)] == ["packed"]  # type: ignore[arg-type]
    assert (belt.has(Label, A).prints, belt.has(Label, A).doubt) == (1, "")
    assert belt.wanted_labels() == {} and belt.errands() == {}


@pytest.mark.parametrize("lpn", [A, ""])
def test_it_may_come_out_later_and_the_printer_knows_only_its_name(lpn: str) -> None:
    belt = held()
    belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(lpn), name=name(belt), at=belt.later()))
    assert belt.has(Label, A).prints == 1 and belt.errands() == {}


def test_the_word_of_another_copy_ends_nothing() -> None:
    belt = held()
    belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(A), name="W1x1", at=belt.later()))
    assert belt.wanted_labels() == {A: PRINT1}


@pytest.mark.parametrize("scanner", ["tunnel1", "scan_pack1", "hand2"])
def test_a_scan_of_the_label_on_its_carton_ends_it(scanner: str) -> None:
    belt = held()
    codes = (TRACKING[A],) if scanner == "hand2" else (A, TRACKING[A])
    told = belt._read(scanner, *codes, trigger=1 if scanner == "tunnel1" else None)

    (settled,) = only(told, LabelSettled)
    assert settled.there and settled.why == f"{scanner} has read it"
    assert (belt.has(Label, A).prints, belt.has(Label, A).doubt) == (1, "")
    assert belt.wanted_labels() == {} and prints(belt) == []


def test_a_scan_of_the_plate_alone_proves_nothing() -> None:
    belt = held()
    belt.tunnel(1, A)
    assert belt.has(Label, A).doubt and belt.has(Label, A).prints == 0


def test_a_person_has_seen_it_on_its_carton() -> None:
    belt = held()
    (settled,) = only(judged(belt, there=True), LabelSettled)  # type: ignore[arg-type]
    assert settled.why == "anna has seen it"
    assert belt.has(Label, A).prints == 1 and belt.wanted_labels() == {}
    assert prints(belt) == []


def test_a_person_has_looked_and_there_is_none() -> None:
    belt = held()
    before = name(belt)
    judged(belt, there=False)
    (again,) = prints(belt)
    assert again.lpn == A and again.name == name(belt) != before
    assert belt.errands() == {} and belt.has(Label, A).doubt == ""


def test_what_is_not_held_cannot_be_judged() -> None:
    belt = waiting()
    judged(belt, there=False)
    assert belt.answer == ("refused", f"no label of {A} is held")
    assert prints(belt) == []


def test_a_reprint_is_a_persons_word_too() -> None:
    belt = held()
    told = belt.says(ReprintAsked(lpn=Lpn(A), by="anna", at=belt.later()))
    assert len(only(told, LabelReprinted)) == len(prints(belt)) == 1
    assert belt.has(Label, A).doubt == ""


def test_a_carton_that_left_with_a_doubt_gets_no_second_label_by_itself() -> None:
    belt = held()
    belt.in_hospital(A)
    belt.solves("reinduct")
    belt.at_pack(A)  # the next round: the held wish is withdrawn, the doubt stays
    belt.weighs()
    assert belt.wanted_labels() == {} and prints(belt) == []
    assert belt.carton().next == "tunnel1"

    belt.tunnel(2, A, TRACKING[A])
    assert (belt.has(Label, A).prints, belt.has(Label, A).doubt) == (1, "")
    assert belt.carton().label_ok


def test_a_doubt_without_a_wish_is_judged_as_well() -> None:
    belt = held()
    belt.in_hospital(A)
    belt.solves("reinduct")
    belt.at_pack(A)
    judged(belt, there=True)
    assert (belt.has(Label, A).prints, belt.has(Label, A).doubt) == (1, "")


def test_after_a_crash_the_last_label_is_not_printed_again() -> None:
    belt = waiting()
    told = up(belt, label=name(belt))

    assert prints(belt) == []
    assert [one.status for one in only(told, OrderProgressed)] == ["packed"]  # type: ignore[arg-type]
    assert belt.carton().next == "tunnel1"


def test_after_a_crash_a_label_that_was_never_begun_is_asked_for_again() -> None:
    belt = waiting()
    belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(B), name="W7", at=belt.later()))
    up(belt, label="W7")
    assert [print.name for print in prints(belt)] == [name(belt)]


def test_after_a_crash_a_label_that_was_begun_is_held() -> None:
    belt = waiting()
    belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(B), name="W7", at=belt.later()))
    (said,) = only(up(belt, label="W7", begun=name(belt)), LabelHeld)  # type: ignore[arg-type]
    assert "the line or the power went" in said.why and prints(belt) == []


@pytest.mark.parametrize("has", [{}, {"label": "W99"}, {"label": "W7", "begun": "W99"}])
def test_a_printer_that_remembers_something_else_proves_nothing(has: dict[str, str]) -> None:
    """Another unit in its place, or one that has lost its memory."""
    belt = waiting()
    belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(B), name="W7", at=belt.later()))
    assert len(only(up(belt, **has), LabelHeld)) == 1  # type: ignore[arg-type]
    assert prints(belt) == []


def test_what_was_never_sent_is_sent_whatever_the_printer_remembers() -> None:
    belt = waiting()
    (sent,) = belt.tx.commands
    belt.says(
        CommandFailed(device=PRINT1, command=sent[0], what="Print", reason="away", at=belt.later())
    )
    up(belt, label="W99")
    assert [print.name for print in prints(belt)] == [name(belt)]


def test_each_wish_has_a_name_of_its_own_that_a_printer_can_keep() -> None:
    belt = waiting()
    first = name(belt)
    belt.printed()
    belt.in_hospital(A)
    belt.says(ReprintAsked(lpn=Lpn(A), by="anna", at=belt.later()))
    again = belt.has(LabelWanted, A)
    assert again.device == PRINT2 and again.name != first
    assert again.name.isalnum() and len(again.name) <= 20
