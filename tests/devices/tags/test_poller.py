"""The poller on a wire that is played by the test: order, schedule, silence, refusals."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from devices.errors import Unreachable
from devices.map.schema import RegisterTag
from devices.map.units import Table
from devices.tags.codec import Unwritable
from devices.tags.plan import Limits
from devices.tags.poller import Polled
from devices.tags.port import Denied, NoReply, TooLate


class TurnedClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class PlayedWire:
    """Registers that answer after `takes_s`; `fault` may raise instead."""

    def __init__(self) -> None:
        self.cells = [0] * 400
        self.log: list[str] = []
        self.takes_s = 0.0
        self.busy = 0
        self.fault: Callable[[str], None] = lambda asked: None

    async def read(self, table: Table, first: int, count: int) -> Sequence[int]:
        await self._exchange(f"read {table}:{first}+{count}")
        return self.cells[first : first + count]

    async def write(self, table: Table, first: int, words: Sequence[int]) -> None:
        await self._exchange(f"write {table}:{first}={','.join(map(str, words))}")
        self.cells[first : first + len(words)] = words

    async def _exchange(self, asked: str) -> None:
        assert not self.busy, "two requests in flight"
        self.busy += 1
        self.log.append(asked)
        try:
            await asyncio.sleep(self.takes_s)
            self.fault(asked)
        finally:
            self.busy -= 1


def tag(at: str, type: str = "uint16", poll: str = "fast", **more: object) -> RegisterTag:
    return RegisterTag.model_validate(
        {"at": at, "type": type, "access": "rw", "poll": poll, **more},
        context={"poll": {"fast": 0.01, "slow": 100.0}},
    )


TAGS = {
    "a": tag("hr:0"),
    "b": tag("hr:1", "uint32"),
    "c": tag("hr:3"),
    "z": tag("hr:50", poll="slow"),
}


class Line:
    def __init__(self, tags: dict[str, RegisterTag] = TAGS) -> None:
        self.wire, self.clock = PlayedWire(), TurnedClock()
        self.tags = Polled("plc", self.wire, tags, Limits(), self.clock)
        self.running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Line":
        await self.tags.open()
        self.running = asyncio.create_task(self.tags.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self.running is not None
        self.running.cancel()
        with suppress(asyncio.CancelledError, Unreachable):
            await self.running

    async def polls(self, many: int) -> None:
        end = len(self.wire.log) + many
        async with asyncio.timeout(3):
            while len(self.wire.log) < end:
                await asyncio.sleep(0.001)


async def test_everything_is_read_once_at_the_start() -> None:
    line = Line()
    line.wire.cells[0:4] = [1, 0, 2, 3]
    async with line:
        assert line.wire.log[:2] == ["read hr:0+4", "read hr:50+1"]
        assert {name: value.value for name, value in line.tags.view().items()} == {
            "a": 1, "b": 2, "c": 3, "z": 0,
        }  # fmt: skip


async def test_writes_go_ahead_of_reads_one_request_at_a_time() -> None:
    line = Line({f"t{n}": tag(f"hr:{n * 20}") for n in range(10)})
    line.wire.takes_s = 0.002
    async with line:
        await line.polls(3)
        mark = len(line.wire.log)
        await asyncio.gather(line.tags.write({"t0": 7}), line.tags.write({"t1": 8}))
        after = line.wire.log[mark:]
        assert [one for one in after if one.startswith("write")] == [
            "write hr:0=7",
            "write hr:20=8",
        ]
        assert after.index("write hr:0=7") <= 1  # at most the read that was under way
        assert after.index("write hr:20=8") <= 2


async def test_steps_are_written_in_order_and_neighbours_in_one_request() -> None:
    async with Line() as line:
        mark = len(line.wire.log)
        await line.tags.write({"b": 70_000, "c": 5}, {"a": 9})
        written = [one for one in line.wire.log[mark:] if one.startswith("write")]
        assert written == ["write hr:1=1,4464,5", "write hr:0=9"]


async def test_a_deadline_is_checked_ahead_of_each_request() -> None:
    async with Line() as line:
        before = line.clock.now() + timedelta(seconds=1)

        def time_passes(asked: str) -> None:
            line.clock.time = before

        line.wire.fault = time_passes
        mark = len(line.wire.log)
        with pytest.raises(TooLate):
            await line.tags.write({"b": 1}, {"a": 1}, before=before)
        assert [one for one in line.wire.log[mark:] if one[0] == "w"] == ["write hr:1=0,1"]


async def test_a_value_that_does_not_fit_stops_the_whole_write() -> None:
    async with Line() as line:
        mark = len(line.wire.log)
        with pytest.raises(Unwritable):
            await line.tags.write({"b": 1}, {"a": 65536})
        assert not [one for one in line.wire.log[mark:] if one[0] == "w"]


async def test_changes_begin_with_everything_and_go_on_with_what_changed() -> None:
    line = Line()
    async with line:
        changes = line.tags.changes()
        assert set(await anext(changes)) == {"a", "b", "c", "z"}
        line.wire.cells[3] = 44
        changed = await anext(changes)
        assert {name: value.value for name, value in changed.items()} == {"c": 44}


async def test_a_read_between_the_polls_never_hides_a_later_change() -> None:
    """a: 0 polled, 5 asked for, 0 again at the next poll: the last word is 0."""
    async with Line() as line:
        await line.polls(1)
        line.wire.cells[0] = 5
        assert (await line.tags.read("a"))["a"].value == 5
        line.wire.cells[0] = 0
        async with asyncio.timeout(2):
            while line.tags.value("a").value != 0:
                await asyncio.sleep(0.001)


async def test_two_unanswered_requests_in_a_row_are_the_end_of_the_line() -> None:
    async with Line() as line:
        line.wire.fault = silence
        assert line.running is not None
        with pytest.raises(Unreachable, match="does not answer"):
            async with asyncio.timeout(2):
                await line.running
        with pytest.raises(Unreachable):
            await line.tags.write({"a": 1})


async def test_one_unanswered_poll_costs_that_poll_alone() -> None:
    async with Line() as line:
        missed: list[str] = []

        def once(asked: str) -> None:
            if not missed:
                missed.append(asked)
                raise NoReply("plc", "no answer")

        line.wire.fault = once
        await line.polls(2)
        line.wire.cells[0] = 77
        await line.polls(2)
        assert missed == ["read hr:0+4"]
        assert line.tags.value("a").value == 77


async def test_values_that_are_not_read_any_more_are_stale() -> None:
    line = Line()
    await line.tags.open()
    assert line.tags.view()["a"].quality == "good"
    line.clock.time += timedelta(seconds=0.031)
    shown = line.tags.view()["a"]
    assert (shown.quality, shown.reason) == ("stale", "not read lately")


async def test_a_refused_block_is_split_until_only_the_refused_tag_is_bad() -> None:
    line = Line({f"t{n}": tag(f"hr:{n}") for n in range(16)})
    line.wire.cells[0:16] = range(100, 116)

    def forbid(asked: str) -> None:
        first, count = map(int, asked.removeprefix("read hr:").split("+"))
        if first <= 11 < first + count:
            raise Denied("plc", "has no such address", 2)

    line.wire.fault = forbid
    async with line:
        shown = line.tags.view()
        assert {name: v.value for name, v in shown.items()} == {
            f"t{n}": None if n == 11 else 100 + n for n in range(16)
        }
        assert (shown["t11"].quality, shown["t11"].reason) == ("bad", "has no such address")
        mark = len(line.wire.log)
        await line.polls(12)
        assert not [one for one in line.wire.log[mark:] if one == "read hr:11+1"]  # asked rarely


async def test_a_busy_device_is_asked_again_and_nothing_is_split() -> None:
    async with Line() as line:
        busy = iter([True, True])

        def later(asked: str) -> None:
            if next(busy, False):
                raise Denied("plc", "is busy", 6)

        line.wire.fault = later
        await line.polls(6)
        assert set(line.wire.log) == {"read hr:0+4", "read hr:50+1"}
        assert line.tags.value("a").quality == "good"


async def test_polls_that_could_not_be_held_are_counted_and_the_schedule_stays() -> None:
    async with Line({"a": tag("hr:0")}) as line:
        line.wire.takes_s = 0.035  # three periods each
        await line.polls(4)
        assert line.tags.overruns >= 6


async def test_what_waits_is_told_when_the_line_ends() -> None:
    async with Line() as line:
        line.wire.takes_s = 0.05
        waiting = [asyncio.create_task(line.tags.write({"a": n})) for n in range(3)]
        await asyncio.sleep(0)
        assert line.running is not None
        line.running.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in results] == [Unreachable] * 3


def silence(asked: str) -> None:
    raise NoReply("plc", "no answer")
