"""A write of a door that is lost, answered into nothing, or carried out when nobody waits any more:
one act at most for each order, and a true word in the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.door.site import World, a_door
from tests.devices.door.test_door import says
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, DoorChanged

ACTS = ("pulses", "toggle")


def failures(world: World) -> list[str]:
    return [failed.reason for failed in world.ears.of(CommandFailed)]


def outputs_are_off(world: World) -> Callable[[], bool]:
    memory = world.doorway.memory
    return lambda: not memory.get("go_up") and not memory.get("go_down")


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", "late_request"])
async def test_a_level_is_written_until_it_is_held(tmp_path: Path, fault: str) -> None:
    async with a_door(tmp_path, "target") as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            world.fault(fault)
            links.post(posted(world.to("open", within_s=30)))
            await says(world, "open")
            await until(lambda: world.ears.of(DoorChanged)[-1].asked == "open")
            assert failures(world) == []
        assert [act["to"] for act in world.acts] == ["open"]


@pytest.mark.parametrize("way", ACTS)
async def test_an_act_whose_answer_is_lost_is_not_repeated(tmp_path: Path, way: str) -> None:
    async with a_door(tmp_path, way) as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            world.fault("lost_answer")
            links.post(posted(world.to("open", within_s=30)))
            await says(world, "open")
            await until(outputs_are_off(world))
            if way == "pulses":
                await world.ears.hear(CommandFailed)
                assert failures(world) == [
                    "no reply: perhaps it was carried out, the door will show"
                ]
            else:
                assert failures(world) == []  # its echo came
        assert [act["to"] for act in world.acts] == ["open"]


@pytest.mark.parametrize("way", ACTS)
async def test_an_act_that_was_lost_is_only_given_again_by_another_order(
    tmp_path: Path, way: str
) -> None:
    async with a_door(tmp_path, way) as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            world.fault("lost_request")
            links.post(posted(world.to("open", within_s=30)))
            await world.ears.hear(CommandFailed)
            assert world.acts == []
            await until(outputs_are_off(world))
            links.post(posted(world.to("open", within_s=30)))
            await says(world, "open")
        assert [act["to"] for act in world.acts] == ["open"]


@pytest.mark.parametrize("way", ACTS)
async def test_an_act_that_comes_late_leaves_no_output_on(tmp_path: Path, way: str) -> None:
    async with a_door(tmp_path, way) as world:
        async with supervised(world.driver(), world.ears, world.clock) as links:
            await world.ears.hear(DeviceUp)
            world.fault("late_request")
            links.post(posted(world.to("open", within_s=30)))
            await says(world, "open")
            await until(outputs_are_off(world))
        assert [act["to"] for act in world.acts] == ["open"]


async def test_a_door_that_says_nothing_any_more_is_lost_and_not_said_to_be_open(
    tmp_path: Path,
) -> None:
    async with (
        a_door(tmp_path, "target") as world,
        supervised(world.driver(), world.ears, world.clock) as links,
    ):
        await world.ears.hear(DeviceUp)
        links.post(posted(world.to("open", within_s=30)))
        await says(world, "open")
        world.fault("silent")
        await world.ears.hear(DeviceDown)
        world.fault("silent", False)
        assert "asked=open" in (await world.ears.hear(DeviceUp, 2))[-1].has
        assert world.ears.of(DoorChanged)[-1].state == "open"


async def test_an_order_to_close_is_let_go_of_when_something_comes_into_the_passage(
    tmp_path: Path,
) -> None:
    async with (
        a_door(tmp_path, "target") as world,
        supervised(world.driver(), world.ears, world.clock) as links,
    ):
        await world.ears.hear(DeviceUp)
        links.post(posted(world.to("open", within_s=30)))
        await says(world, "open")
        world.fault("lost_request")
        links.post(posted(world.to("closed", within_s=30)))
        world.fault("occupied")
        (failed,) = await world.ears.hear(CommandFailed)
        assert failed.reason == "something stands in the passage"
        world.fault("occupied", False)
        await until(lambda: not world.ears.of(DoorChanged)[-1].occupied)
        links.post(posted(world.to("closed", within_s=30)))
        await says(world, "closed")
        assert [act["to"] for act in world.acts] == ["open", "closed"]
