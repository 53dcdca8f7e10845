"""A group of observations in one transaction.

A rule that raises is quarantined alone, as if it had never run; when the store itself fails, the
whole group is lost, and nobody is told anything.
"""

import sqlite3
import traceback
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import NamedTuple

from sync.caused import Caused, Told
from sync.entities import Entities
from sync.failures import failed, is_own
from sync.hostmessage import Mapping_
from sync.journal import UNREADABLE, Journal, clean
from sync.moments import moment, text_of
from sync.tx import SqliteTx
from wcs.envelope import Answer, Posted, Seen
from wcs.messages import Event, dumps
from wcs.observations import Due, Observation
from wcs.ports import Decide

STALE = "the timer was set anew or ended"
REASON, TRACE = 500, 8000


class Decided(NamedTuple):
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
        self._caused = Caused(conn, self._entities)
        self.timers: dict[str, datetime | None] = {}
        self._changed_timers: dict[str, datetime | None] = {}
        self._posted: list[tuple[str, str]] = []

    def note_posted(self, commands: Sequence[str], at: datetime) -> None:
        """Delivery state, no part of a replay: written with whatever commits next."""
        self._posted.extend((text_of(at), command) for command in commands)

    @property
    def has_notes(self) -> bool:
        return bool(self._posted)

    def decide(self, group: Sequence[Seen]) -> list[Decided]:
        """Raises StoreFailed: nothing of the group may be acknowledged."""
        self.timers = {}
        try:
            return self._decide_all(group)
        except Exception as err:
            raise failed(self._path, err) from err

    def _decide_all(self, group: Sequence[Seen]) -> list[Decided]:
        """What a rule caused may not fit the tables. Which rule's it was is found by deciding
        each alone: rules are deterministic, and nothing of the group has happened yet."""
        try:
            return self._commit(group)
        except sqlite3.Error as err:
            if not is_own(err) or not group:
                raise
            if len(group) == 1:
                return self._commit(group, unwritable=err)
            return [decided for seen in group for decided in self._decide_all([seen])]

    def _commit(
        self, group: Sequence[Seen], unwritable: sqlite3.Error | None = None
    ) -> list[Decided]:
        before, self._changed_timers = self.seq, {}
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            self._journal.begin(group)
            self._caused.begin()
            decided = [self._one(seen, unwritable) for seen in group]
            self._write_rest()
            self._conn.execute("COMMIT")
        except BaseException:
            self.seq = before
            self._entities.forget()
            if self._conn.in_transaction:
                self._conn.rollback()
            raise
        self.timers.update(self._changed_timers)
        return decided

    def _write_rest(self) -> None:
        self._caused.write()
        self._journal.write()
        notes, self._posted = self._posted, []
        self._conn.executemany("UPDATE commands SET posted_at = ? WHERE id = ?", notes)

    def _one(self, seen: Seen, unwritable: sqlite3.Error | None) -> Decided:
        if (known := self._journal.known(seen)) is not None:
            return Decided(known.seq, known, (), (), 0.0)
        began = perf_counter_ns()
        tx, body, trace = SqliteTx(self._entities, self.seq + 1), UNREADABLE, ""
        told: Told = ()
        try:
            tx.at, body = text_of(seen.observation.at), dumps(seen.observation)
            if unwritable is not None:
                raise unwritable
            told = self._run(seen.observation, tx)
            answer = Answer(tx.outcome, clean(tx.reason), tx.seq)
        except Exception as err:
            if isinstance(err, sqlite3.Error | MemoryError) and not is_own(err):
                raise
            tx, answer = self._quarantined(seen.observation, tx, err)
            trace = "".join(traceback.format_exception(err))[-TRACE:]
        self._caused.add(tx, told)
        took_us = (perf_counter_ns() - began) // 1000
        self._journal.add(seen, body, answer, tx, trace, took_us)
        self._changed_timers.update(tx.timers)
        self.seq = tx.seq
        posted = tuple(Posted(made, self._epoch, command) for made, command in tx.commands)
        return Decided(tx.seq, answer, posted, tuple(tx.events), took_us / 1000)

    def _run(self, observation: Observation, tx: SqliteTx) -> Told:
        """Decides; gives what hosts are told of it."""
        if isinstance(observation, Due) and not self._takes(observation, tx):
            tx.answer("refused", STALE)
            return ()
        rule = self._decide(observation)
        function = rule.func if isinstance(rule, partial) else rule
        tx.rule = f"{function.__module__}.{function.__qualname__}"
        rule(tx)
        return [(made, message) for made, event in tx.events for message in self._mapping(event)]

    def _takes(self, due: Due, tx: SqliteTx) -> bool:
        """Ends the timer that fired; False when it was moved or ended since."""
        row = self._conn.execute("SELECT at FROM timers WHERE key = ?", (due.key,)).fetchone()
        if row is None or moment(row[0]) > due.at:
            return False
        tx.timers[due.key] = None
        return True

    def _quarantined(
        self, observation: Observation, tx: SqliteTx, err: Exception
    ) -> tuple[SqliteTx, Answer]:
        """As if the rule had never run; but a timer that fired is over."""
        empty = SqliteTx(self._entities, tx.seq)
        empty.at, empty.rule = tx.at, tx.rule
        if isinstance(observation, Due):
            self._takes(observation, empty)
        reason = clean(f"{type(err).__name__}: {err}"[:REASON])
        return empty, Answer("quarantined", reason, tx.seq)
