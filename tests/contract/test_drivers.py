"""What every driver promises, each over a real wire that can be broken; the one of docs/drivers.md
is among them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices.errors import DeviceError
from tests.devices.amr.vehicles import trip
from tests.devices.conveyor.site import Ears, RunningClock, posted, supervised, until
from tests.faults.fixtures import needs
from tests.faults.lines import LINES, Line, Needs
from tests.faults.page import block
from wcs.commands import Command, Divert, MoveDoor, PrintLabel, SetLight, SetMergeLane
from wcs.names import DeviceId, LaneId, LightId, Lpn, TaskId
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, LampAnswered

__all__ = ["needs"]

PATIENCE_S = 25.0
WITH_A_PROXY = [name for name in LINES if name != "rtu"]
every = pytest.mark.parametrize("name", LINES)
every_with_a_proxy = pytest.mark.parametrize("name", WITH_A_PROXY)


@pytest.fixture
async def line(name: str, needs: Needs) -> AsyncIterator[Line]:
    async with LINES[name](needs) as line:
        yield line


@every
async def test_it_opens_says_what_it_has_and_leaves_no_task(line: Line) -> None:
    before = asyncio.all_tasks()
    async with asyncio.timeout(PATIENCE_S), line.driver.session() as session:
        assert all("=" in one for one in session.has)
    await until(lambda: not ours(before), PATIENCE_S)


@every
async def test_a_line_that_drops_ends_its_session_with_words_and_its_name(line: Line) -> None:
    async with asyncio.timeout(PATIENCE_S), line.driver.session() as session:
        observed = aiter(session.observations())
        cutting = asyncio.create_task(cut_when_open(line))
        with pytest.raises(DeviceError) as ended:
            while True:
                await anext(observed)
        assert ended.value.device == line.driver.id
        assert ended.value.problem and "\n" not in ended.value.problem
        await cutting


@every_with_a_proxy
async def test_nobody_there_is_said_and_leaves_nothing(line: Line) -> None:
    assert line.proxy is not None
    line.proxy.refusing = True
    before = asyncio.all_tasks()
    with pytest.raises(DeviceError) as ended:
        async with asyncio.timeout(PATIENCE_S), line.driver.session() as session:
            async for _ in session.observations():
                pass
    assert ended.value.device == line.driver.id
    await until(lambda: not ours(before), PATIENCE_S)


@every_with_a_proxy
async def test_whoever_is_cancelled_while_it_opens_leaves_nothing(line: Line) -> None:
    assert line.proxy is not None
    line.proxy.hold()
    before = asyncio.all_tasks()
    opening = asyncio.create_task(opened(line))
    await until(lambda: line.proxy is not None and line.proxy.accepted > 0, PATIENCE_S)
    opening.cancel()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(opening, return_exceptions=True)
    line.proxy.reset()
    await until(lambda: not ours(before), PATIENCE_S)


COMMANDS: dict[str, Callable[[datetime], Command]] = {
    "sorter": lambda before: Divert(
        device=DeviceId("sorter1"),
        track=7,
        lane=LaneId("2"),
        lpn=Lpn("L00004711"),
        before=before,
    ),
    "merge": lambda before: SetMergeLane(
        device=DeviceId("merge1"), lane=LaneId("1"), held=False, priority=1, before=before
    ),
    "door": lambda before: MoveDoor(device=DeviceId("fire1"), to="open", before=before),
    "lights": lambda before: light("ptl_a", "A-03", before),
    "beacon": lambda before: light("beacon", "beacon", before),
    "amr": lambda before: replace(trip(), before=before),
    "printer": lambda before: PrintLabel(
        device=DeviceId("print1"), lpn=Lpn("L00004711"), zpl="^XA^XZ", before=before
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_that_comes_too_late_is_not_sent(name: str, line: Line) -> None:
    ears, clock = Ears(), RunningClock()
    async with supervised(line.driver, ears, clock) as links:
        await ears.hear(DeviceUp, within_s=PATIENCE_S)
        links.post(posted(COMMANDS[name](clock.now() - timedelta(seconds=1)), "7-1"))
        (failed,) = await ears.hear(CommandFailed, within_s=PATIENCE_S)
        assert (failed.command, failed.device) == ("7-1", line.driver.id)
        assert "too late" in failed.reason


async def test_the_page_s_driver_is_sixty_lines_and_does_what_the_page_says(
    tmp_path: Path,
) -> None:
    assert len(block().splitlines()) <= 60
    ears, clock = Ears(), RunningClock()
    async with (
        LINES["beacon"](Needs(tmp_path)) as line,
        supervised(line.driver, ears, clock) as links,
    ):
        await ears.hear(DeviceUp)
        links.post(posted(light("beacon", "beacon", clock.now() + timedelta(seconds=60))))
        (lit,) = await ears.hear(LampAnswered)
        assert (lit.zone, lit.task) == ("beacon", "12-3")
        assert not ears.of(DeviceDown)


def light(zone: str, name: str, before: datetime) -> SetLight:
    return SetLight(
        device=DeviceId(zone), light=LightId(name), task=TaskId("12-3"), colour="green",
        before=before,
    )  # fmt: skip


async def opened(line: Line) -> None:
    async with line.driver.session() as session:
        async for _ in session.observations():
            pass


async def cut_when_open(line: Line) -> None:
    await until(lambda: line.proxy is None or line.proxy.joined > 0, PATIENCE_S)
    line.cut()


def ours(before: set["asyncio.Task[None]"]) -> set["asyncio.Task[None]"]:
    """Tasks that came since and are not the wire's own."""
    return {
        task
        for task in asyncio.all_tasks() - before
        if "devices" in str(getattr(task.get_coro(), "cr_code", ""))
    }
