"""Doors over a real Modbus wire against a door made from the same map: moved in three ways, never
twice, and said to be open only when they are."""

from pathlib import Path

import pytest

from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.door.site import DOOR, World, a_door
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, DoorChanged

LATE = "too late: its moment had passed before it could be sent"
WAYS = ("target", "bit", "pulses", "toggle")


async def says(world: World, state: str) -> DoorChanged:
    """Waits until its newest word is this one."""

    def said() -> bool:
        told = world.ears.of(DoorChanged)
        return bool(told) and told[-1].state == state

    await until(said)
    return world.ears.of(DoorChanged)[-1]


async def failure(world: World, many: int = 1) -> str:
    return (await world.ears.hear(CommandFailed, many))[-1].reason


@pytest.mark.parametrize("way", WAYS)
async def test_it_moves_when_it_is_told_in_time_and_only_where_it_is_not(
    tmp_path: Path, way: str
) -> None:
    async with a_door(tmp_path, way) as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            (up,) = await world.ears.hear(DeviceUp)
            assert "door=closed" in up.has
            links.post(posted(world.to("open", within_s=-1)))
            assert await failure(world) == LATE
            links.post(posted(world.to("closed")))  # it is: nothing moves
            await until(lambda: world.ears.of(DoorChanged)[-1].asked == "closed")
            assert world.acts == []
            links.post(posted(world.to("open")))
            opened = await says(world, "open")
            assert (opened.asked, opened.occupied, opened.reason) == ("open", False, "")
            links.post(posted(world.to("closed")))
            assert (await says(world, "closed")).asked == "closed"
            reasons = {failed.reason for failed in world.ears.of(CommandFailed)}
            assert reasons <= {LATE, "overtaken by a newer one"}
        assert [act["to"] for act in world.acts] == ["open", "closed"]


async def test_nothing_is_closed_on_what_stands_in_it(tmp_path: Path) -> None:
    async with (
        a_door(tmp_path, "target") as world,
        supervised(world.driver(), world.ears, world.clock) as links,
    ):
        await world.ears.hear(DeviceUp)
        links.post(posted(world.to("open")))
        await says(world, "open")
        world.fault("occupied")
        await until(lambda: world.ears.of(DoorChanged)[-1].occupied)
        links.post(posted(world.to("closed")))
        assert await failure(world) == "something stands in the passage"
        world.fault("occupied", False)
        await until(lambda: not world.ears.of(DoorChanged)[-1].occupied)
        links.post(posted(world.to("closed")))
        await says(world, "closed")


async def test_it_says_why_it_cannot_be_passed(tmp_path: Path) -> None:
    async with (
        a_door(tmp_path, "target", travel="400ms") as world,
        supervised(world.driver(), world.ears, world.clock) as links,
    ):
        await world.ears.hear(DeviceUp)
        world.fault("slow")
        links.post(posted(world.to("open")))
        stuck = await says(world, "stuck")
        assert stuck.reason == "it was asked to open 0.4 s ago and is still closed"
        world.fault("slow", False)
        await says(world, "open")
        world.fault("blocked")
        assert (await says(world, "blocked")).reason == "something is in its way"
        world.fault("blocked", False)
        await says(world, "open")


async def test_a_door_that_is_moved_by_hand_is_only_watched(tmp_path: Path) -> None:
    async with (
        a_door(tmp_path, "hand") as world,
        supervised(world.driver(), world.ears, world.clock) as links,
    ):
        await world.ears.hear(DeviceUp)
        links.post(posted(world.to("open")))
        assert "moved by hand" in await failure(world)
        world.doorway.leaf.goal = 1.0  # somebody pushes it
        assert (await says(world, "open")).asked is None


async def test_what_a_restart_forgot_waits_for_a_fresh_order(tmp_path: Path) -> None:
    """The order perished with its deadline: the rule that keeps the wish gives it again."""
    async with a_door(tmp_path, "beating") as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            links.post(posted(world.to("open")))
            assert (await says(world, "open")).asked == "open"
            world.fault("restart")
            up = (await world.ears.hear(DeviceUp, 2))[-1]
            assert up.has == ("door=open",)
            assert world.doorway.memory.get("place") == "none"
            links.post(posted(world.to("open")))
            await until(lambda: world.doorway.memory.get("place") == "open")
        assert [act["to"] for act in world.acts] == ["open"]


@pytest.mark.parametrize("way", ["bit", "pulses"])
async def test_a_line_that_is_pulled_ends_in_a_word_and_no_second_act(
    tmp_path: Path, way: str
) -> None:
    async with a_door(tmp_path, way) as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            links.post(posted(world.to("open")))
            await says(world, "open")
            world.fault("unplugged")
            await world.ears.hear(DeviceDown)
            assert world.live.of(DOOR)["up"].quality == "bad"
            world.fault("unplugged", False)
            up = (await world.ears.hear(DeviceUp, 2))[-1]
            assert "door=open" in up.has
        assert [act["to"] for act in world.acts] == ["open"]


async def test_an_observed_door_hears_nothing_of_us(tmp_path: Path) -> None:
    async with a_door(tmp_path, "pulses") as world:
        world.doorway.memory.put("go_up", True)  # whoever else drives it
        async with supervised(world.driver("observe"), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            links.allow(DOOR, "observe")
            links.post(posted(world.to("closed")))
            assert "only observed" in await failure(world)
            await says(world, "open")
        assert world.doorway.memory.get("go_up") is True
        assert world.doorway.memory.get("gw_beat") == 0
