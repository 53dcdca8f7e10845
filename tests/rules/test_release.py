"""The queue: carrier cut-off, then age; one open pick in a zone; a walk, or the planner's."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.rules.site import LIGHT_OF, PTL, Floor, at, layout, only, placed, site
from wcs.commands import LightWanted, SetLight
from wcs.events import OrderReleased, TourAsked
from wcs.model import Pick, Waiting
from wcs.names import LightId, LocationCode
from wcs.observations import Due, TourPlanned
from wcs.walking import layout_of, walk, warm


def test_the_first_order_takes_the_free_zone_and_its_display_asks_for_a_carton() -> None:
    floor = Floor().stocked(("A-05-1", "CUP", 5), ("A-01-1", "MUG", 5), ("A-06-2", "PEN", 5))
    told = floor.orders("1", ("PEN", 1), ("CUP", 1), ("MUG", 2))

    (released,) = only(told, OrderReleased)
    assert (released.station, released.length_mm) == ("PICK-A", 11_000)
    assert [step.location for step in floor.pick.steps] == ["A-01-1", "A-05-1", "A-06-2"]
    assert [step.task for step in floor.pick.steps] == [f"{floor.pick.key}.{n}" for n in (1, 2, 3)]
    (shown,) = floor.commands
    assert shown == SetLight(
        device=PTL,
        light=LightId("A-00"),
        task=floor.pick.key,
        colour="green",
        text="SCAN CARTON",
        before=at(1.5),
    )
    assert [want.light for want in floor.tx.find(LightWanted)] == ["A-00"]


def test_cut_off_first_then_age() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 50))
    floor.orders("0", ("MUG", 1))
    floor.orders("late", ("MUG", 1), at=at(2))
    floor.orders("early", ("MUG", 1), at=at(1))
    floor.orders("express", ("MUG", 1), service="express", at=at(3))
    released = []
    for n in range(3):
        released += [e.order for e in only(floor.picks(f"L0000000{n}"), OrderReleased)]

    assert released == ["shop:express", "shop:early", "shop:late"]
    assert list(floor.tx.find(Waiting)) == []


def test_a_zone_has_one_open_pick() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 50))
    floor.orders("1", ("MUG", 1))

    assert only(floor.orders("2", ("MUG", 1)), OrderReleased) == []
    assert floor.pick.order == "shop:1"


def test_the_walk_goes_by_nodes_and_then_by_code() -> None:
    places = [LocationCode(code) for code in ("A-06-1", "A-01-2", "A-02-1", "A-01-1")]

    assert walk(layout_of(layout()), "STACK", places, "HANDOVER") == (
        ("A-01-1", "A-01-2", "A-02-1", "A-06-1"),
        11_000,
    )


@pytest.fixture
def long() -> Floor:
    """A zone of twelve bays in a row, so that twelve items are twelve stops."""
    bays = [f"B{n:02}" for n in range(1, 13)]
    chain = ["STACK", *bays, "HANDOVER"]
    floor_plan = {
        "nodes": [{"id": id, "x": n, "y": 0} for n, id in enumerate(chain)],
        "edges": [{"u": u, "v": v} for u, v in pairwise(chain)],
        "locations": [
            {"code": code, "node": bay} for code, bay in zip(LIGHT_OF, bays, strict=True)
        ],
    }
    floor = Floor(site(layout=json.dumps(floor_plan)))
    for n, location in enumerate(LIGHT_OF):
        floor.stocked((location, f"SKU-{n:02}", 5))
    return floor


def order_of(stops: int) -> list[tuple[str, int]]:
    return [(f"SKU-{n:02}", 1) for n in range(stops)]


def planned(asked: TourAsked, **changes: Any) -> TourPlanned:
    answer = TourPlanned(
        order=asked.order,
        version=asked.version,
        locations=tuple(reversed(asked.locations)),
        length_mm=26_000,
        optimal=True,
        at=at(1),
    )
    return replace(answer, **changes)


def test_ten_stops_are_routed_here(long: Floor) -> None:
    told = long.orders("1", *order_of(10))

    assert only(told, TourAsked) == []
    assert [event.length_mm for event in only(told, OrderReleased)] == [13_000]


def test_more_stops_wait_for_the_planner(long: Floor) -> None:
    (asked,) = only(long.orders("1", *order_of(12)), TourAsked)
    assert (asked.start, asked.end, asked.version) == ("STACK", "HANDOVER", 1)
    assert list(long.tx.find(Pick)) == []

    told = long.says(planned(asked))
    assert [event.length_mm for event in only(told, OrderReleased)] == [26_000]
    assert [step.location for step in long.pick.steps] == list(reversed(asked.locations))
    assert not any(key.startswith("tour:") for key in long.tx.timers)


def test_a_walk_for_what_the_order_no_longer_is_is_stale(long: Floor) -> None:
    (asked,) = only(long.orders("1", *order_of(12)), TourAsked)
    (again,) = only(long.says(placed("1", *order_of(11), version=2)), TourAsked)

    assert long.says(planned(asked)) == []
    assert long.answer == ("refused", "stale: order shop:1 does not wait for this walk")
    assert long.says(planned(again, locations=asked.locations)) == []
    assert long.answer == ("refused", "stale: order shop:1 is promised from other locations")
    long.says(planned(again))
    assert long.pick.order == "shop:1"
    long.says(planned(again))
    assert long.answer[0] == "refused"


def test_a_planner_that_does_not_answer_is_not_waited_for(long: Floor) -> None:
    (asked,) = only(long.orders("1", *order_of(12)), TourAsked)
    assert long.tx.timers["tour:shop:1"] == at(10)

    told = long.says(Due(key="tour:shop:1", at=at(10)))
    assert [event.length_mm for event in only(told, OrderReleased)] == [0]
    assert [step.location for step in long.pick.steps] == sorted(asked.locations)
    long.says(Due(key="tour:shop:1", at=at(11)))
    assert long.pick.started_at == at(10)


def test_a_cancelled_order_waits_for_no_walk(long: Floor) -> None:
    (asked,) = only(long.orders("1", *order_of(12)), TourAsked)
    long.asks_cancel("1")

    assert not any(key.startswith("tour:") for key in long.tx.timers)
    long.says(planned(asked))
    assert long.answer[0] == "refused"


def test_what_is_warm_answers_as_before(long: Floor) -> None:
    before = walk(layout_of(layout()), "STACK", list(LIGHT_OF)[:3], "HANDOVER")
    warm(site())
    warm(long.site)
    assert walk(layout_of(layout()), "STACK", list(LIGHT_OF)[:3], "HANDOVER") == before
