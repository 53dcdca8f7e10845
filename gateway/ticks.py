"""Turns timers that rules set into observations, on time, and keeps the clock."""

import asyncio
from datetime import datetime
from typing import Protocol

from gateway.inbox import Inbox
from sync.timers import Timer
from wcs.envelope import Nobody, Seen
from wcs.observations import Due

LONGEST_S = 0.1
AT_MOST = 64


class Timed(Protocol):
    nearer_timer: asyncio.Event

    def due(self, now: datetime, limit: int) -> list[Timer]: ...

    def next_due(self) -> datetime | None: ...


class Clock(Protocol):
    def now(self) -> datetime: ...

    def follow(self) -> None: ...


async def tick(store: Timed, inbox: Inbox, clock: Clock) -> None:
    """`Due.at` is the moment of firing, never before the moment that was asked for. Reads no
    disk."""
    nobody = Nobody()
    while True:
        store.nearer_timer.clear()
        now = clock.now()
        due = store.due(now, AT_MOST)
        for timer in due:
            await inbox.put(Seen(Due(key=timer.key, at=now), nobody))
        if len(due) < AT_MOST:
            await _wait(store, clock)


async def keep_time(clock: Clock) -> None:
    while True:
        clock.follow()
        await asyncio.sleep(1.0)


async def _wait(store: Timed, clock: Clock) -> None:
    """Until the next timer is due, a nearer one was set, or 100 ms have passed."""
    due = store.next_due()
    wait_s = LONGEST_S if due is None else (due - clock.now()).total_seconds()
    try:
        async with asyncio.timeout(max(0.0, min(wait_s, LONGEST_S))):
            await store.nearer_timer.wait()
    except TimeoutError:
        return
