"""The durable telemetry queue: in order, numbered, bounded, counted; a crash loses nothing that
was committed."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import telemetry
from sync.telemetry import Limits, Message, TelemetryBroken, TelemetryQueue
from sync.telemetry_file import TelemetryFile

PATIENCE_S = 20.0
T0 = datetime(2026, 11, 22, 10, tzinfo=UTC)
FIRST = round(T0.timestamp() * 1000)
ROOMY = Limits(10**9, 3600.0)


@asynccontextmanager
async def queue(
    path: Path, limits: Limits = ROOMY, *, always: bool = False
) -> AsyncIterator[TelemetryQueue]:
    made = TelemetryQueue(path, limits, lambda: T0, always=always)
    running = asyncio.create_task(made.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await made.close()


def put(queue: TelemetryQueue, device: str, body: bytes) -> int:
    number = queue.number(device)
    queue.put(device, number, body)
    return number


async def taken(queue: TelemetryQueue, count: int, after: int = 0) -> list[Message]:
    got: list[Message] = []
    while len(got) < count:
        got += await queue.after(got[-1].id if got else after, 7)
    return got


def on_disk(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as reader:
        return [body for (body,) in reader.execute("SELECT body FROM messages ORDER BY id")]


async def is_on_disk(path: Path, *bodies: bytes) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while on_disk(path) != list(bodies):
            await asyncio.sleep(0.005)


async def test_messages_come_in_order_with_a_number_for_each_device(tmp_path: Path) -> None:
    async with queue(tmp_path / "q.db") as kept:
        for n in range(50):
            put(kept, f"plc{n % 2}", b"%d" % n)
        got = await taken(kept, 50)
    assert [one.body for one in got] == [b"%d" % n for n in range(50)]
    assert [one.number for one in got if one.device == "plc0"] == [FIRST + n for n in range(25)]


async def test_what_the_broker_has_not_is_on_the_disk(tmp_path: Path) -> None:
    async with queue(tmp_path / "q.db") as kept:
        for body in (b"1", b"2", b"3"):
            put(kept, "plc", body)
        kept.is_done((await taken(kept, 1))[0].id)
        await is_on_disk(tmp_path / "q.db", b"2", b"3")


async def test_what_the_broker_had_at_once_is_written_only_where_that_is_wanted(
    tmp_path: Path,
) -> None:
    for always, kept_ones in ((False, [b"2"]), (True, [b"1", b"2"])):
        path = tmp_path / f"{always}.db"
        async with queue(path, always=always) as kept:
            put(kept, "plc", b"1")
            kept.is_done((await taken(kept, 1))[0].id)
            put(kept, "plc", b"2")
            await is_on_disk(path, *kept_ones)


async def test_a_restart_begins_with_what_the_broker_has_not_and_no_number_comes_twice(
    tmp_path: Path,
) -> None:
    async with queue(tmp_path / "q.db") as kept:
        for n in range(5):
            put(kept, "plc", b"%d" % n)
        got = await taken(kept, 5)
        kept.is_done(got[2].id)
    async with queue(tmp_path / "q.db") as kept:
        left = await taken(kept, 2, kept.done)
        assert [one.body for one in left] == [b"3", b"4"]
        fresh = put(kept, "plc", b"5")
        assert fresh > left[-1].number
        kept.is_done((await taken(kept, 3, kept.done))[-1].id)
    async with queue(tmp_path / "q.db") as kept:
        assert (kept.waiting, on_disk(tmp_path / "q.db")) == (0, [])
        assert put(kept, "plc", b"6") > fresh  # though the clock stands still


async def test_a_reader_that_is_far_behind_reads_from_the_disk_and_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "AT_HAND", 30)
    bodies = [b"%03d" % n for n in range(30)]
    async with queue(tmp_path / "q.db") as kept:
        for n, body in enumerate(bodies):
            put(kept, "plc", body)
            await is_on_disk(tmp_path / "q.db", *bodies[: n + 1])
        assert len(kept._at_hand) == 10
        assert [one.body for one in await taken(kept, 30)] == bodies


CHILD = """
import asyncio, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from sync.telemetry import Limits, TelemetryQueue

async def main():
    kept = TelemetryQueue(Path(sys.argv[1]), Limits(10**9, 3600), lambda: datetime.now(UTC))
    reader, said = sqlite3.connect(sys.argv[1]), 0
    while True:
        for device in ("a", "b"):
            number = kept.number(device)
            kept.put(device, number, b"%d" % number)
        await asyncio.sleep(0.001)
        for id, device, number in reader.execute(
            "SELECT id, device, number FROM messages WHERE id > ? ORDER BY id", (said,)
        ):
            said = id
            print(device, number, flush=True)

asyncio.run(main())
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """Three lives in one file, each killed amid its work; each says what it found committed."""
    path, told = tmp_path / "q.db", list[tuple[str, int]]()
    for lines in (37, 1, 80):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            said = [child.stdout.readline().split() for _ in range(lines + len(told))]
            child.kill()
            child.stdout.read()
        told = [(device, int(number)) for device, number in said]
    file = TelemetryFile(path, ROOMY)
    kept = [(one.device, one.number) for one in file.between(0, 10**9, 100_000)]
    file.close()
    assert kept[: len(told)] == told
    for device in ("a", "b"):
        numbers = [number for name, number in kept if name == device]
        leaps = [b - a for a, b in pairwise(numbers) if b != a + 1]
        assert 1 <= len(leaps) <= 2 and min(leaps) > 0  # restarts; one life may be too short


