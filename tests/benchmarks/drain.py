"""Draining the outbox to a host that answers a batch of 100 after 20 ms, four batches at once."""

import asyncio
import resource
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from gateway.app import SWITCH_S
from sync.connectors.port import Capabilities, Delivered, Outgoing
from sync.hostmessage import HostMessage, to_nobody
from sync.moments import text_of
from sync.outbound import Row, put
from sync.relay import Relay
from sync.store import Store
from tests.benchmarks.toy import accept
from wcs.envelope import Nobody, Seen
from wcs.observations import Due, Observation

ROWS, BATCH, AT_ONCE, ANSWER_S = 40_000, 100, 4, 0.02
BODY = "x" * 1000


class Stub:
    capabilities = Capabilities(idempotency="key", parallel=AT_ONCE, batch=BATCH)

    def __init__(self) -> None:
        self.taken = 0

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Delivered]:
        await asyncio.sleep(ANSWER_S)
        self.taken += len(batch)
        return [Delivered("ok") for _ in batch]

    async def find(self, message: Outgoing) -> Delivered | None:
        return None


def rows() -> list[tuple[str, float, float, str]]:
    sys.setswitchinterval(SWITCH_S)
    with TemporaryDirectory() as folder:
        seconds, grown_mb, idle_ms, busy_ms = asyncio.run(_drain(Path(folder)))
    floor = ROWS / (AT_ONCE * BATCH / ANSWER_S)
    return [
        (f"drain {ROWS} rows of 1 KB", seconds, floor, "<= 1.25x (80 % of what the stub takes)"),
        ("drain: memory grown, MB", grown_mb, 0.0, "flat"),
        ("drain: a live observation beside it, p50", busy_ms / 1000, idle_ms / 1000, "undisturbed"),
    ]


async def _drain(folder: Path) -> tuple[float, float, float, float]:
    with Store.open(folder / "d.db", decide=accept, mapping=to_nobody, release="b") as store:
        for start in range(0, ROWS, 1000):
            await store.work(lambda db, start=start: _fill(db, start))  # type: ignore[misc]
        idle = await _live(store, 50)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        stub = Stub()
        relay = Relay("stub", stub, store, _ignore, lambda: datetime.now(UTC))
        began = perf_counter()
        task = asyncio.create_task(relay.run())
        busy = await _live(store, 50)
        while stub.taken < ROWS:
            await asyncio.sleep(0.005)
        seconds = perf_counter() - began
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return seconds, grown / 1024, idle, busy


async def _live(store: Store, times: int) -> float:
    """Milliseconds from asking to commit, p50."""
    took = []
    for _ in range(times):
        began = perf_counter()
        await store.transact([Seen(Due(key="bench:1", at=datetime.now(UTC)), Nobody())])
        took.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0.005)
    return sorted(took)[len(took) // 2]


def _fill(db: sqlite3.Connection, start: int) -> None:
    numbers, at = range(start, start + 1000), text_of(datetime.now(UTC))
    put(db, [Row(HostMessage("stub", str(n), "k", BODY), f"{n}-1", at) for n in numbers])


async def _ignore(observation: Observation, key: str) -> None:
    return None
