"""One device on a line that is played by the test: order, schedule, silence, refusals."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from devices.errors import Unreachable
from devices.map.schema import RegisterTag
from devices.tags.bus import Bus
from devices.tags.codec import Unwritable
from devices.tags.poller import Polled, Seat
from devices.tags.port import TooLate
from devices.tags.value import Refusal, Round
from devices.tags.wire import Silence
from tests.devices.tags.played import PlayedWire, Refuse, TurnedClock, silence, tag

TAGS = {
    "a": tag("hr:0"),
    "b": tag("hr:1", "uint32"),
    "c": tag("hr:3"),
    "z": tag("hr:50", poll="slow"),
}


class Line:
    def __init__(self, tags: dict[str, RegisterTag] = TAGS, **more: Any) -> None:
        self.wire, self.clock = PlayedWire(), TurnedClock()
        self.rounds: list[Round] = []
        self.refusals: list[Refusal] = []
        bus = Bus(self.wire, 0.5, 2)  # type: ignore[arg-type]
        seat = Seat(bus, heard=self.rounds.append, refused=self.refusals.append, **more)
        self.tags = Polled("plc", seat, tags, self.clock)
        self.bus = asyncio.create_task(bus.run())
        self.running = asyncio.create_task(self.tags.run())

    async def __aenter__(self) -> "Line":
        await self.tags.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.closes()

    async def closes(self) -> None:
        await self.tags.close()
        self.bus.cancel()
        await asyncio.gather(self.bus, self.running, return_exceptions=True)

    async def polls(self, many: int) -> None:
        end = len(self.wire.log) + many
        async with asyncio.timeout(3):
            while len(self.wire.log) < end:
                await asyncio.sleep(0.001)


async def test_everything_is_read_once_at_the_start() -> None:
    line = Line()
    line.wire.cells[1][0:4] = [1, 0, 2, 3]
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
        line.wire.cells[1][3] = 44
        changed = await anext(changes)
        assert {name: value.value for name, value in changed.items()} == {"c": 44}


async def test_a_read_between_the_polls_never_hides_a_later_change() -> None:
    """a: 0 polled, 5 asked for, 0 again at the next poll: the last word is 0."""
    async with Line() as line:
        await line.polls(1)
        line.wire.cells[1][0] = 5
        assert (await line.tags.read("a"))["a"].value == 5
        line.wire.cells[1][0] = 0
        async with asyncio.timeout(20):
            while line.tags.value("a").value != 0:
                await asyncio.sleep(0.001)


async def test_two_unanswered_requests_in_a_row_are_the_end_of_the_line() -> None:
    async with Line() as line:
        line.wire.fault = silence
        with pytest.raises(Unreachable, match="does not answer"):
            async with asyncio.timeout(20):
                await line.running
        with pytest.raises(Unreachable):
            await line.tags.write({"a": 1})


async def test_one_unanswered_poll_costs_that_poll_alone() -> None:
    async with Line() as line:
        missed: list[str] = []

        def once(asked: str) -> None:
            if not missed:
                missed.append(asked)
                raise Silence("no answer")

        line.wire.fault = once
        await line.polls(2)
        line.wire.cells[1][0] = 77
        await line.polls(2)
        assert missed == ["read hr:0+4"]
        assert line.tags.value("a").value == 77


async def test_values_that_are_not_read_any_more_are_stale() -> None:
    async with Line() as line:
        line.wire.takes_s = 10.0
        assert line.tags.view()["a"].quality == "good"
        line.clock.time += timedelta(seconds=0.031)
        shown = line.tags.view()["a"]
        assert (shown.quality, shown.reason) == ("stale", "not read lately")


async def test_a_refused_block_is_split_until_only_the_refused_tag_is_bad() -> None:
    line = Line({f"t{n}": tag(f"hr:{n}") for n in range(16)})
    line.wire.cells[1][0:16] = range(100, 116)

    def forbid(asked: str) -> None:
        first, count = map(int, asked.removeprefix("read hr:").split("+"))
        if first <= 11 < first + count:
            raise Refuse(2)

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
                raise Refuse(6)

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
        line.bus.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in results] == [Unreachable] * 3
