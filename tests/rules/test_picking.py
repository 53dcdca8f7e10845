"""Picking by light: the plate, the lamps along the walk, confirm and wrong press."""

from dataclasses import replace
from typing import Any

import pytest

from tests.rules.site import PTL, Floor, at, only
from wcs.commands import LabelWanted, LightWanted, SetLight
from wcs.events import (
    CartonBound,
    CartonPicked,
    LinePicked,
    OrderProgressed,
    OrderReleased,
    StockLevel,
    StockMoved,
    WrongPress,
)
from wcs.model import Carton, Label
from wcs.names import CarrierId, DeviceId, LightId, Lpn, OrderKey, TaskId
from wcs.observations import LightPressed, PickReported

PLATE = "L00000001"


@pytest.fixture
def floor() -> Floor:
    """Order 1 waits for its carton: 3 MUG at the first bay, then 2 CUP at the fifth."""
    floor = Floor().stocked(("A-01-1", "MUG", 10), ("A-05-1", "CUP", 5))
    floor.orders("1", ("MUG", 3), ("CUP", 2))
    return floor


def lamps(floor: Floor) -> dict[str, tuple[int, bool]]:
    """Quantity and flashing of each lamp that is wanted lit."""
    return {want.light: (want.qty, want.flash) for want in floor.tx.find(LightWanted)}


def test_a_plate_binds_and_every_lamp_is_lit_at_once(floor: Floor) -> None:
    told = floor.scans(PLATE)

    assert [(bound.lpn, bound.order) for bound in only(told, CartonBound)] == [(PLATE, "shop:1")]
    assert [progress.status for progress in only(told, OrderProgressed)] == ["picking"]
    assert lamps(floor) == {"A-00": (0, False), "A-01": (3, True), "A-09": (2, False)}
    sent = {command.light: command for command in floor.commands}
    assert (sent["A-00"].text, sent["A-01"].colour, sent["A-01"].flash) == (PLATE, "green", True)
    assert {command.before for command in floor.commands} == {at(2.5)}
    assert (floor.has(Carton, PLATE).state, floor.order("1").lpn) == ("picking", PLATE)
    assert floor.answer == ("accepted", "")


def test_the_same_plate_again_changes_nothing(floor: Floor) -> None:
    floor.scans(PLATE)

    assert floor.scans(PLATE) == []
    assert (floor.answer, floor.commands) == (("accepted", ""), [])


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (
            ["9506000000015"],
            "9506000000015 is no carton plate (L and 8 digits); order 1 needs a carton",
        ),
        (["L123"], "L123 is no carton plate (L and 8 digits); order 1 needs a carton"),
        ([], "nothing legible was read"),
        ([PLATE, "L00000002"], "scan one plate"),
    ],
)
def test_what_is_not_one_plate_is_refused(floor: Floor, codes: list[str], why: str) -> None:
    assert floor.scans(*codes) == []
    assert floor.answer == ("refused", why)
    assert floor.pick.state == "carton"


def test_another_plate_while_picking_is_refused(floor: Floor) -> None:
    floor.scans(PLATE)
    floor.scans("L00000002")

    assert floor.answer == ("refused", f"order 1 is being picked into {PLATE}")


def test_no_order_no_carton() -> None:
    floor = Floor()
    floor.scans(PLATE)

    assert floor.answer == ("refused", "no order waits for a carton at PICK-A")


def test_the_station_itself_may_be_the_scanner(floor: Floor) -> None:
    floor.scans(PLATE, scanner="PICK-A")

    assert floor.pick.lpn == PLATE


def test_a_bound_plate_is_refused_with_the_order_it_holds(floor: Floor) -> None:
    floor.picks(PLATE)
    floor.orders("2", ("MUG", 1))
    floor.scans(PLATE)

    assert floor.answer == ("refused", f"{PLATE} holds order shop:1")


@pytest.mark.parametrize("state", ["shipped", "lost", "emptied"])
def test_a_plate_is_free_again_and_forgets_its_label(floor: Floor, state: Any) -> None:
    gone = Carton(
        lpn=Lpn(PLATE),
        order=OrderKey("shop:0"),
        state="shipped",
        place="lane 1",
        seen_at=at(),
        tracking="SW0000000001",
        loops=2,
    )
    floor.tx.save(replace(gone, state=state))
    floor.tx.save(
        Label(lpn=Lpn(PLATE), carrier=CarrierId("swift"), tracking="SW0000000001", zpl="^XA^XZ")
    )
    floor.tx.want(LabelWanted(device=DeviceId("print1"), lpn=Lpn(PLATE), zpl="^XA^XZ"))
    floor.scans(PLATE)

    carton = floor.has(Carton, PLATE)
    assert (carton.order, carton.tracking, carton.loops) == ("shop:1", None, 0)
    assert floor.tx.get(Label, PLATE) is None
    assert floor.tx.get(LabelWanted, PLATE) is None


