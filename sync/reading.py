"""Reading beside the writer: entities, events and the life of a carton or an order, on a
read-only connection."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, TypeVar

from sync.schema import table_of
from wcs.messages import loads
from wcs.ports import Entity
from wcs.records import index_of

E = TypeVar("E", bound=Entity)


def get(conn: sqlite3.Connection, kind: type[E], key: str) -> E | None:
    row = conn.execute(f"SELECT body FROM {table_of(kind)} WHERE key=?", (key,)).fetchone()
    return loads(kind.__name__, row[0]) if row else None


def find(
    conn: sqlite3.Connection, kind: type[E], *, after: str = "", limit: int = 1000, **equal: str
) -> Iterator[E]:
    """Rows in key order from behind `after`; `equal` names fields of the kind's index."""
    unknown = set(equal) - set(index_of(kind))
    if unknown:
        raise LookupError(f"{kind.__name__} is not indexed by {', '.join(sorted(unknown))}")
    where = " AND ".join(["key > ?", *(f'"{field}" = ?' for field in equal)])
    sql = f"SELECT body FROM {table_of(kind)} WHERE {where} ORDER BY key LIMIT ?"
    for (body,) in conn.execute(sql, (after, *equal.values(), limit)):
        yield loads(kind.__name__, body)


def count_by(conn: sqlite3.Connection, kind: type, field: str) -> dict[str, int]:
    """Rows per value of an indexed field: a walk over the index, for pages."""
    sql = f'SELECT "{field}", count(*) FROM {table_of(kind)} GROUP BY "{field}"'
    return dict(conn.execute(sql))


def events_after(
    conn: sqlite3.Connection, after: int, limit: int, kind: str | None = None
) -> list[dict[str, Any]]:
    """Events in the order in which they became true; `n` is the cursor."""
    extra, values = (" AND kind=?", (kind,)) if kind else ("", ())
    sql = f"SELECT n, id, kind, at, rule, body FROM events WHERE n>?{extra} ORDER BY n LIMIT ?"
    return [_event(row) for row in conn.execute(sql, (after, *values, limit))]


def last_event(conn: sqlite3.Connection) -> int:
    row = conn.execute("SELECT max(n) FROM events").fetchone()
    return row[0] or 0


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    n, id_, kind, at, rule, body = row
    return {"n": n, "id": id_, "kind": kind, "at": at, "rule": rule, "body": json.loads(body)}


def life(
    conn: sqlite3.Connection, *, lpn: str | None = None, order: str | None = None, limit: int = 500
) -> list[dict[str, Any]]:
    """One time line, newest last: each event with the observation that it was decided on, its raw
    frame, the commands of the same decision, and what the hosts said."""
    if lpn is not None:
        which = "lpn=? OR n IN (SELECT n FROM event_lpns WHERE lpn=?)"
        values: tuple[str, ...] = (lpn, lpn)
    else:
        which, values = '"order"=?', (order or "",)
    rows = conn.execute(
        f"SELECT n, id, kind, at, rule, body, seq FROM events WHERE {which} ORDER BY n LIMIT ?",
        (*values, limit),
    ).fetchall()
    return [
        {**_event(row[:6]), **_cause(conn, row[6]), "hosts": _hosts(conn, row[1])} for row in rows
    ]


def _cause(conn: sqlite3.Connection, seq: int) -> dict[str, Any]:
    row = conn.execute(
        'SELECT kind, raw, "by", took_us, reason FROM journal WHERE seq=?', (seq,)
    ).fetchone()
    kind, raw, by, took_us, reason = row or ("(archived)", "", None, 0, "")
    commands = conn.execute(
        "SELECT id, kind, device, before, posted_at, answered_at, result FROM commands WHERE seq=?",
        (seq,),
    ).fetchall()
    names = ("id", "kind", "device", "before", "posted_at", "answered_at", "result")
    return {
        "seq": seq,
        "because": kind,
        "raw": raw,
        "by": by,
        "took_us": took_us,
        "answer": reason,
        "commands": [dict(zip(names, command, strict=True)) for command in commands],
    }


def _hosts(conn: sqlite3.Connection, event: str) -> list[dict[str, Any]]:
    rows = conn.execute(
        "SELECT host, kind, state, attempts, done_at, receipt, last_error FROM outbox"
        " WHERE id > ?1 || '|' AND id < ?1 || '}'",  # the ids of an event's messages
        (event,),
    )
    names = ("host", "kind", "state", "attempts", "done_at", "receipt", "last_error")
    return [dict(zip(names, row, strict=True)) for row in rows]


def outbox_depth(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Per host: how many wait or are parked, since when the oldest waits, and the last error."""
    hosts = conn.execute("SELECT host, waiting, parked FROM hosts ORDER BY host").fetchall()
    return [
        {"host": host, "waiting": waiting, "parked": parked, **_oldest(conn, host)}
        for host, waiting, parked in hosts
    ]


def _oldest(conn: sqlite3.Connection, host: str) -> dict[str, Any]:
    row = conn.execute(
        "SELECT created_at, last_error FROM outbox"
        " WHERE n = (SELECT min(n) FROM outbox WHERE host=? AND open=1)",
        (host,),
    ).fetchone()
    return {"oldest": row[0] if row else None, "last_error": row[1] if row else None}


def quarantined(conn: sqlite3.Connection) -> int:
    """Observations whose rule raised: each is a bug that a person must look at."""
    row = conn.execute("SELECT count(*) FROM journal WHERE outcome='quarantined'").fetchone()
    return int(row[0])
