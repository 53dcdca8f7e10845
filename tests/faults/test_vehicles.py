"""A vehicle that fails in the middle of its trip (fault 45): frozen, gone, or contradicting itself;
no second order, and its trip known when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.devices.amr.vehicles import HEADER, actions, ahead, trip
from tests.devices.brokers import Broker
from tests.faults.peers import BASE, Vehicle
from tests.faults.site import Site, site
from wcs.envelope import Posted
from wcs.names import DeviceId
from wcs.observations import CommandFailed, DeviceUp, TripProgressed, VehicleChanged

AMR = "amr1"


@asynccontextmanager
async def driving(broker: Broker) -> AsyncIterator[tuple[Site, Vehicle]]:
    async with Vehicle(broker) as vehicle:
        await vehicle.online()
        living = asyncio.create_task(vehicle.lives())
        try:
            async with site(AMR, broker={"port": broker.port}) as made:
                yield made, vehicle
        finally:
            living.cancel()


def posted(made: Site, number: str = "7-1", name: str = "41-1") -> Posted:
    before = made.clock.now() + timedelta(seconds=60)
    return Posted(number, 1, replace(trip(name), before=before))


async def on_trip(made: Site, vehicle: Vehicle) -> None:
    made.links.post(posted(made))
    await made.hears(lambda: vehicle.orders == ["41-1"])
    vehicle.said = ahead("M1", "M2") | {"orderId": "41-1"}
    await made.hears(lambda: made.live.of(DeviceId(AMR))["order"].value == "41-1")


async def test_45_a_vehicle_that_freezes_on_its_trip_is_said_and_keeps_its_trip(
    broker: Broker,
) -> None:
    async with driving(broker) as (made, vehicle):
        await on_trip(made, vehicle)
        vehicle.frozen = True
        assert await made.away(AMR) == "the vehicle has fallen silent"
        made.links.post(posted(made, "8-1", "42-1"))
        await made.hears(lambda: bool(made.ears.of(CommandFailed)))
        vehicle.frozen = False
        await made.back(AMR, 2)
        assert made.ears.of(DeviceUp)[-1].has == ("trip=41-1",)
        made.links.post(posted(made, "7-2"))  # the rule asks again for what it is on
        vehicle.said |= {
            "nodeStates": [],
            "edgeStates": [],
            "actionStates": actions(pick="FINISHED", drop="FINISHED"),
        }
        await made.hears(lambda: "dropped" in [one.step for one in made.ears.of(TripProgressed)])
        assert vehicle.orders == ["41-1"]


async def test_45_a_vehicle_that_loses_its_radio_is_said_and_gets_no_second_order(
    broker: Broker,
) -> None:
    async with driving(broker) as (made, vehicle):
        await on_trip(made, vehicle)
        said = HEADER | {"connectionState": "CONNECTIONBROKEN"}
        await vehicle.says(f"{BASE}/connection", said, retain=True)
        assert await made.away(AMR) == "the vehicle is CONNECTIONBROKEN"
        made.links.post(posted(made, "8-1", "42-1"))
        await made.hears(lambda: bool(made.ears.of(CommandFailed)))
        await vehicle.online()
        await made.back(AMR, 2)
        made.links.post(posted(made, "9-1", "42-1"))
        await made.hears(lambda: len(made.ears.of(CommandFailed)) == 2)
        assert "still on trip 41-1" in made.ears.of(CommandFailed)[-1].reason
        assert vehicle.orders == ["41-1"]


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "an order that it forgot": ({"orderId": ""}, "the vehicle forgot its trip 41-1"),
    "an order of somebody else": (
        ahead("B3") | {"orderId": "other"},
        "the vehicle forgot its trip 41-1",
    ),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
async def test_45_a_vehicle_that_contradicts_itself_is_said_and_asked_anew(
    broker: Broker, what: str
) -> None:
    said, why = CONTRADICTIONS[what]
    async with driving(broker) as (made, vehicle):
        await on_trip(made, vehicle)
        vehicle.said = said
        assert await made.away(AMR) == why
        await made.back(AMR, 2)
        trips = tuple(f"trip={said['orderId']}" for _ in [0] if said["orderId"])
        assert made.ears.of(DeviceUp)[-1].has == trips
        assert vehicle.orders == ["41-1"]


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"[" * 50_000, b"{}", b'{"headerId": "x"}'])
async def test_45_a_state_that_is_none_changes_nothing(broker: Broker, payload: bytes) -> None:
    async with driving(broker) as (made, vehicle):
        await on_trip(made, vehicle)
        await vehicle.says(f"{BASE}/state", payload, qos=0)
        seen = len(made.ears.of(VehicleChanged))
        vehicle.said |= {"lastNodeId": "M1"}
        await made.hears(lambda: len(made.ears.of(VehicleChanged)) > seen)
        assert made.lost(AMR) == 0
        assert vehicle.orders == ["41-1"]
