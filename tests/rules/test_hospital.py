"""The hospital lane: reason and remedy for a person, and how a carton gets out again."""

import pytest

from tests.rules.belt import PRINT1, PRINT2, TRACKING, A, B, Belt, Remedy
from tests.rules.site import PTL, T0, only, shop, site
from wcs.events import (
    CartonPutBack,
    CartonRouted,
    CartonToHospital,
    CartonWeighed,
    Event,
    HospitalEnded,
    LabelReprinted,
    LabelRequested,
    OrderCancelled,
    OrderProgressed,
)
from wcs.model import Carton, Label
from wcs.names import Lpn
from wcs.observations import LightPressed, Rebound

NEW = "L00000009"


def overweight() -> Belt:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs(580)
    belt.printed()
    belt.in_hospital(A)
    return belt


def rebinds(belt: Belt, new: str = NEW, lpn: str = A) -> list[Event]:
    return belt.says(Rebound(lpn=Lpn(lpn), new=Lpn(new), by="anna", at=belt.later()))


def test_reason_and_remedy_are_read_by_a_hand_scan() -> None:
    belt = overweight()
    belt.hand_scan(A)
    wrong = "wrong weight: 580 g, expected 380 g (+-40 g)"
    assert belt.answer == ("accepted", f"{wrong}: check contents, accept weight")
    assert belt.errands("HOSPITAL") == {f"hospital:{A}": wrong}
    assert f"overdue:{A}" in belt.tx.timers


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("L00000099", "unknown plate L00000099"),
        ("SW0000000001", "scan the plate of the carton: L and eight digits"),
    ],
)
def test_what_is_not_known_gets_the_bad_tone(code: str, why: str) -> None:
    belt = overweight()
    belt.hand_scan(code)
    assert belt.answer == ("refused", why)


def test_a_carton_still_being_picked_is_refused() -> None:
    belt = Belt()
    belt.orders("1", ("MUG", 2))
    belt.scans(A)
    belt.hand_scan(A)
    assert belt.answer == ("refused", f"{A} is still being picked for shop:1")
    assert belt.carton().state == "picking"


def test_a_plate_scanned_here_is_here() -> None:
    belt = Belt()
    belt.packed()
    (arrived,) = only(belt.hand_scan(A), CartonToHospital)
    assert arrived.why == "carried here by hand"
    assert only(belt.hand_scan(A), CartonToHospital) == []


def test_a_scan_gives_the_oldest_nameless_carton_its_name() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack()
    belt.in_hospital(track=7)
    assert belt.errands("HOSPITAL") == {"hospital:track 7": "no-read"}

    belt.hand_scan(A)

    assert belt.errands("HOSPITAL") == {f"hospital:{A}": "no-read"}
    assert belt.answer == ("accepted", "no-read: clean the plate or bind a new one, reinduct")
    belt.solves("reinduct")
    assert (belt.carton().state, belt.carton().next) == ("moving", "scan_pack1")


def test_an_accepted_weight_leaves_with_its_label() -> None:
    belt = overweight()

    told = belt.solves("accept_weight")
    assert [(w.expected_g, w.ok, w.why) for w in only(told, CartonWeighed)] == [
        (580, True, "accepted by anna")
    ]
    assert len(only(told, LabelRequested)) == 1
    assert belt.carton().state == "hospital"
    belt.issued()
    assert belt.wanted_labels() == {A: PRINT2}
    told = belt.printed(printer=PRINT2)
    assert [(e.remedy, e.by) for e in only(told, HospitalEnded)] == [("accept_weight", "anna")]
    assert [p.status for p in only(told, OrderProgressed)] == ["packed"]
    assert (belt.carton().state, belt.carton().fault) == ("moving", None)
    assert belt.errands("HOSPITAL") == {}

    belt.at_pack(A)
    belt.weighs(582)
    assert (belt.commands, belt.carton().weight_ok) == ([], True)
    assert only(belt.tunnel(91, A, TRACKING[A]), CartonRouted)[0].lane == "1"


def test_reprinted_it_keeps_its_number_and_leaves_with_the_label() -> None:
    belt = Belt()
    belt.packed()
    belt.in_hospital(A)
    assert belt.carton().remedy == "stick on a new label, reprint"

    (reprinted,) = only(belt.solves("reprint"), LabelReprinted)

    assert (reprinted.tracking, reprinted.by) == (TRACKING[A], "anna")
    assert belt.carton().state == "hospital"
    belt.printed(printer=PRINT2)
    assert belt.carton().state == "moving"
    assert only(belt.tunnel(91, A, TRACKING[A]), CartonRouted)[0].lane == "1"


