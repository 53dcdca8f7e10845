"""What rules remember: one table per kind, and the rows last used decoded in memory, because a
large `Site` is read on every scan.

The cache holds what the database would give back, never the object that was handed in.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from sync.schema import table_of
from wcs.messages import dumps, loads
from wcs.ports import E, Entity
from wcs.records import index_of

ROOM = 8192
PAGES = (4, 16, 64, 256)


class _Sql(NamedTuple):
    get: str
    save: str
    remove: str


class Entities:
    """Belongs to the one connection that writes."""

    def __init__(self, conn: sqlite3.Connection, room: int = ROOM) -> None:
        self._conn, self._room = conn, room
        self._decoded: OrderedDict[tuple[type, str], Any] = OrderedDict()
        self._touched: list[tuple[type, str]] = []
        self._changes: dict[type, int] = {}

    def keep(self) -> None:
        """What was changed since the last `keep` stays."""
        self._touched.clear()

    def roll_back(self) -> None:
        """Forgets what was changed since the last `keep`; the rows themselves are the caller's."""
        for place in self._touched:
            self._decoded.pop(place, None)
        self._touched.clear()

    def get(self, kind: type[E], key: str) -> E | None:
        thing = self._decoded.get((kind, key))
        if thing is not None:
            self._decoded.move_to_end((kind, key))
            return thing  # type: ignore[no-any-return]
        row = self._conn.execute(_sql(kind).get, (key,)).fetchone()
        return None if row is None else self._decode(kind, key, row[0])

    def find(self, kind: type[E], equal: dict[str, object]) -> Iterator[E]:
        """In key order, each row as it is when it is reached, whatever is saved or removed on the
        way. Raises LookupError for a field outside the index."""
        sql, values = _find_sql(kind, tuple(equal)), tuple(equal.values())
        last, size = "", 0
        comparison = ">="  # a key may be empty
        while True:
            page = self._conn.execute(
                sql.format(comparison), (*values, last, PAGES[size])
            ).fetchall()
            changes = self._changes.get(kind, 0)
            for last, body in page:
                comparison = ">"
                yield self._decoded.get((kind, last)) or self._decode(kind, last, body)
                if self._changes.get(kind, 0) != changes:
                    size = 0
                    break
            else:
                if len(page) < PAGES[size]:
                    return
                size = min(size + 1, len(PAGES) - 1)

    def save(self, thing: Entity) -> str:
        """Returns the body that was written."""
        kind, key, body = type(thing), thing.key, dumps(thing)
        fields = index_of(kind)
        self._change(kind, key)
        self._conn.execute(
            _sql(kind).save, (key, body, *[getattr(thing, field) for field in fields])
        )
        return body

    def remove(self, kind: type, key: str) -> None:
        self._change(kind, key)
        self._conn.execute(_sql(kind).remove, (key,))

    def _change(self, kind: type, key: str) -> None:
        self._decoded.pop((kind, key), None)
        self._touched.append((kind, key))
        self._changes[kind] = self._changes.get(kind, 0) + 1

    def _decode(self, kind: type[E], key: str, body: str) -> E:
        thing: E = loads(kind.__name__, body)
        self._decoded[kind, key] = thing
        if len(self._decoded) > self._room:
            self._decoded.popitem(last=False)
        return thing


@cache
def _sql(kind: type) -> _Sql:
    table = table_of(kind)
    columns = ["key", "body", *(f'"{field}"' for field in index_of(kind))]
    marks = ", ".join("?" * len(columns))
    fresh = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return _Sql(
        get=f"SELECT body FROM {table} WHERE key = ?",
        save=f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        f" ON CONFLICT(key) DO UPDATE SET {fresh}",
        remove=f"DELETE FROM {table} WHERE key = ?",
    )


@cache
def _find_sql(kind: type, fields: tuple[str, ...]) -> str:
    unknown = set(fields) - set(index_of(kind))
    if unknown:
        raise LookupError(f"{kind.__name__} is not indexed by {', '.join(sorted(unknown))}")
    where = "".join(f'"{field}" IS ? AND ' for field in fields)
    return f"SELECT key, body FROM {table_of(kind)} WHERE {where}key {{}} ? ORDER BY key LIMIT ?"
