"""Methods of an OPC UA server, called as the map declares them; over a real wire."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from devices.live import Live
from devices.map.schema import Io, Method
from devices.tags.codec import Unwritable
from devices.tags.lines import open_tags
from devices.tags.methods import Methods
from devices.tags.opcua import opcua_tags
from devices.tags.port import Denied, NoReply, ReadOnly, TooLate
from devices.tags.value import Refusal
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.opc_peer import Peer, peer
from tests.devices.tags.test_opcua_watch import TAGS, at
from wcs.names import DeviceId

pytestmark = pytest.mark.asyncio(loop_scope="module")

RELEASE = Method.model_validate(
    {
        "object": "plant;s=Line", "method": "plant;s=Release",
        "in": {"lane": "uint16"}, "out": {"ticket": "uint32"},
    }
)  # fmt: skip
LOST = RELEASE.model_copy(update={"method": "plant;s=Nothing"})
METHODS = {"release_lane": RELEASE, "lost": LOST}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Peer]:
    async with peer() as made:
        yield made


async def test_it_runs_with_typed_arguments_and_gives_results_by_name(server: Peer) -> None:
    clock = RunningClock()
    async with opcua_tags("plc", TAGS, at(server.port), clock, METHODS) as tags:
        assert isinstance(tags, Methods)
        before = clock.now() + timedelta(seconds=5)
        assert await tags.call("release_lane", {"lane": 2}, before) == {"ticket": 102}
        assert server.called[-1] == ("Release", 2)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "release_lane takes lane"),
        ({"lane": 1, "more": 2}, "release_lane takes lane"),
        ({"lane": 70_000}, "release_lane.lane: uint16 cannot hold 70000"),
        ({"lane": "two"}, "release_lane.lane: 'two' is no uint16"),
        ({"lane": True}, "release_lane.lane: True is no uint16"),
    ],
)
async def test_what_does_not_fit_is_not_sent(
    server: Peer, given: dict[str, Any], told: str
) -> None:
    called = len(server.called)
    async with opcua_tags("plc", TAGS, at(server.port), RunningClock(), METHODS) as tags:
        with pytest.raises(Unwritable, match=told):
            await tags.call("release_lane", given)
        with pytest.raises(Unwritable, match="the map has no method stop"):
            await tags.call("stop", given)
    assert len(server.called) == called


async def test_a_refusal_is_told_apart_from_silence(server: Peer) -> None:
    line = at(server.port, timeout="300ms")
    async with opcua_tags("plc", TAGS, line, RunningClock(), METHODS) as tags:
        with pytest.raises(Denied, match=r"refuses release_lane: not in this state"):
            await tags.call("release_lane", {"lane": 9})
        with pytest.raises(Denied, match="refuses lost: "):
            await tags.call("lost", {"lane": 1})
        server.hold.clear()
        try:
            with pytest.raises(NoReply):
                await tags.call("release_lane", {"lane": 1})
        finally:
            server.hold.set()


async def test_after_its_deadline_it_is_not_called(server: Peer) -> None:
    called, clock = len(server.called), RunningClock()
    async with opcua_tags("plc", TAGS, at(server.port), clock, METHODS) as tags:
        with pytest.raises(TooLate):
            await tags.call("release_lane", {"lane": 1}, clock.now() - timedelta(seconds=1))
        assert len(server.called) == called
        server.hold.clear()
        began = asyncio.get_running_loop().time()
        try:
            with pytest.raises(NoReply):
                soon = clock.now() + timedelta(seconds=0.1)
                await tags.call("release_lane", {"lane": 1}, soon)
        finally:
            server.hold.set()
        assert asyncio.get_running_loop().time() - began < 0.6


async def test_an_observed_device_is_neither_written_nor_called(server: Peer) -> None:
    refused: list[Refusal] = []
    live = Live(refused=lambda device, one: refused.append(one))
    io = Io(kind="io", connection="plc", tags=TAGS, methods=METHODS)
    called = len(server.called)
    async with open_tags(
        DeviceId("plc"), io, at(server.port), RunningClock(), live, "observe"
    ) as tags:
        assert tags.value("name").value == "line 1"
        with pytest.raises(ReadOnly):
            await tags.write({"speed": 2.0})
        assert isinstance(tags, Methods)
        with pytest.raises(ReadOnly):
            await tags.call("release_lane", {"lane": 1})
    assert [one.values for one in refused] == [{"speed": 2.0}, {"release_lane": (1,)}]
    assert len(server.called) == called
    assert await server.get("Speed") == 1.5
