"""A vehicle on a real Mosquitto: ordered, repeated, rejected, silent, taken over, back again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from devices.amr import fleet
from devices.amr.wire import address_of
from devices.errors import Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Fleet
from tests.devices.amr.vehicles import HEADER, actions, ahead, body, rejection, trip
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import HandClock, Watch, posted, watched
from wcs.names import DeviceId
from wcs.observations import CommandFailed, TripProgressed, VehicleChanged

MAP = load_map(Path("config/demo"))
AMR = DeviceId("amr1")
BASE = "uagv/v2/WEDGE/0001"
T = TypeVar("T")


class HandVehicle(MqttPeer):
    """Answers only what a test lets it answer."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(
            broker,
            f"{BASE}/order",
            f"{BASE}/instantActions",
            will=(f"{BASE}/connection", HEADER | {"connectionState": "CONNECTIONBROKEN"}),
        )
        self._number = 0

    async def is_now(self, connection: str) -> None:
        said = HEADER | {"connectionState": connection}
        await self.says(f"{BASE}/connection", said, retain=True)

    async def reports(self, **more: Any) -> None:
        self._number += 1
        await self.reports_as(self._number, **more)

    async def reports_as(self, number: int, **more: Any) -> None:
        await self.says(f"{BASE}/state", body(number, **more), qos=1)

    async def gets(self, name: str) -> dict[str, Any]:
        while True:
            topic, told = await self.hears()
            if topic == f"{BASE}/{name}":
                return dict(told)


@asynccontextmanager
async def opened(
    vehicle: HandVehicle,
    broker: Broker,
    *,
    clock: HandClock | None = None,
    live: Live | None = None,
    state_timeout_s: float = 35.0,
    **said: Any,
) -> AsyncIterator[Watch]:
    """The vehicle is online and answers the session's first question with what it `said`."""

    async def answers() -> None:
        asked = await vehicle.gets("instantActions")
        assert [action["actionType"] for action in asked["actions"]] == ["stateRequest"]
        await vehicle.reports(**said)

    await vehicle.is_now("ONLINE")
    answering = asyncio.create_task(answers())
    async with watched(driver(broker, clock, live, state_timeout_s)) as watch:
        await answering
        yield watch


def driver(
    broker: Broker,
    clock: HandClock | None = None,
    live: Live | None = None,
    state_timeout_s: float = 35.0,
) -> fleet.VehicleDriver:
    config = MAP.devices[AMR]
    assert isinstance(config, Fleet)
    return fleet.VehicleDriver(
        AMR,
        config.model_copy(update={"state_timeout_s": state_timeout_s}),
        broker.connection,
        clock=clock or HandClock(),
        live=live or Live(),
    )


async def until(watch: Watch, kind: type[T]) -> T:
    while True:
        if isinstance(seen := await watch.observes(), kind):
            return seen


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "CONFIRM_WITHIN_S", 0.1)


async def test_it_opens_with_the_trip_it_is_on_and_says_how_it_is(broker: Broker) -> None:
    live = Live()
    async with HandVehicle(broker) as vehicle:
        on_trip: dict[str, Any] = ahead("M1") | {"orderId": "40-1"}
        async with opened(vehicle, broker, live=live, **on_trip) as watch:
            assert watch.session.has == ("trip=40-1",)
            changed = await until(watch, VehicleChanged)
            assert (changed.ready, changed.node) == (True, "HANDOVER")
            shown = {tag: value.value for tag, value in live.of(AMR).items()}
            assert (shown["x"], shown["battery"], shown["order"]) == (0.0, 80.0, "40-1")
        async with opened(vehicle, broker) as watch:
            assert watch.session.has == ()


async def test_a_trip_from_order_to_drop(broker: Broker) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        watch.session.post(posted(trip()))
        order = await vehicle.gets("order")
        assert (order["orderId"], order["orderUpdateId"], order["headerId"]) == ("41-1", 0, 0)
        assert len(order["nodes"]) == 7
        loads = [{"loadId": "L00000001"}, {"loadId": "L00000002"}]
        picked = actions(pick="FINISHED", drop="WAITING")
        await vehicle.reports(orderId="41-1", actionStates=picked, loads=loads, **ahead("M1"))
        seen = await until(watch, TripProgressed)
        assert (seen.trip, seen.step, seen.lpns) == (
            "41-1",
            "picked",
            ("L00000001", "L00000002"),
        )
        done = actions(pick="FINISHED", drop="FINISHED")
        await vehicle.reports(orderId="41-1", actionStates=done)
        seen = await until(watch, TripProgressed)
        assert (seen.step, seen.lpns) == ("dropped", ("L00000001", "L00000002"))


