"""The one database: opened by one gateway, written by one thread, read by anybody.

What is written: wcs/ports.py says what a rule may, `sync/tx.py` how it lies in the tables of
`sync/schema.py`, `sync/transact.py` when it commits.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sync import schema, snapshots
from sync.checkpoints import Checkpoints
from sync.failures import StoreFailed, StoreLocked, StoreTooNew, failed, is_own
from sync.hostmessage import Mapping_
from sync.lock import Lock
from sync.moments import moment
from sync.reader import reader
from sync.timers import Timer, Timers
from sync.transact import Decided, Transactor
from sync.writer import Writer
from wcs.envelope import Seen
from wcs.ports import Decide

__all__ = ["Decided", "Store", "StoreFailed", "StoreLocked", "StoreTooNew", "Timer"]

T = TypeVar("T")


class Store:
    """Use `open`; ends with `close` or `with`."""

    def __init__(
        self, path: Path, conn: sqlite3.Connection, transactor: Transactor, epoch: int, lock: Lock
    ) -> None:
        self.path, self.epoch = path, epoch
        self.nearer_timer = asyncio.Event()
        self._conn, self._lock, self._transactor = conn, lock, transactor
        self._timers = Timers(_timers(conn))
        self._checkpoints = Checkpoints(path)
        self._writer = Writer(self._decide)

    @classmethod
    def open(cls, path: Path, *, decide: Decide, mapping: Mapping_, release: str) -> Self:
        """Takes the single writer's lock, brings the tables up to date, becomes the owner.

        Raises StoreLocked, StoreTooNew, StoreFailed.
        """
        lock = _locked(path)
        try:
            conn = connect(path)
            schema.migrate(conn, path)
            _refuse_snapshot(conn, path)
            epoch = _next_epoch(conn)
        except sqlite3.Error as err:
            lock.close()
            raise failed(path, err) from err
        except BaseException:
            lock.close()
            raise
        transactor = Transactor(
            conn,
            path,
            decide=decide,
            mapping=mapping,
            release=release,
            epoch=epoch,
            seq=last_seq(conn),
        )
        return cls(path, conn, transactor, epoch, lock)

    @property
    def failure(self) -> StoreFailed | None:
        """Why nothing is written any more; None while all is well."""
        return self._writer.failure

    async def transact(self, group: Sequence[Seen]) -> list[Decided]:
        """One commit, each decided alone, answers in the order of the group. An empty group goes
        through the writer and touches no disk.

        Raises StoreFailed: nothing of the group may be acknowledged.
        """
        decided = await self._writer.decided(group)
        if self._timers.is_nearer():
            self.nearer_timer.set()
        return decided

    def note_posted(self, commands: Sequence[str], at: datetime) -> None:
        """Commands were handed to their links: written with whatever commits next."""
        self._transactor.note_posted(commands, at)

    async def work(self, do: Callable[[sqlite3.Connection], T]) -> T:
        """Bookkeeping in a short transaction of its own, at most 100 rows by convention; never in
        the tables of what rules remember, of which the writer keeps copies in memory.

        Raises what `do` raised, rolled back; StoreFailed when it was the disk.
        """
        done: T = await self._writer.done(lambda: self._work(do))
        return done

    def reader(self, within_s: float = 2.0) -> sqlite3.Connection:
        """A read-only connection of the caller's own; each query has `within_s` seconds."""
        return reader(self.path, within_s)

    def due(self, now: datetime, limit: int) -> list[Timer]:
        """Timers that fire, each handed out once per time it was set. Reads no disk."""
        return self._timers.take_due(now, limit)

    def next_due(self) -> datetime | None:
        return self._timers.next_due()

    def close(self) -> None:
        """Finishes what was asked for, then lets go of the database."""
        self._writer.close()
        self._checkpoints.close()
        self._conn.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _decide(self, group: Sequence[Seen]) -> list[Decided]:
        if not group and not self._transactor.has_notes:
            return []
        decided = self._transactor.decide(group)
        self._timers.apply(self._transactor.timers)
        self._checkpoints.changed(self._conn.total_changes)
        return decided

    def _work(self, do: Callable[[sqlite3.Connection], T]) -> T:
        conn = self._conn
        try:
            conn.execute("BEGIN IMMEDIATE")
            done = do(conn)
            conn.execute("COMMIT")
        except BaseException as err:
            if conn.in_transaction:
                conn.rollback()
            if isinstance(err, sqlite3.Error) and not is_own(err):
                raise failed(self.path, err) from err
            raise
        self._checkpoints.changed(conn.total_changes)
        return done


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes: WAL, every commit on the disk before it is acknowledged."""
    conn = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    for setting in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "wal_autocheckpoint = 0",
        "journal_size_limit = 67108864",
        "temp_store = MEMORY",
        "cache_size = -32768",
    ):
        conn.execute(f"PRAGMA {setting}")
    return conn


def _locked(path: Path) -> Lock:
    try:
        return Lock(path)
    except OSError as err:
        hint = "make its folder, and make it writable for this user"
        raise StoreFailed(path, f"cannot be opened: {err.strerror}", hint) from err


def last_seq(conn: sqlite3.Connection) -> int:
    row = conn.execute("SELECT max(seq) FROM journal").fetchone()
    if row[0] is None:
        row = conn.execute("SELECT max(seq) FROM snapshots").fetchone()
    return row[0] or 0


def _refuse_snapshot(conn: sqlite3.Connection, path: Path) -> None:
    """Its sequence numbers would be given again, and hosts know what they stood for."""
    if conn.execute("SELECT 1 FROM meta WHERE key = ?", (snapshots.MARK,)).fetchone():
        raise StoreFailed(path, "is a snapshot, which only a replay can use", "put back a copy")


def _next_epoch(conn: sqlite3.Connection) -> int:
    row = conn.execute(
        "INSERT INTO meta VALUES ('owner_epoch', '1') ON CONFLICT(key)"
        " DO UPDATE SET value = CAST(value + 1 AS TEXT) RETURNING value"
    ).fetchone()
    return int(row[0])


def _timers(conn: sqlite3.Connection) -> list[Timer]:
    return [Timer(moment(at), key) for key, at in conn.execute("SELECT key, at FROM timers")]
