"""The outbox rows from the relay's side: claimed, delivered, put off, parked. Run by the store's
writer in transactions of at most `BATCH` rows.

waiting -> leased -> done | waiting (later) | unknown (sent, no answer) | parked (for a person).
Only heads are handed out, the oldest open row of each host and key, so the order of a key holds.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sync.connectors.port import Outgoing

BATCH = 100


class Claimed(NamedTuple):
    message: Outgoing
    unknown: bool
    """It was sent before and nobody knows whether the host acted."""


def recover(db: sqlite3.Connection, now: datetime) -> None:
    """At start: what was leased when we died may have been sent."""
    db.execute(
        "UPDATE outbox SET state='unknown', next_at=? WHERE state='leased'", (now.isoformat(),)
    )


def claim(db: sqlite3.Connection, host: str, now: datetime, limit: int) -> list[Claimed]:
    rows = db.execute(
        """SELECT id, host, key, kind, body, attempts, state FROM outbox
           WHERE host=? AND head=1 AND next_at<=? AND state IN ('waiting', 'unknown')
           ORDER BY next_at LIMIT ?""",
        (host, now.isoformat(), min(limit, BATCH)),
    ).fetchall()
    db.executemany("UPDATE outbox SET state='leased' WHERE id=?", [(row[0],) for row in rows])
    return [Claimed(Outgoing(*row[:6]), row[6] == "unknown") for row in rows]


def done(db: sqlite3.Connection, message: Outgoing, receipt: str, now: datetime) -> None:
    db.execute(
        "UPDATE outbox SET state='done', done_at=?, receipt=?, last_error=NULL,"
        " attempts=attempts+1 WHERE id=?",
        (now.isoformat(), receipt, message.id),
    )


def put_off(
    db: sqlite3.Connection, message: Outgoing, why: str, at: datetime, *, unknown: bool
) -> None:
    db.execute(
        "UPDATE outbox SET state=?, next_at=?, last_error=?, attempts=attempts+1 WHERE id=?",
        ("unknown" if unknown else "waiting", at.isoformat(), why, message.id),
    )


def park(db: sqlite3.Connection, message: Outgoing, why: str) -> None:
    """Out of the way of its key's younger messages until a person retries it."""
    db.execute(
        "UPDATE outbox SET state='parked', last_error=?, attempts=attempts+1 WHERE id=?",
        (why, message.id),
    )


def retry(db: sqlite3.Connection, row: str, now: datetime) -> bool:
    """A person's word: a parked row goes again. False when there is none of that id."""
    changed = db.execute(
        "UPDATE outbox SET state='waiting', next_at=? WHERE id=? AND state='parked'",
        (now.isoformat(), row),
    )
    return changed.rowcount == 1


def next_at(db: sqlite3.Connection, host: str) -> datetime | None:
    """When the host's next open row is due; None when nothing is open."""
    row = db.execute(
        "SELECT min(next_at) FROM outbox"
        " WHERE host=? AND head=1 AND state IN ('waiting', 'unknown')",
        (host,),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row[0] else None


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
