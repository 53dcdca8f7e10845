"""The order of a key, kept by the tables themselves, whoever changes a state."""

import sqlite3
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.hostmessage import HostMessage
from sync.outbound import SUPERSEDE, Row, put
from tests.contract.adapters import database
from tests.core.toys import START

OPEN = ("waiting", "unknown", "leased")
AT = START.isoformat()
STATES = st.sampled_from(["waiting", "unknown", "leased", "done", "parked", "superseded"])
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()),
    st.tuples(st.just("set"), st.integers(0, 20), STATES),
)


def put_one(conn: sqlite3.Connection, n: int, host: str, key: str, newest_wins: bool) -> None:
    put(conn, [Row(HostMessage(host, key, "kind", "body", newest_wins), f"{n}-1", AT)])


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_heads_and_counters_hold_whatever_happens(steps: list) -> None:
    with database() as conn:
        for n, step in enumerate(steps):
            if step[0] == "put":
                put_one(conn, n, *step[1:])
            else:
                conn.execute("UPDATE outbox SET state = ? WHERE n = ?", (step[2], step[1]))
            check(conn)


def check(conn: sqlite3.Connection) -> None:
    found = conn.execute("SELECT n, host, key, state, open, head FROM outbox").fetchall()
    for _, host, key, state, open_, head in found:
        assert open_ == (state in OPEN)
        same = [row for row in found if row[1:3] == (host, key)]
        waiting = [row for row in same if row[3] in OPEN]
        assert sum(row[5] for row in same) == (1 if waiting else 0)  # one is handed out at a time
        assert not head or open_
    counted = {
        host: (
            sum(row[1] == host and row[3] in OPEN for row in found),
            sum(row[1] == host and row[3] == "parked" for row in found),
        )
        for host in {row[1] for row in found}
    }
    hosts = conn.execute("SELECT host, waiting, parked FROM hosts")
    assert {host: (waiting, parked) for host, waiting, parked in hosts} == counted


@given(st.lists(st.sampled_from("xyz"), max_size=12))
def test_a_key_is_handed_out_in_order(keys: list[str]) -> None:
    with database() as conn:
        for n, key in enumerate(keys):
            put_one(conn, n, "shop", key, False)
        delivered: list[tuple[str, str]] = []
        heads = "SELECT n, event, key FROM outbox WHERE host = 'shop' AND head = 1"
        while rows := conn.execute(heads).fetchall():
            n, event, key = rows[-1]
            delivered.append((key, event))
            conn.execute("UPDATE outbox SET state = 'done' WHERE n = ?", (n,))
    assert sorted(delivered, key=lambda one: one[0]) == sorted(
        ((key, f"{n}-1") for n, key in enumerate(keys)), key=lambda one: one[0]
    )


def test_no_question_of_the_relay_walks_the_whole_outbox() -> None:
    questions = [
        *SUPERSEDE,
        "SELECT id FROM outbox WHERE host = ?1 AND head = 1 AND next_at <= ?2"
        " AND state IN ('waiting', 'unknown') ORDER BY next_at LIMIT ?3",
        "SELECT min(next_at) FROM outbox WHERE host = ?1 AND head = 1",
        "SELECT min(n) FROM outbox WHERE host = ?1 AND key = ?2 AND open = 1",
        "UPDATE outbox SET state = 'done' WHERE id = ?1",
    ]
    with database() as conn:
        for sql in questions:
            plan = [
                row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", ["x"] * sql.count("?"))
            ]
            assert plan, sql
            assert not any("SCAN" in step or "TEMP" in step for step in plan), (sql, plan)


def test_a_million_rows_do_not_slow_the_next_one_down(tmp_path: Path) -> None:
    """Steps of the virtual machine, not seconds: the same for many rows as for few."""

    def steps_to_claim(rows: int) -> int:
        with database() as conn:
            put(
                conn,
                [
                    Row(HostMessage("shop", f"k{n % 100}", "kind", ""), f"{n}-1", AT)
                    for n in range(rows)
                ],
            )
            counted = 0

            def step() -> int:
                nonlocal counted
                counted += 1
                return 0

            conn.set_progress_handler(step, 1)
            (n,) = conn.execute(
                "SELECT n FROM outbox WHERE host = 'shop' AND head = 1 AND next_at <= '3'"
                " ORDER BY next_at LIMIT 1"
            ).fetchone()
            conn.execute("UPDATE outbox SET state = 'leased' WHERE n = ?", (n,))
            conn.execute("UPDATE outbox SET state = 'done' WHERE n = ?", (n,))
            return counted

    assert steps_to_claim(20_000) <= steps_to_claim(200) + 20
