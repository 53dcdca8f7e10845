"""What commits together, what is known again, and what a failing disk may never acknowledge."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.failures import StoreFailed, StoreLocked
from sync.hostmessage import HostMessage
from sync.store import Store
from tests.core import toys
from tests.core.conftest import Open
from tests.core.toys import START, order, scan, seen
from wcs.events import CartonMoved, Event
from wcs.names import DeviceId, Lpn
from wcs.observations import CommandFailed, Due, LabelPrinted


def rows(store: Store, sql: str, *values: object) -> list[Any]:
    reader = store.reader()
    try:
        return reader.execute(sql, values).fetchall()
    finally:
        reader.close()


async def test_an_observation_and_all_it_causes_are_one_commit(store: Store) -> None:
    (decided,) = await store.transact([seen(scan("L1"), raw="\x02L1\x03", private={"c": "Ann"})])

    assert decided.answer.outcome == "accepted"
    assert [posted.id for posted in decided.commands] == ["1-1"]
    assert [event for event, _ in decided.events] == ["1-2"]
    assert rows(store, "SELECT seq, kind, raw, rule, release FROM journal") == [
        (1, "Scanned", "\x02L1\x03", "tests.core.toys.on_scanned", "test")
    ]
    assert rows(store, "SELECT id, lpn FROM events WHERE lpn = 'L1'") == [("1-2", "L1")]
    assert rows(store, "SELECT id, device FROM commands") == [("1-1", "sorter1")]
    assert rows(store, "SELECT id, key, state, head FROM outbox") == [
        ("1-2|shop", "shop:L1", "waiting", 1)
    ]
    assert rows(store, "SELECT host, waiting FROM hosts") == [("shop", 1)]
    assert rows(store, "SELECT body FROM private") == [("Ann",)]


async def test_a_rule_that_raises_is_quarantined_alone(store: Store) -> None:
    good, bad, next_one = await store.transact(
        [seen(scan("L1")), seen(scan("raise:L2"), raw="L2"), seen(scan("L3"))]
    )

    assert (good.answer.outcome, next_one.answer.outcome) == ("accepted", "accepted")
    assert bad.answer.outcome == "quarantined"
    assert bad.answer.reason == "RuntimeError: cannot sort L2"
    assert (bad.commands, bad.events) == ((), ())
    assert rows(store, 'SELECT key FROM "Carton"') == [("L1",), ("L3",)]
    assert rows(store, "SELECT count(*) FROM timers") == [(0,)]
    ((seq, raw, trace),) = rows(store, "SELECT seq, raw, trace FROM quarantine")
    assert (seq, raw) == (2, "L2")
    assert "_raise" in trace


async def test_an_observation_without_a_rule_is_quarantined(store: Store) -> None:
    printed = LabelPrinted(printer=DeviceId("print1"), lpn=Lpn("L1"), at=START)
    (decided,) = await store.transact([seen(printed)])
    assert decided.answer.reason == "LookupError: no rule for LabelPrinted"


async def test_noise_that_utf8_cannot_say_is_kept_and_quarantined(store: Store) -> None:
    noise = b"\xff\xfeL1".decode("utf-8", "surrogateescape")
    (decided,) = await store.transact([seen(scan(noise), key=noise, raw=noise)])
    assert decided.answer.outcome == "quarantined"
    assert rows(store, "SELECT raw, source_key FROM journal") == [("??L1", "??L1")]


async def test_a_repeat_gets_the_first_answer_and_decides_nothing(
    opened: Open, store: Store
) -> None:
    first, again = await store.transact([seen(scan("L1"), "k1"), seen(scan("L1"), "k1")])
    store.close()
    store = opened()
    (later,) = await store.transact([seen(scan("refuse:no"), "k1")])

    assert not first.answer.repeated
    for repeat in (again, later):
        assert repeat.answer.repeated
        assert (repeat.seq, repeat.answer.outcome) == (1, "accepted")
        assert (repeat.commands, repeat.events) == ((), ())
    assert rows(store, "SELECT count(*) FROM journal") == [(1,)]


async def test_a_refusal_is_stored_with_its_reason(store: Store) -> None:
    await store.transact([seen(scan("refuse:lane closed"), "k")])
    (again,) = await store.transact([seen(scan("refuse:lane closed"), "k")])
    assert (again.answer.outcome, again.answer.reason) == ("refused", "lane closed")


async def test_sequence_and_epoch_go_on_after_a_restart(opened: Open, store: Store) -> None:
    await store.transact([seen(scan("L1"))])
    store.close()
    second = opened()
    (decided,) = await second.transact([seen(scan("L1"))])

    assert second.epoch == store.epoch + 1
    assert decided.commands[0].epoch == second.epoch
    assert decided.seq == 2
    assert rows(second, "SELECT json_extract(body, '$.loops') FROM \"Carton\"") == [(1,)]


async def test_a_rolled_back_change_is_forgotten_by_the_cache(store: Store) -> None:
    await store.transact([seen(scan("L1")), seen(scan("raise:L1")), seen(scan("L1"))])
    assert rows(store, "SELECT json_extract(body, '$.loops') FROM \"Carton\"") == [(1,)]


async def test_an_empty_group_writes_nothing(store: Store, path: Path) -> None:
    await store.transact([seen(scan("L1"))])
    before = [file.stat().st_mtime_ns for file in sorted(path.parent.iterdir())]
    for _ in range(20):
        assert await store.transact([]) == []
    assert [file.stat().st_mtime_ns for file in sorted(path.parent.iterdir())] == before


async def test_groups_that_wait_share_a_commit(store: Store) -> None:
    commits: list[str] = []
    await store.work(lambda db: db.set_trace_callback(commits.append))
    groups = [store.transact([seen(scan(f"L{number}"))]) for number in range(10)]
    decided = await asyncio.gather(*groups)
    await store.work(lambda db: db.set_trace_callback(None))

    assert [one.seq for (one,) in decided] == list(range(1, 11))
    assert commits.count("COMMIT") <= 3


async def test_only_one_gateway_opens_a_database(opened: Open, store: Store) -> None:
    with pytest.raises(StoreLocked, match=r"another gateway \(process \d+\) is using it"):
        opened()
    store.close()
    opened()


async def test_a_failing_disk_acknowledges_nothing_and_stops_the_store(store: Store) -> None:
    await store.transact([seen(scan("L1"))])
    await store.work(lambda db: db.execute("PRAGMA max_page_count = 1").fetchone())
    big = seen(scan(*[f"L{number}" for number in range(2000)]))
    with pytest.raises(StoreFailed, match=r"full.*free space"):
        await store.transact([seen(scan("L2")), big])

    assert store.failure is not None
    for _ in range(2):
        with pytest.raises(StoreFailed):
            await store.transact([seen(scan("L3"))])
    with pytest.raises(StoreFailed):
        await store.work(lambda db: None)
    assert rows(store, "SELECT count(*) FROM journal") == [(1,)]


async def test_work_commits_or_rolls_back_by_itself(store: Store) -> None:
    def insert(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO meta VALUES ('cursor', '1')")

    def insert_and_fail(db: sqlite3.Connection) -> None:
        db.execute("UPDATE meta SET value = '2' WHERE key = 'cursor'")
        raise ValueError("host said no")

    await store.work(insert)
    with pytest.raises(ValueError, match="host said no"):
        await store.work(insert_and_fail)
    with pytest.raises(sqlite3.OperationalError):
        await store.work(lambda db: db.execute("SELECT * FROM nowhere"))
    assert rows(store, "SELECT value FROM meta WHERE key = 'cursor'") == [("1",)]
    assert store.failure is None


async def test_timers_are_handed_out_once_and_survive_a_restart(opened: Open, store: Store) -> None:
    await store.transact([seen(scan("wake:late:60", "wake:soon:5", "wake:gone:5", "wake:gone"))])
    assert store.next_due() == START + timedelta(seconds=5)
    assert store.due(START, 10) == []

    now = START + timedelta(seconds=30)
    assert [timer.key for timer in store.due(now, 10)] == ["soon"]
    assert store.due(now, 10) == []
    store.close()  # before it was decided
    store = opened()
    assert [timer.key for timer in store.due(now, 10)] == ["soon"]
    (decided,) = await store.transact([seen(Due(key="soon", at=now))])
    assert decided.answer.outcome == "accepted"
    assert rows(store, "SELECT key FROM timers") == [("late",)]


async def test_a_timer_set_anew_does_not_fire_early(store: Store) -> None:
    await store.transact([seen(scan("wake:t:5"))])
    now = START + timedelta(seconds=6)
    (timer,) = store.due(now, 10)
    decided = await store.transact(
        [seen(scan("wake:t:60", after_s=6)), seen(Due(key=timer.key, at=now))]
    )
    assert decided[1].answer.reason == "the timer was set anew or ended"
    assert store.next_due() == START + timedelta(seconds=66)


async def test_a_timer_whose_rule_fails_is_over(store: Store) -> None:
    await store.transact([seen(scan("wake:raise:5"))])
    (decided,) = await store.transact([seen(Due(key="raise", at=START + timedelta(seconds=6)))])
    assert decided.answer.outcome == "quarantined"
    assert rows(store, "SELECT count(*) FROM timers") == [(0,)]
    assert store.next_due() is None


async def test_the_life_of_a_carton_is_found_by_any_of_its_names(store: Store) -> None:
    await store.transact([seen(scan("L1")), seen(scan("trip:L1,L2"))])
    found = rows(
        store,
        "SELECT kind FROM events WHERE lpn = 'L1' UNION ALL SELECT kind FROM events"
        " JOIN event_lpns USING (n) WHERE event_lpns.lpn = 'L1'",
    )
    assert found == [("CartonMoved",), ("TripSent",)]


async def test_posted_commands_are_noted_with_the_next_commit(store: Store) -> None:
    (decided,) = await store.transact([seen(scan("L1"))])
    store.note_posted([posted.id for posted in decided.commands], START)
    await store.transact([])
    assert rows(store, "SELECT posted_at FROM commands") == [("2026-11-21T10:00:00+00:00",)]


async def test_a_reader_cannot_write_and_ends_in_time(store: Store) -> None:
    reader = store.reader(within_s=0.05)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM journal")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        reader.execute(endless).fetchone()
    assert reader.execute("SELECT 1").fetchone() == (1,)
    reader.close()


async def test_host_observations_are_marked_as_such(store: Store) -> None:
    await store.transact([seen(order())])
    assert rows(store, "SELECT lane FROM journal") == [("host",)]


async def test_what_does_not_fit_the_tables_is_that_rules_fault_alone(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two messages of one event to the same host: found only when the group is written."""

    once = toys.mapping

    def twice(event: Event) -> list[HostMessage]:
        told = once(event)
        return told * 2 if isinstance(event, CartonMoved) and event.lpn == "L2" else told

    monkeypatch.setattr(toys, "mapping", twice, raising=True)
    store = opened()
    decided = await store.transact([seen(scan(lpn)) for lpn in ("L1", "L2", "L3")])

    assert [one.answer.outcome for one in decided] == ["accepted", "quarantined", "accepted"]
    assert decided[1].answer.reason == "IntegrityError: UNIQUE constraint failed: outbox.id"
    assert rows(store, 'SELECT key FROM "Carton"') == [("L1",), ("L3",)]
    assert rows(store, "SELECT seq FROM journal") == [(1,), (2,), (3,)]
    assert rows(store, "SELECT host, waiting FROM hosts") == [("shop", 2)]
    assert store.failure is None


