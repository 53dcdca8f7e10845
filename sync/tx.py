"""What one rule may touch, on SQLite: one savepoint of the writer's transaction."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from zlib import crc32

from sync.entities import Entities
from sync.hostmessage import HostMessage, Mapping_
from sync.moments import text_of
from wcs.messages import Command, Event, WantedState, dumps
from wcs.ports import E, Entity, Outcome

INSERT_EVENT = (
    'INSERT INTO events (id, seq, ordinal, kind, body, at, rule, "order", lpn, sku, device)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n"
)
INSERT_COMMAND = (
    "INSERT INTO commands (id, seq, kind, device, body, before) VALUES (?, ?, ?, ?, ?, ?)"
)
INSERT_MESSAGE = (
    "INSERT INTO outbox (id, host, key, kind, body, event, newest_wins, head, next_at, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NOT EXISTS (SELECT 1 FROM outbox WHERE host = ?2"
    " AND key = ?3 AND state IN ('waiting', 'unknown', 'leased')), ?8, ?8)"
)
SUPERSEDE = (
    "UPDATE outbox SET state = 'superseded', done_at = ?3 WHERE host = ?1 AND key = ?2"
    " AND newest_wins AND state = 'waiting' AND state IN ('waiting', 'unknown', 'leased')",
    "UPDATE outbox SET state = 'superseded', done_at = ?3 WHERE host = ?1 AND key = ?2"
    " AND newest_wins AND state = 'parked'",
)  # each says the words of the partial index that it is to use


class SqliteTx:
    """Lives for one observation. What it caused is in the lists when the rule has returned."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        entities: Entities,
        mapping: Mapping_,
        seq: int,
    ) -> None:
        self._conn, self._entities, self._mapping = conn, entities, mapping
        self._seq, self._ordinal = seq, 0
        self.at, self.rule = "", ""
        self.commands: list[tuple[str, Command]] = []
        self.events: list[tuple[str, Event]] = []
        self.effects: list[tuple[str, ...]] = []
        self.timers: dict[str, datetime | None] = {}
        self.messages: dict[str, int] = {}
        self.outcome: Outcome = "accepted"
        self.reason = ""

    @property
    def seq(self) -> int:
        return self._seq

    def id(self) -> str:
        self._ordinal += 1
        return f"{self._seq}-{self._ordinal}"

    def get(self, kind: type[E], key: str) -> E | None:
        return self._entities.get(kind, key)

    def find(self, kind: type[E], /, **equal: object) -> Iterator[E]:
        return self._entities.find(kind, equal)

    def save(self, thing: Entity) -> None:
        body = self._entities.save(thing)
        self.effects.append(("save", type(thing).__name__, thing.key, f"{crc32(body.encode()):x}"))

    def remove(self, kind: type[E], key: str) -> None:
        self._entities.remove(kind, key)
        self.effects.append(("remove", kind.__name__, key))

    def command(self, command: Command) -> str:
        made = self.id()
        self._conn.execute(
            INSERT_COMMAND,
            (
                made,
                self._seq,
                type(command).__name__,
                command.device,
                dumps(command),
                text_of(command.before),
            ),
        )
        self.commands.append((made, command))
        return made

    def want(self, state: WantedState) -> None:
        body = self._entities.save(state)
        self.effects.append(("want", type(state).__name__, state.key, body))

    def emit(self, event: Event) -> None:
        made = self.id()
        self._write_event(made, event)
        self._tell_hosts(made, event)
        self.events.append((made, event))

    def wake(self, key: str, at: datetime | None) -> None:
        text = None if at is None else text_of(at)
        if text is None:
            self._conn.execute("DELETE FROM timers WHERE key = ?", (key,))
        else:
            self._conn.execute("INSERT OR REPLACE INTO timers VALUES (?, ?)", (key, text))
        self.timers[key] = at
        self.effects.append(("wake", key, text or ""))

    def answer(self, outcome: Outcome, reason: str = "") -> None:
        self.outcome, self.reason = outcome, reason

    def _write_event(self, made: str, event: Event) -> None:
        subjects = [getattr(event, name, None) for name in ("order", "lpn", "sku", "device")]
        row = self._conn.execute(
            INSERT_EVENT,
            (
                made,
                self._seq,
                self._ordinal,
                type(event).__name__,
                dumps(event),
                self.at,
                self.rule,
                *subjects,
            ),
        ).fetchone()
        for lpn in dict.fromkeys(getattr(event, "lpns", ())):
            self._conn.execute("INSERT INTO event_lpns VALUES (?, ?)", (lpn, row[0]))

    def _tell_hosts(self, made: str, event: Event) -> None:
        for message in self._mapping(event):
            put(self._conn, f"{made}|{message.host}", message, made, self.at)
            self.messages[message.host] = self.messages.get(message.host, 0) + 1


def put(conn: sqlite3.Connection, row: str, message: HostMessage, event: str, at: str) -> None:
    """One outbox row; the caller counts it for its host (`count`) once per transaction."""
    newest_wins = message.newest_wins
    for sql in SUPERSEDE if newest_wins else ():
        conn.execute(sql, (message.host, message.key, at))
    conn.execute(
        INSERT_MESSAGE,
        (row, message.host, message.key, message.kind, message.body, event, newest_wins, at),
    )


def count(conn: sqlite3.Connection, messages: dict[str, int]) -> None:
    conn.executemany(
        "INSERT INTO hosts (host, waiting) VALUES (?, ?)"
        " ON CONFLICT(host) DO UPDATE SET waiting = waiting + excluded.waiting",
        messages.items(),
    )
