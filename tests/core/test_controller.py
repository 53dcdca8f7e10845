"""The loop: effects after the commit, in their order, whatever a driver or listener does wrong."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import pytest

from gateway.beat import Beat
from gateway.controller import Control
from gateway.feed import Feed
from gateway.inbox import Inbox
from sync.failures import StoreFailed
from sync.store import Store
from sync.transact import Decided
from tests.core.toys import START, Ear, scan, seen
from wcs.commands import Divert
from wcs.envelope import Answer, Posted, Seen


class Fixed:
    def now(self) -> datetime:
        return START


class Line:
    """Every effect in the order in which it left the loop."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def post(self, posted: Posted) -> None:
        self.left.append(f"posted {posted.id}")

    def settled(self, seen: Seen, answer: Answer) -> None:
        self.left.append(f"settled {answer.seq} {answer.outcome}")


class Broken:
    """The store of a full disk."""

    async def transact(self, group: Sequence[Seen]) -> list[Decided]:
        raise StoreFailed("wedge.db", "disk full")

    def note_posted(self, commands: Sequence[str], at: datetime) -> None:
        raise AssertionError("nothing was posted")


def control(store: Store | Broken, links: Line, feed: Feed | None = None) -> tuple[Control, Inbox]:
    inbox = Inbox()
    return Control(inbox, store, links, Beat(), feed or Feed(), Fixed()), inbox


async def test_commands_leave_first_then_acknowledgements_then_the_news(store: Store) -> None:
    line, feed = Line(), Feed()
    loop, inbox = control(store, line, feed)
    with feed.listen() as listener:
        for code in ("L1", "L2", "refuse:no"):
            inbox.offer(seen(scan(code), source=line))
        await loop.turn()
        news = aiter(listener)
        told = [await anext(news) for _ in range(3)]
    assert line.left == [
        *("posted 1-1", "posted 2-1"),
        *("settled 1 accepted", "settled 2 accepted", "settled 3 refused"),
    ]
    assert [len(one.events) for one in told] == [1, 1, 0]
    assert loop.decided.count == 1


async def test_a_repeat_is_acknowledged_again_and_causes_nothing(store: Store) -> None:
    line, feed = Line(), Feed()
    loop, inbox = control(store, line, feed)
    with feed.listen() as listener:
        for _ in range(2):
            inbox.offer(seen(scan("L1"), "k", source=line))
            await loop.turn()
        assert line.left == ["posted 1-1", "settled 1 accepted", "settled 1 accepted"]
        assert (await anext(aiter(listener))).answer.seq == 1
        assert listener.waiting == 0


async def test_an_idle_turn_beats_after_a_round_trip_through_the_store(store: Store) -> None:
    inbox, beat = Inbox(), Beat()
    loop = Control(inbox, store, Line(), beat, Feed(), Fixed())
    await loop.turn()
    await loop.turn()
    assert beat.count == 2
    assert loop.decided.count == 0


async def test_a_hung_disk_stops_the_beat() -> None:
    class Hung(Broken):
        async def transact(self, group: Sequence[Seen]) -> list[Decided]:
            await asyncio.Event().wait()
            return []

    beat = Beat()
    loop = Control(Inbox(), Hung(), Line(), beat, Feed(), Fixed())
    with suppress(TimeoutError):
        await asyncio.wait_for(loop.run(), 0.3)
    assert beat.count == 0


async def test_a_failed_store_ends_the_loop_and_acknowledges_nothing() -> None:
    line = Line()
    loop, inbox = control(Broken(), line)
    inbox.offer(seen(scan("L1"), source=line))
    with pytest.raises(StoreFailed, match="disk full"):
        await loop.run()
    assert line.left == []


async def test_a_broken_driver_does_not_stop_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    class Bad(Line):
        def post(self, posted: Posted) -> None:
            raise ZeroDivisionError

        def settled(self, seen: Seen, answer: Answer) -> None:
            raise ZeroDivisionError

    ear = Ear()
    loop, inbox = control(store, Bad())
    inbox.offer(seen(scan("L1"), source=Bad()))
    inbox.offer(seen(scan("L2"), source=ear))
    await loop.turn()
    assert [answer.seq for answer in ear.heard] == [2]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3


async def test_a_quarantined_observation_is_an_error_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line()
    loop, inbox = control(store, line)
    for _ in range(2):
        inbox.offer(seen(scan("raise:L1"), "k", source=line))
        await loop.turn()
    assert line.left == ["settled 1 quarantined"] * 2
    (message,) = caplog.messages
    assert message == "observation 1 is quarantined: RuntimeError: cannot sort L1"


async def test_posted_commands_are_in_the_life_of_the_carton(store: Store) -> None:
    loop, inbox = control(store, Line())
    inbox.offer(seen(scan("L1")))
    await loop.turn()
    await loop.turn()
    reader = store.reader()
    rows = reader.execute("SELECT id, kind, posted_at FROM commands").fetchall()
    reader.close()
    assert rows == [("1-1", Divert.__name__, START.isoformat())]


async def test_a_slow_listener_is_dropped_and_the_others_hear_all() -> None:
    feed = Feed()
    with feed.listen(room=2) as slow, feed.listen() as quick:
        told = [object() for _ in range(5)]
        feed.tell(told)  # type: ignore[arg-type]
        assert slow.is_dropped
        assert [one async for one in slow] == told[:2]
        assert quick.waiting == 5
    feed.tell(told)  # type: ignore[arg-type]
    assert quick.waiting == 5
