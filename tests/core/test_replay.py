"""Decided again, everything is the same; and when it is not, the first difference is named."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import outbox, schema
from sync.failures import StoreFailed
from sync.hostmessage import HostMessage, to_nobody
from sync.keep import Keep, days_left, snapshot, tidy
from sync.outbound import Row, put
from sync.replay import CannotReplay, ReplayReport, replay
from sync.snapshots import FOLDER, BadSnapshot
from sync.store import Store
from sync.transact import Decided, Transactor
from tests.contract.adapters import database
from tests.core import toys
from tests.core.conftest import Open
from tests.core.toys import START, order, scan, seen
from tests.core.twin import Twin
from wcs.envelope import Seen
from wcs.messages import dumps
from wcs.model import Carton
from wcs.observations import Due, Observation, Scanned
from wcs.ports import Rule, Tx

again = partial(replay, decide=toys.decide, release="test")


async def filled(store: Store) -> None:
    await store.transact([seen(scan("L1", "L2", "want:A-01", "wake:x:5")), seen(scan("raise:L3"))])
    await store.transact([seen(order(), "order-1"), seen(order(), "order-1")])
    await store.transact([seen(Due(key="x", at=START + timedelta(seconds=6)))])
    await store.transact([seen(scan("dark:A-01", "loop:L", "level:SKU-001", after_s=9))])


async def test_a_live_journal_decided_again_is_identical(store: Store, path: Path) -> None:
    await filled(store)
    report = again(path)
    assert (report.identical, report.decided, report.other_release) == (True, 5, False)
    assert str(report) == "identical: 5 observations decided again"
    await store.transact([seen(scan("L1"))])  # the live database was not disturbed


async def test_a_stopped_database_replays_too(store: Store, path: Path) -> None:
    await filled(store)
    store.close()
    assert again(path).identical


async def test_until_stops_early(store: Store, path: Path) -> None:
    await filled(store)
    assert again(path, until=2).decided == 2


CHANGES = {
    "answer": "UPDATE journal SET outcome = 'refused' WHERE seq = 1",
    "effect": "UPDATE journal SET effects = replace(effects, 'L2', 'L9') WHERE seq = 1",
    "event 1-2": "UPDATE events SET body = replace(body, 'tunnel1', 'tunnel2') WHERE id = '1-2'",
    "command 1-1": "DELETE FROM commands WHERE id = '1-1'",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_the_first_difference_is_named_with_both_sides(
    store: Store, path: Path, what: str
) -> None:
    await filled(store)
    await store.work(lambda db: db.execute(CHANGES[what]))
    report = again(path)
    found = report.first_difference
    assert found is not None
    assert (found.seq, found.what) == (1, what)
    assert found.recorded != found.now
    assert str(report).startswith(f"different: observation 1, {what}:\n  recorded ")


async def test_state_that_no_rule_made_is_a_difference(store: Store, path: Path) -> None:
    await filled(store)
    await store.work(lambda db: db.execute("DELETE FROM \"Carton\" WHERE key = 'L1'"))
    found = again(path).first_difference
    assert found is not None
    assert (found.seq, found.what) == (0, "Carton")


async def test_quarantined_observations_must_fail_alike(store: Store, path: Path) -> None:
    await filled(store)

    def mended(observation: Any) -> Rule:
        if isinstance(observation, Scanned) and observation.codes[:1] == ("raise:L3",):
            return lambda tx: tx.answer("refused", "cannot sort L3")
        return toys.decide(observation)

    found = replay(path, decide=mended, release="test").first_difference
    assert found is not None
    assert found.recorded == "quarantined: RuntimeError: cannot sort L3"
    assert found.now == "refused: cannot sort L3"


async def test_another_release_prints_a_forecast(store: Store, path: Path) -> None:
    await filled(store)

    def on_scanned(observation: Scanned, tx: Tx) -> None:
        toys.on_scanned(observation, tx)
        tx.answer("accepted", "sorted by weight")

    def tomorrow(observation: Any) -> Rule:
        if isinstance(observation, Scanned):
            return partial(on_scanned, observation)
        return toys.decide(observation)

    report = replay(path, decide=tomorrow, release="1.1")
    assert (report.identical, report.other_release) == (False, True)
    assert [found.seq for found in report.differences] == [1, 5]
    assert str(report).startswith("forecast: 2 differences in 5 observations")
    assert replay(path, decide=toys.decide, release="1.1").identical


async def test_a_replay_begins_at_a_snapshot(opened: Open, store: Store, path: Path) -> None:
    await filled(store)
    taken = await snapshot(store, START)
    await store.transact([seen(scan("L1", "loop:M", after_s=20))])
    report = again(path, from_snapshot=path.parent / FOLDER / taken.file)
    assert (report.identical, report.decided) == (True, 1)


async def test_a_cut_journal_replays_from_where_it_was_cut(store: Store, path: Path) -> None:
    await filled(store)
    day = timedelta(days=1)
    keep = Keep(journal_days=1, keys_days=1, messages_days=1, events_days=1)
    await tidy(store, START + day, keep)
    await store.transact([seen(scan("L1", after_s=90_000))])
    await tidy(store, START + 3 * day, keep)
    await store.transact([seen(scan("L2", after_s=180_000))])

    with closing(store.reader()) as conn:
        assert conn.execute("SELECT seq FROM journal").fetchall() == [(7,)]
        assert conn.execute("SELECT seq FROM snapshots").fetchall() == [(6,)]
        assert conn.execute("SELECT count(*) FROM keys").fetchone() == (0,)
        assert conn.execute("SELECT min(seq) FROM events").fetchone() == (7,)
    assert [file.name for file in (path.parent / FOLDER).iterdir()] == ["2026-11-24-6.db"]
    assert again(path).identical
    assert again(path).decided == 1

    (path.parent / FOLDER / "2026-11-24-6.db").unlink()
    with pytest.raises(BadSnapshot, match="there is no such snapshot"):
        again(path)


async def test_an_event_outlives_the_message_that_tells_it(store: Store) -> None:
    (decided,) = await store.transact([seen(scan("L1"))])
    ((event, _),) = decided.events
    told = Row(HostMessage("erp", "k", "moved"), event, START.isoformat())
    await store.work(lambda db: put(db, [told]))
    await _grow_old(store, 1)
    (claimed,) = await store.work(lambda db: outbox.claim(db, "erp", START, 1))
    assert "L1" in claimed.message.body
    done = outbox.done(claimed, "ok", START.isoformat())
    await store.work(lambda db: outbox.settle(db, "erp", [done]))
    await _grow_old(store, 3)
    assert await store.work(lambda db: db.execute("SELECT count(*) FROM events").fetchone()) == (0,)


async def _grow_old(store: Store, days: int) -> None:
    keep = Keep(journal_days=0, keys_days=0, messages_days=0, events_days=0)
    await tidy(store, START + timedelta(days=days), keep)


async def test_the_journal_is_cut_by_bytes(store: Store) -> None:
    await filled(store)
    await tidy(store, START + timedelta(days=1), Keep(journal_bytes=0))
    await store.transact([seen(scan("L1"))])
    await tidy(store, START + timedelta(days=2), Keep(journal_bytes=0))
    with closing(store.reader()) as conn:
        assert conn.execute("SELECT count(*) FROM journal").fetchone() == (0,)
    (decided,) = await store.transact([seen(scan("L1"))])
    assert decided.seq == 7


async def test_sequence_numbers_go_on_when_the_whole_journal_is_cut(
    opened: Open, store: Store
) -> None:
    await filled(store)
    await tidy(store, START + timedelta(days=1), Keep(journal_bytes=0))
    store.close()
    (decided,) = await opened().transact([seen(scan("L1"))])
    assert decided.seq == 6


async def test_a_database_cut_without_a_snapshot_says_so(store: Store, path: Path) -> None:
    await filled(store)
    await store.work(lambda db: db.execute("DELETE FROM journal WHERE seq = 1"))
    with pytest.raises(CannotReplay, match="begins at observation 2 and no snapshot leads there"):
        again(path)


def test_a_file_that_is_no_snapshot_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database at all, but long enough to look at" * 100)
    with database() as conn, pytest.raises(BadSnapshot, match="is not a snapshot"):
        from sync.snapshots import load

        load(file, conn)


async def test_days_left_on_disk_are_told_from_the_growth_since_the_oldest_snapshot(
    store: Store,
) -> None:
    await filled(store)
    assert days_left(store, START) is None
    await snapshot(store, START)
    await store.transact([seen(scan(f"L{number}"), raw="x" * 1000) for number in range(300)])
    left = days_left(store, START + timedelta(days=1))
    assert left is not None
    assert left > 0


async def test_erasing_a_person_leaves_the_replay_identical(store: Store, path: Path) -> None:
    await store.transact([seen(order(), private={"shop:1001": "Ann, Main Street 1"})])
    await store.work(lambda db: db.execute("DELETE FROM private"))
    assert again(path).identical
    assert b"Main Street" not in b"".join(
        file.read_bytes() for file in (path.parent / FOLDER).glob("*")
    )


LPN = st.sampled_from([f"L{number}" for number in range(6)])
TIMER = st.sampled_from(["t", "u", "raise"])
CODE = st.one_of(
    LPN,
    LPN.map("raise:{}".format),
    st.sampled_from(
        ["refuse:closed", "want:A-01", "dark:A-01", "loop:X", "level:S1", "trip:L1,L2"]
    ),
    st.builds("wake:{}:{}".format, TIMER, st.integers(0, 50)),
    TIMER.map("wake:{}".format),
)
KEY = st.none() | st.sampled_from(["k1", "k2", "k3"])


@st.composite
def observations(draw: st.DrawFn) -> list[Seen]:
    made: list[Seen] = []
    for step in range(draw(st.integers(0, 12))):
        after_s = step * 7
        one: Observation
        match draw(st.sampled_from(["scan", "order", "due"])):
            case "scan":
                one = scan(*draw(st.lists(CODE, max_size=4)), after_s=after_s)
            case "order":
                one = order(draw(st.sampled_from(["1001", "1002"])), after_s=after_s)
            case _:
                one = Due(key=draw(TIMER), at=START + timedelta(seconds=after_s))
        made.append(seen(one, draw(KEY)))
    return made


def comparable(decided: Decided) -> tuple[Any, ...]:
    answer = decided.answer
    commands = [(posted.id, posted.command) for posted in decided.commands]
    told = (answer.outcome, answer.reason, answer.seq, answer.repeated)
    return (*told, commands, list(decided.events))


def transactor(conn: sqlite3.Connection, seq: int) -> Transactor:
    return Transactor(
        conn,
        Path("test.db"),
        decide=toys.decide,
        mapping=to_nobody,
        release="test",
        epoch=1,
        seq=seq,
    )


@settings(deadline=None, max_examples=40)
@given(observations(), st.sets(st.integers(0, 12)))
def test_memory_sqlite_and_replay_agree(group: list[Seen], restarts: set[int]) -> None:
    """`restarts`: where the cache is lost and the transactor begins anew."""
    twin, decided = Twin(toys.decide), []
    with TemporaryDirectory() as folder, database() as conn:
        decider = transactor(conn, 0)
        for number, one in enumerate(group):
            if number in restarts:
                decider = transactor(conn, decider.seq)
            decided += decider.decide([one])
        assert [comparable(one) for one in decided] == [twin.decide(one) for one in group]
        rows = conn.execute('SELECT key, body FROM "Carton" ORDER BY key').fetchall()
        assert rows == [(thing.key, dumps(thing)) for thing in twin.all(Carton)]
        assert dict(conn.execute("SELECT key, at FROM timers")) == twin.timers()
        schema.backup(conn, Path(folder) / "wedge.db")
        report: ReplayReport = again(Path(folder) / "wedge.db")
    assert report.identical, str(report)


def test_a_group_decides_as_its_members_alone_would() -> None:
    group = [seen(scan("L1", "loop:A")), seen(scan("raise:L1")), seen(scan("L1"), "k")]
    with database() as one, database() as other:
        together = transactor(one, 0).decide(group)
        alone = transactor(other, 0)
        apart = [decided for single in group for decided in alone.decide([single])]
    assert [decided._replace(took_ms=0) for decided in together] == [
        decided._replace(took_ms=0) for decided in apart
    ]


async def test_what_no_release_can_read_is_passed_over(store: Store, path: Path) -> None:
    """Noise that was quarantined as it came is so again; what only this release cannot read is a
    difference, once."""
    noise = b"\xffL1".decode("utf-8", "surrogateescape")
    await store.transact([seen(scan("L1")), seen(scan(noise)), seen(scan("L1"))])
    assert again(path).identical
    await store.work(lambda db: db.execute("UPDATE journal SET kind = 'Beamed' WHERE seq = 3"))
    report = again(path)
    assert [(found.seq, found.what) for found in report.differences[:1]] == [(3, "observation")]
    assert report.decided == 1


async def test_a_snapshot_is_not_taken_for_a_database(
    opened: Open, store: Store, path: Path
) -> None:
    """Its numbers would be given again, and hosts know them."""
    await filled(store)
    taken = await snapshot(store, START)
    store.close()
    path.write_bytes((path.parent / FOLDER / taken.file).read_bytes())
    with pytest.raises(StoreFailed, match="is a snapshot, which only a replay can use"):
        opened()
