"""A line that breaks again and again leaves no task and no file behind."""

import asyncio
import itertools
import os
from pathlib import Path

import pytest

from devices.links import Links
from devices.supervise import supervise
from tests.contract.scanners import rig
from wcs.envelope import Seen
from wcs.observations import DeviceUp

ROUNDS, PATIENCE_S = 200, 40.0


@pytest.mark.parametrize("wire", ["tcp server", "events", "serial packets"])
async def test_nothing_is_left_behind(
    wire: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.supervise.waits", lambda: itertools.repeat(0.0))
    monkeypatch.setattr("simulators.scanner_dial.AGAIN_S", 0.0)
    ups, came = 0, asyncio.Event()

    async def report(seen: Seen) -> None:
        nonlocal ups
        if isinstance(seen.observation, DeviceUp):
            ups += 1
            came.set()

    async def until(times: int) -> None:
        while ups < times:
            came.clear()
            await came.wait()

    async with asyncio.timeout(PATIENCE_S), rig(wire, tmp_path) as scanner:
        links = Links(report, scanner.clock)
        running = asyncio.create_task(supervise(scanner.driver(), links, report, scanner.clock))
        await until(1)
        tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
        for _ in range(ROUNDS):
            known = ups
            scanner.fault("disconnect")
            await until(known + 1)
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert len(os.listdir("/proc/self/fd")) <= files + 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