def test_a_label_that_came_too_late_for_the_line_is_printed_here() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.at_pack()
    belt.issued()
    belt.in_hospital(A)
    belt.solves("reprint")
    belt.printed(printer=PRINT2)
    assert (belt.carton().state, belt.order("1").state) == ("moving", "packed")


@pytest.mark.parametrize(
    ("remedy", "why"),
    [
        ("reprint", f"{A} has the wrong weight: check contents, accept weight"),
        ("relabel", f"{A} has the wrong weight: check contents, accept weight"),
        ("emptied", f"{A} still holds 2 of MUG"),
    ],
)
def test_a_remedy_that_does_not_fit_is_refused(remedy: Remedy, why: str) -> None:
    belt = overweight()
    assert belt.solves(remedy) == []
    assert belt.answer == ("refused", why)
    assert belt.carton().state == "hospital"


def test_other_remedies_that_do_not_fit() -> None:
    belt = Belt()
    belt.carried()
    belt.in_hospital(A)
    belt.solves("accept_weight")
    assert belt.answer == ("refused", f"{A} was not weighed: reinduct")
    belt.solves("reinduct")
    belt.solves("reinduct")
    assert belt.answer == ("refused", f"{A} is not in the hospital lane: scan it first")
    belt.at_pack(A)
    belt.weighs()
    belt.hand_scan(A)
    belt.solves("reprint")
    assert belt.answer == ("refused", f"{A} has no label yet: relabel")
    belt.issued()
    belt.solves("relabel")
    assert belt.answer == ("refused", f"{A} has tracking number {TRACKING[A]}: reprint")
    belt.solves("accept_weight")
    assert belt.answer[1].startswith(f"the weight of {A} is in order")


def test_corrected_contents_are_weighed_again() -> None:
    belt = overweight()
    belt.solves("reinduct")
    belt.at_pack(A)
    assert len(only(belt.weighs(380), LabelRequested)) == 1
    assert belt.carton().fault is None


def test_a_carton_put_back_on_the_belt_without_a_word_left_the_hospital() -> None:
    belt = overweight()
    (ended,) = only(belt.at_pack(A), HospitalEnded)
    assert (ended.remedy, ended.by) == ("reinduct", "scan_pack1")
    assert belt.errands("HOSPITAL") == {}


def cancelled() -> Belt:
    belt = Belt()
    belt.packed(qty=3)
    belt.asks_cancel("1", seconds=belt.now_s)
    belt.in_hospital(A, TRACKING[A])
    return belt


def test_a_cancelled_carton_is_put_back_piece_by_piece() -> None:
    belt = cancelled()
    assert (belt.holds(f"carton:{A}"), belt.holds(f"putback:{A}")) == (0, 3)
    assert belt.errands() == {f"put_back:{A}|MUG": f"put 3 of MUG from {A} back"}
    assert belt.order("1").state == "cancelling"
    belt.solves("reinduct")
    assert belt.answer == ("refused", f"{A} is cancelled: put back")

    assert [p.qty for p in only(belt.puts_back(2), CartonPutBack)] == [2]
    assert list(belt.errands()) == [f"put_back:{A}|MUG"]
    belt.puts_back(2)
    assert belt.answer == ("refused", f"1 of MUG from {A} are to be put back")
    belt.solves("emptied")
    assert belt.answer == ("refused", f"{A} still holds 1 of MUG")

    belt.puts_back(1)
    assert (belt.carton().state, belt.order("1").state) == ("emptied", "cancelled")
    assert (belt.errands(), belt.errands("HOSPITAL")) == ({}, {})
    assert belt.holds("shelf:A-01-1") == 50
    assert belt.level("MUG") == (50, 50)
    belt.puts_back(1)
    assert belt.answer[0] == "refused"


def test_the_shop_hears_of_the_cancellation_once() -> None:
    belt = Belt()
    belt.packed()
    told = belt.asks_cancel("1", seconds=belt.now_s)
    told += belt.in_hospital(A, TRACKING[A])
    told += belt.puts_back(2)
    assert len(only(told, OrderCancelled)) == 1


def test_goods_go_back_to_a_shelf_that_there_is() -> None:
    belt = cancelled()
    belt.puts_back(1, location="Z-99")
    assert belt.answer == ("refused", "there is no location Z-99")
    belt.puts_back(3, location="A-02-1")
    assert belt.holds("shelf:A-02-1") == 3


