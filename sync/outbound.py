"""Outbox rows from the rules' side: written in the transaction that made their event true."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from sync.hostmessage import HostMessage

INSERT = (
    "INSERT INTO outbox (id, host, key, kind, body, event, newest_wins, head, next_at, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NOT EXISTS (SELECT 1 FROM outbox WHERE host = ?2"
    " AND key = ?3 AND open = 1), ?8, ?8)"
)
SUPERSEDE = (
    "UPDATE outbox SET state = 'superseded', done_at = ?3 WHERE host = ?1 AND key = ?2"
    " AND open = 1 AND state = 'waiting' AND newest_wins",
    "UPDATE outbox SET state = 'superseded', done_at = ?3 WHERE host = ?1 AND key = ?2"
    " AND state = 'parked' AND newest_wins",
)  # each says the words of the partial index that it uses
COUNT = (
    "INSERT INTO hosts (host, waiting) VALUES (?, ?)"
    " ON CONFLICT(host) DO UPDATE SET waiting = waiting + excluded.waiting"
)


class Row(NamedTuple):
    """A message, the id of its event, and when it was decided, as text."""

    message: HostMessage
    event: str
    at: str


def put(conn: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """In this order, due at once. One row per host and event."""
    conn.executemany(COUNT, Counter(row.message.host for row in rows).items())
    for newest_wins, some in groupby(rows, key=lambda row: row.message.newest_wins):
        if newest_wins:
            for row in some:
                _put_newest(conn, row)
        else:
            conn.executemany(INSERT, map(_values, some))


def _put_newest(conn: sqlite3.Connection, row: Row) -> None:
    for sql in SUPERSEDE:
        conn.execute(sql, (row.message.host, row.message.key, row.at))
    conn.execute(INSERT, _values(row))


def _values(row: Row) -> tuple[str | bool, ...]:
    message, event, at = row
    host = message.host
    told = (message.key, message.kind, message.body)
    return (f"{event}|{host}", host, *told, event, message.newest_wins, at)
