"""What rules have caused, on its way into the tables: state and timers at once, because the next
rule reads them; commands, events and what hosts are told with the rest of the group."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

from sync import outbound
from sync.entities import Entities
from sync.hostmessage import HostMessage
from sync.moments import text_of
from sync.tx import SqliteTx
from wcs.messages import Event, dumps

EVENT = (
    'INSERT INTO events (id, seq, ordinal, kind, body, at, rule, "order", lpn, sku, device)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
LPN = "INSERT INTO event_lpns SELECT ?, n FROM events WHERE id = ?"
COMMAND = "INSERT INTO commands (id, seq, kind, device, body, before) VALUES (?, ?, ?, ?, ?, ?)"
SUBJECTS = ("order", "lpn", "sku", "device")

Told = Sequence[tuple[str, HostMessage]]
"""What hosts are told, each with the id of its event."""


class Caused:
    """Belongs to the one connection that writes."""

    def __init__(self, conn: sqlite3.Connection, entities: Entities) -> None:
        self._conn, self._entities = conn, entities
        self.begin()

    def begin(self) -> None:
        self._commands: list[tuple[Any, ...]] = []
        self._events: list[tuple[Any, ...]] = []
        self._lpns: list[tuple[str, str]] = []
        self._told: list[outbound.Row] = []

    def add(self, tx: SqliteTx, told: Told) -> None:
        for kind, changed in tx.changed.items():
            for key, row in changed.rows.items():
                if row is None:
                    self._entities.remove(kind, key)
                else:
                    self._entities.save(kind, key, row.body, row.fields)
        for timer, at in tx.timers.items():
            if at is None:
                self._conn.execute("DELETE FROM timers WHERE key = ?", (timer,))
            else:
                sql = "INSERT OR REPLACE INTO timers VALUES (?, ?)"
                self._conn.execute(sql, (timer, text_of(at)))
        for made, command in tx.commands:
            kind_, before = type(command).__name__, text_of(command.before)
            row_ = (made, tx.seq, kind_, command.device, dumps(command), before)
            self._commands.append(row_)
        for made, event in tx.events:
            self._add_event(tx, made, event)
        self._told.extend(outbound.Row(message, made, tx.at) for made, message in told)

    def write(self) -> None:
        self._conn.executemany(COMMAND, self._commands)
        self._conn.executemany(EVENT, self._events)
        self._conn.executemany(LPN, self._lpns)
        outbound.put(self._conn, self._told)

    def _add_event(self, tx: SqliteTx, made: str, event: Event) -> None:
        kind: Any = type(event)
        named, ordinal = _named(kind), int(made.partition("-")[2])
        subjects = [getattr(event, name) if name in named else None for name in SUBJECTS]
        head = (made, tx.seq, ordinal, kind.__name__, dumps(event), tx.at, tx.rule)
        self._events.append((*head, *subjects))
        if "lpns" in named:
            self._lpns.extend((lpn, made) for lpn in dict.fromkeys(event.lpns))  # type: ignore


@cache
def _named(kind: Any) -> frozenset[str]:
    """The fields by which the life of a carton, an order, an item or a device is found."""
    return frozenset(kind.__dataclass_fields__) & {*SUBJECTS, "lpns"}
