"""Reconnects of an OPC UA line without any back-off, its wire cut each time: no session, task,
socket or memory stays behind."""

import asyncio
import gc
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from devices.io import IoDriver
from devices.live import Live
from devices.map.connections import OpcUa
from devices.map.schema import Io, NodeTag
from tests.benchmarks.opcua import served
from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.devices.tags.opc_peer import URI
from tests.faults.proxy import Proxy, through
from tests.soak.result import Run
from wcs.names import DeviceId
from wcs.observations import DeviceUp

TAGS: Any = {
    "count": NodeTag.model_validate(
        {"node": "plant;s=Count", "type": "uint32", "sampling": "50ms"}
    ),
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw"),
}
WARM, NOISE_KB, KB_EACH = 100, 1024, 0.2
"""A leaked client is fifty kilobytes."""


def reconnects(folder: Path, times: int = 10_000) -> Run:
    run = Run(f"opcua: {times} reconnects")
    with served(folder) as port:
        asyncio.run(_reconnects(run, port, times))
    return run


async def _reconnects(run: Run, port: int, times: int) -> None:
    async with through(port) as proxy, lively(proxy) as ears:
        await _cut(ears, proxy, 0, WARM)
        before = _counted()
        await _cut(ears, proxy, WARM, WARM + times)
        after = _counted()
    kb, tasks, files = (b - a for a, b in zip(before, after, strict=True))
    run.facts |= {"kb": kb, "kb each": round(kb / times, 2), "tasks": tasks, "files": files}
    if kb > NOISE_KB + KB_EACH * times:
        run.reasons.append(f"memory grew by {kb} KB")
    if tasks > 2 or files > 2:
        run.reasons.append(f"{tasks} tasks and {files} files stayed behind")


@asynccontextmanager
async def lively(proxy: Proxy) -> AsyncIterator[Ears]:
    url = f"opc.tcp://127.0.0.1:{proxy.port}/plant"
    line = OpcUa.model_validate(
        {"type": "opcua", "url": url, "insecure": True, "namespaces": {"plant": URI},
         "publishing": "100ms", "timeout": "5s"}
    )  # fmt: skip
    ears, clock = Ears(), RunningClock()
    io = Io(kind="io", connection="opc", tags=TAGS)
    driver = IoDriver(DeviceId("plc"), io, line, clock=clock, live=Live())
    with patch("devices.supervise.waits", lambda: itertools.repeat(0.0)):
        async with supervised(driver, ears, clock):
            yield ears


async def _cut(ears: Ears, proxy: Proxy, first: int, last: int) -> None:
    for _ in range(first, last):
        await ears.hear(DeviceUp, within_s=30)
        ears.seen.clear()
        proxy.reset()
    await ears.hear(DeviceUp, within_s=30)


def _counted() -> tuple[int, int, int]:
    """Resident kilobytes, tasks, open files."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    kb = pages * os.sysconf("SC_PAGE_SIZE") // 1024
    return kb, len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
