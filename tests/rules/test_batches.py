"""Several orders on one walk: asked of the planner, begun together, each into its own carton."""

from dataclasses import replace
from typing import Any

import pytest

from tests.rules.site import PTL, Floor, at, only, placed, site
from wcs.commands import LightWanted
from wcs.events import BatchAsked, BatchFormed, CartonPicked, OrderReleased
from wcs.model import Batch, Carton, Pick, Waiting
from wcs.names import LocationCode
from wcs.observations import BatchPlanned, DeviceUp, Due, SiteChanged
from wcs.walking import layout_of, walk


def batching(size: int = 2) -> Any:
    return site(zones=(replace(site().zones[0], batch=size),))


@pytest.fixture
def asked() -> tuple[Floor, BatchAsked]:
    """Order 0 went alone; 1, 2 and 3 wait, and the planner is asked about them."""
    floor = Floor(batching()).stocked(("A-01-1", "MUG", 9), ("A-04-1", "CUP", 9))
    floor.stocked(("A-06-2", "PEN", 9)).says(DeviceUp(device=PTL, at=at()))
    floor.orders("0", ("MUG", 1))
    for n, sku in enumerate(("MUG", "PEN", "CUP"), 1):
        floor.orders(str(n), (sku, n), ("MUG", 1), at=at(n))
    (ask,) = only(floor.picks("L00000000"), BatchAsked)
    return floor, ask


def answer(floor: Floor, ask: BatchAsked, *groups: str, **changes: Any) -> BatchPlanned:
    """Each group names its orders by their numbers: `13` is the orders 1 and 3."""
    of = {one.order.partition(":")[2]: one for one in ask.orders}
    layout = layout_of(floor.site.layout)
    walks = [
        walk(layout, ask.start, [p for n in group for p in of[n].locations], ask.end)
        for group in groups
    ]
    planned = BatchPlanned(
        batch=ask.batch,
        orders=tuple(tuple(of[n].order for n in group) for group in groups),
        walks=tuple(places for places, _ in walks),
        lengths_mm=tuple(mm for _, mm in walks),
        optimal=True,
        at=at(20),
    )
    return replace(planned, **changes)


def numbers(found: Any) -> list[str]:
    return [str(one.order).partition(":")[2] for one in found]


def lit(floor: Floor) -> dict[str, tuple[str, int]]:
    return {want.light: (want.text, want.qty) for want in floor.tx.find(LightWanted)}


def open_picks(floor: Floor) -> list[Pick]:
    return [pick for pick in floor.tx.find(Pick) if pick.state in ("carton", "picking")]


def test_the_planner_is_asked_about_what_waits_and_nothing_begins(
    asked: tuple[Floor, BatchAsked],
) -> None:
    floor, ask = asked
    assert numbers(ask.orders) == ["1", "2", "3"]
    assert (ask.capacity, ask.start, ask.end) == (2, "STACK", "HANDOVER")
    assert ask.orders[1].locations == ("A-01-1", "A-06-2")
    assert open_picks(floor) == [] and len(list(floor.tx.find(Waiting))) == 3
    assert only(floor.orders("4", ("MUG", 1), at=at(9)), BatchAsked) == []  # one question at a time


def test_the_first_order_s_batch_begins_together(asked: tuple[Floor, BatchAsked]) -> None:
    floor, ask = asked
    told = floor.says(answer(floor, ask, "2", "13"))
    (formed,) = only(told, BatchFormed)
    assert (formed.orders, formed.length_mm) == (("shop:1", "shop:3"), 15_000)
    assert numbers(only(told, OrderReleased)) == ["1", "3"]
    assert {pick.batch for pick in open_picks(floor)} == {ask.batch}
    assert [row.order for row in floor.tx.find(Waiting)] == ["shop:2"]
    assert lit(floor) == {"A-00": ("SCAN CARTON 1/2", 0)}
    assert f"batch:{ask.batch}" not in floor.tx.timers


def test_one_walk_fills_both_cartons_and_hands_them_over_together(
    asked: tuple[Floor, BatchAsked],
) -> None:
    floor, ask = asked
    floor.says(answer(floor, ask, "13", "2"))
    floor.scans("L00000001")
    assert lit(floor) == {"A-00": ("SCAN CARTON 2/2", 0)}
    floor.scans("L00000001")
    assert floor.answer == ("refused", "L00000001 holds order shop:1")
    floor.scans("L00000003")
    for plate in ("L00000001", "L00000003"):
        assert floor.scans(plate) == [] and floor.answer[0] == "accepted"
    went = []
    while picks := [pick for pick in open_picks(floor) if pick.batch]:
        (lamp,) = (want for want in floor.tx.find(LightWanted) if want.light != "A-00")
        assert lamp.flash and lamp.task
        pick = next(p for p in picks if lamp.task.startswith(f"{p.key}."))
        step = next(s for s in pick.steps if s.task == lamp.task)
        assert lit(floor)["A-00"] == (pick.lpn, 0)
        went.append((step.location, step.qty, pick.lpn))
        assert [c.state for c in floor.tx.find(Carton)] == ["picked", "picking", "picking"]
        told = floor.presses(step)
    assert went == [
        ("A-01-1", 1, "L00000001"),
        ("A-01-1", 1, "L00000001"),
        ("A-01-1", 1, "L00000003"),
        ("A-04-1", 3, "L00000003"),
    ]
    assert [event.lpn for event in only(told, CartonPicked)] == ["L00000001", "L00000003"]
    assert only(told, OrderReleased)[0].order == "shop:2"  # one that waits alone goes alone
    assert list(floor.tx.find(Batch)) == []


