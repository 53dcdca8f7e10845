"""How fast the store takes rows, against plain sqlite3 on the same disk in the same run.

python -m tests.benchmarks.store
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sync import schema
from sync.hostmessage import HostMessage
from sync.moments import text_of
from sync.outbound import Row, put
from sync.outbox import count
from sync.store import Store, connect
from tests.core.toys import START, scan, seen
from wcs.envelope import Seen
from wcs.events import Event, StockMoved
from wcs.messages import dumps
from wcs.names import Account, Owner, Sku
from wcs.observations import Scanned
from wcs.ports import Rule, Tx

GROUPS, SIZE, RUNS = 100, 64, 5
ASKED = 5
BODY = "x" * 1024
AT = text_of(START)


def rows() -> list[tuple[str, float, float, str]]:
    """Path, ours and floor in rows a second (of idle turns: bytes written), and the bar."""
    straight, plain = _alternating(straight_in, plain_outbox)
    observed, same = _alternating(through_observations, same_tables)
    return [
        ("outbox, 1 KB rows straight in, rows/s", straight, plain, ">= 0.8x plain sqlite3"),
        (
            "outbox, through an observation, rows/s",
            observed,
            same,
            ">= 0.5x the same tables by hand",
        ),
        ("100 idle turns, bytes written", idle_bytes(), 0.0, "0"),
    ]


def _alternating(
    ours: Callable[[Path], float], floor: Callable[[Path], float]
) -> tuple[float, ...]:
    found: list[list[float]] = [[], []]
    for _ in range(RUNS):
        for which, run in enumerate((ours, floor)):
            with TemporaryDirectory() as folder:
                found[which].append(GROUPS * SIZE / run(Path(folder) / "wedge.db"))
    return median(found[0]), median(found[1])


def message(event: Event) -> Sequence[HostMessage]:
    return (HostMessage("erp", event.sku, "moved", BODY),) if isinstance(event, StockMoved) else ()


def moved(scanned: Scanned) -> StockMoved:
    return StockMoved(
        owner=Owner("ACME"),
        sku=Sku(scanned.codes[0]),
        qty=1,
        source=Account("shelf:A"),
        target=Account("shelf:B"),
        why="moved",
        at=scanned.at,
    )


def on_scanned(scanned: Scanned, tx: Tx) -> None:
    tx.emit(moved(scanned))


def decide(observation: Any) -> Rule:
    return partial(on_scanned, observation)


def open_(path: Path) -> Store:
    return Store.open(path, decide=decide, mapping=message, release="bench")


def straight_in(path: Path) -> float:
    """A commit for each group; a few are asked for at once, so that the writer need not wait."""

    def write(first: int, db: sqlite3.Connection) -> None:
        numbers = range(first, first + SIZE)
        put(db, [Row(HostMessage("erp", f"S{n}", "moved", BODY), str(n), AT) for n in numbers])

    async def run(store: Store) -> float:
        began = perf_counter()
        for first in range(0, GROUPS, ASKED):
            groups = range(first, first + ASKED)
            await asyncio.gather(*(store.work(partial(write, n * SIZE)) for n in groups))
        return perf_counter() - began

    with open_(path) as store:
        return asyncio.run(run(store))


def plain_outbox(path: Path) -> float:
    """What anybody would write: one table, an index for what is due, a transaction per group."""
    with closing(connect(path)) as conn:
        conn.execute(
            "CREATE TABLE outbox (id TEXT PRIMARY KEY, host TEXT, key TEXT, kind TEXT, body TEXT,"
            " event TEXT, state TEXT, attempts INTEGER, next_at TEXT, created_at TEXT)"
        )
        conn.execute("CREATE INDEX due ON outbox(host, next_at) WHERE state = 'waiting'")
        conn.execute("CREATE INDEX per_key ON outbox(host, key)")
        insert = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?)"
        began = perf_counter()
        for group in range(GROUPS):
            conn.execute("BEGIN IMMEDIATE")
            for number in range(group * SIZE, (group + 1) * SIZE):
                values = (f"{number}|erp", "erp", f"S{number}", "moved", BODY, str(number), AT, AT)
                conn.execute(insert, values)
            conn.execute("COMMIT")
        return perf_counter() - began


def through_observations(path: Path) -> float:
    def group(first: int) -> list[Seen]:
        return [seen(scan(f"S{number}"), f"k{number}") for number in range(first, first + SIZE)]

    async def run(store: Store) -> float:
        groups = [group(number * SIZE) for number in range(GROUPS)]
        began = perf_counter()
        for one in groups:
            await store.transact(one)
        return perf_counter() - began

    with open_(path) as store:
        return asyncio.run(run(store))


def same_tables(path: Path) -> float:
    """The rows that one such observation leaves, written by hand from ready text."""
    with closing(connect(path)) as conn:
        schema.migrate(conn, path)
        bodies = dumps(scan("S1")), dumps(moved(scan("S1")))
        began = perf_counter()
        for group in range(GROUPS):
            conn.execute("BEGIN IMMEDIATE")
            for seq in range(group * SIZE + 1, (group + 1) * SIZE + 1):
                _by_hand(conn, seq, *bodies)
            count(conn, "erp", waiting=SIZE)
            conn.execute("COMMIT")
        return perf_counter() - began


def _by_hand(conn: sqlite3.Connection, seq: int, body: str, moved: str) -> None:
    event, sku = f"{seq}-1", f"S{seq}"
    conn.execute(
        "INSERT INTO events (id, seq, ordinal, kind, body, at, rule, sku)"
        " VALUES (?, ?, 1, 'StockMoved', ?, ?, 'tests.benchmarks.store.on_scanned', ?)",
        (event, seq, moved, AT, sku),
    )
    conn.execute(
        "INSERT INTO outbox (id, host, key, kind, body, event, head, next_at, created_at)"
        " VALUES (?, 'erp', ?, 'moved', ?, ?, 1, ?, ?)",
        (f"{event}|erp", sku, BODY, event, AT, AT),
    )
    conn.execute(
        "INSERT INTO journal VALUES (?, ?, 'Scanned', ?, 'floor', ?, NULL, '',"
        " 'tests.benchmarks.store.on_scanned', 'bench', 1, 'accepted', '', '', 100, '[]')",
        (seq, AT, body, f"k{seq}"),
    )
    conn.execute("INSERT INTO keys VALUES (?, ?, 'accepted', '', ?)", (f"k{seq}", seq, AT))


def idle_bytes() -> float:
    async def run(store: Store) -> float:
        await store.transact([seen(scan("S1"))])
        before = _written()
        for _ in range(100):
            await store.transact([])
        return _written() - before

    with TemporaryDirectory() as folder, open_(Path(folder) / "wedge.db") as store:
        return asyncio.run(run(store))


def _written() -> float:
    """Bytes this process has handed to write calls so far."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return float(fields["wchar"])


if __name__ == "__main__":
    for path_, ours_, floor_, bar in rows():
        ratio = f"{ours_ / floor_:.2f}x" if floor_ else ""
        print(f"{path_:35} {ours_:10.0f} {floor_:10.0f} {ratio:6} {bar}")