def test_a_press_moves_stock_and_the_next_lamp_flashes(floor: Floor) -> None:
    floor.scans(PLATE)
    told = floor.presses(floor.pick.steps[0])

    (moved,) = only(told, StockMoved)
    assert (moved.source, moved.target) == ("shelf:A-01-1", f"carton:{PLATE}")
    assert (moved.qty, moved.order, moved.lpn) == (3, "shop:1", PLATE)
    assert [(line.sku, line.qty) for line in only(told, LinePicked)] == [("MUG", 3)]
    assert [(level.on_hand, level.available) for level in only(told, StockLevel)] == [(7, 7)]
    assert lamps(floor) == {"A-00": (0, False), "A-09": (2, True)}
    off, flashing = floor.commands
    assert (off.light, off.task) == ("A-01", None)
    assert (flashing.light, flashing.flash) == ("A-09", True)
    assert floor.order("1").lines[0].picked == 3


def test_the_last_press_hands_the_carton_over_and_releases_the_next(floor: Floor) -> None:
    floor.orders("2", ("MUG", 1))
    told = floor.picks(PLATE)

    (picked,) = only(told, CartonPicked)
    assert picked.expected_g == 180 + 5 * 100
    assert [released.order for released in only(told, OrderReleased)] == ["shop:2"]
    carton = floor.has(Carton, PLATE)
    assert (carton.state, carton.place, carton.expected_g) == ("picked", "HANDOVER", 680)
    assert (floor.order("1").state, floor.order("1").promises) == ("picking", ())
    assert lamps(floor) == {"A-00": (0, False)}
    assert floor.commands[-1].text == "SCAN CARTON"


def test_a_second_press_before_the_lamp_is_dark_changes_nothing(floor: Floor) -> None:
    floor.scans(PLATE)
    step = floor.pick.steps[0]
    floor.presses(step)

    assert floor.presses(step) == []
    assert floor.answer == ("accepted", "")
    floor.presses(floor.pick.steps[1])
    assert floor.presses(step) == []
    assert floor.level("MUG") == (7, 7)


def press(light: str, task: str | None, qty: int = 3) -> LightPressed:
    name = None if task is None else TaskId(task)
    return LightPressed(
        zone=PTL, light=LightId(light), task=name, button="confirm", qty=qty, at=at(2)
    )


def test_a_wrong_press_is_said_and_moves_nothing(floor: Floor) -> None:
    floor.scans(PLATE)
    pick = floor.pick.key
    for seen, why in [
        (press("A-05", None), "the lamp was dark"),
        (press("A-01", f"{pick}.2", 2), "its task belongs to A-09"),
        (press("A-01", "77-1.1"), "nothing is picked under task 77-1.1"),
        (press("A-00", pick), f"nothing is picked under task {pick}"),
        (press("A-01", f"{pick}.1", 4), "4 reported, 3 wanted"),
        (press("A-01", f"{pick}.1", -1), "-1 reported, 3 wanted"),
    ]:
        assert floor.says(seen) == [WrongPress(device=PTL, light=seen.light, why=why, at=seen.at)]
        assert floor.answer == ("refused", f"{seen.light}: {why}")
    assert floor.level("MUG") == (10, 7)


def report(floor: Floor, task: str, qty: int) -> list:
    return floor.says(
        PickReported(task=TaskId(task), button="confirm", qty=qty, by="ben", at=at(2))
    )


def test_a_dead_lamp_is_worked_from_a_page(floor: Floor) -> None:
    task = floor.pick.steps[0].task
    report(floor, task, 3)
    assert floor.answer == ("refused", "scan a carton first")

    floor.scans(PLATE)
    told = report(floor, task, 3)
    assert [(line.qty, line.by) for line in only(told, LinePicked)] == [(3, "ben")]
    assert report(floor, task, 3) == []
    assert floor.answer == ("accepted", "")
    report(floor, "77-1.1", 3)
    assert floor.answer == ("refused", "nothing is picked under task 77-1.1")


def test_two_items_behind_one_lamp_are_shown_one_after_the_other() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 5), ("A-01-1", "CUP", 5))
    floor.orders("1", ("MUG", 1), ("CUP", 4))
    floor.scans(PLATE)

    first, second = floor.pick.steps
    assert lamps(floor) == {"A-00": (0, False), "A-01": (1, True)}
    floor.presses(first)
    assert lamps(floor) == {"A-00": (0, False), "A-01": (4, True)}
    assert [c.task for c in floor.commands if isinstance(c, SetLight)] == [second.task]
    floor.presses(second)
    assert floor.has(Carton, PLATE).expected_g == 180 + 500
