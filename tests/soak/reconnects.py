"""Reconnects of every driver without any back-off, its wire cut as soon as it is up: memory stays
flat, and no task, thread, socket or file stays behind."""

import asyncio
import itertools
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from typing import Final
from unittest.mock import patch

from tests.devices.conveyor.site import Ears, RunningClock, supervised, until
from tests.faults.lines import LINES, Line, Needs, Open
from tests.soak.apart import opcua_apart
from tests.soak.held import KB_EACH, held, left_behind, resident_kb, slope
from tests.soak.progress import Bar
from tests.soak.result import Run
from wcs.observations import DeviceUp

DRIVERS: Final[dict[str, Open]] = LINES | {"opcua": opcua_apart}
TIMES: Final = 10_000
WARM: Final = 100
SAMPLES: Final = 100
STEADY: Final = 5_000
"""With fewer reconnects a slope says nothing."""
WITHIN_S: Final = 60.0


def run(needs: Needs, name: str, times: int = TIMES, warm: int = WARM) -> Run:
    made = Run(f"{name}: {times} reconnects")
    with _without_back_off():
        asyncio.run(_reconnects(made, DRIVERS[name](needs), Bar(name, times), times, warm))
    return made


@contextmanager
def _without_back_off() -> Iterator[None]:
    with (
        patch("devices.supervise.waits", lambda: itertools.repeat(0.0)),
        patch("devices.mqtt_rivals.IN_A_ROW", sys.maxsize),
    ):
        yield


async def _reconnects(
    made: Run, opened: AbstractAsyncContextManager[Line], bar: Bar, times: int, warm: int
) -> None:
    ears, samples = Ears(), [(0, 0)]
    async with opened as line, supervised(line.driver, ears, RunningClock()):
        await ears.hear(DeviceUp, within_s=WITHIN_S)
        await until(partial(_joined, line, 0), WITHIN_S)
        await _cut(ears, line, warm)
        before = held()
        for done in _parts(times):
            await _cut(ears, line, done - samples[-1][0])
            samples.append((done, resident_kb()))
            bar.at(done)
        after = held()
    each = slope(samples)
    made.facts |= {"KB": f"{before.kb} -> {after.kb}", "KB each": f"{each:.3f}"}
    made.facts |= {k: getattr(after, k) for k in ("tasks", "threads", "sockets", "files")}
    made.reasons += left_behind(before, after, times)
    if times >= STEADY and each > KB_EACH:
        made.reasons.append(f"memory still grows by {each:.3f} KB each time")


def _parts(times: int) -> list[int]:
    return sorted({round(times * part / SAMPLES) for part in range(1, SAMPLES + 1)} - {0})


async def _cut(ears: Ears, line: Line, times: int) -> None:
    for _ in range(times):
        joined = line.proxy.joined if line.proxy else 0
        ears.seen.clear()
        line.cut()
        await ears.hear(DeviceUp, within_s=WITHIN_S)
        await until(partial(_joined, line, joined), WITHIN_S)


def _joined(line: Line, before: int) -> bool:
    """Some say that they are there before the other end of the wire is reached."""
    return line.proxy is None or line.proxy.joined > before
