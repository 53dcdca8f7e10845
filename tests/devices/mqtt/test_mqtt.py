"""The bridge to paho on a real Mosquitto: receipts, sessions, restarts, refusals, floods."""

import asyncio
import gc
import os
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import pytest

from devices import mqtt
from devices.errors import Refused, Unreachable
from devices.map.schema import Mqtt
from devices.mqtt import Message, MqttLine, Topic, connected
from devices.mqtt_drops import Drops
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import PATIENCE_S, TcpPeer

EVENTS, STATES = Topic("zone/+/event"), Topic("zone/+/state", qos=0, state=True)


@asynccontextmanager
async def line(
    broker: Broker, *topics: Topic, drops: Drops | None = None
) -> AsyncIterator[MqttLine]:
    topics = topics or (EVENTS, STATES)
    async with connected("ptl_a", broker.connection, topics, drops or Drops()) as line:
        yield line


async def next_of(line: MqttLine, count: int = 1) -> list[Message]:
    got: list[Message] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(got) < count:
            got += await line.take()
    return got


async def payloads(line: MqttLine, count: int = 1) -> list[bytes]:
    return [message.payload for message in await next_of(line, count)]


async def test_an_event_is_repeated_after_a_crash_until_it_is_acknowledged(broker: Broker) -> None:
    async with MqttPeer(broker) as zone:
        async with line(broker) as first:
            await zone.says("zone/1/event", 17)
            await next_of(first)  # seen, but the gateway dies before its commit
        async with line(broker) as second:
            (again,) = await next_of(second)
            assert again.payload == b"17"
            second.ack(again)
            await zone.says("zone/1/event", 18)
            (other,) = await next_of(second)
            second.ack(other)
        async with line(broker) as third:
            await zone.says("zone/1/event", 19)
            assert await payloads(third) == [b"19"]


async def test_what_is_pressed_while_we_are_away_is_heard_when_we_are_back(broker: Broker) -> None:
    async with line(broker):
        pass
    async with MqttPeer(broker) as zone:
        for number in range(3):
            await zone.says("zone/1/event", number)
    async with line(broker) as back:
        assert await payloads(back, 3) == [b"0", b"1", b"2"]


async def test_states_are_read_anew_and_never_kept_for_us(broker: Broker) -> None:
    async with line(broker):
        pass
    async with MqttPeer(broker) as zone:
        for number in range(5):
            await zone.says("zone/1/state", number, retain=True)
    async with line(broker) as back:
        (state,) = await next_of(back)
        assert (state.payload, state.retained, state.receipt) == (b"4", True, None)


async def test_of_a_state_only_the_newest_waits_for_a_slow_loop(broker: Broker) -> None:
    async with MqttPeer(broker) as zone, line(broker) as slow:
        for number in range(50):
            await zone.says("zone/1/state", number)
        await zone.says("zone/1/event", "last")
        got: list[bytes] = []
        while b'"last"' not in got:
            got += await payloads(slow)
        assert len(got) < 50 and got[-2:] == [b"49", b'"last"']


async def test_more_events_than_may_wait_stay_with_the_broker(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "WAITING_AT_MOST", 5)
    async with MqttPeer(broker) as zone:
        async with line(broker) as full:
            for number in range(12):
                await zone.says("zone/1/event", number)
            async with asyncio.timeout(PATIENCE_S):
                while full._mailbox._end is None:  # nobody took the first, and the sixth has come
                    await asyncio.sleep(0.005)
            first = await next_of(full, 5)
            assert [message.payload for message in first] == [b"0", b"1", b"2", b"3", b"4"]
            for message in first:
                full.ack(message)
            with pytest.raises(Unreachable, match="more than 5 messages wait"):
                await full.take()
        monkeypatch.setattr(mqtt, "WAITING_AT_MOST", 50)
        async with line(broker) as emptied:
            again = await payloads(emptied)
            while again[-1] != b"11":
                again += await payloads(emptied)
        # a PUBACK may be lost with the line, so one that was acknowledged may come once more
        assert again[-7:] == [b"%d" % number for number in range(5, 12)]


async def test_a_broker_restart_ends_the_line_and_a_new_one_hears_what_was_not_acknowledged(
    broker: Broker,
) -> None:
    async with MqttPeer(broker) as zone, line(broker) as before:
        await zone.says("zone/1/event", 17)
        (seen,) = await next_of(before)
        broker.stop()
        with pytest.raises(Unreachable, match="the line to the broker is down"):
            await before.take()
        with pytest.raises(Unreachable):
            before.publish("zone/1/set", b"{}")
        before.ack(seen)  # void: the line is down
        broker.start()
        async with line(broker) as after:
            assert await payloads(after) == [b"17"]


async def test_no_broker_is_said_at_once_with_the_address(broker: Broker) -> None:
    broker.stop()
    where = f"127.0.0.1:{broker.port}"
    with pytest.raises(Unreachable, match=f"ptl_a: no broker answers at {where}"):
        async with asyncio.timeout(PATIENCE_S), line(broker):
            pass
    broker.start()


