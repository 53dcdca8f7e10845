"""What rules remember, copied once a day: there the journal may be cut and a replay may begin.

Names and addresses are not in a snapshot, so erasing a person need not touch one.
"""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sync import schema
from sync.failures import StoreError
from sync.moments import text_of
from wcs.messages import ENTITIES
from wcs.records import index_of

FOLDER = "snapshots"
MARK = "snapshot"
RECORD = "INSERT OR REPLACE INTO snapshots (seq, at, file, bytes) VALUES (?, ?, ?, ?)"


class BadSnapshot(StoreError):
    """Not a snapshot, or none that this release can read."""


class Snapshot(NamedTuple):
    """State after observation `seq`. `used` is how many bytes the database had in use then."""

    seq: int
    at: str
    file: str
    used: int


def take(database: Path, at: datetime) -> Snapshot:
    """Copies the state beside a running gateway: whole, or not there. Takes time; not on the
    loop."""
    folder = database.parent / FOLDER
    folder.mkdir(exist_ok=True)
    part = folder / "next.part"
    part.unlink(missing_ok=True)
    with closing(connect(database)) as live, closing(sqlite3.connect(part)) as copy:
        schema.migrate(copy, part)
        live.execute("BEGIN")  # one moment for all that follows
        (seq,) = live.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()
        snapshot = Snapshot(seq, text_of(at), f"{at:%Y-%m-%d}-{seq}.db", used_bytes(live))
        pour(live, copy)
        copy.execute(RECORD, snapshot)
        copy.execute("INSERT INTO meta VALUES (?, '1')", (MARK,))
        copy.commit()
    part.replace(folder / snapshot.file)
    return snapshot


def load(file: Path, into: sqlite3.Connection) -> int:
    """Fills the empty state of `into`; returns after which observation it was. Raises
    BadSnapshot."""
    if not file.is_file():
        raise BadSnapshot(file, "there is no such snapshot")
    try:
        with closing(connect(file)) as saved, closing(sqlite3.connect(":memory:")) as today:
            saved.backup(today)
            schema.migrate(today, file, keep_copy=False)
            (seq,) = today.execute("SELECT max(seq) FROM snapshots").fetchone()
            pour(today, into)
    except sqlite3.Error as err:
        raise BadSnapshot(file, "is not a snapshot", str(err)) from err
    if seq is None:
        raise BadSnapshot(file, "is not a snapshot", "it holds no sequence number")
    return int(seq)


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def pour(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """All that rules keep, from one database of this release into the empty tables of another."""
    tables = [(schema.table_of(kind), ("key", "body", *index_of(kind))) for kind in ENTITIES]
    for table, columns in [*tables, ("timers", ("key", "at"))]:
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        target.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",
            source.execute(f"SELECT {names} FROM {table}"),
        )


def used_bytes(conn: sqlite3.Connection) -> int:
    pages, free, size = (
        conn.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
