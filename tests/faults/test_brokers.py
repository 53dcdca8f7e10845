"""A broker that fails, or is shared with somebody of our name (faults 25, 39, 43, 44 on MQTT)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from devices import mqtt, mqtt_rivals
from tests.devices.brokers import Broker
from tests.devices.peers import TcpPeer
from tests.faults.peers import Zone, beats, lights
from tests.faults.proxy import through
from tests.faults.site import ALARM_S, Site, site

ZONE, GATE = "ptl_a", "tunnel1"


@asynccontextmanager
async def lit(broker: Broker, port: int) -> AsyncIterator[tuple[Site, Zone, TcpPeer]]:
    """The zone behind `port`, and a gate that has nothing to do with it."""
    async with TcpPeer() as gate:
        at = {"broker": {"port": port}, "tcp_tunnel": {"port": gate.port}}
        async with Zone(broker) as zone:
            await zone.starts(lights(Site(**at)))
            async with site(ZONE, GATE, **at) as made:
                yield made, zone, gate


async def gate_works(made: Site, gate: TcpPeer) -> None:
    seen = len(made.codes(GATE))
    await gate.sends(b"\x02%d;L00004711\x03" % (100 + seen))
    await made.hears(lambda: len(made.codes(GATE)) > seen)
    assert made.lost(GATE) == 0


@pytest.fixture
async def everything(broker: Broker) -> AsyncIterator[tuple[Site, Zone, TcpPeer, Broker]]:
    async with lit(broker, broker.port) as (made, zone, gate):
        beating = asyncio.create_task(beats(gate))
        yield made, zone, gate, broker
        beating.cancel()


Everything = tuple[Site, Zone, TcpPeer, Broker]


async def test_25_a_frozen_broker_is_said_and_the_gate_goes_on(everything: Everything) -> None:
    made, zone, gate, broker = everything
    broker.freezes()
    try:
        assert await made.away(ZONE) == "the broker does not answer"
        await gate_works(made, gate)
    finally:
        broker.thaws()
    await made.back(ZONE, 2)
    await zone.presses(1)
    await made.hears(lambda: bool(made.presses()))
    assert mqtt.ASKED_EVERY_S + mqtt.ANSWERS_WITHIN_S < ALARM_S


async def test_43_a_rival_of_our_name_is_said_and_not_announced_each_time(
    everything: Everything,
) -> None:
    made, _, gate, broker = everything
    rival = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"wedge-demo-{ZONE}")
    rival.reconnect_delay_set(1, 1)
    rival.connect("127.0.0.1", broker.port)
    rival.loop_start()
    try:
        await made.hears(lambda: "again and again" in made.last_alarm(ZONE))
        ups = made.found(ZONE)
        lost = made.lost(ZONE)
        await gate_works(made, gate)
    finally:
        rival.disconnect()
        await asyncio.to_thread(rival.loop_stop)
    await made.back(ZONE, ups + 1)
    assert made.lost(ZONE) == lost
    assert mqtt_rivals.STAYS_S < ALARM_S


async def test_44_what_a_callback_raises_ends_the_line_and_it_comes_back(
    everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, zone, gate, _ = everything
    with monkeypatch.context() as broken:
        broken.setattr(mqtt, "_topic", lambda message: 1 / 0)
        await zone.presses(1)
        assert "a fault of the driver: ZeroDivisionError" in await made.away(ZONE)
        await gate_works(made, gate)
    await made.back(ZONE, 2)
    await zone.presses(2)
    await made.hears(lambda: len(set(made.presses())) == 2)


async def test_41_a_press_that_was_retained_moves_nothing_when_we_come_back(
    broker: Broker,
) -> None:
    async with through(broker.port) as proxy, Zone(broker) as zone:
        await zone.starts(lights(Site()))
        said = {"event": "confirm", "qty": 9, "task": "12-3", "seq": 1, "boot": "old"}
        await zone.says("wh1/ptl/A/A-03/event", said, retain=True)
        async with site(ZONE, broker={"port": proxy.port}) as made:
            for times in (2, 3):
                proxy.reset()
                await made.back(ZONE, times)
            await zone.presses(2)
            await made.hears(lambda: "ptl_a:a1b2:2" in made.presses())
            assert set(made.presses()) == {"ptl_a:a1b2:2"}


NONSENSE = {
    "ten megabytes": b"x" * 10_000_000,
    "deep JSON": b"[" * 50_000,
    "no UTF-8": b"\xff\xfe\x00",
    "a number": b"17",
    "nothing": b"",
}


@pytest.mark.parametrize("what", NONSENSE)
async def test_42_what_no_device_would_say_is_dropped_and_the_zone_works(
    everything: Everything, what: str
) -> None:
    made, zone, gate, _ = everything
    for topic in ("A-03/event", "A-03/state", "status"):
        await zone.says(f"wh1/ptl/A/{topic}", NONSENSE[what])
    await zone.presses(2)
    await made.hears(lambda: "ptl_a:a1b2:2" in made.presses())
    await gate_works(made, gate)
    assert made.presses() == ["ptl_a:a1b2:2"]
    assert made.lost(ZONE) == 0
