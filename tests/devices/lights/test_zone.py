"""A zone on a real Mosquitto: lit, pressed, switched off, restarted; nothing pressed is lost."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.errors import Unreachable
from devices.lights import mqtt, zone
from devices.lights.codec import ZoneCodec
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import LightZone
from devices.mqtt import Message, MqttLine
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import ACCEPTED, QUARANTINED, SOON, T0, HandClock, posted, watched
from wcs.commands import SetLight
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import CommandFailed, LampAnswered, LightPressed

MAP = load_map(Path("config/demo"))
ZONE = DeviceId("ptl_a")
CONFIG = MAP.devices[ZONE]
assert isinstance(CONFIG, LightZone)
LIGHTS = tuple(map(LightId, CONFIG.lights))
STATUS = "wh1/ptl/A/status"


class HandZone(MqttPeer):
    """Twelve lamps and a display, worked by the test."""

    def __init__(self, broker: Broker, boot: str = "a1b2") -> None:
        super().__init__(broker, "wh1/ptl/A/+/set", will=(STATUS, {"online": False}))
        self._boot, self._seq = boot, 0

    async def starts(self, **lit: str) -> None:
        await self.says(STATUS, {"online": True, "boot": self._boot}, retain=True)
        for light in LIGHTS:
            await self.shows(light, lit.get(light.replace("-", "_")))

    async def shows(self, light: str, task: str | None) -> None:
        state = {"task": task, "on": task is not None}
        await self.says(f"wh1/ptl/A/{light}/state", state, retain=True)

    async def presses(self, light: str, task: str | None, qty: int = 2) -> None:
        self._seq += 1
        await self.repeats(light, task, qty)

    async def repeats(self, light: str, task: str | None, qty: int = 2) -> None:
        event = {"event": "confirm", "qty": qty, "task": task}
        identity = {"seq": self._seq, "boot": self._boot}
        await self.says(f"wh1/ptl/A/{light}/event", event | identity)


def driver(broker: Broker, clock: HandClock | None = None) -> zone.LightZoneDriver:
    assert isinstance(CONFIG, LightZone)
    clock = clock or HandClock()
    return zone.LightZoneDriver(ZONE, CONFIG, broker.connection, clock=clock, live=Live())


def light(name: str = "A-03", task: str | None = "12-3") -> SetLight:
    return SetLight(
        device=ZONE,
        light=LightId(name),
        task=TaskId(task) if task else None,
        colour="green",
        qty=3,
        before=SOON,
    )


def pressed(light: str, task: str | None, qty: int = 2) -> LightPressed:
    return LightPressed(
        zone=ZONE,
        light=LightId(light),
        task=TaskId(task) if task else None,
        button="confirm",
        qty=qty,
        at=T0,
    )


async def test_it_opens_with_what_is_lit(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts(A_03="12-3", A_00="12-0")
        async with watched(driver(broker)) as watch:
            assert watch.session.has == ("A-00=12-0", "A-03=12-3")


async def test_a_lamp_is_lit_and_says_so(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker)) as watch:
            watch.session.post(posted(light()))
            topic, told = await hands.hears()
            assert (topic, told["task"], told["on"]) == ("wh1/ptl/A/A-03/set", "12-3", True)
            await hands.shows("A-03", "12-3")
            answered = LampAnswered(
                zone=ZONE, light=LightId("A-03"), task=TaskId("12-3"), at=T0
            )  # fmt: skip
            assert await watch.observes() == answered


async def test_a_press_carries_its_identity_and_its_frame(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker)) as watch:
            await hands.presses("A-03", "12-3")
            seen = await watch.next()
            assert seen.observation == pressed("A-03", "12-3")
            assert seen.key == "ptl_a:a1b2:1"
            assert '"seq": 1' in seen.raw
            await hands.repeats("A-03", "12-3")
            assert (await watch.next()).key == seen.key


async def test_the_plus_and_minus_keys_say_nothing_until_it_is_confirmed(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker)) as watch:
            counted = {"event": "qty", "qty": 1, "task": "12-3", "seq": 1, "boot": "a1b2"}
            await hands.says("wh1/ptl/A/A-03/event", counted)
            await hands.presses("A-03", "12-3", 1)
            assert await watch.observes() == pressed("A-03", "12-3", 1)


async def test_a_press_is_heard_again_after_a_crash_before_its_commit(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker)) as watch:
            await hands.presses("A-03", "12-3")
            await hands.presses("A-04", "12-4")
            first, second = await watch.next(), await watch.next()
            first.source.settled(first, ACCEPTED)
            assert second.key == "ptl_a:a1b2:2"  # the gateway dies here
        async with watched(driver(broker)) as watch:
            again = await watch.next()
            assert (again.key, again.observation) == (second.key, second.observation)
            second.source.settled(second, ACCEPTED)  # void: that line is gone
            again.source.settled(again, QUARANTINED)  # decided is decided
            await hands.presses("A-05", "12-5")
            last = await watch.next()
            last.source.settled(last, ACCEPTED)
        async with watched(driver(broker)) as watch:
            await hands.presses("A-06", "12-6")
            assert await watch.observes() == pressed("A-06", "12-6")


async def test_presses_while_we_are_away_are_heard_first(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker)):
            pass
        await hands.presses("A-03", "12-3")
        await hands.presses("A-04", None, 0)
        async with watched(driver(broker)) as watch:
            assert await watch.observes() == pressed("A-03", "12-3")
            assert await watch.observes() == pressed("A-04", None, 0)


async def test_a_zone_that_is_offline_is_unreachable_until_it_is_back(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HandZone(broker) as hands:
        await hands.starts(A_03="12-3")
        async with watched(driver(broker)) as watch:
            hands.dies()  # and the broker publishes its last will
            assert str(await watch.error()) == "ptl_a: the zone went offline"
    monkeypatch.setattr(mqtt, "ONLINE_WITHIN_S", 0.2)
    with pytest.raises(Unreachable, match="the zone is offline"):
        async with driver(broker).session():
            pass


async def test_what_a_zone_showed_before_it_went_off_does_not_count_when_it_is_back(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, listen = asyncio.Event(), mqtt.MqttZone._listen

    async def and_tell(wire: mqtt.MqttZone) -> None:
        await listen(wire)
        heard.set()

    async def comes_back() -> tuple[str, ...]:
        async with driver(broker).session() as session:
            return session.has

    monkeypatch.setattr(mqtt.MqttZone, "_listen", and_tell)
    async with HandZone(broker) as hands:
        await hands.starts(A_03="12-3")
        await hands.says(STATUS, {"online": False}, retain=True)
    waiting = asyncio.create_task(comes_back())
    async with HandZone(broker, boot="c3d4") as hands:
        await heard.wait()
        await hands.starts(A_04="13-1")
        assert await waiting == ("A-04=13-1",)


class Scripted(MqttLine):
    """Says what a test wrote down, in that order: a broker may choose another."""

    def __init__(self, *messages: Message) -> None:
        self._script = [list(messages)]

    async def take(self, until: float | None = None) -> list[Message]:
        return self._script.pop() if self._script else await asyncio.Future()


async def test_a_stale_lamp_never_counts_whatever_the_order_of_what_is_retained() -> None:
    assert isinstance(CONFIG, LightZone)

    def said(topic: str, body: object, *, retained: bool) -> Message:
        return Message(f"wh1/ptl/A/{topic}", json.dumps(body).encode(), retained)

    lit, dark = {"task": "12-3", "on": True}, {"task": None, "on": False}
    press = {"event": "confirm", "qty": 1, "task": None, "seq": 1, "boot": "c3d4"}
    line = Scripted(
        said("A-03/state", lit, retained=True),
        said("status", {"online": False}, retained=True),
        said("A-04/state", lit, retained=True),
        said("status", {"online": True, "boot": "c3d4"}, retained=False),
        *(said(f"{light}/state", dark, retained=False) for light in LIGHTS),
        said("A-05/state", lit, retained=True),
        said("A-03/event", press, retained=False),
    )
    assert CONFIG.mqtt is not None
    wire = mqtt.MqttZone(ZONE, frozenset(LIGHTS), CONFIG.mqtt, ZoneCodec(CONFIG.mqtt), line)
    await wire.open()
    session = zone.LightZoneSession(ZONE, CONFIG, wire, HandClock(), Live())
    assert session.has == ()
    first = await anext(aiter(session.observations()))
    assert first.observation == pressed("A-03", None, 1)


async def test_a_zone_that_never_spoke_is_unreachable(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "ONLINE_WITHIN_S", 0.2)
    with pytest.raises(Unreachable, match="offline"):
        async with driver(broker).session():
            pass


async def test_a_restart_that_nobody_noticed_opens_the_session_anew(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts(A_03="12-3")
        async with watched(driver(broker)) as watch:
            await hands.says(STATUS, {"online": True, "boot": "a1b2"}, retain=True)  # no news
            await hands.says(STATUS, {"online": True, "boot": "c3d4"}, retain=True)
            assert "started anew" in str(await watch.error())


async def test_a_command_after_its_deadline_is_not_sent(broker: Broker) -> None:
    clock = HandClock()
    async with HandZone(broker) as hands:
        await hands.starts()
        async with watched(driver(broker, clock)) as watch:
            clock.moves(5)
            watch.session.post(posted(light(), "7-1"))
            assert await watch.observes() == CommandFailed(
                device=ZONE, command="7-1", what="Light A-03 for 12-3", reason="too late", at=SOON
            )
            clock.moves(-1)
            watch.session.post(posted(light("A-04")))
            topic, _ = await hands.hears()
            assert topic == "wh1/ptl/A/A-04/set"  # the late one never left


async def test_nonsense_from_a_zone_is_acknowledged_and_forgotten(broker: Broker) -> None:
    async with HandZone(broker) as hands:
        await hands.starts()
        for again in range(2):
            async with watched(driver(broker)) as watch:
                await hands.says("wh1/ptl/A/A-03/event", {"event": "?"})
                await hands.presses("A-03", f"12-{again}")
                seen = await watch.next()
                assert isinstance(seen.observation, LightPressed)
                assert seen.observation.task == f"12-{again}"
                seen.source.settled(seen, ACCEPTED)


async def test_a_restarted_broker_that_forgot_everything_is_survived(forgetful: Broker) -> None:
    async with watched_zone(forgetful) as (hands, watch):
        forgetful.stop()
        assert isinstance(await watch.error(), Unreachable)
        await hands.__aexit__()
    forgetful.start()
    async with watched_zone(forgetful, A_03="12-3") as (hands, watch):
        assert watch.session.has == ("A-03=12-3",)
        await hands.presses("A-03", "12-3")
        assert await watch.observes() == pressed("A-03", "12-3")


async def test_nothing_waits_for_a_nagle_pause(broker: Broker) -> None:
    """Each command would take 44 ms."""
    async with watched_zone(broker) as (_, watch):
        sock = watch.session._wire._line._client.socket()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@asynccontextmanager
async def watched_zone(broker: Broker, **lit: str) -> AsyncIterator[tuple[HandZone, Any]]:
    async with HandZone(broker) as hands:
        await hands.starts(**lit)
        async with watched(driver(broker)) as watch:
            yield hands, watch
