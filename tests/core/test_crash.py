"""Crashes as ordinary inputs: what was acknowledged is there, what is there can be explained."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from sync import schema
from sync.failures import StoreLocked, StoreTooNew
from sync.replay import replay
from sync.store import Store, connect
from tests.core import toys
from tests.core.toys import scan, seen

ROOT = Path(__file__).parent.parent.parent
again = partial(replay, decide=toys.decide, release="test")


@contextmanager
def child(path: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.core.child", str(path), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line.strip()


def journaled(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        keys = dict(conn.execute("SELECT source_key, seq FROM keys"))
        seqs = [seq for (seq,) in conn.execute("SELECT seq FROM journal ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    return keys


def test_killed_at_random_moments_nothing_acknowledged_is_lost(path: Path) -> None:
    chance = random.Random(4711)
    acknowledged: dict[str, int] = {}
    for round_ in range(4):
        with child(path, f"round{round_}") as process:
            told = lines(process)
            assert next(told) == "open"
            for _ in range(chance.randrange(1, 400)):
                key, seq = next(told).split()
                acknowledged[key] = int(seq)
            process.send_signal(signal.SIGKILL)
            for line in told:  # acknowledged before the signal arrived
                if line.count(" ") == 1:
                    key, seq = line.split()
                    acknowledged[key] = int(seq)
        keys = journaled(path)
        assert {key: keys.get(key) for key in acknowledged} == acknowledged
    assert again(path).identical


async def test_the_power_fails_with_the_end_of_the_log_unsynced(path: Path, tmp_path: Path) -> None:
    """At each acknowledgement the log was on the disk up to its size then; whatever came behind
    may be missing, torn or noise."""
    chance = random.Random(17)
    wal = path.with_name(path.name + "-wal")
    acknowledged: list[tuple[int, int]] = []
    with Store.open(path, decide=toys.decide, mapping=toys.mapping, release="test") as store:
        synchronous = await store.work(lambda db: db.execute("PRAGMA synchronous").fetchone()[0])
        assert synchronous == 2  # FULL: without it the model below would lie
        for number in range(40):
            (decided,) = await store.transact([seen(scan(f"L{number}"), f"k{number}")])
            acknowledged.append((decided.seq, wal.stat().st_size))
        database, log = path.read_bytes(), wal.read_bytes()

    for seq, synced in chance.sample(acknowledged, 12):
        cut = chance.choice([b"", log[synced : synced + 3000], chance.randbytes(5000)])
        after = tmp_path / f"after-{seq}" / "wedge.db"
        after.parent.mkdir()
        after.write_bytes(database)
        after.with_name("wedge.db-wal").write_bytes(log[:synced] + cut)
        assert set(range(1, seq + 1)) <= set(journaled(after).values())
        assert again(after).identical


def test_a_second_gateway_waits_until_the_first_is_dead(path: Path) -> None:
    open_ = partial(Store.open, path, decide=toys.decide, mapping=toys.mapping, release="test")
    with child(path, "first") as process:
        assert next(lines(process)) == "open"
        with pytest.raises(StoreLocked, match=rf"another gateway \(process {process.pid}\)"):
            open_()
        process.kill()
        process.wait()
    open_().close()


def test_a_full_disk_stops_the_store_and_nothing_is_acknowledged_wrongly(path: Path) -> None:
    with child(path, "full", "1500000") as process:
        told = list(lines(process))
    assert told[0] == "open"
    assert told[-1].startswith(f"stopped: {path}: ")
    acknowledged = {key: int(seq) for key, seq in (line.split() for line in told[1:-1])}
    assert len(acknowledged) > 20
    keys = journaled(path)
    assert {key: keys.get(key) for key in acknowledged} == acknowledged
    assert again(path).identical


def second(db: object) -> None:
    """A release that adds a table and rewrites what is there."""
    conn: sqlite3.Connection = db.conn  # type: ignore[attr-defined]
    conn.execute("CREATE TABLE shifts (key TEXT PRIMARY KEY)")
    conn.execute("INSERT INTO shifts VALUES ('early')")
    conn.execute("ALTER TABLE journal ADD COLUMN shift TEXT")
    conn.execute("UPDATE journal SET shift = 'early'")


async def old(path: Path) -> None:
    with Store.open(path, decide=toys.decide, mapping=toys.mapping, release="old") as store:
        await store.transact([seen(scan(f"L{number}")) for number in range(5)])


def die_at(statement: int, path: Path) -> bool:
    """Migrates in a process of its own that is killed at its n-th statement; False when it
    ended before."""
    pid = os.fork()
    if pid == 0:
        try:
            left = iter(range(statement))

            def trace(sql: str) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            with closing(connect(path)) as conn:
                conn.set_trace_callback(trace)
                schema.migrate(conn, path, (*schema.STEPS, second))
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


async def test_a_migration_killed_at_any_statement_leaves_old_or_new(
    path: Path, tmp_path: Path
) -> None:
    await old(path)
    statement, seen_old, seen_new = 0, 0, 0
    killed = True
    while killed:
        one = tmp_path / str(statement) / "wedge.db"
        one.parent.mkdir()
        shutil.copy(path, one)
        killed = die_at(statement, one)
        with closing(connect(one)) as conn:
            names = {row[0] for row in conn.execute("SELECT name FROM sqlite_master")}
            columns = [row[1] for row in conn.execute("PRAGMA table_info(journal)")]
            is_new = "second" in {
                name for (name,) in conn.execute("SELECT name FROM _sqlite_migrations")
            }
            assert ("shifts" in names) == ("shift" in columns) == is_new
            assert conn.execute("SELECT count(*) FROM journal").fetchone() == (5,)
            schema.migrate(conn, one, (*schema.STEPS, second))  # and the next start mends it
        for copy in one.parent.glob("*.before-*"):
            if copy.suffix != ".part":
                assert len(journaled_seqs(copy)) == 5
        seen_old, seen_new = seen_old + (not is_new), seen_new + is_new
        statement += 1
    assert seen_old > 10
    assert seen_new >= 1


async def test_an_older_program_refuses_a_newer_database(path: Path) -> None:
    await old(path)
    with closing(connect(path)) as conn:
        schema.migrate(conn, path, (*schema.STEPS, second))
    with pytest.raises(StoreTooNew, match=r"newer release of Wedge \(it knows second\)"):
        await old(path)


async def test_a_copy_is_kept_beside_a_migrated_database(path: Path) -> None:
    await old(path)
    with closing(connect(path)) as conn:
        schema.migrate(conn, path, (*schema.STEPS, second))
    (copy,) = path.parent.glob("*.before-*")
    shutil.copy(copy, path)
    for left in path.parent.glob("wedge.db-*"):
        left.unlink()
    await old(path)
    assert max(journaled_seqs(path)) == 10


def journaled_seqs(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as conn:
        return [seq for (seq,) in conn.execute("SELECT seq FROM journal")]


def test_an_index_that_a_release_adds_is_filled_from_what_is_there(path: Path) -> None:
    with closing(connect(path)) as conn:
        schema.migrate(conn, path)
        conn.execute("DROP INDEX Carton_load")
        conn.execute('ALTER TABLE "Carton" DROP COLUMN "load"')
        kinds = "json_remove(value, '$.Carton[2]')"
        conn.execute(f"UPDATE meta SET value = {kinds} WHERE key = 'kinds'")
        body = '{"lpn":"L1","order":"o","state":"sorted","place":"lane","seen_at":'
        conn.execute(
            'INSERT INTO "Carton" VALUES (?, ?, ?, ?)',
            ("L1", body + '"2026-11-21T10:00:00Z","load":"load-7"}', "o", "sorted"),
        )
        schema.migrate(conn, path)
        rows = conn.execute("SELECT key FROM \"Carton\" WHERE load = 'load-7'").fetchall()
    assert rows == [("L1",)]