async def test_a_full_queue_drops_its_oldest_and_counts_them_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "AT_HAND", 0)  # all of it is on the disk
    small = Limits(1_000, 3600.0)
    with caplog.at_level(logging.ERROR):
        async with queue(tmp_path / "q.db", small) as kept:
            for n in range(30):
                put(kept, "plc", b"%0100d" % n)
            async with asyncio.timeout(PATIENCE_S):
                while kept.lost.total() < 20:
                    await asyncio.sleep(0.005)
            assert kept.full <= 1.0
            lost = kept.lost.total()
            assert (await taken(kept, 1, kept.done))[0].body == b"%0100d" % lost
    assert "oldest of plc dropped" in caplog.text
    async with queue(tmp_path / "q.db", small) as kept:
        assert kept.lost == {"plc": lost}
        assert (await taken(kept, 1, kept.done))[0].body == b"%0100d" % lost


def test_what_is_too_old_is_dropped_and_counted(tmp_path: Path) -> None:
    file = TelemetryFile(tmp_path / "q.db", Limits(10**6, 60.0))
    file.write([Message(1, "a", 1, b"old"), Message(2, "b", 1, b"old")], 0, 1_000)
    file.write([Message(3, "a", 2, b"new")], 0, 50_000)
    assert file.write([], 0, 61_001) == {"a": 1, "b": 1}
    assert [one.id for one in file.between(0, 9, 9)] == [3]
    assert file.lost == {"a": 1, "b": 1}
    file.close()


async def test_a_disk_that_fails_is_an_alarm_and_the_broker_gets_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telemetry, "AGAIN_S", 0.01)
    async with queue(tmp_path / "q.db") as kept:
        write = kept._file.write

        def full(*_: object) -> dict[str, int]:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(kept._file, "write", full)
        put(kept, "plc", b"1")
        while not kept.failure:
            await asyncio.sleep(0.005)
        assert "disk is full" in kept.failure
        monkeypatch.setattr(kept._file, "write", write)
        put(kept, "plc", b"2")
        await is_on_disk(tmp_path / "q.db", b"2")
        assert [one.body for one in await taken(kept, 2)] == [b"1", b"2"]
        assert (kept.lost.total(), kept.failure) == (0, "")
    assert "telemetry is not kept" in caplog.text


async def test_a_disk_that_stalls_costs_no_memory_and_what_did_not_find_room_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "PENDING", 8)
    monkeypatch.setattr(telemetry, "AT_HAND", 16)
    async with queue(tmp_path / "q.db") as kept:
        for n in range(1, 10):  # all before the disk gets its turn
            put(kept, "plc", b"%04d" % n)
        assert "does not keep up" in kept.failure
        assert kept.lost == {"plc": 3}  # 3, 4, 5; 1 and 2 come from the disk
        await is_on_disk(tmp_path / "q.db", b"0001", b"0002")
        got = await taken(kept, 6)
        assert [int(one.body) for one in got] == [1, 2, 6, 7, 8, 9]


async def test_a_bug_of_the_writing_thread_is_heard(tmp_path: Path) -> None:
    async with queue(tmp_path / "q.db") as kept:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading, "excepthook", lambda _: None)
            patch.setattr(kept._file, "write", lambda *_: 1 / 0)
            put(kept, "plc", b"1")
            with pytest.raises(ZeroDivisionError):
                await kept.run()
            kept._thread.join()


@pytest.mark.parametrize("content", ["CREATE TABLE other(x)", "PRAGMA user_version = 9"])
def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, content: str) -> None:
    db = sqlite3.connect(tmp_path / "q.db")
    db.execute(content)
    db.commit()
    db.close()
    with pytest.raises(TelemetryBroken, match="holds no telemetry of this release"):
        TelemetryFile(tmp_path / "q.db", ROOMY)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 9)),
        st.tuples(st.just("done"), st.integers(0, 40)),
        st.tuples(st.just("again"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_what_waits_is_the_newest_in_order(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("q") / "q.db"
    file, model, made, lost = TelemetryFile(path, Limits(120, 3600.0)), list[int](), 0, 0
    now_ms = timedelta(hours=1) // timedelta(milliseconds=1)
    for kind, much in steps:
        match kind:
            case "put":
                fresh = [Message(made + n, "plc", made + n, b"12345") for n in range(1, much + 1)]
                made += much
                dropped = sum(file.write(fresh, 0, now_ms).values())
                model, lost = (model + [one.id for one in fresh])[dropped:], lost + dropped
            case "done":
                file.write([], much, now_ms)
                model = [id for id in model if id > much]
            case _:
                file.close()
                file = TelemetryFile(path, Limits(120, 3600.0))
        assert [one.id for one in file.between(0, 10**9, 1000)] == model
        assert file.bytes == 5 * len(model) <= 120
        assert file.count == len(model)
        assert sum(file.lost.values()) == lost
    file.close()