def test_an_order_cancelled_meanwhile_makes_the_plan_stale(
    asked: tuple[Floor, BatchAsked],
) -> None:
    floor, ask = asked
    planned = answer(floor, ask, "13", "2")
    floor.asks_cancel("3")
    (again,) = only(floor.says(planned), BatchAsked)
    assert floor.answer == ("refused", "stale: changed meanwhile: shop:3")
    assert numbers(again.orders) == ["1", "2"] and again.batch != ask.batch
    assert floor.says(planned) == []
    assert floor.answer == ("refused", f"stale: nobody waits for batch {ask.batch}")
    assert only(floor.says(answer(floor, again, "12")), BatchFormed)


def test_an_order_changed_meanwhile_makes_the_plan_stale(asked: tuple[Floor, BatchAsked]) -> None:
    floor, ask = asked
    planned = answer(floor, ask, "13", "2")
    floor.says(placed("2", ("CUP", 1), version=2, at=at(9)))
    (again,) = only(floor.says(planned), BatchAsked)
    assert floor.answer == ("refused", "stale: changed meanwhile: shop:2")
    assert {str(one.order): one.version for one in again.orders}["shop:2"] == 2


def test_another_layout_makes_the_question_void(asked: tuple[Floor, BatchAsked]) -> None:
    floor, ask = asked
    planned = answer(floor, ask, "13", "2")
    longer = floor.site.layout.replace('"length_m": 3.0', '"length_m": 4.0')
    told = floor.says(SiteChanged(site=replace(floor.site, layout=longer), by="anna", at=at(9)))
    assert len(only(told, BatchAsked)) == 1
    floor.says(planned)
    assert floor.answer == ("refused", f"stale: nobody waits for batch {ask.batch}")


@pytest.mark.parametrize(
    "changes",
    [
        {"orders": (("shop:1", "shop:2", "shop:3"),)},  # more than the cart holds
        {"orders": (("shop:2", "shop:3"),)},  # without the first
        {"orders": (("shop:1", "shop:9"),)},  # one that was not asked about
        {"walks": ((LocationCode("A-01-1"),),)},  # not everywhere
        {"orders": ()},
    ],
)
def test_a_plan_that_does_not_fit_is_refused(
    asked: tuple[Floor, BatchAsked], changes: dict[str, Any]
) -> None:
    floor, ask = asked
    told = floor.says(answer(floor, ask, "13", **changes))
    assert floor.answer == ("refused", "it does not fit")
    assert only(told, BatchFormed) == [] and len(only(told, BatchAsked)) == 1


def test_a_silent_planner_holds_nothing_up(asked: tuple[Floor, BatchAsked]) -> None:
    floor, ask = asked
    told = floor.says(Due(key=f"batch:{ask.batch}", at=at(30)))
    assert numbers(only(told, OrderReleased)) == ["1"]
    assert floor.pick.batch == "" and lit(floor) == {"A-00": ("SCAN CARTON", 0)}
    floor.says(answer(floor, ask, "13", "2"))
    assert floor.answer[0] == "refused"


def test_an_order_stopped_on_the_walk_leaves_the_others_on_it(
    asked: tuple[Floor, BatchAsked],
) -> None:
    floor, ask = asked
    floor.says(answer(floor, ask, "13", "2"))
    floor.scans("L00000001")
    floor.scans("L00000003")
    floor.asks_cancel("1")
    (pick,) = open_picks(floor)
    assert pick.order == "shop:3" and lit(floor)["A-00"] == ("L00000003", 0)
    assert lit(floor)["A-01"] == ("MUG", 1)
    for step in pick.steps:
        told = floor.presses(step)
    assert [event.lpn for event in only(told, CartonPicked)] == ["L00000003"]


def test_one_at_a_time_is_what_a_site_does_unless_it_says_more() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 9))
    told = [floor.orders(str(n), ("MUG", 1), at=at(n)) for n in range(3)]
    told.append(floor.picks("L00000000"))
    assert not [event for events in told for event in only(events, BatchAsked)]
    assert floor.pick.batch == ""
