"""The soaks' own instruments: a power cut's model, the deadline check, meddling hands."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from sync.store import connect
from tests.soak.hands import meddle
from tests.soak.late import Useful, late_commands
from tests.soak.power import cut_unsynced

BEGAN = 1000.0
DECIDED = {(17, "2"): [Useful(1001.0, 1002.2)]}


def frozen(source: Path, folder: Path) -> Path:
    """The files as a dead process leaves them."""
    for name in ("", "-wal", "-shm"):
        shutil.copy(f"{source}{name}", folder)
    return folder / source.name


def rows(db: Path) -> int:
    with closing(sqlite3.connect(db)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found: int = conn.execute("SELECT count(*) FROM t").fetchone()[0]
        return found


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "live.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dead").mkdir()
    return tmp_path / "dead"


@pytest.mark.parametrize("seed", range(5))
def test_what_was_committed_survives_every_cut(db: Path, folder: Path, seed: int):
    with closing(connect(db)) as conn:
        conn.execute("CREATE TABLE t(a)")
        for n in range(20):
            conn.execute("INSERT INTO t VALUES (?)", ("x" * 5000 + str(n),))
        dead = frozen(db, folder)

    assert cut_unsynced(dead, Random(seed)) == 0
    assert rows(dead) == 20


def test_frames_of_a_commit_that_never_ended_may_go(db: Path, folder: Path):
    with closing(connect(db)) as conn:
        conn.execute("PRAGMA cache_size = 5")
        conn.execute("CREATE TABLE t(a)")
        conn.execute("INSERT INTO t VALUES ('kept')")
        conn.execute("BEGIN IMMEDIATE")
        for _ in range(50):
            conn.execute("INSERT INTO t VALUES (?)", ("x" * 5000,))
        dead = frozen(db, folder)
        conn.execute("ROLLBACK")

    assert cut_unsynced(dead, Random(3)) > 0
    assert rows(dead) == 1


def test_a_database_without_a_wal_loses_nothing(db: Path):
    with closing(sqlite3.connect(db)) as conn:
        conn.execute("CREATE TABLE t(a)")
    assert cut_unsynced(db, Random(1)) == 0
    assert rows(db) == 0


def plc(at: float, track: int = 17, after_blade: bool = False) -> dict[str, object]:
    return {"command": 1, "track": track, "lane": 2, "at": at, "after_blade": after_blade}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (plc(1.2), []),
        (plc(2.3), []),
        (plc(2.5), ["track 17: lane 2 came 0.300 s after its deadline"]),
        (plc(0.5), ["track 17: nobody decided lane 2"]),
        (plc(1.2, track=18), ["track 18: nobody decided lane 2"]),
        (plc(1.2, after_blade=True), ["track 17: a command to lane 2 came after the blade"]),
        ({"at": 9.0, "saw": "something else"}, []),
    ],
)
def test_a_command_is_late_by_what_was_decided_before_it_came(row, found):
    assert list(late_commands([row], DECIDED, BEGAN)) == found


def test_hands_take_only_full_cartons_that_are_within_reach():
    cartons = [
        {"lpn": "L1", "place": "rack", "contents": {"SKU-001": 1}},
        {"lpn": "L2", "place": "rack", "contents": {}},
        {"lpn": "L3", "place": "hands", "contents": {"SKU-001": 1}},
        {"lpn": "L4", "place": "truck:DOOR-1", "contents": {"SKU-001": 1}},
    ]
    assert [one.lpn for one in meddle(cartons, Random(1))] == ["L1"]
