"""The contract of a pick-to-light zone: what rules may count on, whatever its lamps hang on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.zones import BENCHES, ZONE, Bench, until
from tests.devices.peers import ACCEPTED, HandClock, Watch, posted, watched
from wcs.commands import SetLight
from wcs.names import LightId, TaskId
from wcs.observations import CommandFailed, LampAnswered, LampFailed, LightPressed, Observation

FAR = datetime(2099, 1, 1, tzinfo=UTC)
FIRST, SECOND, OTHER = "12-3.1", "12-4.1", "12-3.2"


@pytest.fixture(params=BENCHES)
async def bench(
    request: pytest.FixtureRequest, tmp_path: Path, mosquitto: Path
) -> AsyncIterator[Bench]:
    async with BENCHES[request.param](tmp_path, mosquitto) as made:
        yield made


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def watch(bench: Bench, clock: HandClock) -> AsyncIterator[Watch]:
    async with watched(bench.driver(clock)) as one:
        yield one


def light(light: str, task: str | None, qty: int = 3, colour: str = "green") -> SetLight:
    return SetLight(
        device=ZONE,
        light=LightId(light),
        task=TaskId(task) if task else None,
        colour=colour,
        qty=qty,
        before=FAR,
    )


async def sees(watch: Watch, kind: type[Observation], light: str, **fields: object) -> Observation:
    """Waits for it, past whatever else is said."""
    while True:
        seen = await watch.observes()
        told = fields | {"light": light}
        if isinstance(seen, kind) and all(getattr(seen, n) == told[n] for n in told):
            return seen


async def lit(
    watch: Watch, name: str, task: str | None, qty: int = 3, colour: str = "green"
) -> None:
    """Asked again when it fails, as the rules do: a busy machine may be late."""
    while True:
        watch.session.post(posted(light(name, task, qty, colour)))
        while not isinstance(seen := await watch.observes(), CommandFailed):
            if isinstance(seen, LampAnswered) and (seen.light, seen.task) == (name, task):
                return
            if isinstance(seen, LampFailed) and seen.light == name:
                break


async def test_a_lamp_says_that_it_shows_its_task(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST)
    assert bench.shows("B-01") == (True, 3, "green")
    assert not bench.shows("B-02")[0]
    await lit(watch, "B-01", None)
    assert not bench.shows("B-01")[0]


async def test_each_operator_has_a_colour(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST, 1, "green")
    await lit(watch, "B-02", SECOND, 2, "blue")
    assert bench.shows("B-01") == (True, 1, "green")
    assert bench.shows("B-02") == (True, 2, "blue")


async def test_a_press_is_of_the_task_that_was_shown(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST)
    await lit(watch, "B-02", OTHER, 1)
    await bench.press("B-02")
    pressed = await sees(watch, LightPressed, "B-02")
    assert isinstance(pressed, LightPressed)
    assert (pressed.task, pressed.button, pressed.qty) == (OTHER, "confirm", 1)


async def test_a_short_press_says_so(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST)
    await bench.press("B-01", "short")
    pressed = await sees(watch, LightPressed, "B-01")
    assert isinstance(pressed, LightPressed)
    assert (pressed.task, pressed.button, pressed.qty) == (FIRST, "short", 0)


async def test_two_presses_have_two_names(bench: Bench, watch: Watch) -> None:
    """A key repeated by its zone has one; that is what counting relies on."""
    await lit(watch, "B-01", FIRST)
    keys = []
    for _ in range(2):
        await bench.press("B-01")
        while not isinstance((seen := await watch.next()).observation, LightPressed):
            pass
        keys.append(seen.key)
    assert None not in keys and len(set(keys)) == 2


async def test_a_press_after_the_lamp_went_dark_is_of_no_task(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST)
    await lit(watch, "B-01", None)
    await bench.press("B-01")
    pressed = await sees(watch, LightPressed, "B-01")
    assert isinstance(pressed, LightPressed) and pressed.task is None


async def test_a_bounce_is_not_a_press_of_the_next_task(
    bench: Bench, watch: Watch, clock: HandClock
) -> None:
    await lit(watch, "B-01", FIRST)
    await bench.press("B-01")
    while not isinstance((seen := await watch.next()).observation, LightPressed):
        pass
    seen.source.settled(seen, ACCEPTED)
    await lit(watch, "B-01", SECOND)
    await bench.press("B-01")  # the clock stands still: no time has passed
    clock.moves(1)
    await bench.press("B-02")
    await sees(watch, LightPressed, "B-02")  # and none of B-01 came before it
    await bench.press("B-01")
    pressed = await sees(watch, LightPressed, "B-01")
    assert isinstance(pressed, LightPressed) and pressed.task == SECOND


async def test_a_lost_answer_lights_nothing_twice(bench: Bench, watch: Watch) -> None:
    bench.loses_the_answer("B-01")
    watch.session.post(posted(light("B-01", FIRST), "7-1"))
    await until(lambda: bench.shows("B-01")[0])
    watch.session.post(posted(light("B-01", FIRST), "8-1"))
    await sees(watch, LampAnswered, "B-01", task=FIRST)
    assert bench.times_lit("B-01") == 1


async def test_a_lamp_that_says_nothing_in_time_has_timed_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = bench.driver(HandClock())
    monkeypatch.setattr(hurried, "_config", hurried._config.model_copy(update=HURRY))
    async with watched(hurried) as watch:
        bench.loses_the_answer("B-01")
        watch.session.post(posted(light("B-01", FIRST)))
        await sees(watch, LampFailed, "B-01", outcome="timed_out", task=FIRST)


HURRY = {"ack_timeout_s": 0.2}


async def test_a_module_that_is_gone_is_told_apart_and_comes_back(
    bench: Bench, watch: Watch
) -> None:
    await lit(watch, "B-01", FIRST)
    bench.breaks("B-02", True)
    await sees(watch, LampFailed, "B-02", outcome="no_answer")
    await lit(watch, "B-03", OTHER)  # the others do not notice
    bench.breaks("B-02", False)
    await sees(watch, LampAnswered, "B-02", task=None)
    await lit(watch, "B-02", SECOND)


async def test_a_key_that_is_held_down_is_told_and_heard_again_when_free(
    bench: Bench, watch: Watch
) -> None:
    await lit(watch, "B-01", FIRST)
    bench.holds_down("B-01", True)
    await sees(watch, LampAnswered, "B-01", stuck=True)
    bench.holds_down("B-01", False)
    await sees(watch, LampAnswered, "B-01", stuck=False, task=FIRST)


async def test_a_command_that_is_too_late_changes_nothing(
    bench: Bench, watch: Watch, clock: HandClock
) -> None:
    clock.at = FAR
    watch.session.post(posted(light("B-01", FIRST), "7-1"))
    failed = await watch.observes()
    assert isinstance(failed, CommandFailed)
    assert (failed.command, failed.reason) == ("7-1", "too late")
    assert bench.times_lit("B-01") == 0


async def test_what_is_lit_is_known_after_a_reconnect(bench: Bench, clock: HandClock) -> None:
    async with watched(bench.driver(clock)) as watch:
        await lit(watch, "B-02", FIRST)
    async with watched(bench.driver(clock)) as watch:
        shown = FIRST if bench.lamp_knows_its_task else "?"
        assert watch.session.has == (f"B-02={shown}",)
        await lit(watch, "B-02", FIRST)
        assert bench.times_lit("B-02") == 1


async def test_a_module_that_started_anew_is_lit_again_once(bench: Bench, watch: Watch) -> None:
    await lit(watch, "B-01", FIRST)
    await lit(watch, "B-02", OTHER)
    bench.restarts("B-01")
    await sees(watch, LampAnswered, "B-01", task=None)
    await lit(watch, "B-01", FIRST)
    assert bench.shows("B-01")[0]
    assert (bench.times_lit("B-01"), bench.times_lit("B-02")) == (2, 1)


async def test_a_module_that_is_not_there_keeps_nobody_from_opening(
    bench: Bench, clock: HandClock
) -> None:
    bench.breaks("B-02", True)
    async with watched(bench.driver(clock)) as watch:
        await sees(watch, LampFailed, "B-02", outcome="no_answer")
        await lit(watch, "B-01", FIRST)
        bench.breaks("B-02", False)
        await sees(watch, LampAnswered, "B-02", task=None)


async def test_a_key_that_is_down_at_the_opening_is_no_press(
    bench: Bench, clock: HandClock
) -> None:
    bench.holds_down("B-01", True)
    async with watched(bench.driver(clock)) as watch:
        while not (isinstance(seen := await watch.observes(), LampAnswered) and seen.stuck):
            assert not isinstance(seen, LightPressed)
        bench.holds_down("B-01", False)
        await lit(watch, "B-01", FIRST)
        await bench.press("B-01")
        await sees(watch, LightPressed, "B-01", task=FIRST)
