"""A group of observations in one transaction, a savepoint each.

A rule that raises is rolled back and quarantined alone; when the store itself fails, the whole
group is, and nobody is told anything.
"""

import sqlite3
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter_ns

from sync.entities import Entities
from sync.failures import StoreFailed, failed, is_own
from sync.hostmessage import Mapping_
from sync.journal import UNREADABLE, Journal, clean
from sync.moments import moment, text_of
from sync.tx import SqliteTx, count
from wcs.envelope import Answer, Posted, Seen
from wcs.messages import Event, dumps
from wcs.observations import Due, Observation
from wcs.ports import Decide

STALE = "the timer was set anew or ended"
REASON, TRACE = 500, 8000


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one observation, after the commit. A repeat has caused nothing anew."""

    seq: int
    answer: Answer
    commands: tuple[Posted, ...]
    events: tuple[tuple[str, Event], ...]
    took_ms: float


class Transactor:
    """Decides on the one connection that writes. After each group `timers` says which were set
    or ended; `seq` is the last sequence number given."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        path: Path,
        *,
        decide: Decide,
        mapping: Mapping_,
        release: str,
        epoch: int,
        seq: int,
    ) -> None:
        self._conn, self._path = conn, path
        self._decide, self._mapping, self._epoch, self.seq = decide, mapping, epoch, seq
        self._journal = Journal(conn, release, epoch)
        self._entities = Entities(conn)
        self._timers: dict[str, datetime | None] = {}
        self._messages: dict[str, int] = {}
        self._posted: list[tuple[str, str]] = []

    def note_posted(self, commands: Sequence[str], at: datetime) -> None:
        """Delivery state, no part of a replay: written with whatever commits next."""
        self._posted.extend((text_of(at), command) for command in commands)

    @property
    def has_notes(self) -> bool:
        return bool(self._posted)

    def decide(self, group: Sequence[Seen]) -> list[Decided]:
        """Raises StoreFailed: nothing of the group happened, as far as anybody may be told."""
        self._timers, self._messages = {}, {}
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            self._write_notes()
            decided = [self._one(seen) for seen in group]
            count(self._conn, self._messages)
            if not self._conn.in_transaction:
                raise StoreFailed(self._path, "the database gave the transaction up")
            self._conn.execute("COMMIT")
        except Exception as err:
            if self._conn.in_transaction:
                self._conn.rollback()
            raise failed(self._path, err) from err
        return decided

    @property
    def timers(self) -> Mapping[str, datetime | None]:
        return self._timers

    def _write_notes(self) -> None:
        notes, self._posted = self._posted, []
        if notes:
            self._conn.executemany("UPDATE commands SET posted_at = ? WHERE id = ?", notes)

    def _one(self, seen: Seen) -> Decided:
        if seen.key is not None and (known := self._journal.known(seen.key)) is not None:
            return Decided(known.seq, known, (), (), 0.0)
        began = perf_counter_ns()
        tx, body, trace = self._tx(self.seq + 1), UNREADABLE, ""
        self._conn.execute("SAVEPOINT rule")
        try:
            tx.at, body = text_of(seen.observation.at), dumps(seen.observation)
            self._run(seen.observation, tx)
            answer = Answer(tx.outcome, clean(tx.reason), tx.seq)
        except Exception as err:
            if isinstance(err, sqlite3.Error | MemoryError) and not is_own(err):
                raise
            tx, answer = self._quarantine(seen.observation, tx, err)
            trace = "".join(traceback.format_exception(err))[-TRACE:]
        self._conn.execute("RELEASE rule")
        self._entities.keep()
        self._timers.update(tx.timers)
        for host, messages in tx.messages.items():
            self._messages[host] = self._messages.get(host, 0) + messages
        took_us = (perf_counter_ns() - began) // 1000
        self._journal.write(seen, body, answer, tx, trace, took_us)
        self.seq = tx.seq
        posted = tuple(Posted(made, self._epoch, command) for made, command in tx.commands)
        return Decided(tx.seq, answer, posted, tuple(tx.events), took_us / 1000)

    def _tx(self, seq: int) -> SqliteTx:
        return SqliteTx(self._conn, self._entities, self._mapping, seq)

    def _run(self, observation: Observation, tx: SqliteTx) -> None:
        if isinstance(observation, Due) and not self._takes(observation, tx):
            tx.answer("refused", STALE)
            return
        rule = self._decide(observation)
        function = rule.func if isinstance(rule, partial) else rule
        tx.rule = f"{function.__module__}.{function.__qualname__}"
        rule(tx)

    def _takes(self, due: Due, tx: SqliteTx) -> bool:
        """Ends the timer that fired; False when it was moved or ended since."""
        row = self._conn.execute("SELECT at FROM timers WHERE key = ?", (due.key,)).fetchone()
        if row is None or moment(row[0]) > due.at:
            return False
        self._conn.execute("DELETE FROM timers WHERE key = ?", (due.key,))
        tx.timers[due.key] = None
        return True

    def _quarantine(
        self, observation: Observation, tx: SqliteTx, err: Exception
    ) -> tuple[SqliteTx, Answer]:
        """As if the rule had never run; but a timer that fired is over."""
        self._conn.execute("ROLLBACK TO rule")
        self._entities.roll_back()
        empty = self._tx(tx.seq)
        empty.at, empty.rule = tx.at, tx.rule
        if isinstance(observation, Due):
            self._takes(observation, empty)
        reason = clean(f"{type(err).__name__}: {err}"[:REASON])
        return empty, Answer("quarantined", reason, tx.seq)
