"""Diverts over real Modbus TCP: each by its deadline, once, and answered whatever happens."""

import pytest

from devices.links import Links
from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.conveyor.sorter import World, up
from wcs.observations import (
    CommandFailed,
    DeviceDown,
    DivertAnswered,
)


async def test_a_divert_writes_data_first_and_seq_last_and_hears_the_answer(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(70_001, "3"), "12-1"))
        (answer,) = await world.ears.hear(DivertAnswered)
        assert (answer.track, answer.command, answer.code) == (70_001, "12-1", "accepted")
        assert world.plc.acted == [(70_001, 3)]
        written = [(f, first) for f, first, _ in world.plc.requests if f in (6, 16) and first]
        assert written == [(16, 2), (6, 1)]


@pytest.mark.parametrize(
    ("code", "name"), [(2, "bad_lane"), (3, "unknown_track"), (4, "too_late"), (6, "duplicate")]
)
async def test_what_the_plc_answers_is_what_is_observed(world: World, code: int, name: str) -> None:
    world.plc.code = code
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1)))
        assert (await world.ears.hear(DivertAnswered))[0].code == name


async def test_an_unknown_answer_is_a_failure_with_the_code(world: World) -> None:
    world.plc.code = 42
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1)))
        assert "42" in (await world.ears.hear(CommandFailed))[0].reason


async def test_a_late_divert_is_never_sent(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1, within_s=-0.001)))
        (failure,) = await world.ears.hear(CommandFailed)
        assert "too late" in failure.reason
        links.post(posted(world.divert(2)))
        await world.ears.hear(DivertAnswered)
        assert world.plc.acted == [(2, 2)]


async def test_several_diverts_go_one_after_another_each_by_its_own_deadline(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        for track in range(1, 11):
            links.post(posted(world.divert(track, within_s=-1 if track == 4 else 10), str(track)))
        answers = await world.ears.hear(DivertAnswered, 9)
        assert [one.track for one in answers] == [1, 2, 3, 5, 6, 7, 8, 9, 10]
        assert [one.command for one in await world.ears.hear(CommandFailed)] == ["4"]
        assert [track for track, _ in world.plc.acted] == [1, 2, 3, 5, 6, 7, 8, 9, 10]


async def test_a_lost_reply_is_read_back_and_nothing_moves_twice(world: World) -> None:
    def lose(first: int, words: list[int]) -> None:
        if first == 1:
            world.plc.on_write = lambda first, words: None
            world.plc.lose_replies = 1

    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        world.plc.on_write = lose
        links.post(posted(world.divert(1)))
        assert (await world.ears.hear(DivertAnswered))[0].code == "accepted"
        assert world.plc.acted == [(1, 2)]
        written = [first for f, first, _ in world.plc.requests if f in (6, 16) and first]
        assert written == [2, 1]


async def test_no_ack_is_answered_by_the_same_number_once_and_then_a_failure(world: World) -> None:
    world.plc.acks = False
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1)))
        (failure,) = await world.ears.hear(CommandFailed)
        assert failure.reason == "no answer from the PLC"
        seqs = [value for f, first, value in world.plc.requests if (f, first) == (6, 1)]
        assert seqs == [1, 1]
        world.plc.acks = True
        links.post(posted(world.divert(2)))
        answers = await world.ears.hear(DivertAnswered)
        assert [one.track for one in answers] == [2]
        assert world.plc.hr[1] == 2  # never the number of the command that was not answered
        assert world.plc.acted == [(1, 2), (2, 2)]  # late, and each under its own number


async def test_behind_a_command_that_is_not_taken_nothing_is_written(world: World) -> None:
    world.plc.acks = False
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1), "1"))
        links.post(posted(world.divert(2, within_s=1.0), "2"))
        failures = await world.ears.hear(CommandFailed, 2)
        assert failures[1].reason == "the PLC has not taken the command before this one"
        assert (world.plc.hr[1], world.plc.hr[3]) == (1, 1)
        world.plc.reset_lines()
        await up(world, 2)
        links.post(posted(world.divert(3), "3"))
        await until(lambda: world.plc.hr[1] == 1)
        world.plc.acks = True
        assert [one.track for one in await world.ears.hear(DivertAnswered)] == [3]
        assert world.plc.acted == [(1, 2), (3, 2)]


async def test_what_waits_when_the_line_drops_is_reported_as_failed(world: World) -> None:
    world.plc.acks = False
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        for track in (1, 2, 3):
            links.post(posted(world.divert(track), str(track)))
        await until(lambda: world.plc.hr[1] == 1)
        world.plc.reset_lines()
        failures = await world.ears.hear(CommandFailed, 3)
        assert [one.command for one in failures] == ["1", "2", "3"]
        await world.ears.hear(DeviceDown)
        assert type(world.ears.seen[-1].observation) is DeviceDown  # what was lost is said first
        await up(world, 2)
        assert world.plc.hr[1] == 1  # nothing is sent again after a reconnect


async def test_a_queue_that_is_full_says_so(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        for track in range(1, 71):
            links.post(posted(world.divert(track, within_s=30)))
        failures = await world.ears.hear(CommandFailed, 6)
        assert {one.reason for one in failures} == {"too many commands wait"}
        await world.ears.hear(DivertAnswered, 64)


async def test_a_command_to_a_lane_that_is_no_number_is_a_failure(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        links.post(posted(world.divert(1, "HOSPITAL")))
        links.post(posted(world.divert(1, "7")))
        failures = await world.ears.hear(CommandFailed, 2)
        assert "outside 0..3" in failures[1].reason
        assert isinstance(links, Links)
        assert world.plc.acted == []