def test_a_cancellation_in_the_hospital_turns_the_remedy_over() -> None:
    belt = overweight()
    belt.asks_cancel("1", seconds=belt.now_s)
    assert (belt.carton().remedy, belt.holds(f"putback:{A}")) == ("put back", 2)
    belt.hand_scan(A)
    assert belt.answer == ("accepted", "cancelled: put back")


def test_a_cancellation_while_its_label_is_waited_for() -> None:
    belt = overweight()
    belt.solves("accept_weight")
    belt.asks_cancel("1", seconds=belt.now_s)
    belt.issued()
    assert belt.wanted_labels() == {}
    assert belt.carton().state == "hospital"


def test_a_carton_with_nothing_in_it_is_emptied() -> None:
    belt = Belt()
    belt.orders("1", ("MUG", 2))
    belt.scans(A)
    belt.asks_cancel("1")
    belt.in_hospital(A)
    assert belt.carton().remedy == "emptied"
    told = belt.solves("emptied")
    assert [ended.remedy for ended in only(told, HospitalEnded)] == ["emptied"]
    assert belt.carton().state == "emptied"


def test_an_order_is_cancelled_when_the_last_of_its_cartons_is_empty() -> None:
    belt = Belt(site(channels=shop(on_short="hold")))
    belt.orders("1", ("MUG", 2))
    belt.scans(A)
    (step,) = belt.open_steps
    belt.says(
        LightPressed(zone=PTL, light=step.light, task=step.task, button="short", qty=1, at=T0)
    )
    assert (belt.carton().cancelled, belt.order("1").state) == (True, "held")
    belt.stocked(("A-02-1", "MUG", 9))
    belt.picks(B)
    belt.at_pack(B)
    belt.asks_cancel("1", seconds=belt.now_s)

    belt.hand_scan(A)
    belt.puts_back(1, A)
    assert (belt.carton(A).state, belt.order("1").state) == ("emptied", "cancelling")
    belt.hand_scan(B)
    belt.puts_back(2, B)
    assert (belt.carton(B).state, belt.order("1").state) == ("emptied", "cancelled")


def test_a_new_plate_takes_over_everything() -> None:
    belt = Belt()
    belt.packed()
    belt.hand_scan(A)

    rebinds(belt)

    new = belt.carton(NEW)
    assert (new.state, new.order, new.tracking) == ("hospital", "shop:1", TRACKING[A])
    assert (belt.carton(A).state, belt.order("1").lpn) == ("emptied", NEW)
    assert (belt.holds(f"carton:{A}"), belt.holds(f"carton:{NEW}")) == (0, 2)
    label = belt.has(Label, NEW)
    assert (label.prints, A in label.zpl, NEW in label.zpl) == (0, False, True)
    assert list(belt.errands("HOSPITAL")) == [f"hospital:{NEW}"]

    belt.solves("reprint", NEW)
    belt.printed(NEW, PRINT2)
    belt.at_pack(NEW)
    belt.weighs()
    assert belt.commands == []
    assert only(belt.tunnel(92, NEW, TRACKING[A]), CartonRouted)[0].lane == "1"


def test_the_carriers_answer_follows_the_carton_to_its_new_plate() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.hand_scan(A)
    rebinds(belt)
    belt.issued(A)
    assert belt.carton(NEW).tracking == TRACKING[A]
    assert NEW in belt.has(Label, NEW).zpl
    assert PRINT1 not in belt.wanted_labels().values()


@pytest.mark.parametrize(
    ("new", "lpn", "why"),
    [
        (B, A, f"{B} is bound to order shop:2"),
        ("4711", A, "4711 is not a plate: L and eight digits"),
        (NEW, "L00000077", "unknown plate L00000077"),
    ],
)
def test_a_plate_that_cannot_take_over(new: str, lpn: str, why: str) -> None:
    belt = Belt()
    belt.packed(A)
    belt.picked(B, number="2")
    rebinds(belt, new, lpn)
    assert belt.answer == ("refused", why)
    assert belt.carton(A).state == "moving"


def test_only_one_carton_exists_after_a_rebinding() -> None:
    belt = Belt()
    belt.packed()
    rebinds(belt)
    alive = [c.lpn for c in belt.tx.find(Carton) if c.state not in ("emptied", "shipped", "lost")]
    assert alive == [NEW]
