"""Outbox rows from the rules' side: written in the transaction that made their event true."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from sync.hostmessage import HostMessage
from sync.outbox import count, next_heads

INSERT = (
    "INSERT INTO outbox (id, host, key, kind, event, newest_wins, head, next_at, created_at, body)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, NOT EXISTS (SELECT 1 FROM outbox WHERE host = ?2"
    " AND key = ?3 AND open = 1), ?7, ?7, ?8)"
)
OLDER = (
    "SELECT n, state, head FROM outbox WHERE host = ?1 AND key = ?2 AND open = 1"
    " AND state = 'waiting' AND newest_wins"
    " UNION ALL SELECT n, state, head FROM outbox WHERE host = ?1 AND key = ?2"
    " AND state = 'parked' AND newest_wins"
)  # each says the words of the partial index that it uses
SUPERSEDE = "UPDATE outbox SET state = 'superseded', open = 0, head = 0, done_at = ? WHERE n = ?"


class Row(NamedTuple):
    """A message, the id of its event, and when it was decided, as text."""

    message: HostMessage
    event: str
    at: str


def put(conn: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """In this order, due at once. One row per host and event."""
    for host, waiting in Counter(row.message.host for row in rows).items():
        count(conn, host, waiting=waiting)
    for newest_wins, some in groupby(rows, key=lambda row: row.message.newest_wins):
        if newest_wins:
            for row in some:
                _supersede(conn, row)
                conn.execute(INSERT, _values(row))
        else:
            conn.executemany(INSERT, map(_values, some))


def _supersede(conn: sqlite3.Connection, by: Row) -> None:
    host, key = by.message.host, by.message.key
    older = conn.execute(OLDER, (host, key)).fetchall()
    if not older:
        return
    conn.executemany(SUPERSEDE, [(by.at, n) for n, _, _ in older])
    parked = sum(state == "parked" for _, state, _ in older)
    count(conn, host, waiting=parked - len(older), parked=-parked)
    if any(head for _, _, head in older):
        next_heads(conn, host, [key])


def _values(row: Row) -> tuple[str | bool | None, ...]:
    message, event, at = row
    host, key, kind, body, newest_wins = message
    return f"{event}|{host}", host, key, kind, event, newest_wins, at, body