async def test_steps_carry_a_key_so_that_a_new_session_repeats_and_does_not_add(
    broker: Broker,
) -> None:
    done: dict[str, Any] = {
        "orderId": "41-1",
        "actionStates": actions(pick="FINISHED", drop="FINISHED"),
    }
    keys: list[list[str | None]] = []
    async with HandVehicle(broker) as vehicle:
        for _ in range(2):
            async with opened(vehicle, broker, **done) as watch:
                keys.append([(await watch.next()).key for _ in range(3)])
    assert keys[0] == keys[1] == ["amr1:41-1:picked", "amr1:41-1:dropped", None]


@pytest.mark.usefixtures("impatient")
async def test_an_order_that_no_state_shows_is_sent_again_and_is_the_same_order(
    broker: Broker,
) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        watch.session.post(posted(trip()))
        first, second = await vehicle.gets("order"), await vehicle.gets("order")
        assert (first.pop("headerId"), second.pop("headerId")) == (0, 1)
        assert first == second  # the clock of this test stands still, so do the timestamps
        await vehicle.reports(orderId="41-1", **ahead("M1", "M2"))
        await vehicle.reports(orderId="41-1", lastNodeId="M1", **ahead("M2"))
        changed = [await until(watch, VehicleChanged) for _ in range(2)]
        assert changed[-1].node == "M1"
        resent = vehicle.waiting
        await vehicle.reports(orderId="41-1", lastNodeId="M2", **ahead("INDUCT"))
        await until(watch, VehicleChanged)
        assert vehicle.waiting == resent


@pytest.mark.usefixtures("impatient")
async def test_an_order_that_is_never_confirmed_fails_after_so_many_sendings(
    broker: Broker,
) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        watch.session.post(posted(trip(), "7-1"))
        failed = await until(watch, CommandFailed)
        assert (failed.command, failed.reason) == (
            "7-1",
            f"not confirmed by the vehicle, sent {fleet.SENDINGS} times",
        )
        sent = [await vehicle.gets("order") for _ in range(fleet.SENDINGS)]
        assert [order["headerId"] for order in sent] == list(range(fleet.SENDINGS))
        assert vehicle.waiting == 0


@pytest.mark.usefixtures("impatient")
async def test_an_order_is_not_sent_again_after_its_deadline(broker: Broker) -> None:
    clock = HandClock()
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker, clock=clock) as watch:
        watch.session.post(posted(trip(), "7-1"))
        clock.moves(5)
        failed = await until(watch, CommandFailed)
        assert failed.reason == "not confirmed by the vehicle, sent 1 times"
        await vehicle.gets("order")
        assert vehicle.waiting == 0


async def test_a_rejected_order_says_why_and_the_vehicle_takes_the_next(broker: Broker) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        watch.session.post(posted(trip("41-1")))
        await vehicle.gets("order")
        await vehicle.reports(errors=[rejection("41-1")])
        rejected = await until(watch, TripProgressed)
        assert (rejected.trip, rejected.step) == ("41-1", "rejected")
        assert "order 40-1 is active" in rejected.text
        watch.session.post(posted(trip("42-1")))
        assert (await vehicle.gets("order"))["orderId"] == "42-1"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (ahead("M1") | {"orderId": "40-1"}, "the vehicle is still on trip 40-1"),
        ({"operatingMode": "MANUAL"}, "the vehicle is not ready: in manual mode"),
        ({"lastNodeId": "B3"}, "the vehicle is at B3, not on the way"),
        ({"lastNodeId": ""}, "the vehicle is at no node, not on the way"),
    ],
)
async def test_a_vehicle_that_cannot_take_an_order_gets_none(
    broker: Broker, said: dict[str, Any], why: str
) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker, **said) as watch:
        watch.session.post(posted(trip(), "7-1"))
        failed = await until(watch, CommandFailed)
        assert failed.command == "7-1" and failed.reason.startswith(why)
        assert vehicle.waiting == 0


async def test_a_late_order_and_a_second_one_before_the_first_is_confirmed_are_refused(
    broker: Broker,
) -> None:
    clock = HandClock()
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker, clock=clock) as watch:
        clock.moves(5)
        watch.session.post(posted(trip("41-1"), "7-1"))
        assert (await until(watch, CommandFailed)).reason == "too late"
        clock.moves(-5)
        watch.session.post(posted(trip("42-1"), "8-1"))
        watch.session.post(posted(trip("43-1"), "9-1"))
        failed = await until(watch, CommandFailed)
        assert (failed.command, failed.reason) == ("9-1", "trip 42-1 is not confirmed yet")
        assert (await vehicle.gets("order"))["orderId"] == "42-1"


