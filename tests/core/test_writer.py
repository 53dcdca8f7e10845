"""Whose turn it is in the one thread that writes."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from threading import Event

import pytest

from sync.failures import StoreFailed
from sync.transact import Decided
from sync.writer import Writer
from tests.core.toys import scan, seen
from wcs.envelope import Answer, Seen


class Log:
    """Decides by writing down how many there were."""

    def __init__(self) -> None:
        self.turns: list[int | str] = []

    def decide(self, group: Sequence[Seen]) -> list[Decided]:
        self.turns.append(len(group))
        return [Decided(1, Answer("accepted", "", 1), (), (), 0.0) for _ in group]


async def held_up(writer: Writer, jobs: Sequence[asyncio.Task]) -> None:
    """All jobs wait before the first of them is done."""
    gate = Event()
    first = asyncio.ensure_future(writer.done(gate.wait))
    await asyncio.sleep(0)  # every task has asked
    gate.set()
    await asyncio.gather(first, *jobs)


async def test_small_groups_share_a_turn_and_bookkeeping_comes_after() -> None:
    log = Log()
    with closing(Writer(log.decide)) as writer:
        works = [
            asyncio.create_task(writer.done(lambda: log.turns.append("work"))) for _ in range(3)
        ]
        groups = [asyncio.create_task(writer.decided([seen(scan())])) for _ in range(5)]
        await held_up(writer, [*works, *groups])
    assert log.turns[-4:] in ([5, "work", "work", "work"], ["work", 5, "work", "work"])


async def test_bookkeeping_gets_one_turn_in_ten_whatever_the_floor_does() -> None:
    log = Log()
    full = [seen(scan())] * 64
    with closing(Writer(log.decide)) as writer:
        groups = [asyncio.create_task(writer.decided(full)) for _ in range(40)]
        works = [
            asyncio.create_task(writer.done(lambda: log.turns.append("work"))) for _ in range(3)
        ]
        await held_up(writer, [*works, *groups])
    places = [place for place, turn in enumerate(log.turns) if turn == "work"]
    assert log.turns.count(64) == 40
    assert places[0] <= 10
    assert all(later - sooner <= 10 for sooner, later in pairwise(places))


async def test_who_was_cancelled_does_not_stop_the_thread() -> None:
    log, gate = Log(), Event()
    with closing(Writer(log.decide)) as writer:
        first = asyncio.ensure_future(writer.done(gate.wait))
        asked = asyncio.create_task(writer.decided([seen(scan())]))
        await asyncio.sleep(0)
        asked.cancel()
        gate.set()
        await first
        assert len(await writer.decided([seen(scan())])) == 1


async def test_after_a_failure_every_job_is_told_why() -> None:
    def decide(group: Sequence[Seen]) -> list[Decided]:
        raise StoreFailed("wedge.db", "disk full")

    with closing(Writer(decide)) as writer:
        for job in (writer.decided([seen(scan())]), writer.decided([]), writer.done(lambda: 1)):
            with pytest.raises(StoreFailed, match="disk full"):
                await job


async def test_a_bug_of_the_store_stops_it_in_words(caplog: pytest.LogCaptureFixture) -> None:
    def decide(group: Sequence[Seen]) -> list[Decided]:
        raise ZeroDivisionError("timers")

    with closing(Writer(decide)) as writer:
        for _ in range(2):
            with pytest.raises(StoreFailed, match=r"ZeroDivisionError\('timers'\) \(start again\)"):
                await writer.decided([seen(scan())])


async def test_a_closed_writer_takes_no_more() -> None:
    writer = Writer(Log().decide)
    writer.close()
    with pytest.raises(StoreFailed, match="closed"):
        await writer.decided([])