async def test_a_mute_broker_is_given_up(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "OPEN_WITHIN_S", 0.3)
    async with TcpPeer() as mute:
        config = broker.connection.model_copy(update={"port": mute.port})
        with pytest.raises(Unreachable, match="no answer from the broker"):
            async with connected("ptl_a", config, [EVENTS], Drops()):
                pass


async def test_a_frozen_broker_is_noticed_by_the_keep_alive_and_closing_does_not_hang(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "CLOSE_WITHIN_S", 0.2)
    config = broker.connection.model_copy(update={"keepalive_s": 1.0})
    async with connected("ptl_a", config, [EVENTS], Drops()) as frozen:
        broker.freezes()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(Unreachable):
                await frozen.take()
    async with asyncio.timeout(PATIENCE_S):
        broker.thaws()
        async with connected("ptl_a", config, [EVENTS], Drops()) as closing:
            broker.freezes()
            closing.publish("zone/1/set", b"{}")
    broker.thaws()


async def test_a_second_gateway_with_our_name_takes_the_line_and_we_say_so(broker: Broker) -> None:
    async with line(broker) as first, line(broker):
        with pytest.raises(Unreachable):
            await first.take()


async def test_odd_messages_are_dropped_and_acknowledged_and_the_line_lives(broker: Broker) -> None:
    everything = Topic("#")
    async with MqttPeer(broker) as zone, line(broker, everything) as hearing:
        await zone.says("zone/1/event", b"x" * (mqtt.LONGEST + 1))
        await zone.says("zone/1/event", b"\xff\xfe\x00")
        (odd,) = await next_of(hearing)
        assert odd.payload == b"\xff\xfe\x00"
        hearing.ack(odd)
    async with line(broker, everything) as again:
        async with MqttPeer(broker) as zone:
            await zone.says("zone/1/event", "next")
        assert await payloads(again) == [b'"next"']


async def test_what_is_not_taken_is_counted_with_its_topic(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    drops = Drops()
    async with MqttPeer(broker) as zone, line(broker, drops=drops) as hearing:
        for _ in range(3):
            await zone.says("zone/9/event", b"x" * (mqtt.LONGEST + 1))
        await zone.says("zone/9/event", "last")
        assert await payloads(hearing) == [b'"last"']
    assert drops.counts() == {("ptl_a", "zone/9/event"): 3}
    said = [one for one in caplog.messages if "zone/9/event" in one]
    assert said == [
        "ptl_a: a message on zone/9/event is not taken: 65537 bytes, at most 65536 are taken"
    ]


async def test_an_event_that_was_retained_is_stale_and_never_heard(broker: Broker) -> None:
    """Nobody knows when it was pressed; it would be pressed again with every connection."""
    drops = Drops()
    async with MqttPeer(broker) as zone:
        await zone.says("zone/7/event", 1, retain=True)
        for number in (2, 3):
            async with line(broker, drops=drops) as hearing:
                await zone.says("zone/7/event", number)
                (message,) = await next_of(hearing)
                hearing.ack(message)
                assert message.payload == b"%d" % number
    assert "publish it without `retain`" in drops.alarms()["ptl_a"]


async def test_a_fault_in_a_callback_ends_the_line_and_not_the_thread(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with MqttPeer(broker) as zone, line(broker) as broken:
        monkeypatch.setattr(broken, "_is_state", lambda topic: 1 / 0)
        await zone.says("zone/1/event", 1)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(ZeroDivisionError):
                await broken.take()
        names = [thread.name for thread in threading.enumerate()]
        assert any("wedge-test-ptl_a" in name for name in names)


async def test_a_missing_secret_is_named_and_a_wrong_password_is_refused(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"user": "wedge", "password": {"secret": "BROKER_PASSWORD"}}
    config = Mqtt.model_validate(broker.connection.model_dump(by_alias=True) | said)
    with pytest.raises(Refused, match="secret BROKER_PASSWORD is missing"):
        async with connected("ptl_a", config, [EVENTS], Drops()):
            pass
    broker.stop()
    broker.allows_only("wedge", "right")
    broker.start()
    for password, fits in (("wrong", False), ("right", True)):
        monkeypatch.setenv("BROKER_PASSWORD", password)
        with nullcontext() if fits else pytest.raises(Unreachable, match="refuses us"):
            async with connected("ptl_a", config, [EVENTS], Drops()):
                pass


async def test_nagle_is_off(broker: Broker) -> None:
    async with line(broker) as open_line:
        sock = open_line._client.socket()
        assert isinstance(sock, socket.socket)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_nothing_is_left_behind_by_a_hundred_lines(broker: Broker) -> None:
    gc.disable()  # nothing may wait for the collector either
    try:
        before = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for _ in range(100):
            async with line(broker):
                pass
        after = threading.active_count(), len(os.listdir("/proc/self/fd"))
    finally:
        gc.enable()
    assert after[0] <= before[0] + 1
    assert after[1] <= before[1] + 3
