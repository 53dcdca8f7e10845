"""The durable telemetry queue: in order, numbered, bounded, counted; a crash loses nothing that
was committed."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
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
async def queue(path: Path, limits: Limits = ROOMY) -> AsyncIterator[TelemetryQueue]:
    made = TelemetryQueue(path, limits, lambda: T0)
    running = asyncio.create_task(made.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await made.close()


def put(queue: TelemetryQueue, device: str, body: bytes) -> int:
    seq = queue.number(device)
    queue.put(device, seq, body)
    return seq


async def taken(queue: TelemetryQueue, count: int, after: int = 0) -> list[Message]:
    got: list[Message] = []
    while len(got) < count:
        got += await queue.after(got[-1].id if got else after, 7)
    return got


async def test_messages_come_in_order_with_a_number_for_each_device(tmp_path: Path) -> None:
    async with queue(tmp_path / "q.db") as kept:
        for n in range(50):
            put(kept, f"plc{n % 2}", b"%d" % n)
        got = await taken(kept, 50)
    assert [one.body for one in got] == [b"%d" % n for n in range(50)]
    assert [one.seq for one in got if one.device == "plc0"] == [FIRST + n for n in range(25)]


async def test_only_what_is_on_the_disk_is_handed_out(tmp_path: Path) -> None:
    async with queue(tmp_path / "q.db") as kept:
        put(kept, "plc", b"1")
        (one,) = await taken(kept, 1)
        reader = sqlite3.connect(tmp_path / "q.db")
        assert reader.execute("SELECT id, body FROM messages").fetchall() == [(one.id, b"1")]
        reader.close()


async def test_what_the_broker_has_is_not_there_after_a_restart_and_no_number_comes_twice(
    tmp_path: Path,
) -> None:
    async with queue(tmp_path / "q.db") as kept:
        for n in range(5):
            put(kept, "plc", b"%d" % n)
        got = await taken(kept, 5)
        kept.is_done(got[2].id)
    async with queue(tmp_path / "q.db") as kept:
        assert [one.body for one in await taken(kept, 2, kept.done)] == [b"3", b"4"]
        kept.is_done(got[4].id)
    async with queue(tmp_path / "q.db") as kept:
        assert kept.waiting.messages == 0
        assert put(kept, "plc", b"5") == FIRST + 5


async def test_a_reader_that_is_far_behind_reads_from_the_disk_and_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "HELD", 40)
    async with queue(tmp_path / "q.db") as kept:
        for n in range(30):
            put(kept, "plc", b"%03d" % n)
            await taken(kept, 1, n)  # one commit each, so that none is refused for want of room
        assert len(kept._at_hand) < 15
        assert [one.body for one in await taken(kept, 30)] == [b"%03d" % n for n in range(30)]


CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from sync.telemetry import Limits, TelemetryQueue

async def main():
    kept = TelemetryQueue(Path(sys.argv[1]), Limits(10**9, 3600), lambda: datetime.now(UTC))
    asyncio.create_task(kept.run())
    last = kept.done
    while True:
        for device in ("a", "b"):
            seq = kept.number(device)
            kept.put(device, seq, b"%d" % seq)
        for one in await kept.after(last, 1000):
            last = one.id
            print(one.device, one.seq, flush=True)

asyncio.run(main())
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """What was handed out was committed; three lives in one file, each killed amid its work."""
    path, told = tmp_path / "q.db", list[tuple[str, int]]()
    for lines in (37, 1, 80):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            said = [child.stdout.readline().split() for _ in range(lines)]
            child.kill()
            said += [line.split() for line in child.stdout.read().splitlines() if " " in line]
        told += [(device, int(seq)) for device, seq in said]
    file = TelemetryFile(path, ROOMY)
    kept = [(one.device, one.seq) for one in file.after(0, 100_000)]
    file.close()
    assert set(told) <= set(kept)
    for device in ("a", "b"):
        seqs = [seq for name, seq in kept if name == device]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_a_full_queue_drops_its_oldest_and_counts_them_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = Limits(1_000, 3600.0)
    with caplog.at_level(logging.ERROR):
        async with queue(tmp_path / "q.db", small) as kept:
            for n in range(30):
                put(kept, "plc", b"%0100d" % n)
            got = await taken(kept, 1)
            while kept.waiting.lost < 20:
                got = await kept.after(got[-1].id, 100)
            assert kept.waiting.bytes <= 1_000
            assert kept.lost == {"plc": 30 - kept.waiting.messages}
            lost = kept.waiting.lost
    assert "of plc dropped" in caplog.text
    async with queue(tmp_path / "q.db", small) as kept:
        assert kept.lost == {"plc": lost}
        assert (await taken(kept, 1, kept.done))[0].body == b"%0100d" % lost


def test_what_is_too_old_is_dropped_and_counted(tmp_path: Path) -> None:
    file = TelemetryFile(tmp_path / "q.db", Limits(10**6, 60.0))
    file.write([Message(1, "a", 1, b"old"), Message(2, "b", 1, b"old")], 0, 1_000)
    file.write([Message(3, "a", 2, b"new")], 0, 50_000)
    assert file.write([], 0, 61_001) == {"a": 1, "b": 1}
    assert [one.id for one in file.after(0, 9)] == [3]
    assert file.lost == {"a": 1, "b": 1}
    file.close()


async def test_a_disk_that_fails_is_an_alarm_and_what_comes_later_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telemetry, "AGAIN_S", 0.01)
    async with queue(tmp_path / "q.db") as kept:
        write, failed = kept._file.write, asyncio.Event()
        loop = asyncio.get_running_loop()

        def full(*_: object) -> dict[str, int]:
            loop.call_soon_threadsafe(failed.set)
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(kept._file, "write", full)
        lost = put(kept, "plc", b"1")
        await failed.wait()
        while not kept.waiting.failure:
            await asyncio.sleep(0)
        assert "disk is full" in kept.waiting.failure
        monkeypatch.setattr(kept._file, "write", write)
        put(kept, "plc", b"2")
        (one,) = await taken(kept, 1)
        assert (one.body, one.seq) == (b"2", lost + 1)
        assert kept.lost == {"plc": 1}
        assert kept.waiting.failure == ""
    assert "telemetry is lost" in caplog.text


async def test_a_disk_that_stalls_costs_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "HELD", 10)
    async with queue(tmp_path / "q.db") as kept:
        for _ in range(6):
            put(kept, "plc", b"1234")
        assert kept.lost == {"plc": 4}
        assert len(await taken(kept, 2)) == 2


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


@settings(max_examples=40, deadline=None)
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
        assert [one.id for one in file.after(0, 1000)] == model
        assert file.bytes == 5 * len(model) <= 120
        assert file.count == len(model)
        assert sum(file.lost.values()) == lost
        assert file.last.get("plc", 0) <= made
    file.close()
    again = TelemetryFile(path, ROOMY)
    assert again.last.get("plc", 0) == made
    again.close()
