"""One tracking number per carton; a label is printed where the carton stands, and not twice."""

import pytest

from tests.rules.belt import PRINT1, PRINT2, TRACKING, A, Belt
from tests.rules.site import at, only
from wcs.commands import PrintLabel
from wcs.events import LabelDoubled, LabelReceived, LabelReprinted, LabelStuck, OrderProgressed
from wcs.model import Errand, Label
from wcs.names import CarrierId, Lpn
from wcs.observations import CommandFailed, LabelRefused, PrinterChanged, ReprintAsked


def waiting() -> Belt:
    """A carton stands at the applicator and its label is wanted."""
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.issued()
    return belt


def prints(belt: Belt) -> list[PrintLabel]:
    return [command for command in belt.commands if isinstance(command, PrintLabel)]


def test_the_first_tracking_number_wins() -> None:
    belt = waiting()
    assert belt.issued() == []

    (doubled,) = only(belt.issued(tracking="SW0000000777"), LabelDoubled)

    assert (doubled.tracking, doubled.kept) == ("SW0000000777", TRACKING[A])
    assert belt.answer[0] == "refused"
    assert belt.order("1").tracking == belt.has(Label, A).tracking == TRACKING[A]


def test_a_label_that_nobody_asked_for_is_refused() -> None:
    belt = Belt()
    belt.carried()

    assert belt.issued() == []
    assert belt.answer == ("refused", f"nobody waits for a label of {A}")


def test_a_printed_label_is_counted_and_told_once() -> None:
    belt = waiting()
    assert len(only(belt.printed(), OrderProgressed)) == 1
    assert belt.printed() == []
    assert (belt.has(Label, A).prints, belt.wanted_labels()) == (1, {})


def test_another_printers_word_does_not_count() -> None:
    belt = waiting()
    assert belt.printed(printer=PRINT2) == []
    assert belt.wanted_labels() == {A: PRINT1}


def test_out_of_paper_the_label_waits_and_a_person_is_called() -> None:
    belt = waiting()
    out = PrinterChanged(printer=PRINT1, ready=False, reason="paper out", at=belt.later())
    belt.says(out)
    assert belt.says(out) == []
    assert belt.errands() == {"printer:print1": "print1 does not print: paper out"}
    assert belt.wanted_labels() == {A: PRINT1}

    belt.says(PrinterChanged(printer=PRINT1, ready=True, reason="", at=belt.later()))
    assert belt.errands() == {}
    assert prints(belt) == []  # it lies in the printer already and comes out by itself


def test_the_errand_of_a_printer_says_what_is_wrong_now_and_what_to_do() -> None:
    belt = waiting()
    for reason, remedy in (
        ("paper out", "put in a roll; what waits comes out by itself"),
        ("head open, paper out", "close the head; put in a roll; what waits comes out by itself"),
        ("paused", "press pause; what waits comes out by itself"),
    ):
        belt.says(PrinterChanged(printer=PRINT1, ready=False, reason=reason, at=belt.later()))
        errand = belt.has(Errand, "printer:print1")
        assert (errand.text, errand.remedy) == (f"print1 does not print: {reason}", remedy)


def test_a_command_that_failed_is_asked_for_again() -> None:
    belt = waiting()
    (sent,) = belt.tx.commands
    failed = CommandFailed(
        device=PRINT1, command=sent[0], what="Print", reason="too late", at=belt.later()
    )
    belt.says(failed)

    assert belt.tx.timers[f"label:{A}"] == at(belt.now_s + 2)
    belt.fires(f"label:{A}")
    assert [p.lpn for p in prints(belt)] == [A]
    assert belt.says(failed) == []
    assert belt.tx.timers.get(f"label:{A}") is None


def test_a_failed_command_waits_for_paper() -> None:
    belt = waiting()
    (sent,) = belt.tx.commands
    belt.says(PrinterChanged(printer=PRINT1, ready=False, reason="paper out", at=belt.later()))
    belt.says(
        CommandFailed(device=PRINT1, command=sent[0], what="Print", reason="no", at=belt.later())
    )
    belt.fires(f"label:{A}")
    assert prints(belt) == []
    belt.says(PrinterChanged(printer=PRINT1, ready=True, reason="", at=belt.later()))
    assert [p.lpn for p in prints(belt)] == [A]


def test_a_label_that_does_not_come_out_is_said() -> None:
    belt = waiting()
    (stuck,) = only(belt.fires(f"label:{A}"), LabelStuck)
    assert (stuck.device, stuck.why) == (PRINT1, "print1 has not printed it")
    assert prints(belt) == []  # the printer may still print the first


def test_a_reprint_keeps_the_number_and_says_who_asked() -> None:
    belt = waiting()
    belt.printed()
    belt.in_hospital(A)
    ask = ReprintAsked(lpn=Lpn(A), by="anna", at=belt.later())

    (reprinted,) = only(belt.says(ask), LabelReprinted)

    assert (reprinted.tracking, reprinted.by) == (TRACKING[A], "anna")
    assert [(p.device, TRACKING[A] in p.zpl) for p in prints(belt)] == [(PRINT2, True)]
    belt.printed(printer=PRINT2)
    assert belt.has(Label, A).prints == 2
    assert belt.carton().state == "hospital"


def test_a_reprint_of_a_sorted_carton_leaves_it_sorted() -> None:
    belt = Belt()
    belt.sorted()
    belt.says(ReprintAsked(lpn=Lpn(A), by="anna", at=belt.later()))
    assert belt.printed(printer=PRINT2) == []
    assert (belt.carton().state, belt.order("1").state) == ("sorted", "sorted")


def test_what_has_no_label_cannot_be_printed_again() -> None:
    belt = Belt()
    belt.carried()
    belt.says(ReprintAsked(lpn=Lpn(A), by="anna", at=belt.later()))
    assert belt.answer == ("refused", f"{A} has no label yet")


def refused(belt: Belt) -> None:
    belt.says(
        LabelRefused(
            lpn=Lpn(A), carrier=CarrierId("swift"), reason="no such street", at=belt.later()
        )
    )


def test_a_refused_label_sends_the_carton_to_the_hospital_to_be_asked_for_again() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    refused(belt)

    assert belt.carton().fault == "swift refused the label: no such street"
    assert belt.wanted_labels() == {A: PRINT1}
    assert belt.errands("HOSPITAL")[f"hospital:{A}"] == "swift refused the label: no such street"

    belt.printed()
    belt.in_hospital(A)
    assert belt.carton().remedy == "correct the address, relabel"
    belt.solves("relabel")
    (received,) = only(belt.issued(), LabelReceived)
    assert received.tracking == TRACKING[A]
    assert belt.wanted_labels() == {A: PRINT2}
    belt.printed(printer=PRINT2)
    assert (belt.carton().state, belt.carton().fault) == ("moving", None)


def test_refused_again_the_person_is_told_again() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    refused(belt)
    belt.in_hospital(A)
    belt.solves("relabel")
    refused(belt)

    assert (belt.carton().state, belt.carton().solved) == ("hospital", None)
    belt.solves("relabel")
    assert belt.answer[0] == "accepted"


@pytest.mark.parametrize("late", [True, False])
def test_an_answer_for_a_lost_carton_is_refused(late: bool) -> None:
    from wcs.observations import CartonLost

    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.says(CartonLost(lpn=Lpn(A), by="bo", at=belt.later()))
    if late:
        belt.picks(A)  # the order is picked again, by chance into the same plate

    assert belt.issued() == []
    assert belt.answer[0] == "refused"
    assert belt.carton().tracking is None
