"""The sorter over real Modbus TCP: events, heartbeat, lanes, and every fault of its wire."""

import asyncio

import pytest

from tests.devices.conveyor.site import posted, supervised, until
from tests.devices.conveyor.sorter import SORTER, World, keys, up
from wcs.observations import (
    DeviceDown,
    DivertAnswered,
    DivertConfirmed,
    Inducted,
    LaneChanged,
)

# --- events ---------------------------------------------------------------------------------------


async def test_an_induct_is_observed_with_its_data_and_acknowledged_when_settled(
    world: World,
) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(70_000, 412)
        (seen,) = await world.ears.hear(Inducted)
        assert (seen.track, seen.length_mm) == (70_000, 412)
        await until(lambda: world.plc.hr[7] == 1)


async def test_no_event_is_acknowledged_before_it_is_settled(world: World) -> None:
    world.ears.settling = False
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(1)
        world.plc.induct(2)
        await world.ears.hear(Inducted)
        beats = world.plc.beats
        await until(lambda: world.plc.beats > beats + 1)  # many polls later
        assert world.plc.hr[7] == 0
        assert len(world.ears.of(Inducted)) == 1


async def test_events_of_both_kinds_come_in_order_each_once(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        for track in range(1, 21):
            world.plc.induct(track)
            world.plc.confirm(track, track % 3 + 1)
        inducted = await world.ears.hear(Inducted, 20)
        confirmed = await world.ears.hear(DivertConfirmed, 20)
        assert [one.track for one in inducted] == list(range(1, 21))
        assert [(one.track, one.lane) for one in confirmed] == [
            (track, str(track % 3 + 1)) for track in range(1, 21)
        ]
        assert {one.result for one in confirmed} == {"diverted"}


async def test_an_event_not_settled_is_the_same_observation_after_a_reconnect(world: World) -> None:
    world.ears.settling = False
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(5)
        await world.ears.hear(Inducted)
        world.ears.settling = True
        world.plc.reset_lines()
        await world.ears.hear(Inducted, 2)
        first, again = keys(world, Inducted)
        assert first == again
        await until(lambda: world.plc.hr[7] == 1)


async def test_a_gateway_that_was_killed_knows_its_event_again(world: World) -> None:
    world.ears.settling = False
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(5)
        await world.ears.hear(Inducted)
    world.ears.settling = True
    async with supervised(world.driver(), world.ears, world.clock):
        await world.ears.hear(Inducted, 2)
    first, again = keys(world, Inducted)
    assert first == again


async def test_the_first_track_after_a_restart_of_the_plc_is_a_new_carton(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(1)
        await world.ears.hear(Inducted)
        await until(lambda: world.plc.hr[7] == 1)
        world.plc.restart()
        await up(world, 2)
        world.plc.induct(1)
        await world.ears.hear(Inducted, 2)
        first, second = keys(world, Inducted)
        assert first != second
        await until(lambda: world.plc.hr[7] == 1)


async def test_a_plc_restarted_while_the_gateway_was_away_is_known_to_have_been(
    world: World,
) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        world.plc.induct(1)
        await world.ears.hear(Inducted)
        await until(lambda: world.plc.hr[7] == 1)
    world.plc.restart()
    world.plc.induct(1)
    async with supervised(world.driver(), world.ears, world.clock):
        await world.ears.hear(Inducted, 2)
    first, second = keys(world, Inducted)
    assert first != second


async def test_an_event_that_makes_no_sense_does_not_stop_the_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.confirm(1, 2, result=99)
        world.plc.confirm(2, 2)
        (seen,) = await world.ears.hear(DivertConfirmed)
        assert seen.track == 2
    assert "cfm_track=1" in caplog.text


async def test_an_ack_of_before_a_restart_is_repaired(world: World) -> None:
    world.plc.hr[7] = 17  # a late write of an older session
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        await until(lambda: world.plc.hr[7] == 0)
        world.plc.induct(1)
        await world.ears.hear(Inducted)


async def test_sequence_numbers_wrap_to_one(world: World) -> None:
    world.plc.ir[3] = world.plc.hr[7] = 65534
    world.plc.ir[1] = world.plc.hr[1] = world.plc._acted_on = 65535
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await up(world)
        for track in (7, 8, 9):
            world.plc.induct(track)
        assert [one.track for one in await world.ears.hear(Inducted, 3)] == [7, 8, 9]
        await until(lambda: world.plc.hr[7] == 2)
        links.post(posted(world.divert(9)))
        await world.ears.hear(DivertAnswered)
        assert world.plc.hr[1] == 1


# --- heartbeat ------------------------------------------------------------------------------------


async def test_we_beat_only_while_the_control_loop_turns(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        await until(lambda: world.plc.beats >= 2)
        world.ears.turning = False
        written = world.plc.beats
        await asyncio.sleep(0.3)  # three beats would have been written: the fact is that none is
        assert world.plc.beats <= written + 1
        world.ears.turning = True
        await until(lambda: world.plc.beats >= written + 2)


async def test_a_plc_whose_beat_stops_is_lost_and_comes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.alive = False
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "its heartbeat stopped"
        world.plc.alive = True
        await up(world, 2)
        assert len(world.ears.of(DeviceDown)) == 1


async def test_a_restart_without_a_lost_line_is_seen_by_the_beat_going_back(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await until(lambda: world.plc.ir[0] > 5)
        await up(world)
        world.plc.ir, world.plc.hr = [0] * 24, [0] * 32
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "was restarted"
        await up(world, 2)


# --- lanes ----------------------------------------------------------------------------------------


async def test_lanes_are_told_at_the_start_and_when_they_change(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        first = await world.ears.hear(LaneChanged, 3)
        assert [(one.lane, one.full, one.jam) for one in first] == [
            ("1", False, False), ("2", False, False), ("3", False, False),
        ]  # fmt: skip
        world.plc.di[5] = 1
        changed = await world.ears.hear(LaneChanged, 4)
        assert (changed[-1].lane, changed[-1].full, changed[-1].jam) == ("2", True, False)
        world.plc.di[5], world.plc.di[9] = 0, 1
        changed = await world.ears.hear(LaneChanged, 6)
        assert {(one.lane, one.full, one.jam) for one in changed[-2:]} == {
            ("2", False, False), ("3", False, True),
        }  # fmt: skip


async def test_flapping_lanes_cost_no_memory_while_the_inbox_is_full(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock) as links:
        await world.ears.hear(LaneChanged, 3)
        world.ears.slow = asyncio.Event()
        for turn in range(20):
            before = len(world.plc.requests)
            world.plc.di[4] = turn % 2
            await until(lambda before=before: len(world.plc.requests) > before + 2)  # type: ignore[misc]
        waiting = links[SORTER].reports._waiting  # type: ignore[attr-defined]
        assert len(waiting) <= 3
        world.ears.slow.set()


# --- the wire -------------------------------------------------------------------------------------


async def test_a_reset_line_is_back_within_a_second(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.reset_lines()
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "the line dropped"
        await up(world, 2)


async def test_half_open_silence_is_known_after_two_timeouts(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.silent = True
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == "does not answer"
        world.plc.silent = False
        await up(world, 2)


async def test_a_late_reply_never_answers_a_later_question(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.late_s = 0.2  # one reply comes after its request was given up
        world.plc.induct(1234, 321)
        (seen,) = await world.ears.hear(Inducted)
        assert (seen.track, seen.length_mm) == (1234, 321)
        polls = len(world.plc.requests)
        await until(lambda: len(world.plc.requests) > polls + 30)  # the late one came meanwhile
        assert world.ears.of(DeviceDown) == []
        shown = world.live.of(SORTER)
        assert (shown["ind_track"].value, shown["ind_length"].value) == (1234, 321)
        assert shown["lane1.full"].value is False
        assert all(value.quality != "bad" for value in shown.values())


async def test_a_register_that_the_plc_refuses_is_bad_and_the_others_live(world: World) -> None:
    world.plc.forbidden = {("ir", 12)}
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        world.plc.induct(7)
        await world.ears.hear(Inducted)
        shown = world.live.of(SORTER)
        assert (shown["speed"].quality, shown["speed"].reason) == ("bad", "has no such address")
        assert (shown["ind_track"].value, shown["ind_track"].quality) == (7, "good")


async def test_nobody_listening_is_unreachable_and_said_once(world: World) -> None:
    await world.plc.stop()
    async with supervised(world.driver(), world.ears, world.clock):
        (down,) = await world.ears.hear(DeviceDown)
        assert down.reason == f"nobody answers at 127.0.0.1:{world.plc.port}"
        await world.plc.listen(world.plc.port)
        await up(world)
        assert len(world.ears.of(DeviceDown)) == 1


async def test_live_values_stay_and_turn_bad_when_the_line_is_gone(world: World) -> None:
    async with supervised(world.driver(), world.ears, world.clock):
        await up(world)
        assert world.live.of(SORTER)["speed"].unit == "m/s"
        await world.plc.stop()
        await world.ears.hear(DeviceDown)
        assert {value.quality for value in world.live.of(SORTER).values()} == {"bad"}
        await world.plc.listen(world.plc.port)