async def test_a_trip_that_the_vehicle_has_already_is_not_sent_again(broker: Broker) -> None:
    on_trip: dict[str, Any] = ahead("M1") | {"orderId": "41-1"}
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker, **on_trip) as watch:
        watch.session.post(posted(trip("41-1")))
        done = actions(pick="FINISHED", drop="FINISHED")
        await vehicle.reports(orderId="41-1", actionStates=done)
        assert (await until(watch, TripProgressed)).step == "picked"
        assert vehicle.waiting == 0


async def test_late_and_doubled_states_change_nothing(broker: Broker) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        await until(watch, VehicleChanged)
        await vehicle.reports_as(9, lastNodeId="M2")
        assert (await until(watch, VehicleChanged)).node == "M2"
        await vehicle.reports_as(8, lastNodeId="M1")
        await vehicle.reports_as(9, lastNodeId="M1")
        await vehicle.reports_as(10, lastNodeId="INDUCT")
        assert (await until(watch, VehicleChanged)).node == "INDUCT"


async def test_a_vehicle_that_is_not_online_is_unreachable(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HandVehicle(broker) as vehicle:
        async with opened(vehicle, broker) as watch:
            vehicle.dies()
            assert "CONNECTIONBROKEN" in str(await watch.error())
        monkeypatch.setattr(fleet, "ONLINE_WITHIN_S", 0.2)
        with pytest.raises(Unreachable, match="is not online"):
            async with driver(broker).session():
                pass


async def test_a_vehicle_that_says_nothing_of_its_state_is_unreachable(broker: Broker) -> None:
    async with HandVehicle(broker) as vehicle:
        await vehicle.is_now("ONLINE")
        with pytest.raises(Unreachable, match="says nothing of its state"):
            async with driver(broker, state_timeout_s=0.2).session():
                pass
        await vehicle.gets("instantActions")  # it was asked, and did not answer
        async with opened(vehicle, broker, state_timeout_s=2.0) as watch:
            assert "says nothing of its state any more" in str(await watch.error())


async def test_a_vehicle_that_forgot_its_trip_opens_anew_without_it(broker: Broker) -> None:
    on_trip: dict[str, Any] = ahead("M1") | {"orderId": "41-1"}
    async with HandVehicle(broker) as vehicle:
        async with opened(vehicle, broker, **on_trip) as watch:
            await vehicle.reports(operatingMode="MANUAL")
            assert "forgot its trip 41-1" in str(await watch.error())
        async with opened(vehicle, broker) as watch:
            assert watch.session.has == ()


async def test_nonsense_on_its_topics_is_dropped(broker: Broker) -> None:
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker) as watch:
        await until(watch, VehicleChanged)
        for nonsense in (b"", b"\xff", b"{}", b"[" * 50_000, json.dumps(body() | {"errors": 3})):
            await vehicle.says(f"{BASE}/state", nonsense)
        await vehicle.reports(lastNodeId="M1")
        assert (await until(watch, VehicleChanged)).node == "M1"


async def test_the_eye_sees_the_position_that_is_no_progress(broker: Broker) -> None:
    live = Live()
    async with HandVehicle(broker) as vehicle, opened(vehicle, broker, live=live) as watch:
        where = body()["agvPosition"] | {"x": 4.5}
        await vehicle.says(f"{BASE}/visualization", HEADER | {"agvPosition": where})
        await vehicle.reports(lastNodeId="M1", agvPosition=None)
        while (await until(watch, VehicleChanged)).node != "M1":
            pass
        assert live.of(AMR)["x"].value == 4.5


def test_vehicles_of_one_fleet_have_their_own_addresses() -> None:
    config = Fleet.model_validate(
        {
            "kind": "vda5050-fleet",
            "connection": "broker",
            "vda5050": {"manufacturer": "ACME"},
            "vehicles": {"amr01": {"serial": "0001"}, "amr02": {"serial": "0002"}},
        }
    )
    topic = address_of(DeviceId("amr02"), config).topic("order")
    assert topic == "uagv/v2/ACME/0002/order"
    with pytest.raises(ValueError, match="amr03: the map names no serial number"):
        address_of(DeviceId("amr03"), config)
