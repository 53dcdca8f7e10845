"""The tables of the one database, and how an older one becomes today's: in one transaction, after
a backup, or not at all.

Times are UTC text as `datetime.isoformat` writes it, which sorts as time does.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sync.failures import StoreTooNew
from wcs.messages import ENTITIES, loads
from wcs.records import index_of

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]
SET = "wedge"

JOURNAL = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    lane TEXT NOT NULL, source_key TEXT, by TEXT, raw TEXT NOT NULL, rule TEXT NOT NULL,
    release TEXT NOT NULL, epoch INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
    trace TEXT, took_us INTEGER NOT NULL, effects TEXT NOT NULL);
CREATE INDEX journal_at ON journal(at);
CREATE INDEX journal_quarantined ON journal(seq) WHERE outcome = 'quarantined';
CREATE VIEW quarantine AS
    SELECT seq, at, kind, body, raw, rule, release, reason, trace FROM journal
    WHERE outcome = 'quarantined';
CREATE TABLE keys (
    source_key TEXT PRIMARY KEY, seq INTEGER NOT NULL, outcome TEXT NOT NULL,
    reason TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX keys_at ON keys(at);
CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, file TEXT NOT NULL, bytes INTEGER NOT NULL);
"""

EVENTS = """
CREATE TABLE events (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
    rule TEXT NOT NULL, "order" TEXT, lpn TEXT, sku TEXT, device TEXT);
CREATE INDEX events_seq ON events(seq);
CREATE INDEX events_kind ON events(kind, n);
CREATE INDEX events_order ON events("order") WHERE "order" IS NOT NULL;
CREATE INDEX events_lpn ON events(lpn) WHERE lpn IS NOT NULL;
CREATE INDEX events_sku ON events(sku) WHERE sku IS NOT NULL;
CREATE INDEX events_device ON events(device) WHERE device IS NOT NULL;
CREATE TABLE event_lpns (
    lpn TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (lpn, n)) WITHOUT ROWID;
CREATE TRIGGER events_end AFTER DELETE ON events
WHEN json_type(old.body, '$.lpns') = 'array' BEGIN
    DELETE FROM event_lpns WHERE n = old.n
        AND lpn IN (SELECT value FROM json_each(old.body, '$.lpns'));
END;
CREATE TABLE commands (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL,
    body TEXT NOT NULL, before TEXT NOT NULL, posted_at TEXT, answered_at TEXT, result TEXT);
CREATE INDEX commands_seq ON commands(seq);
CREATE INDEX commands_device ON commands(device, seq);
"""

# `open` rows are still to be delivered; `head` is the one open row of its host and key that may be
# handed out, and is once it is not leased. A row without a body tells its event's.
OUTBOX = """
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, host TEXT NOT NULL, key TEXT NOT NULL,
    kind TEXT NOT NULL, event TEXT NOT NULL, newest_wins INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting', open INTEGER NOT NULL DEFAULT 1, head INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, created_at TEXT NOT NULL,
    done_at TEXT, last_error TEXT, receipt TEXT, body TEXT);
CREATE INDEX outbox_due ON outbox(host, next_at) WHERE head = 1 AND state <> 'leased';
CREATE INDEX outbox_open ON outbox(host, key) WHERE open = 1;
CREATE INDEX outbox_parked ON outbox(host, key) WHERE state = 'parked';
CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL;
CREATE TABLE hosts (
    host TEXT PRIMARY KEY, waiting INTEGER NOT NULL, parked INTEGER NOT NULL) WITHOUT ROWID;
"""

