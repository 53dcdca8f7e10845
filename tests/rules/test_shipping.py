"""Loads: opened by a carton, closed at the cut-off, by hand or in parts; what left has shipped."""

from dataclasses import replace

import pytest

from tests.rules.belt import TRACKING, A, B, Belt
from tests.rules.site import PTL, at, only
from wcs.events import (
    CancelRefused,
    Event,
    LoadClosed,
    LoadOpened,
    OrderCancelled,
    OrderProgressed,
    OrderShipped,
)
from wcs.model import Carton, Label, Load
from wcs.names import LaneId, Lpn, OrderKey
from wcs.observations import CartonPulled, LightPressed, LoadCloseAsked
from wcs.shipping import AT_ONCE


def closes(belt: Belt, lane: str = "1") -> list[Event]:
    ask = LoadCloseAsked(lane=LaneId(lane), by="anna", at=belt.later())
    return belt.says(ask)


def pulled(belt: Belt, lpn: str = A) -> list[Event]:
    return belt.says(CartonPulled(lpn=Lpn(lpn), by="bo", at=belt.later()))


def test_cartons_of_a_lane_share_its_load() -> None:
    belt = Belt()
    (opened,) = only(belt.sorted(A), LoadOpened)
    assert only(belt.sorted(B, track=2, number="2"), LoadOpened) == []

    assert belt.carton(A).load == belt.carton(B).load == opened.load
    assert belt.has(Load, opened.load).cartons == 2
    told = belt.fires(f"load:{opened.load}")
    assert [shipped.order for shipped in only(told, OrderShipped)] == ["shop:1", "shop:2"]


def test_a_closed_load_is_closed_once() -> None:
    belt = Belt()
    belt.sorted()
    load = belt.carton().load
    assert [closed.by for closed in only(closes(belt), LoadClosed)] == ["anna"]

    assert only(belt.due(f"load:{load}"), OrderShipped) == []
    closes(belt)
    assert belt.answer == ("refused", "lane 1 has no open load")


def test_the_next_carton_opens_the_next_load() -> None:
    belt = Belt()
    belt.sorted(A)
    first = belt.carton(A).load
    closes(belt)
    belt.sorted(B, track=2, number="2")
    assert belt.carton(B).load not in (None, first)


def test_an_order_that_is_short_ships_partial() -> None:
    belt = Belt()
    belt.stocked(("A-02-1", "CUP", 5))
    belt.orders("1", ("MUG", 3))
    belt.scans(A)
    (step,) = belt.open_steps
    belt.says(
        LightPressed(
            zone=PTL, light=step.light, task=step.task, button="short", qty=2, at=belt.later()
        )
    )
    belt.at_pack(A)
    belt.weighs(belt.carton().expected_g)
    belt.issued()
    belt.printed()
    belt.tunnel(1, A, TRACKING[A])
    belt.confirms(1, "1")

    told = closes(belt)

    (shipped,) = only(told, OrderShipped)
    assert (shipped.partial, [line.qty for line in shipped.lines]) == (True, [2])


def test_a_pulled_carton_does_not_ship() -> None:
    belt = Belt()
    belt.sorted(A)
    belt.sorted(B, track=2, number="2")
    pulled(belt, A)
    assert (belt.carton(A).state, belt.carton(A).load) == ("hospital", None)
    assert belt.carton(A).fault == "pulled out of lane 1"

    told = closes(belt)

    assert [closed.cartons for closed in only(told, LoadClosed)] == [1]
    assert [s.order for s in only(told, OrderShipped)] == ["shop:2"]
    assert belt.holds(f"carton:{A}") == 2


def test_a_carton_scanned_in_the_hospital_is_off_its_load() -> None:
    belt = Belt()
    belt.sorted(A)
    belt.hand_scan(A)
    assert only(closes(belt), OrderShipped) == []


def test_a_cancelled_carton_is_pulled_until_the_load_closes() -> None:
    belt = Belt()
    belt.sorted()
    belt.asks_cancel("1", seconds=belt.now_s)
    assert belt.errands() == {f"pull:{A}": f"take {A} out of lane 1: cancelled"}

    told = pulled(belt)

    assert len(only(told, OrderCancelled)) == 1
    assert list(belt.errands()) == [f"put_back:{A}|MUG"]
    assert only(closes(belt), OrderShipped) == []


def test_a_cancelled_carton_that_left_is_refused() -> None:
    belt = Belt()
    belt.sorted()
    belt.asks_cancel("1", seconds=belt.now_s)

    told = closes(belt)

    assert [refused.why for refused in only(told, CancelRefused)] == ["shipped"]
    assert len(only(told, OrderShipped)) == 1
    assert only(told, OrderCancelled) == []
    assert (belt.order("1").state, belt.errands()) == ("shipped", {})


def test_a_carton_behind_the_wrong_door_does_not_ship_with_that_load() -> None:
    belt = Belt()
    belt.packed(A)
    belt.sorted(B, track=2, number="2")
    belt.tunnel(3, A, TRACKING[A])
    belt.confirms(3, "2")
    closes(belt, "2")
    assert belt.answer == ("refused", "lane 2 has no open load")
    assert belt.carton(A).state == "sorted"


def test_nothing_is_left_of_a_shipped_plate() -> None:
    belt = Belt()
    belt.sorted()
    closes(belt)
    assert belt.tx.get(Label, A) is None
    pulled(belt)
    assert belt.answer == ("refused", f"{A} is shipped: nobody searches for it")


def test_a_full_truck_ships_in_parts() -> None:
    belt = Belt()
    belt.sorted()
    load, order, carton = belt.carton().load, belt.order("1"), belt.carton()
    for n in range(2, AT_ONCE + 3):
        belt.tx.save(replace(order, number=str(n)))
        lpn = Lpn(f"L{n:08}")
        belt.tx.save(replace(carton, lpn=lpn, order=OrderKey(f"shop:{n}")))

    first = only(closes(belt), OrderShipped)
    rest = only(belt.fires(f"load:{load}"), OrderShipped)

    assert (len(first), len(rest)) == (AT_ONCE, 2)
    assert f"load:{load}" not in belt.tx.timers
    assert next(belt.tx.find(Carton, state="sorted"), None) is None


@pytest.mark.parametrize(("sort_s", "cutoff_s"), [(0, 600), (700, 1200)])
def test_the_load_leaves_with_the_next_truck(sort_s: float, cutoff_s: float) -> None:
    belt = Belt()
    belt.packed()
    belt.now_s = max(belt.now_s, sort_s)
    belt.tunnel(1, A, TRACKING[A])
    (opened,) = only(belt.confirms(1, "1"), LoadOpened)
    assert opened.cutoff == at(cutoff_s)


def test_the_shop_hears_every_step_once_and_in_order() -> None:
    belt = Belt()
    heard = [progress.status for progress in only(belt.picked(), OrderProgressed)]
    assert heard == []
    belt.at_pack(A)
    belt.weighs()
    belt.issued()
    told = [*belt.printed(), *belt.printed(), *belt.tunnel(1, A, TRACKING[A])]
    told += [*belt.confirms(1, "1"), *belt.confirms(1, "1")]
    told += [*closes(belt), *closes(belt)]
    assert [p.status for p in only(told, OrderProgressed)] == ["packed", "shipped"]
