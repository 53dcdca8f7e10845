"""A device that comes, goes and fails: said once, retried for ever, never at another's cost."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from devices.device import Report
from devices.errors import Refused, Unreachable
from devices.links import Links
from devices.supervise import supervise, waits
from wcs.commands import Divert
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LaneId
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, LabelPrinted, Observation

T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)
PRINTER = DeviceId("print1")
PRINTED = LabelPrinted(printer=PRINTER, lpn="L00000001", at=T0)  # type: ignore[arg-type]


class FixedClock:
    def now(self) -> datetime:
        return T0


class FakeSession:
    has = ("last=L1",)

    def __init__(self, says: list[Observation], end: Exception | None) -> None:
        self._says, self._end = says, end
        self.posted: list[Posted] = []

    async def observations(self) -> AsyncIterator[Seen]:
        for one in self._says:
            yield Seen(one, self)
        if self._end is None:
            await asyncio.Event().wait()
        else:
            raise self._end

    def post(self, posted: Posted) -> None:
        self.posted.append(posted)

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None


class FakeDriver:
    """Each step is one attempt: an exception while connecting, or a session."""

    def __init__(self, id: DeviceId, steps: list[Exception | FakeSession]) -> None:
        self.id = id
        self._steps = iter(steps)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[FakeSession]:
        step = next(self._steps, None) or FakeSession([], None)
        if isinstance(step, Exception):
            raise step
        yield step


class Heard:
    """What was reported; waits for the fact, not for the time."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self._more = asyncio.Event()

    async def report(self, seen: Seen) -> None:
        self.observations.append(seen.observation)
        self._more.set()

    async def until(self, many: int) -> list[Observation]:
        async with asyncio.timeout(5):
            while len(self.observations) < many:
                self._more.clear()
                await self._more.wait()
        return self.observations


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.supervise.waits", lambda: itertools.repeat(0.0))


@asynccontextmanager
async def running(driver: FakeDriver, links: Links, report: Report) -> AsyncIterator[None]:
    task = asyncio.create_task(supervise(driver, links, report, FixedClock()))
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def gone(reason: str) -> Unreachable:
    return Unreachable(PRINTER, reason)


async def test_a_device_that_never_came_is_reported_lost_once() -> None:
    heard = Heard()
    links = Links(heard.report, FixedClock())
    driver = FakeDriver(PRINTER, [gone("nobody answers")] * 5)
    async with running(driver, links, heard.report):
        seen = await heard.until(2)
        assert PRINTER in links
    assert PRINTER not in links
    assert seen == [
        DeviceDown(device=PRINTER, reason="nobody answers", at=T0),
        DeviceUp(device=PRINTER, has=("last=L1",), at=T0),
    ]


async def test_up_comes_first_and_down_once_per_loss() -> None:
    heard = Heard()
    links = Links(heard.report, FixedClock())
    steps: list[Exception | FakeSession] = [FakeSession([PRINTED], gone("closed")), gone("refused")]
    async with running(FakeDriver(PRINTER, steps), links, heard.report):
        seen = await heard.until(4)
    assert [type(one) for one in seen] == [DeviceUp, LabelPrinted, DeviceDown, DeviceUp]
    assert seen[2] == DeviceDown(device=PRINTER, reason="closed", at=T0)


async def test_a_bug_of_one_driver_is_lost_logged_once_and_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    links = Links(heard.report, FixedClock())
    driver = FakeDriver(PRINTER, [FakeSession([], ZeroDivisionError("oops")), ValueError("again")])
    with caplog.at_level(logging.ERROR):
        async with running(driver, links, heard.report):
            seen = await heard.until(3)
    assert [type(one) for one in seen] == [DeviceUp, DeviceDown, DeviceUp]
    assert "ZeroDivisionError" in seen[1].reason  # type: ignore[union-attr]
    assert len([one for one in caplog.records if one.exc_info]) == 1


def divert(device: DeviceId) -> Posted:
    command = Divert(device=device, track=7, lane=LaneId("2"), lpn=None, before=T0)
    return Posted(id="12-1", epoch=1, command=command)


async def test_a_command_to_nobody_comes_back_as_failed() -> None:
    heard = Heard()
    links = Links(heard.report, FixedClock())
    telling = asyncio.create_task(links.run())
    links.post(divert(DeviceId("sorter1")))
    (failure,) = await heard.until(1)
    telling.cancel()
    assert isinstance(failure, CommandFailed)
    assert failure.reason == "sorter1 is not connected"
    assert failure.command == "12-1"
    assert failure.what == "Divert track 7 to lane 2"


async def test_a_driver_that_cannot_take_a_command_hurts_nobody() -> None:
    class Broken(FakeSession):
        def post(self, posted: Posted) -> None:
            raise ZeroDivisionError

    heard = Heard()
    links = Links(heard.report, FixedClock())
    links.opened(PRINTER, Broken([], None))
    telling = asyncio.create_task(links.run())
    links.post(divert(PRINTER))
    (failure,) = await heard.until(1)
    telling.cancel()
    assert isinstance(failure, CommandFailed)


async def test_more_failures_than_may_wait_cost_no_memory() -> None:
    heard = Heard()
    links = Links(heard.report, FixedClock())
    for _ in range(3000):
        links.post(divert(PRINTER))
    telling = asyncio.create_task(links.run())
    assert len(await heard.until(1000)) == 1000
    telling.cancel()


def test_waits_grow_to_three_seconds_each_off_by_a_fifth() -> None:
    first = list(itertools.islice(waits(), 6))
    assert 0.2 <= first[0] <= 0.3
    assert 0.4 <= first[1] <= 0.6
    assert all(2.4 <= wait <= 3.0 for wait in first[4:])


async def test_what_a_person_must_cure_is_told_though_the_device_was_lost_before() -> None:
    """Once each, however often the line is tried and whatever else goes wrong in between."""
    heard = Heard()
    links = Links(heard.report, FixedClock())
    expired = Refused(PRINTER, "its certificate expired")
    steps: list[Exception | FakeSession] = [gone("closed"), expired, gone("closed"), expired]
    async with running(FakeDriver(PRINTER, steps), links, heard.report):
        seen = await heard.until(3)
    assert [getattr(one, "reason", "up") for one in seen] == [
        "closed", "its certificate expired", "up",
    ]  # fmt: skip