STATE = """
CREATE TABLE timers (key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE private (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def first(db: "Database") -> None:
    for sql in statements(JOURNAL + EVENTS + OUTBOX + STATE):
        db.execute(sql)


def audited(db: "Database") -> None:
    """What people did is found without reading what devices said."""
    db.execute('CREATE INDEX journal_by ON journal(seq) WHERE "by" IS NOT NULL')


STEPS: tuple[Step, ...] = (first, audited)
"""In order, by name; a step that a release has shipped is never changed."""


def statements(script: str) -> list[str]:
    """One by one: `executescript` would commit first."""
    found, part = [], ""
    for line in script.splitlines():
        part += line + "\n"
        if sqlite3.complete_statement(part):
            found.append(part.strip())
            part = ""
    return found


def migrate(
    conn: sqlite3.Connection,
    path: Path,
    steps: Sequence[Step] = STEPS,
    *,
    keep_copy: bool = True,
) -> None:
    """Brings the database to this release's tables; an older one is copied beside it first.

    Raises StoreTooNew when a newer release has written it.
    """
    names = [step.__name__ for step in steps]
    applied, kinds = _applied(conn), _kinds(conn)
    _refuse_newer(path, applied, names, kinds)
    if applied == names and kinds == _wanted_kinds():
        return
    if applied and keep_copy:
        backup(conn, path.with_name(f"{path.name}.before-{len(applied)}-{len(kinds)}"))
    conn.execute("BEGIN IMMEDIATE")
    try:
        _apply(conn, steps)
        conn.execute("COMMIT")
    except BaseException:
        conn.rollback()
        raise


def backup(conn: sqlite3.Connection, path: Path) -> None:
    """A consistent copy, whole or not there."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        conn.backup(copy)
    part.replace(path)


def table_of(kind: type) -> str:
    """The table of an entity kind, quoted."""
    return f'"{kind.__name__}"'


def _apply(conn: sqlite3.Connection, steps: Sequence[Step]) -> None:
    from sqlite_utils import Database, Migrations  # only a new or an older database needs it

    migrations = Migrations(SET)
    for step in steps:
        migrations()(step)
    migrations.apply(Database(conn))
    _entity_tables(conn)


def _entity_tables(conn: sqlite3.Connection) -> None:
    known = _kinds(conn)
    for kind in ENTITIES:
        if kind.__name__ not in known:
            conn.execute(
                f"CREATE TABLE {table_of(kind)} (key TEXT PRIMARY KEY, body TEXT NOT NULL)"
                " WITHOUT ROWID"
            )
        for field in index_of(kind):
            if field not in known.get(kind.__name__, ()):
                _add_index(conn, kind, field)
    conn.execute(
        "INSERT INTO meta VALUES ('kinds', ?)"
        " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
        (json.dumps(_wanted_kinds()),),
    )


def _add_index(conn: sqlite3.Connection, kind: type, field: str) -> None:
    table = table_of(kind)
    conn.execute(f'ALTER TABLE {table} ADD COLUMN "{field}" TEXT')
    for key, body in conn.execute(f"SELECT key, body FROM {table}").fetchall():
        value = getattr(loads(kind.__name__, body), field)
        conn.execute(f'UPDATE {table} SET "{field}" = ? WHERE key = ?', (value, key))
    conn.execute(f'CREATE INDEX "{kind.__name__}_{field}" ON {table}("{field}")')


def _wanted_kinds() -> dict[str, list[str]]:
    return {kind.__name__: list(index_of(kind)) for kind in ENTITIES}


def _kinds(conn: sqlite3.Connection) -> dict[str, list[str]]:
    if not _has(conn, "meta"):
        return {}
    row = conn.execute("SELECT value FROM meta WHERE key = 'kinds'").fetchone()
    kinds: dict[str, list[str]] = json.loads(row[0]) if row else {}
    return kinds


def _applied(conn: sqlite3.Connection) -> list[str]:
    if not _has(conn, "_sqlite_migrations"):
        return []
    rows = conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id")
    return [name for (name,) in rows]


def _has(conn: sqlite3.Connection, table: str) -> bool:
    found = conn.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return found is not None


def _refuse_newer(
    path: Path, applied: list[str], names: list[str], kinds: dict[str, list[str]]
) -> None:
    newer = set(applied) - set(names)
    if applied == names:  # of the same step, so that every kind it knows should be ours
        wanted = _wanted_kinds()
        newer = {kind for kind, has in kinds.items() if not set(has) <= set(wanted.get(kind, ()))}
    if newer:
        raise StoreTooNew(
            path,
            f"written by a newer release of Wedge (it knows {', '.join(sorted(newer))})",
            "install that release, or put back the copy beside it made before the upgrade",
        )
