"""Every message of lights, vehicles and telemetry, tapped at the broker, fits `docs/asyncapi.yaml`:
the real drivers on one side, the simulators on the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from devices.amr.fleet import VehicleDriver
from devices.io import IoDriver
from devices.lights.zone import LightZoneDriver
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Fleet, Io, LightZone, ModbusTcp, Mqtt
from gateway.sitefile import TelemetryConfig
from gateway.telemetry import Telemetry
from simulators.bus import fact
from simulators.child import Child, Program
from simulators.spawn import Nursery
from tests.contract.mqtt import contract
from tests.devices.peers import posted, watched
from tests.devices.tags.stations import Bench, on_tcp
from tests.simulators.lights.peer import Heard, Peer, World, broker, child, world
from wcs.commands import SendTrip, SetLight
from wcs.names import DeviceId, LightId, Lpn, TaskId

DEMO = Path("config/demo")
MAP = load_map(DEMO)
CONTRACT = contract()
UNREAD = "factsheet"
"""Vehicles say it; Wedge does not listen to it."""


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Tap(Peer):
    """Hears everything; `channels` counts what has come, each message checked."""

    def __init__(self, port: int) -> None:
        super().__init__(port, "#", "")
        self.channels: Counter[str] = Counter()
        self.wrong: list[Exception] = []

    def _note(self, heard: Heard) -> None:
        topic, payload, retained = heard
        if not topic.endswith(f"/{UNREAD}"):
            try:
                self.channels[CONTRACT.check(topic, payload, retained=retained)] += 1
            except (AssertionError, ValidationError) as err:
                self.wrong.append(err)
        super()._note(heard)

    async def counts(self, channel: str, least: int = 1) -> None:
        await self.hears(lambda _: self.channels[channel] >= least)


@asynccontextmanager
async def tapped(port: int) -> AsyncIterator[Tap]:
    """And whoever comes later finds nothing retained that must not be."""
    one = Tap(port)
    await asyncio.wait_for(one.subscribed.wait(), 10)
    yield one
    late = Tap(port)
    await asyncio.wait_for(late.subscribed.wait(), 10)
    mark: Heard = ("wedge/wh1/state/end/get", {}, False)
    one.say(mark[0], {})
    await late.hears(lambda heard: heard == mark)
    for client in (one, late):
        client.close()
        assert client.wrong == []


class Site:
    def __init__(self, mqtt: Child, floor: World, tap: Tap) -> None:
        self.mqtt, self.floor, self.tap = mqtt, floor, tap

    @property
    def connection(self) -> Mqtt:
        said = {"type": "mqtt", "host": "127.0.0.1", "port": self.mqtt.address["port"]}
        return Mqtt.model_validate(said | {"client_id": "wedge"})


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=30)


async def test_lights(mosquitto: Path, tmp_path: Path, nursery: Nursery) -> None:
    config = MAP.devices[DeviceId("ptl_a")]
    assert isinstance(config, LightZone)
    async with site(tmp_path, nursery) as (ours, lines):
        program = Program("ptl_a", "simulators.lights", ("--map", str(DEMO), *lines))
        driver = LightZoneDriver(
            DeviceId("ptl_a"), config, ours.connection, clock=Clock(), live=Live()
        )
        async with child(program, tmp_path, nursery) as zone, watched(driver) as watch:
            watch.session.post(posted(lit("12-3")))
            await ours.tap.counts("lampCommand")
            ours.floor.bus.tell("ptl_a", pressing("A-03"))
            await ours.tap.counts("lampEvent")
            watch.session.post(posted(lit(None)))
            await ours.tap.counts("lampCommand", 2)
            await zone.kill()
            await ours.tap.hears(lambda heard: heard[1] == {"online": False})
    assert set(ours.tap.channels) == {"lampCommand", "lampState", "lampEvent", "zoneStatus"} | END
    assert ours.tap.channels["lampState"] >= len(config.lights)


END = {"tagStateRequest"}
"""How a tap knows that it has heard all."""


def lit(task: str | None) -> SetLight:
    return SetLight(
        device=DeviceId("ptl_a"),
        light=LightId("A-03"),
        task=TaskId(task) if task else None,
        colour="green",
        qty=2,
        before=soon(),
    )


def pressing(light: str) -> Any:
    return {"fact": "press", "light": light, "button": "confirm", "qty": 2}


async def test_a_message_that_is_not_in_the_contract_is_noticed(
    mosquitto: Path, tmp_path: Path, nursery: Nursery
) -> None:
    with pytest.raises(AssertionError):
        async with site(tmp_path, nursery) as (ours, _):
            ours.tap.say("wedge/wh1/tags/plc", {"device": "plc"})
            await ours.tap.hears(lambda heard: heard[1] == {"device": "plc"})


async def test_a_vehicle(mosquitto: Path, tmp_path: Path, nursery: Nursery) -> None:
    config = MAP.devices[DeviceId("amr1")]
    assert isinstance(config, Fleet)
    async with site(tmp_path, nursery) as (ours, lines):
        kept = ("--state", str(tmp_path), "--speed", "50", "--map", str(DEMO))
        program = Program("amr1", "simulators.amr", (*kept, *lines))
        driver = VehicleDriver(
            DeviceId("amr1"), config, ours.connection, clock=Clock(), live=Live()
        )
        async with child(program, tmp_path, nursery) as vehicle, watched(driver) as watch:
            watch.session.post(posted(a_trip()))
            for kind in ("pick", "drop"):
                act = await ours.floor.sees(acts(f"amr_{kind}"))
                done = "amr_loaded" if kind == "pick" else "amr_dropped"
                ours.floor.bus.tell("amr1", fact(done, lpns=act["lpns"], missing=[]))
            await ours.tap.hears(lambda h: h[0].endswith("/state") and over(h[1]))
            await ours.tap.counts("vehicleVisualization")
            await vehicle.kill()
            await ours.tap.hears(lambda h: h[1].get("connectionState") == "CONNECTIONBROKEN")
    assert set(ours.tap.channels) == {
        "vehicleOrder", "vehicleInstantActions", "vehicleConnection", "vehicleState",
        "vehicleVisualization",
    } | END  # fmt: skip


def acts(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda act: act["act"] == name


def over(state: dict[str, Any]) -> bool:
    return bool(state["orderId"]) and not state["nodeStates"]


def a_trip() -> SendTrip:
    way = ("HANDOVER", "M1", "M2", "INDUCT")
    return SendTrip(
        device=DeviceId("amr1"),
        trip="41-1",
        lpns=(Lpn("L00000001"),),
        way=way,
        nodes={node: (float(n), 3.0, 1.5) for n, node in enumerate(way)},
        map_id="DEMO-1",
        before=soon(),
    )


TAGS: dict[str, Any] = {
    "count": {"at": "hr:0", "type": "uint16"},
    "weight": {"at": "hr:2", "type": "float32", "scale": 0.5, "unit": "kg"},
    "mode": {"at": "hr:4", "type": "uint16", "enum": {0: "off", 1: "on"}},
    "set": {"at": "hr:5", "type": "bits", "enum": {0: "a", 1: "b"}},
    "name": {"at": "hr:6", "type": "string", "length": 4},
    "bit": {"at": "hr:10.1", "type": "bool"},
    "many": {"at": "hr:11", "type": "int16", "count": 3},
    "coil": {"at": "co:3", "type": "bool"},
}


async def test_telemetry(mosquitto: Path, tmp_path: Path, nursery: Nursery) -> None:
    async with site(tmp_path, nursery) as (ours, _), on_tcp(Bench()) as bench:
        bench[1].hr[:14] = [7, 0, *FLOAT, 9, 3, 0x4F4B, 0, 0, 0, 2, 1, 0xFFFF, 3]
        live, clock = Live(), Clock()
        config = TelemetryConfig(connection="broker", site="wh1")
        connection = ours.connection
        made = Telemetry(
            config, lambda: connection, tmp_path, live, clock.now, lambda device: device == "io1"
        )
        live.polled = made.polled
        running = asyncio.create_task(made.run())
        io = Io.model_validate(
            {"kind": "io", "connection": "line", "tags": TAGS},
            context={"poll": {"normal": 0.05}},
        )
        line = ModbusTcp.model_validate(
            {"type": "modbus-tcp", "host": "127.0.0.1", "port": bench.port, "timeout": "2s"}
        )
        driver = IoDriver(DeviceId("io1"), io, line, clock=clock, live=live)
        async with watched(driver):
            told = (await ours.tap.hears(lambda h: "/tags/" in h[0] and "set" in h[1]["values"]))[1]
            ours.tap.say("wedge/wh1/state/io1/get", {})
            known = (await ours.tap.hears(lambda h: h[0] == "wedge/wh1/state/io1"))[1]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await made.close()
    assert told["values"] == {
        "count": 7, "weight": 0.75, "mode": None, "set": ["a", "b"], "name": "OK", "bit": True,
        "many": [1, -1, 3],
    }  # fmt: skip
    assert told["raw"]["many"] == [1, 0xFFFF, 3] and told["raw"]["weight"] == FLOAT
    assert list(told["quality"]) == ["mode"] and told["simulated"] is True
    assert known["values"] == told["values"] | {"coil": False}
    assert known["raw"] == told["raw"] | {"coil": [0]}
    assert set(ours.tap.channels) == {"tagValues", "tagState", "tagStateRequest"}


FLOAT = [0x3FC0, 0x0000]
"""1.5"""


@asynccontextmanager
async def site(folder: Path, nursery: Nursery) -> AsyncIterator[tuple[Site, tuple[str, ...]]]:
    async with (
        world() as (floor, floor_at),
        child(broker(folder), folder, nursery) as mqtt,
        tapped(mqtt.address["port"]) as tap,
    ):
        lines = ("--broker", f"127.0.0.1:{mqtt.address['port']}", "--world", floor_at)
        yield Site(mqtt, floor, tap), lines


def test_every_channel_of_the_contract_is_tapped_here() -> None:
    text = Path(__file__).read_text()
    assert [name for name in CONTRACT.channels if f'"{name}"' not in text] == []
