"""The merge over real OPC UA: lanes held and freed, both heartbeats, and a server that goes away,
falls silent, or comes back with its namespaces in another order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import pytest_asyncio

from devices.conveyor.merge import MergeDriver
from devices.live import Live
from devices.map.schema import Merge, OpcUa
from tests.devices.conveyor.opc import FakeMerge, serving
from tests.devices.conveyor.site import Ears, RunningClock, demo, posted, supervised, until
from tests.faults.proxy import through
from wcs.commands import SetMergeLane
from wcs.names import DeviceId, LaneId
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, MergeChanged

pytestmark = pytest.mark.asyncio(loop_scope="module")

MERGE = DeviceId("merge1")


class World:
    def __init__(self, port: int) -> None:
        self.ears, self.clock, self.live = Ears(), RunningClock(), Live()
        self.port = port

    def driver(self) -> MergeDriver:
        map = demo({"opc_merge": {"url": f"opc.tcp://127.0.0.1:{self.port}/merge"}})
        config, connection = map.devices["merge1"], map.connections["opc_merge"]
        assert isinstance(config, Merge)
        assert isinstance(connection, OpcUa)
        quick = {"every_s": 0.1, "lost_after_s": 0.5}
        beat = config.handshakes["heartbeat"].model_copy(update=quick)
        return MergeDriver(
            MERGE,
            config.model_copy(update={"handshakes": {"heartbeat": beat}}),
            connection.model_copy(update={"publishing_s": 0.03, "timeout_s": 3.0}),
            clock=self.clock, live=self.live, beat=self.ears.beat,
        )  # fmt: skip

    def lane(self, lane: str, held: bool, priority: int, within_s: float = 10) -> SetMergeLane:
        before = self.clock.now() + timedelta(seconds=within_s)
        return SetMergeLane(
            device=MERGE, lane=LaneId(lane), held=held, priority=priority, before=before
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[FakeMerge]:
    async with serving(FakeMerge()) as merge:
        yield merge


@pytest_asyncio.fixture(loop_scope="module")
async def merge(server: FakeMerge) -> FakeMerge:
    server.alive = True
    for lane in ("Lane1", "Lane2"):
        await server.set(f"Merge.{lane}.Hold", True)
        await server.set(f"Merge.{lane}.Priority", 0)
        await server.set(f"Merge.{lane}.Full", False)
    await server.set("Merge.Jam", False)
    return server


async def test_it_comes_up_with_what_the_plc_has(merge: FakeMerge) -> None:
    world = World(merge.port)
    await merge.set("Merge.Lane2.Hold", False)
    await merge.set("Merge.Lane2.Priority", 8)
    async with supervised(world.driver(), world.ears, world.clock):
        (up,) = await world.ears.hear(DeviceUp)
        assert up.has == ("1=true:0", "2=false:8")
        (shown,) = await world.ears.hear(MergeChanged)
        assert (shown.running, shown.jam, shown.full) == (True, False, ())
        assert world.live.of(MERGE)["lane2_priority"].value == 8
    assert world.live.of(MERGE)["lane2_priority"].quality == "bad"


async def test_only_what_changes_meaning_is_told(merge: FakeMerge) -> None:
    world = World(merge.port)
    async with supervised(world.driver(), world.ears, world.clock):
        await world.ears.hear(MergeChanged)
        await merge.set("Merge.Lane1.Full", True)
        assert (await world.ears.hear(MergeChanged, 2))[1].full == ("1",)
        await merge.set("Merge.Lane1.Priority", 3)  # means nothing to a rule
        await merge.set("Merge.Jam", True)
        third = (await world.ears.hear(MergeChanged, 3))[2]
        assert (third.jam, third.full) == (True, ("1",))


async def test_a_lane_is_freed_and_held_with_its_priority(merge: FakeMerge) -> None:
    world = World(merge.port)
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await world.ears.hear(DeviceUp)
        links.post(posted(world.lane("1", False, 5)))
        links.post(posted(world.lane("2", True, 8)))
        async with asyncio.timeout(3):
            while await merge.get("Merge.Lane2.Priority") != 8:
                await asyncio.sleep(0.01)
        assert await merge.get("Merge.Lane1.Hold") is False
        assert await merge.get("Merge.Lane1.Priority") == 5
        assert await merge.get("Merge.Lane2.Hold") is True
        assert world.ears.of(CommandFailed) == []


async def test_what_is_late_unknown_or_out_of_range_is_never_written(merge: FakeMerge) -> None:
    world = World(merge.port)
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await world.ears.hear(DeviceUp)
        links.post(posted(world.lane("1", False, 5, within_s=-1)))
        links.post(posted(world.lane("7", False, 5)))
        links.post(posted(world.lane("1", False, 12)))
        late, unknown, wild = await world.ears.hear(CommandFailed, 3)
        assert "too late" in late.reason
        assert unknown.reason == "merge1 has no such lane"
        assert "outside 0..9" in wild.reason
        assert await merge.get("Merge.Lane1.Hold") is True


async def test_our_beat_is_written_only_while_the_loop_turns(merge: FakeMerge) -> None:
    world = World(merge.port)
    async with supervised(world.driver(), world.ears, world.clock):
        await world.ears.hear(DeviceUp)
        before = await merge.get("Merge.GatewayHeartbeat")
        async with asyncio.timeout(3):
            while await merge.get("Merge.GatewayHeartbeat") < before + 2:
                await asyncio.sleep(0.01)
        world.ears.turning = False
        stopped = await merge.get("Merge.GatewayHeartbeat")
        await asyncio.sleep(0.35)  # three beats would have been written: the fact is that none is
        assert await merge.get("Merge.GatewayHeartbeat") <= stopped + 1


async def test_a_plc_whose_beat_stops_is_lost_and_comes_back(merge: FakeMerge) -> None:
    world = World(merge.port)
    async with supervised(world.driver(), world.ears, world.clock):
        await world.ears.hear(DeviceUp)
        merge.alive = False
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "its heartbeat stopped"
        merge.alive = True
        await world.ears.hear(DeviceUp, 2)
        assert len(world.ears.of(DeviceDown)) == 1


async def test_a_reset_line_and_a_frozen_one_are_lost_and_come_back(merge: FakeMerge) -> None:
    async with through(merge.port) as proxy:
        world = World(proxy.port)
        async with supervised(world.driver(), world.ears, world.clock):
            await world.ears.hear(DeviceUp)
            proxy.reset()
            await world.ears.hear(DeviceDown)
            await world.ears.hear(DeviceUp, 2)
            proxy.hold()
            await world.ears.hear(DeviceDown, 2)
            proxy.hold(False)
            await world.ears.hear(DeviceUp, 3)


async def test_no_task_and_no_session_stays_behind(merge: FakeMerge) -> None:
    before = len(asyncio.all_tasks())
    async with through(merge.port) as proxy:
        world = World(proxy.port)
        async with supervised(world.driver(), world.ears, world.clock):
            for times in range(1, 6):
                await world.ears.hear(DeviceUp, times)
                proxy.reset()
            await world.ears.hear(DeviceUp, 6)
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_nodes_are_found_by_uri_when_the_index_moved_over_a_restart(
    merge: FakeMerge,
) -> None:
    async with AsyncExitStack() as afterwards, through(merge.port) as proxy:
        world = World(proxy.port)
        async with supervised(world.driver(), world.ears, world.clock):
            await world.ears.hear(DeviceUp)
            await afterwards.enter_async_context(merge.namespace_moved())
            await merge.set("Merge.Lane1.Priority", 7)
            proxy.reset()
            up = (await world.ears.hear(DeviceUp, 2))[1]
            assert up.has == ("1=true:7", "2=true:0")


async def test_a_server_without_our_namespace_is_said_in_words(merge: FakeMerge) -> None:
    world = World(merge.port)
    driver = world.driver()
    driver._connection = driver._connection.model_copy(update={"namespaces": {"plant": "urn:x"}})
    async with supervised(driver, world.ears, world.clock):
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "the server has no namespace urn:x (plant)"


async def test_nobody_listening_is_unreachable() -> None:
    world = World(9)
    async with supervised(world.driver(), world.ears, world.clock):
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason.startswith("no OPC UA server answers at opc.tcp://127.0.0.1:9")
