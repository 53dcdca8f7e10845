"""The outbox rows from the relay's side: claimed, delivered, put off, parked. Run by the store's
writer in transactions of at most `BATCH` rows.

waiting -> leased -> done | waiting (later) | unknown (sent, no answer) | parked (for a person).
Only heads are handed out, one row of each host and key at a time, so the order of a key holds:
whoever opens or closes rows here or in `sync/outbound.py` says which head is next, and counts.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic_core import to_json

from sync.connectors.port import Outgoing
from sync.journal import clean

BATCH = 100
DUE = "host = ? AND head = 1 AND state <> 'leased'"
BODY = "coalesce(body, (SELECT body FROM events WHERE events.id = outbox.event))"
CLAIM = (
    f"SELECT n, state, id, host, key, kind, {BODY}, attempts FROM outbox"
    f" WHERE {DUE} AND next_at <= ? ORDER BY next_at LIMIT ?"
)
LEASE = "UPDATE outbox SET state = 'leased' WHERE n IN (SELECT value FROM json_each(?))"
NEXT_AT = f"SELECT min(next_at) FROM outbox WHERE {DUE}"
CLOSE = (
    "UPDATE outbox SET state = value ->> 1, open = 0, head = 0, done_at = value ->> 2,"
    " last_error = value ->> 3, receipt = value ->> 4, attempts = attempts + 1"
    " FROM json_each(?) WHERE n = value ->> 0"
)
PUT_OFF = (
    "UPDATE outbox SET state = value ->> 1, next_at = value ->> 2, last_error = value ->> 3,"
    " attempts = attempts + 1 FROM json_each(?) WHERE n = value ->> 0"
)
NEXT_HEADS = (
    "UPDATE outbox SET head = 1 WHERE n IN (SELECT (SELECT min(n) FROM outbox"
    " WHERE host = ?1 AND key = value AND open = 1) FROM json_each(?2))"
)
RECOVER = "UPDATE outbox SET state = 'unknown', next_at = ? WHERE open = 1 AND state = 'leased'"
RETRY = (
    "UPDATE outbox SET state = 'waiting', open = 1, next_at = ?2, last_error = ?3,"
    " head = NOT EXISTS ("
    "SELECT 1 FROM outbox AS other WHERE other.host = outbox.host AND other.key = outbox.key"
    " AND other.open = 1)"
    " WHERE id = ?1 AND state = 'parked' RETURNING host"
)
COUNT = (
    "INSERT INTO hosts (host, waiting, parked) VALUES (?, ?, ?) ON CONFLICT(host) DO UPDATE"
    " SET waiting = waiting + excluded.waiting, parked = parked + excluded.parked"
)


class Claimed(NamedTuple):
    n: int
    message: Outgoing
    unknown: bool
    """It was sent before and nobody knows whether the host acted."""


class Note(NamedTuple):
    """What became of a claimed row, as it is written down. `at`: when it was done, or when it is
    due again."""

    n: int
    state: Literal["done", "parked", "waiting", "unknown"]
    at: str | None
    error: str | None
    receipt: str | None
    key: str


def recover(db: sqlite3.Connection, now: datetime) -> None:
    """At start: what was leased when we died may have been sent."""
    db.execute(RECOVER, (now.isoformat(),))


def claim(db: sqlite3.Connection, host: str, now: datetime, limit: int) -> list[Claimed]:
    rows = db.execute(CLAIM, (host, now.isoformat(), min(limit, BATCH))).fetchall()
    db.execute(LEASE, (_json([row[0] for row in rows]),))
    return [Claimed(row[0], Outgoing(*row[2:]), row[1] == "unknown") for row in rows]


def done(claimed: Claimed, receipt: str, at: str) -> Note:
    return Note(claimed.n, "done", at, None, clean(receipt), claimed.message.key)


def put_off(claimed: Claimed, why: str, at: datetime, *, unknown: bool) -> Note:
    state: Literal["unknown", "waiting"] = "unknown" if unknown else "waiting"
    return Note(claimed.n, state, at.isoformat(), clean(why), None, claimed.message.key)


def parked(claimed: Claimed, why: str) -> Note:
    """Out of the way of its key's younger messages until a person retries it."""
    return Note(claimed.n, "parked", None, clean(why), None, claimed.message.key)


def settle(db: sqlite3.Connection, host: str, notes: Sequence[Note]) -> None:
    """Writes down what became of rows that were claimed for the host."""
    closed = [note for note in notes if note.state in ("done", "parked")]
    if closed:
        db.execute(CLOSE, (_json(closed),))
        next_heads(db, host, [note.key for note in closed])
        parked = sum(note.state == "parked" for note in closed)
        count(db, host, waiting=-len(closed), parked=parked)
    again = [note for note in notes if note.state in ("waiting", "unknown")]
    if again:
        db.execute(PUT_OFF, (_json(again),))


def next_heads(db: sqlite3.Connection, host: str, keys: Sequence[str]) -> None:
    """After the heads of these keys were closed."""
    db.execute(NEXT_HEADS, (host, _json(keys)))


def count(db: sqlite3.Connection, host: str, *, waiting: int = 0, parked: int = 0) -> None:
    """So many more rows of the host wait, are parked."""
    db.execute(COUNT, (host, waiting, parked))


def retry(db: sqlite3.Connection, row: str, now: datetime, by: str) -> bool:
    """A person's word: a parked row goes again, and says by whom. False when there is none of that
    id."""
    again = db.execute(RETRY, (row, now.isoformat(), f"sent again by {by}")).fetchall()
    for (host,) in again:
        count(db, host, waiting=1, parked=-1)
    return bool(again)


def next_at(db: sqlite3.Connection, host: str) -> datetime | None:
    """When the host's next row is due; None when none waits."""
    (at,) = db.execute(NEXT_AT, (host,)).fetchone()
    return datetime.fromisoformat(at) if at else None


def wait_s(attempts: int, asked_s: float | None) -> float:
    """Exponential from 0.5 s to 60 s; a host's Retry-After is kept to the second."""
    return asked_s if asked_s is not None else min(60.0, 0.5 * 2 ** min(attempts, 7))


def later(now: datetime, attempts: int, asked_s: float | None = None) -> datetime:
    return now + timedelta(seconds=wait_s(attempts, asked_s))


def show(db: sqlite3.Connection, *, state: str | None, limit: int) -> Sequence[dict[str, Any]]:
    """The newest rows for a person, without bodies."""
    names = "id, host, key, kind, state, attempts, next_at, created_at, done_at, last_error"
    where, values = ("WHERE state=?", (state,)) if state else ("", ())
    rows = db.execute(
        f"SELECT {names} FROM outbox {where} ORDER BY n DESC LIMIT ?", (*values, limit)
    )
    return [dict(zip(names.split(", "), row, strict=True)) for row in rows]


def one(db: sqlite3.Connection, row: str) -> dict[str, Any] | None:
    """All of a row for a person, with what it says."""
    found = db.execute(f"SELECT *, {BODY} AS body FROM outbox WHERE id = ?", (row,))
    names = [column[0] for column in found.description]
    values = found.fetchone()
    return dict(zip(names, values, strict=True)) if values else None


def _json(values: Sequence[object]) -> str:
    """Many rows for one statement."""
    return to_json(values).decode()
