"""OPC UA values told by a subscription over a real wire: changes, silence, lost and late values."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.errors import Refused, Unreachable
from devices.map.connections import OpcUa
from devices.map.schema import NodeTag
from devices.tags.codec import Unwritable
from devices.tags.opcua import OpcTags, opcua_tags, subscribes
from devices.tags.port import NotAllowed
from devices.tags.value import Refusal, Round
from tests.devices.conveyor.site import RunningClock, until
from tests.devices.tags.opc_peer import URI, Peer, peer
from tests.faults.proxy import Proxy, through

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAGS: dict[str, Any] = {
    "count": NodeTag(node="plant;s=Count", type="uint32", sampling="20ms", queue=5),
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw", unit="m/s"),
    "jam": NodeTag(node="plant;s=Jam", type="bool"),
    "code": NodeTag(node="plant;s=Code", type="enum", enum={1: "one", 2: "two"}, access="rw"),
    "name": NodeTag(node="plant;s=Name", type="string", access="rw"),
    "seq": NodeTag(node="plant;s=Seq", type="uint16", access="w"),
}


def at(port: int, **more: Any) -> OpcUa:
    return OpcUa(
        type="opcua", url=f"opc.tcp://127.0.0.1:{port}/plant", insecure=True,
        namespaces={"plant": URI}, publishing=more.pop("publishing", "50ms"),
        timeout=more.pop("timeout", "5s"), **more,
    )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Peer]:
    async with peer() as made:
        yield made


@asynccontextmanager
async def running(line: OpcUa, tags: Any = TAGS) -> AsyncIterator[OpcTags]:
    """Raises what the line ended with, if it ended."""
    async with opcua_tags("plc", tags, line, RunningClock()) as opened:
        run = asyncio.create_task(opened.run())
        try:
            yield opened
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


@asynccontextmanager
async def lone(line: OpcUa) -> AsyncIterator["asyncio.Task[None]"]:
    """The work of an open line: it ends with the line."""
    async with opcua_tags("plc", TAGS, line, RunningClock()) as tags:
        run = asyncio.create_task(tags.run())
        before = count(tags)
        await until(lambda: count(tags) != before)
        yield run
        run.cancel()


def count(tags: OpcTags) -> int:
    found = tags.value("count").value
    assert isinstance(found, int)
    return found


async def shows(tags: OpcTags, fact: Callable[[OpcTags], bool]) -> None:
    await until(lambda: fact(tags))


async def test_a_device_with_a_sampling_is_told_others_ask() -> None:
    assert subscribes(at(1), TAGS)
    assert not subscribes(at(1, read="poll"), TAGS)
    assert not subscribes(at(1), {"jam": TAGS["jam"]})
    assert subscribes(at(1, read="subscribe"), {"jam": TAGS["jam"]})


@pytest.mark.parametrize("read", ["subscribe", "poll"])
async def test_changes_come_and_writes_go(server: Peer, read: str) -> None:
    async with running(at(server.port, read=read)) as tags:
        before = count(tags)
        await shows(tags, lambda one: count(one) > before + 3)
        await server.set("Jam", True)
        await shows(tags, lambda one: one.value("jam").value is True)
        await tags.write({"speed": 0.75, "code": "one"}, {"seq": 7})
        await shows(tags, lambda one: one.value("speed").value == 0.75)
        await shows(tags, lambda one: one.value("code").value == "one")
        assert await server.get("Seq") == 7
        assert tags.view()["speed"].unit == "m/s"
        await server.set("Jam", False)
        await tags.write({"code": "two"})


async def test_each_change_is_told_once(server: Peer) -> None:
    async with running(at(server.port)) as tags:
        seen: list[Any] = []

        async def listen() -> None:
            async for changed in tags.changes():
                seen.extend(changed.items())

        listening = asyncio.create_task(listen())
        try:
            await until(lambda: len([1 for name, _ in seen if name == "count"]) > 4)
        finally:
            listening.cancel()
        counts = [one.value for name, one in seen if name == "count"]
        assert counts == sorted(set(counts))
        assert len([1 for name, _ in seen if name == "name"]) == 1


@pytest.mark.parametrize("read", ["subscribe", "poll"])
async def test_what_came_is_told_for_telemetry(server: Peer, read: str) -> None:
    rounds: list[Round] = []
    line = at(server.port, read=read)
    async with opcua_tags("plc", TAGS, line, RunningClock(), polled=rounds.append) as tags:
        run = asyncio.create_task(tags.run())
        assert set(rounds[0].names) == {"count", "speed", "jam", "code", "name"}
        await until(lambda: len(rounds) > 4)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert all("count" in one.names for one in rounds)
    assert all(len(one.names) == len(one.values) == len(one.raw) for one in rounds)


async def test_what_must_not_be_written_is_not_sent_and_told(server: Peer) -> None:
    refused: list[Refusal] = []
    line = at(server.port)
    async with opcua_tags("plc", TAGS, line, RunningClock(), refused=refused.append) as tags:
        with pytest.raises(NotAllowed, match="count is only read"):
            await tags.write({"count": 1})
        with pytest.raises(Unwritable, match="code: three is none of one, two"):
            await tags.write({"code": "three"})
        with pytest.raises(Unwritable, match="uint16 cannot hold 70000"):
            await tags.write({"seq": 70_000})
    assert [one.values for one in refused] == [{"count": 1}, {"code": "three"}, {"seq": 70_000}]


async def test_quality_comes_with_the_value(server: Peer) -> None:
    async with running(at(server.port)) as tags:
        await server.say("Speed", 3.5, StatusCodes.UncertainLastUsableValue)
        await shows(tags, lambda one: one.value("speed").quality == "stale")
        assert tags.value("speed").value == 3.5
        assert "the last value before its source fell silent" in tags.value("speed").reason
        await server.say("Speed", 3.5, StatusCodes.BadSensorFailure)
        await shows(tags, lambda one: one.value("speed").quality == "bad")
        assert tags.value("speed").reason == "its sensor failed (BadSensorFailure)"
        await server.set("Speed", 1.5)
        await shows(tags, lambda one: one.value("speed").quality == "good")


async def test_a_node_of_another_type_is_bad_not_wrong(server: Peer) -> None:
    odd = {"speed": NodeTag(node="plant;s=Speed", type="bool", sampling="20ms")}
    async with running(at(server.port), odd) as tags:
        assert tags.value("speed").value is None
        assert tags.value("speed").reason == "the server gives a number, the map says bool"


async def test_an_unknown_node_is_refused_in_words(server: Peer) -> None:
    for read in ("poll", "subscribe"):
        gone = {"x": NodeTag(node="plant;s=Gone", type="bool", sampling="20ms")}
        with pytest.raises(Refused, match="x: the server has no such node"):
            async with running(at(server.port, read=read), gone):
                pass


async def test_a_full_queue_is_asked_about_and_counted(server: Peer) -> None:
    """The peer sets the bit as a server with a short queue does (OPC 10000-4, 7.22)."""
    async with running(at(server.port)) as tags:
        await server.say("Speed", 8.5, 0x480)
        await until(lambda: tags.overflows == 1)
        await shows(tags, lambda one: one.value("speed").value == 8.5)
        await server.set("Speed", 1.5)


async def test_a_value_older_than_the_last_answer_does_not_turn_time_back(server: Peer) -> None:
    async with running(at(server.port)) as tags:
        await server.set("Speed", 4.0)
        assert (await tags.read("speed"))["speed"].value == 4.0
        old = ua.DataValue(ua.Variant(9.0, ua.VariantType.Double))
        old.SourceTimestamp = datetime.now(UTC) - timedelta(minutes=1)  # type: ignore[assignment]
        tags._hear("speed", old)
        assert tags.value("speed").value == 4.0
        await server.set("Speed", 1.5)
        await shows(tags, lambda one: one.value("speed").value == 1.5)


async def test_a_subscription_that_the_server_forgot_is_made_anew(server: Peer) -> None:
    async with running(at(server.port)) as tags:
        service = server.server.iserver.subscription_service
        await service.delete_subscriptions(list(service.subscriptions))
        assert tags.watch is not None
        watch = tags.watch
        await until(lambda: watch.resubscribed == 1)
        before = count(tags)
        await shows(tags, lambda one: count(one) > before + 2)


async def test_silence_is_known_within_three_intervals_and_a_request(server: Peer) -> None:
    async with through(server.port) as proxy, lone(at(proxy.port, timeout="300ms")) as run:
        await _silence(proxy, run)


async def _silence(proxy: Proxy, running: "asyncio.Task[None]") -> None:
    proxy.hold()
    with pytest.raises(Unreachable, match="fell silent and does not answer"):
        async with asyncio.timeout(20):
            await running


async def test_values_of_a_silent_server_go_stale(server: Peer) -> None:
    async with through(server.port) as proxy, running(at(proxy.port, timeout="3s")) as tags:
        assert tags.view()["name"].quality == "good"
        proxy.hold()
        await until(lambda: tags.view()["name"].quality == "stale")
        assert tags.view()["name"].reason == "not read lately"


async def test_a_dropped_line_is_known_at_once(server: Peer) -> None:
    async with through(server.port) as proxy, lone(at(proxy.port)) as run:
        proxy.reset()
        with pytest.raises(Unreachable, match="the line dropped"):
            async with asyncio.timeout(20):
                await run


async def test_the_keys_of_a_channel_are_renewed_in_time(server: Peer) -> None:
    async with opcua_tags("plc", TAGS, at(server.port), RunningClock()) as tags:
        tags.line.client.secure_channel_timeout = 400
        renewed = 0
        renew = tags.line.client.open_secure_channel

        async def counted(renew_: bool = False, **given: Any) -> None:
            nonlocal renewed
            renewed += 1
            await renew(**given)
            tags.line.client.secure_channel_timeout = 400

        tags.line.client.open_secure_channel = counted  # type: ignore[assignment]
        run = asyncio.create_task(tags.run())
        await until(lambda: renewed >= 2)
        before = count(tags)
        await shows(tags, lambda one: count(one) > before)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
