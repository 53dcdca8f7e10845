"""Telemetry on the disk: one SQLite file of messages that no broker has yet.

Beside them a number of every device that it will never use again, and what had to be dropped.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

VERSION: Final = 1
TABLES: Final = (
    """CREATE TABLE messages(
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, device TEXT NOT NULL,
        number INTEGER NOT NULL, body BLOB NOT NULL)""",
    "CREATE TABLE numbers(device TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE held(count INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "INSERT INTO held VALUES(0, 0)",
    "CREATE TABLE lost(device TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
)
AT_ONCE: Final = 2_000
"""Rows that one commit looks at, at most, for what is too old or too much."""
DELETE: Final = "DELETE FROM messages WHERE id <= ?"
NOTE: Final = "INSERT INTO numbers VALUES(?, ?) ON CONFLICT DO UPDATE SET number = excluded.number"
NOTHING: Final[Mapping[str, int]] = {}
LOOK_MS: Final = 1_000
"""What is too old is looked for so often."""
SPARE: Final = 64
"""When the file is full, one part in so many is freed at once, not a row with every commit."""


class Message(NamedTuple):
    id: int
    """Counts up in the order in which they are published; of this file only."""
    device: str
    number: int
    body: bytes


class TelemetryBroken(Exception):
    """The file is not one of ours, or of a newer release."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is older, or the oldest beyond the size, is dropped and counted."""

    bytes: int
    age_s: float


class TelemetryFile:
    """One thread writes, another may read. Raises sqlite3.Error; nothing is changed then."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Raises TelemetryBroken, sqlite3.Error."""
        self._limits, self._look_at_ms = limits, 0
        self._conn = _opened(path)
        self._reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.newest: int
        self.bytes: int
        self.count: int
        self.count, self.bytes = self._conn.execute("SELECT count, bytes FROM held").fetchone()
        newest = "SELECT coalesce(max(id), 0) FROM messages"
        (self.newest,) = self._conn.execute(newest).fetchone()
        row = self._conn.execute("SELECT min(id) - 1 FROM messages").fetchone()
        self.published: int = self.newest if row[0] is None else row[0]
        """What was before this one is not here any more."""
        self.numbers: dict[str, int] = dict(
            self._conn.execute("SELECT device, number FROM numbers")
        )
        """Device -> the last number that was written down."""
        self.lost: dict[str, int] = dict(self._conn.execute("SELECT device, count FROM lost"))
        """Device -> messages dropped unpublished, ever."""

    def write(
        self,
        fresh: Sequence[Message],
        done: int,
        now_ms: int,
        numbers: Mapping[str, int] = NOTHING,
    ) -> dict[str, int]:
        """One commit: the fresh ones in, those up to `done` out, and the oldest where they are too
        old or too much. Returns how many of each device were dropped."""
        with closing(self._conn.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                freed = self._forget(cursor, done) if done > self.published else (0, 0)
                rows = [(one.id, now_ms, one.device, one.number, one.body) for one in fresh]
                cursor.executemany("INSERT INTO messages VALUES(?, ?, ?, ?, ?)", rows)
                cursor.executemany(NOTE, list(numbers.items()))
                added = sum(len(one.body) for one in fresh)
                count, size = self.count + len(fresh) - freed[0], self.bytes + added - freed[1]
                dropped, gone, up_to = self._drop(cursor, size, now_ms)
                count, size = count - sum(dropped.values()), size - gone
                cursor.execute("UPDATE held SET count = ?, bytes = ?", (count, size))
                cursor.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:
                    cursor.execute("ROLLBACK")
                raise
        self.count, self.bytes = count, size
        self.newest = fresh[-1].id if fresh else self.newest
        self.published = min(self.newest, max(self.published, done, up_to))
        for device, many in dropped.items():
            self.lost[device] = self.lost.get(device, 0) + many
        return dropped

    def between(self, after: int, before: int, at_most: int) -> list[Message]:
        """In order, without the two."""
        rows = self._reader.execute(
            "SELECT id, device, number, body FROM messages WHERE id > ? AND id < ?"
            " ORDER BY id LIMIT ?",
            (after, before, at_most),
        )
        return [Message(*row) for row in rows]

    def close(self) -> None:
        self._reader.close()
        self._conn.close()

    def _forget(self, cursor: sqlite3.Cursor, done: int) -> tuple[int, int]:
        """The broker has them: how many, and their bytes."""
        gone = "SELECT count(*), coalesce(sum(length(body)), 0) FROM messages WHERE id <= ?"
        freed: tuple[int, int] = cursor.execute(gone, (done,)).fetchone()
        if freed[0]:
            cursor.execute(DELETE, (done,))
        return freed

    def _drop(
        self, cursor: sqlite3.Cursor, size: int, now_ms: int
    ) -> tuple[dict[str, int], int, int]:
        """The oldest: how many of which device, their bytes, and the last of them."""
        too_much = size > self._limits.bytes
        room = self._limits.bytes * (SPARE - 1) // SPARE if too_much else size
        stale_ms = now_ms - round(self._limits.age_s * 1000)
        if not too_much and now_ms < self._look_at_ms:
            return {}, 0, 0
        self._look_at_ms = now_ms + LOOK_MS
        rows = cursor.execute(
            "SELECT id, at_ms, device, length(body) FROM messages ORDER BY id LIMIT ?", (AT_ONCE,)
        )
        dropped: dict[str, int] = {}
        last = gone = 0
        for id, at_ms, device, length in rows:
            if at_ms >= stale_ms and size - gone <= room:
                break
            last, gone = id, gone + length
            dropped[device] = dropped.get(device, 0) + 1
        if last:
            cursor.execute(DELETE, (last,))
            cursor.executemany(
                "INSERT INTO lost VALUES(?, ?)"
                " ON CONFLICT DO UPDATE SET count = count + excluded.count",
                list(dropped.items()),
            )
        return dropped, gone, last


def _opened(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "wal_autocheckpoint = 2000",
            "journal_size_limit = 67108864",
            "secure_delete = OFF",
            "cache_size = -4096",
        ):
            conn.execute(f"PRAGMA {setting}")
        _make_tables(conn, path)
    except BaseException:
        conn.close()
        raise
    return conn


def _make_tables(conn: sqlite3.Connection, path: Path) -> None:
    (version,) = conn.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    if version or conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise TelemetryBroken(f"{path} holds no telemetry of this release (version {version})")
    conn.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        conn.execute(table)
    conn.execute(f"PRAGMA user_version = {VERSION}")
    conn.execute("COMMIT")
