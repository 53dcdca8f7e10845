"""A seeded storm on the sorter's wire: resets, silence, lost and late replies, a killed gateway.
The PLC is the witness."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from tests.devices.conveyor.plc import FakePlc, running
from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.conveyor.sorter import World
from wcs.observations import CommandFailed, DeviceUp, DivertAnswered, Inducted

CARTONS = 60


async def faults(plc: FakePlc, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.03, 0.25))
        match chance.randrange(5):
            case 0:
                plc.reset_lines()
            case 1:
                plc.lose_replies = chance.randint(1, 2)
            case 2:
                plc.late_s = chance.uniform(0.05, 0.3)
            case 3:
                plc.silent = True
                await asyncio.sleep(chance.uniform(0.05, 0.4))
                plc.silent = False
            case _:
                plc.alive = not plc.alive


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_doubled_late_or_moved_twice(seed: int) -> None:
    chance = random.Random(seed)
    async with running(FakePlc()) as plc:
        world = World(plc)
        for track in range(1, CARTONS + 1):
            plc.induct(track)
        storm = asyncio.create_task(faults(plc, chance))
        deadlines: dict[int, datetime] = {}
        for _ in range(3):  # the gateway is killed twice
            await shift(world, chance, deadlines)
        storm.cancel()
        plc.silent, plc.alive, plc.lose_replies = False, True, 0
        async with supervised(world.driver(), world.ears, world.clock):
            await until(lambda: not plc.inducts and plc.hr[7] == plc.ir[3], within_s=20)

    every_carton_is_known_once(world)
    every_command_ended_and_none_moved_twice_or_late(world, deadlines)


async def shift(world: World, chance: random.Random, deadlines: dict[int, datetime]) -> None:
    """The gateway runs, sends twenty diverts at odd moments, and waits for their ends."""
    ears = world.ears
    async with supervised(world.driver(), ears, world.clock) as links:
        await ears.hear(DeviceUp, len(ears.of(DeviceUp)) + 1, within_s=20)
        for _ in range(20):
            track = len(deadlines) + 1
            command = world.divert(track, within_s=chance.choice([0.0, 0.1, 0.5]))
            deadlines[track] = command.before
            links.post(posted(command, str(track)))
            await asyncio.sleep(chance.uniform(0, 0.05))
        await until(lambda: len(ends(world)) >= len(deadlines), within_s=20)


def ends(world: World) -> list[str]:
    answered, failed = world.ears.of(DivertAnswered), world.ears.of(CommandFailed)
    return [one.command for one in answered] + [one.command for one in failed]


def every_carton_is_known_once(world: World) -> None:
    seen = [one for one in world.ears.seen if isinstance(one.observation, Inducted)]
    tracks = [one.track for one in world.ears.of(Inducted)]
    assert list(dict.fromkeys(tracks)) == list(range(1, CARTONS + 1))
    assert len({one.key for one in seen}) == CARTONS  # read again is known again


def every_command_ended_and_none_moved_twice_or_late(
    world: World, deadlines: dict[int, datetime]
) -> None:
    assert sorted(map(int, ends(world))) == sorted(deadlines)
    moved = [track for track, _ in world.plc.acted]
    assert len(moved) == len(set(moved))
    assert {one.track for one in world.ears.of(DivertAnswered)} <= set(moved)
    for track, at in zip(moved, world.plc.acted_at, strict=True):
        assert at < deadlines[track] + LATEST


LATEST = timedelta(milliseconds=50)
"""Bytes that left in time may arrive a little later on a busy machine."""
