"""The order of a key and the counters of a host hold, whatever becomes of its rows."""

import sqlite3
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sync import outbox
from sync.connectors.port import Outgoing
from sync.hostmessage import HostMessage
from sync.outbound import OLDER, Row, put
from sync.outbox import Claimed, Note
from tests.contract.adapters import database
from tests.core.toys import START

OPEN = ("waiting", "unknown", "leased")
AT = START.isoformat()
LATER = START + timedelta(minutes=1)
HOSTS = st.sampled_from("ab")
ENDS = st.sampled_from(["done", "waiting", "unknown", "parked"])
STEPS = st.one_of(
    st.tuples(st.just("put"), HOSTS, st.sampled_from("xyz"), st.booleans()),
    st.tuples(st.just("claim"), HOSTS, st.integers(1, 3)),
    st.tuples(st.just("settle"), HOSTS, st.lists(ENDS, max_size=3)),
    st.tuples(st.just("retry"), HOSTS, st.integers(0, 20)),
    st.tuples(st.just("crash")),
)


def put_one(conn: sqlite3.Connection, n: int, host: str, key: str, newest_wins: bool) -> None:
    put(conn, [Row(HostMessage(host, key, "kind", "body", newest_wins), f"{n}-1", AT)])


def note(claimed: Claimed, end: str) -> Note:
    match end:
        case "done":
            return outbox.done(claimed, "ok", AT)
        case "parked":
            return outbox.parked(claimed, "no")
        case _:
            return outbox.put_off(claimed, "later", START, unknown=end == "unknown")


class House:
    """A database, and per host what is under way."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.under_way: dict[str, list[Claimed]] = {"a": [], "b": []}

    def do(self, n: int, step: tuple) -> None:
        match step:
            case "put", host, key, newest_wins:
                put_one(self.conn, n, host, key, newest_wins)
            case "claim", host, limit:
                self.under_way[host] += outbox.claim(self.conn, host, LATER, limit)
            case "settle", host, ends:
                notes = [note(*pair) for pair in zip(self.under_way[host], ends, strict=False)]
                del self.under_way[host][: len(notes)]
                outbox.settle(self.conn, host, notes)
            case "retry", host, row:
                outbox.retry(self.conn, f"{row}-1|{host}", START, "anna")
            case _:
                self.crash()

    def crash(self) -> None:
        self.under_way = {"a": [], "b": []}
        outbox.recover(self.conn, START)

    def check(self) -> None:
        sql = "SELECT n, host, key, state, open, head FROM outbox"
        found = self.conn.execute(sql).fetchall()
        for _, host, key, state, open_, head in found:
            assert open_ == (state in OPEN)
            same = [row for row in found if row[1:3] == (host, key)]
            waiting = [row for row in same if row[3] in OPEN]
            assert sum(row[5] for row in same) == (1 if waiting else 0)  # one at a time
            assert not head or open_
        leased = {row[0] for row in found if row[3] == "leased"}
        assert leased == {one.n for some in self.under_way.values() for one in some}
        counted = {
            host: (
                sum(row[1] == host and row[3] in OPEN for row in found),
                sum(row[1] == host and row[3] == "parked" for row in found),
            )
            for host in {row[1] for row in found}
        }
        hosts = self.conn.execute("SELECT host, waiting, parked FROM hosts")
        assert {host: (waiting, parked) for host, waiting, parked in hosts} == counted


@settings(deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_heads_and_counters_hold_whatever_happens(steps: list) -> None:
    with database() as conn:
        house = House(conn)
        for n, step in enumerate(steps):
            house.do(n, step)
            house.check()


@settings(deadline=None)
@given(st.lists(st.sampled_from("xyz"), max_size=12), st.integers(1, 5))
def test_a_key_is_handed_out_in_order(keys: list[str], at_once: int) -> None:
    with database() as conn:
        for n, key in enumerate(keys):
            put_one(conn, n, "shop", key, False)
        delivered: list[Outgoing] = []
        while claimed := outbox.claim(conn, "shop", START, at_once):
            assert len({one.message.key for one in claimed}) == len(claimed)
            delivered += [one.message for one in reversed(claimed)]
            outbox.settle(conn, "shop", [outbox.done(one, "ok", AT) for one in claimed])
    told = [(one.key, one.id) for one in delivered]
    assert sorted(told, key=lambda one: one[0]) == sorted(
        ((key, f"{n}-1|shop") for n, key in enumerate(keys)), key=lambda one: one[0]
    )


def test_a_noise_of_a_host_is_written_down_all_the_same() -> None:
    with database() as conn:
        put_one(conn, 1, "shop", "k", False)
        (claimed,) = outbox.claim(conn, "shop", START, 1)
        outbox.settle(conn, "shop", [outbox.done(claimed, "ok \ud800", AT)])
        assert conn.execute("SELECT state, receipt FROM outbox").fetchall() == [("done", "ok ?")]


def test_no_question_of_the_relay_walks_the_whole_outbox() -> None:
    questions = [
        OLDER,
        outbox.CLAIM,
        outbox.LEASE,
        outbox.NEXT_AT,
        outbox.CLOSE,
        outbox.PUT_OFF,
        outbox.NEXT_HEADS,
        outbox.RETRY,
    ]
    with database() as conn:
        for sql in questions:
            numbered = max((n for n in range(1, 4) if f"?{n}" in sql), default=0)
            values = ["[]"] * (numbered or sql.count("?"))
            plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            walks = [step for step in plan if "SCAN" in step and "json_each" not in step]
            assert plan, sql
            assert not walks and not any("TEMP" in step for step in plan), (sql, plan)


def test_a_million_rows_do_not_slow_the_next_one_down() -> None:
    """Steps of the virtual machine, not seconds: the same for many rows as for few."""

    def steps_to_deliver(rows: int) -> int:
        with database() as conn:
            messages = [HostMessage("shop", f"k{n % 100}", "kind", "") for n in range(rows)]
            put(conn, [Row(message, f"{n}-1", AT) for n, message in enumerate(messages)])
            counted = 0

            def step() -> int:
                nonlocal counted
                counted += 1
                return 0

            conn.set_progress_handler(step, 1)
            claimed = outbox.claim(conn, "shop", START, 10)
            outbox.settle(conn, "shop", [outbox.done(one, "ok", AT) for one in claimed])
            return counted

    assert steps_to_deliver(20_000) <= steps_to_deliver(400) + 20
