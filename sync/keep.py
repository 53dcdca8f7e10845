"""How long things are kept: the journal by age and bytes, from snapshot to snapshot; keys, events
and delivered messages by age."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from sync import snapshots
from sync.moments import moment, text_of
from sync.snapshots import Snapshot

T = TypeVar("T")
BATCH = 100
OLDEST = "SELECT min(at) FROM journal"
LOOK_S = 600.0


@dataclass(frozen=True, slots=True)
class Keep:
    """`events_days` bounds what the life of a carton can show; keys outlive the journal, so that a
    host which repeats itself after weeks is still recognised."""

    snapshot_every: timedelta = timedelta(days=1)
    journal_days: float = 30.0
    journal_bytes: int = 4 * 2**30
    keys_days: float = 90.0
    messages_days: float = 30.0
    events_days: float = 400.0


DEFAULT = Keep()


class Kept(Protocol):
    """The store, as far as keeping needs it."""

    path: Path

    def reader(self, within_s: float = ...) -> sqlite3.Connection: ...

    async def work(self, do: Callable[[sqlite3.Connection], T]) -> T: ...


async def keep_house(store: Kept, now: Callable[[], datetime], keep: Keep = DEFAULT) -> None:
    """For ever: a snapshot when one is due, then what is too old goes, a little at a time."""
    while True:
        await tidy(store, now(), keep)
        await asyncio.sleep(LOOK_S)


async def tidy(store: Kept, now: datetime, keep: Keep = DEFAULT) -> None:
    if await asyncio.to_thread(_snapshot_is_due, store, now, keep):
        await snapshot(store, now)
        await _cut_journal(store, now, keep)
        await _delete(store, KEYS, text_of(now - timedelta(days=keep.keys_days)))
        await _delete(store, MESSAGES, text_of(now - timedelta(days=keep.messages_days)))
        (journaled,) = await store.work(lambda db: db.execute(OLDEST).fetchone())
        for aged in (EVENTS, COMMANDS):  # never younger ones than a replay compares with
            old = text_of(now - timedelta(days=keep.events_days))
            await _delete(store, aged, min(old, journaled or old))


async def snapshot(store: Kept, now: datetime) -> Snapshot:
    taken = await asyncio.to_thread(snapshots.take, store.path, now)
    await store.work(lambda db: db.execute(snapshots.RECORD, taken))
    return taken


def days_left(store: Kept, now: datetime) -> float | None:
    """Until the disk is full at the rate since the oldest snapshot; None while that is unknown."""
    with closing(store.reader()) as conn:
        oldest = conn.execute("SELECT at, bytes FROM snapshots ORDER BY seq LIMIT 1").fetchone()
        used = snapshots.used_bytes(conn)
    if oldest is None:
        return None
    days = (now - moment(oldest[0])) / timedelta(days=1)
    grown = used - oldest[1]
    if days <= 0 or grown <= 0:
        return None
    free = shutil.disk_usage(store.path.parent).free
    return float(free / (grown / days))


class _Aged(NamedTuple):
    """A table whose oldest rows, by `order`, go while their `age` is too low and nothing still
    `needs` them."""

    table: str
    key: str
    age: str
    order: str
    needs: str = "0"

    @property
    def sql(self) -> str:
        """Looks at the oldest rows only, however many there are."""
        oldest = (
            f"SELECT {self.key} AS oldest, {self.age} AS age FROM {self.table}"
            f" WHERE {self.age} IS NOT NULL AND NOT {self.needs}"
            f" ORDER BY {self.order} LIMIT {BATCH}"
        )
        return (
            f"DELETE FROM {self.table} WHERE {self.key} IN"
            f" (SELECT oldest FROM ({oldest}) WHERE age < ?)"
        )


JOURNAL = _Aged("journal", "seq", "seq", "seq")
KEYS = _Aged("keys", "source_key", "at", "at")
MESSAGES = _Aged("outbox", "n", "done_at", "done_at")
UNTOLD = (
    "EXISTS (SELECT 1 FROM outbox WHERE outbox.id > events.id || '|'"
    " AND outbox.id < events.id || '}' AND outbox.body IS NULL AND done_at IS NULL)"
)
EVENTS = _Aged("events", "n", "at", "n", UNTOLD)
COMMANDS = _Aged("commands", "rowid", "before", "rowid")


async def _delete(store: Kept, aged: _Aged, limit: object) -> None:
    while await store.work(lambda db: db.execute(aged.sql, (limit,)).rowcount):
        pass


async def _cut_journal(store: Kept, now: datetime, keep: Keep) -> None:
    """First the rows, then the snapshots that lead nowhere, their files last."""
    seq = await asyncio.to_thread(_cut_after, store, now, keep)
    await _delete(store, JOURNAL, seq + 1)
    folder = store.path.parent / snapshots.FOLDER
    for file in await store.work(lambda db: _forget_snapshots(db, seq)):
        (folder / file).unlink(missing_ok=True)


def _forget_snapshots(db: sqlite3.Connection, before: int) -> list[str]:
    rows = db.execute("SELECT file FROM snapshots WHERE seq < ?", (before,)).fetchall()
    db.execute("DELETE FROM snapshots WHERE seq < ?", (before,))
    return [file for (file,) in rows]


def _snapshot_is_due(store: Kept, now: datetime, keep: Keep) -> bool:
    with closing(store.reader()) as conn:
        (newest,) = conn.execute("SELECT max(at) FROM snapshots").fetchone()
        (oldest,) = conn.execute("SELECT min(at) FROM journal").fetchone()
    last = newest or oldest
    return last is not None and now - moment(last) >= keep.snapshot_every


def _cut_after(store: Kept, now: datetime, keep: Keep) -> int:
    """The journal up to this observation may go: it is that of the oldest snapshot from which on
    everything is young and small enough, or else of the newest."""
    with closing(store.reader(within_s=120.0)) as conn:
        taken = [Snapshot(*row) for row in conn.execute("SELECT * FROM snapshots ORDER BY seq")]
        for one in taken:
            is_young = now - moment(one.at) <= timedelta(days=keep.journal_days)
            if is_young and _journal_bytes(conn, one.seq) <= keep.journal_bytes:
                return one.seq
    return taken[-1].seq


def _journal_bytes(conn: sqlite3.Connection, after: int) -> int:
    sql = "SELECT sum(length(body) + length(raw) + length(effects) + 200) FROM journal"
    (size,) = conn.execute(f"{sql} WHERE seq > ?", (after,)).fetchone()
    return size or 0
