"""What rules remember: one table per kind, and the rows last used decoded in memory, because a
large `Site` is read on every scan."""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from sync.schema import table_of
from wcs.messages import loads
from wcs.ports import E
from wcs.records import index_of

ROOM = 8192
PAGES = (4, 16, 64, 256)


class Entities:
    """Belongs to the one connection that writes. The cache holds what the database would give
    back, never an object that was handed in."""

    def __init__(self, conn: sqlite3.Connection, room: int = ROOM) -> None:
        self._conn, self._room = conn, room
        self._decoded: OrderedDict[tuple[type, str], Any] = OrderedDict()

    def get(self, kind: type[E], key: str) -> E | None:
        thing = self._decoded.get((kind, key))
        if thing is not None:
            self._decoded.move_to_end((kind, key))
            return thing  # type: ignore[no-any-return]
        row = self._conn.execute(_sql(kind).get, (key,)).fetchone()
        return None if row is None else self._decode(kind, key, row[0])

    def find(self, kind: type[E], equal: dict[str, object]) -> Iterator[tuple[str, E]]:
        """In key order, a page at a time; nothing may be written meanwhile. Raises LookupError
        for a field outside the index."""
        sql, values = _find_sql(kind, tuple(equal)), tuple(equal.values())
        last, comparison = "", ">="  # a key may be empty
        for size in _pages():
            page = self._conn.execute(sql.format(comparison), (*values, last, size)).fetchall()
            for last, body in page:
                yield last, self._decoded.get((kind, last)) or self._decode(kind, last, body)
            if len(page) < size:
                return
            comparison = ">"

    def save(self, kind: type, key: str, body: str, fields: tuple[object, ...]) -> None:
        self._decoded.pop((kind, key), None)
        self._conn.execute(_sql(kind).save, (key, body, *fields))

    def remove(self, kind: type, key: str) -> None:
        self._decoded.pop((kind, key), None)
        self._conn.execute(_sql(kind).remove, (key,))

    def forget(self) -> None:
        """After a rollback."""
        self._decoded.clear()

    def _decode(self, kind: type[E], key: str, body: str) -> E:
        thing: E = loads(kind.__name__, body)
        self._decoded[kind, key] = thing
        if len(self._decoded) > self._room:
            self._decoded.popitem(last=False)
        return thing


class _Sql(NamedTuple):
    get: str
    save: str
    remove: str


def _pages() -> Iterator[int]:
    """Rows asked for at once: few at first, because most rules want one."""
    yield from PAGES
    while True:
        yield PAGES[-1]


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
    where = "".join(f'"{field}" IS ? AND ' for field in fields)
    return f"SELECT key, body FROM {table_of(kind)} WHERE {where}key {{}} ? ORDER BY key LIMIT ?"