async def test_newest_wins_supersedes_what_still_waits_and_nothing_else(store: Store) -> None:
    await store.transact([seen(scan("level:S1")), seen(scan("level:S1")), seen(scan("level:S2"))])
    shop = "SELECT id, state, head FROM outbox WHERE host = 'shop' ORDER BY n"
    assert rows(store, shop) == [
        ("1-1|shop", "superseded", 0),
        ("2-1|shop", "waiting", 1),
        ("3-1|shop", "waiting", 1),
    ]
    await store.work(lambda db: db.execute("UPDATE outbox SET state='leased' WHERE id='2-1|shop'"))
    await store.transact([seen(scan("level:S1"))])
    assert rows(store, shop)[1:] == [
        ("2-1|shop", "leased", 1),
        ("3-1|shop", "waiting", 1),
        ("4-1|shop", "waiting", 0),
    ]
    assert rows(store, "SELECT host, waiting FROM hosts ORDER BY host") == [("erp", 2), ("shop", 3)]


async def test_a_command_that_a_device_answered_says_so(store: Store) -> None:
    await store.transact([seen(scan("L1"))])
    failed = CommandFailed(
        device=DeviceId("sorter1"), command="1-1", what="Divert L1", reason="too late", at=START
    )
    await store.transact([seen(failed)])
    assert rows(store, "SELECT answered_at, result FROM commands") == [
        (START.isoformat(), "too late")
    ]


def test_a_folder_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "wedge.db"
    with pytest.raises(StoreFailed, match=r"nowhere/wedge.db: cannot be opened: No such file"):
        Store.open(path, decide=toys.decide, mapping=toys.mapping, release="test")


def test_a_file_that_is_no_database_is_said_in_words(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough" * 200)
    with pytest.raises(StoreFailed, match=r"file is not a database \(put back a copy"):
        Store.open(path, decide=toys.decide, mapping=toys.mapping, release="test")
