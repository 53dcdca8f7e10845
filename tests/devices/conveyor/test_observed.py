"""A sorter that somebody else commands: everything is seen, not one byte is written."""

import asyncio
from typing import Any

from devices.conveyor.sorter import SorterDriver
from devices.drivers import driver
from devices.handshake import Passing
from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.conveyor.sorter import SORTER, World, keys, up
from wcs.observations import CommandFailed, DeviceDown, DivertConfirmed, Inducted

READS = {1, 2, 3, 4}


def watching(world: World) -> Any:
    made: Any = world.driver()
    assert isinstance(made, SorterDriver)
    return driver(
        SORTER,
        made._config,
        made._connection,
        clock=world.clock,
        beat=world.ears.beat,
        live=world.live,
        boots=world.boots,
        mode="observe",
    )


def old_system(world: World) -> None:
    """It acknowledges at once: often before we have looked."""
    world.plc.hr[7], world.plc.hr[6] = world.plc.ir[3], world.plc.ir[7]
    world.plc.hr[0] = world.plc.hr[0] % 65535 + 1
    world.plc._events()


async def test_every_event_is_seen_though_somebody_else_acknowledges_it(world: World) -> None:
    async with supervised(watching(world), world.ears, world.clock):
        await up(world)
        for track in range(1, 11):
            world.plc.induct(track)
            world.plc.confirm(track, track % 3 + 1)
            old_system(world)
            await world.ears.hear(Inducted, track)
            await world.ears.hear(DivertConfirmed, track)
        assert [one.track for one in world.ears.of(Inducted)] == list(range(1, 11))
        assert len(set(keys(world, Inducted))) == 10


async def test_nothing_is_ever_written(world: World) -> None:
    async with supervised(watching(world), world.ears, world.clock) as links:
        links.allow(SORTER, "observe")
        await up(world)
        world.plc.induct(1)
        await world.ears.hear(Inducted)
        links.post(posted(world.divert(1)))
        (failed,) = await world.ears.hear(CommandFailed)
        assert failed.reason == "only observed: nothing is written to it"
        polls = len(world.plc.requests)
        await until(lambda: len(world.plc.requests) > polls + 50)
    assert {function for function, _, _ in world.plc.requests} <= READS
    assert world.plc.hr == [0] * 32 and world.plc.acted == []


async def test_an_event_that_stood_there_already_is_not_new(world: World) -> None:
    world.plc.induct(1)
    old_system(world)
    async with supervised(watching(world), world.ears, world.clock):
        await up(world)
        world.plc.induct(2)
        old_system(world)
        assert [one.track for one in await world.ears.hear(Inducted)] == [2]


async def test_a_restarted_plc_is_lost_and_watched_again(world: World) -> None:
    async with supervised(watching(world), world.ears, world.clock):
        await up(world)
        world.plc.induct(1)
        old_system(world)
        await world.ears.hear(Inducted)
        world.plc.restart()
        await world.ears.hear(DeviceDown)
        await up(world, 2)
        world.plc.induct(1)
        old_system(world)
        await world.ears.hear(Inducted, 2)
        first, second = keys(world, Inducted)
        assert first != second


async def test_a_command_under_way_comes_back_when_the_session_is_taken_away(world: World) -> None:
    """The PLC does not answer: the divert waits for its ack, another behind it."""
    world.plc.acks = False
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        for number in (1, 2, 3):
            links.post(posted(world.divert(number, within_s=60), id=f"9-{number}"))
        await until(lambda: world.plc.hr[1] != 0)
    # `supervised` has cancelled the supervisor; what it left is in the links
    left = []
    while not links._waiting.empty():
        left.append(links._waiting.get_nowait().observation)
    told = [one for one in (*world.ears.of(CommandFailed), *left) if isinstance(one, CommandFailed)]
    assert [one.command for one in told] == ["9-1", "9-2", "9-3"]


def test_a_passing_event_is_new_once_whatever_the_ack_says() -> None:
    line = Passing()
    assert line.read(4, 4) is None
    assert line.read(5, 4) == 5
    assert line.read(5, 5) is None
    assert line.read(6, 6) == 6
    assert line.repair() is None
    assert Passing().read(3, 2) == 3


async def test_an_observed_line_that_is_silent_is_down_as_any_other(world: World) -> None:
    async with supervised(watching(world), world.ears, world.clock):
        await up(world)
        world.plc.alive = False
        async with asyncio.timeout(5):
            (down,) = await world.ears.hear(DeviceDown)
        assert "heartbeat" in down.reason
