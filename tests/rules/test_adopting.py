"""A site is adopted once, refused when it contradicts itself or what is being picked, and plans
anew what waits."""

from dataclasses import replace
from typing import Any

import pytest

from tests.rules.site import PICK_A, Floor, at, only, shop, site
from wcs.events import OrderAllocated, OrderHeld, SiteAdopted
from wcs.model import Waiting
from wcs.names import StationId
from wcs.observations import SiteChanged
from wcs.site import Site


def adopts(floor: Floor, **changes: Any) -> list:
    return floor.says(SiteChanged(site=replace(floor.site, **changes), by="anna", at=at(100)))


def test_a_site_is_adopted_once() -> None:
    floor = Floor()

    assert floor.says(SiteChanged(site=site(), by="anna", at=at(1))) == []
    told = floor.says(SiteChanged(site=site(name="Bigger"), by="anna", at=at(2)))
    assert [event.name for event in only(told, SiteAdopted)] == ["Bigger"]


@pytest.mark.parametrize(
    ("layout", "why"),
    [
        ("{}", "zone PICK-A: A-01-1, A-01-2"),
        ("no json", "Expecting value"),
        ('{"nodes": [{"id": "N"}]}', "layout site: "),
    ],
)
def test_a_site_with_a_bad_layout_is_refused(layout: str, why: str) -> None:
    floor = Floor()
    floor.says(SiteChanged(site=site(layout=layout), by="anna", at=at(1)))

    assert floor.answer[0] == "refused"
    assert why in floor.answer[1]
    assert floor.tx.get(type(floor.site), "site") == floor.site


def test_a_carrier_that_comes_to_be_known_releases_what_waited_for_it() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 2))
    floor.orders("1", ("MUG", 1), service="by-balloon")
    assert floor.order("1").reason == "no carrier is known for the service by-balloon"

    services = {"by-balloon": floor.site.carriers[0].id}
    adopts(floor, channels=shop(services=services))
    assert floor.order("1").state == "picking"
    assert floor.level("MUG") == (2, 1)


def without(location: str) -> Any:
    (zone,) = site().zones
    lights = {place: light for place, light in zone.light_of.items() if place != location}
    return (replace(zone, light_of=lights),)


@pytest.mark.parametrize("zones", [(), without("A-01-1")])
def test_a_zone_cannot_change_under_its_picker(zones: Any) -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 2))
    floor.orders("1", ("MUG", 1))

    assert adopts(floor, zones=zones) == []
    assert floor.answer == (
        "refused",
        "order shop:1 is being picked at PICK-A, which would change",
    )


def test_another_colour_does_not_disturb_the_picker() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 2))
    floor.orders("1", ("MUG", 1))
    adopts(floor, zones=(replace(floor.site.zones[0], colour="blue"),))

    assert floor.answer == ("accepted", "")
    assert floor.pick.order == "shop:1"


def test_what_waits_is_planned_anew() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 5), ("A-05-1", "MUG", 4), ("A-06-1", "CUP", 2))
    floor.orders("0", ("CUP", 1))
    floor.orders("1", ("MUG", 4), at=at(1))
    floor.orders("2", ("MUG", 4), at=at(2))
    told = adopts(floor, zones=without("A-01-1"))

    assert [event.order for event in only(told, OrderAllocated)] == ["shop:1"]
    assert [event.order for event in only(told, OrderHeld)] == ["shop:2"]
    assert [(p.location, p.qty) for p in floor.order("1").promises] == [("A-05-1", 4)]
    assert [row.order for row in floor.tx.find(Waiting)] == ["shop:1"]
    assert floor.level("MUG") == (9, 5)


def test_a_second_zone_takes_its_own_orders() -> None:
    floor = Floor().stocked(("A-01-1", "MUG", 5), ("A-05-1", "CUP", 5))
    (zone,) = floor.site.zones
    near = {place: light for place, light in zone.light_of.items() if place < "A-04"}
    far = {place: light for place, light in zone.light_of.items() if place >= "A-04"}
    second = replace(
        zone, station=StationId("PICK-B"), light_of=far, scanner=floor.site.hospital.scanner
    )
    adopts(floor, zones=(replace(zone, light_of=near), second))
    floor.orders("1", ("MUG", 1))
    floor.orders("2", ("MUG", 1))
    floor.orders("3", ("CUP", 1))
    floor.orders("4", ("CUP", 1), ("MUG", 1))

    assert floor.order("1").state == floor.order("3").state == "picking"
    assert [(row.order, row.station) for row in floor.tx.find(Waiting)] == [("shop:2", PICK_A)]
    assert floor.order("4").reason == "no zone has all of it"
    assert isinstance(floor.tx.get(Site, "site"), Site)
