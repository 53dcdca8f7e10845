"""Tags over Modbus: what a silent unit costs its neighbours, and what a poll costs us beside a
plain asyncio poller of the same registers."""

import asyncio
import json
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from time import monotonic, process_time

import uvloop

from devices.device import Driver
from devices.io import IoDriver
from devices.links import Links
from devices.live import Live
from devices.map.schema import Io, ModbusTcp
from devices.supervise import supervise
from wcs.envelope import Seen
from wcs.names import DeviceId

UNITS, SILENT, LOOKED_AT_S = 10, 4, 20.0
POLL_S, TIMEOUT = 0.25, "3s"
DEVICES, REGISTERS, EVERY_S, WARM_S, RUN_S, RUNS = 10, 100, 0.1, 1.0, 3.0, 5
Row = tuple[str, float, float, str]
Poller = Callable[[list[int], list[int]], AbstractAsyncContextManager[None]]
"""Runs on those ports and counts its polls."""


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def rows() -> list[Row]:
    kept, gap = asyncio.run(_beside_a_silent_unit())
    pairs = [(_cpu(_ours), _cpu(_floor)) for _ in range(RUNS)]
    ours, floor = (median(run) for run in zip(*pairs, strict=True))
    return [
        ("one silent unit of ten, one port: healthy polls kept, %", 100 * kept, 0.0, ">= 98"),
        ("one silent unit of ten, one port: longest gap", gap, 0.0, "<= 1 s"),
        ("CPU of 1000 polls of 100 registers @ 100 ms", ours, floor, "<= 2.5x"),
    ]


async def _beside_a_silent_unit() -> tuple[float, float]:
    """Share of the due polls that the healthy units had, and the longest pause of any of them;
    twenty registers every 250 ms, as the gateways of edge-peers.md were measured."""
    with _peer(1, UNITS, SILENT) as (ports, ended):
        async with AsyncExitStack() as stack:
            for unit in range(1, UNITS + 1):
                await stack.enter_async_context(_running(_driver(ports[0], unit, 20, POLL_S)))
            await asyncio.sleep(2.0)
            begun = monotonic()
            await asyncio.sleep(LOOKED_AT_S)
            over = monotonic()
        polls = ended()
    shares, gaps = [], []
    assert str(SILENT) not in polls
    for times in polls.values():
        inside = [at for at in times if begun <= at <= over]
        shares.append(len(inside) / (LOOKED_AT_S / POLL_S))
        gaps.append(max(b - a for a, b in pairwise([begun, *inside, over])))
    assert len(shares) == UNITS - 1
    return min(1.0, min(shares)), max(gaps)


def _cpu(poll: Poller) -> float:
    """Seconds of this process for a thousand polls, once all of them run."""

    async def work() -> float:
        polls = [0]
        with _peer(DEVICES, 1, 0) as (ports, _):
            async with poll(ports, polls):
                await asyncio.sleep(WARM_S)
                begun, before = process_time(), polls[0]
                await asyncio.sleep(RUN_S)
                return (process_time() - begun) / (polls[0] - before) * 1000

    return uvloop.run(work())


@asynccontextmanager
async def _ours(ports: list[int], polls: list[int]) -> AsyncIterator[None]:
    def polled(device: DeviceId, told: object) -> None:
        polls[0] += 1

    live = Live(polled=polled)
    async with AsyncExitStack() as stack:
        for port in ports:
            driver = _driver(port, 1, REGISTERS, EVERY_S, live)
            await stack.enter_async_context(_running(driver))
        yield


@asynccontextmanager
async def _floor(ports: list[int], polls: list[int]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_poll(port, polls)) for port in ports]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _poll(port: int, polls: list[int]) -> None:
    """What the standard library can do: streams, one unpack, one dict."""
    names = [f"r{at}" for at in range(REGISTERS)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop, number = asyncio.get_running_loop(), 0
    due = loop.time()
    try:
        while True:
            number = number % 65535 + 1
            writer.write(struct.pack(">HHHBBHH", number, 0, 6, 1, 3, 0, REGISTERS))
            head = await reader.readexactly(9)
            data = await reader.readexactly(head[8])
            dict(zip(names, struct.unpack(f">{REGISTERS}H", data), strict=True))
            polls[0] += 1
            due += EVERY_S
            await asyncio.sleep(due - loop.time())
    finally:
        writer.transport.abort()


def _driver(
    port: int, unit: int, registers: int, every_s: float, live: Live | None = None
) -> Driver:
    tags = {f"r{at}": {"at": f"hr:{at}", "type": "uint16"} for at in range(registers)}
    told = {"kind": "io", "connection": "line", "unit": unit, "tags": tags}
    config = Io.model_validate(told, context={"poll": {"normal": every_s}})
    line = {"type": "modbus-tcp", "host": "127.0.0.1", "port": port, "timeout": TIMEOUT}
    connection = ModbusTcp.model_validate(line)
    id = DeviceId(f"io{port}_{unit}")
    return IoDriver(id, config, connection, clock=Clock(), live=live or Live())


@asynccontextmanager
async def _running(driver: Driver) -> AsyncIterator[None]:
    async def report(seen: Seen) -> None:
        return None

    task = asyncio.create_task(supervise(driver, Links(report, Clock()), report, Clock()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def _peer(
    ports: int, units: int, silent: int
) -> Iterator[tuple[list[int], Callable[[], dict[str, list[float]]]]]:
    """Its ports, and a function that ends it and says when each unit was polled."""
    arguments = [str(one) for one in (ports, units, silent)]
    command = [sys.executable, "-m", "tests.benchmarks.tags_peer", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        opened: list[int] = json.loads(process.stdout.readline())

        def ended() -> dict[str, list[float]]:
            told, _ = process.communicate("")
            result: dict[str, list[float]] = json.loads(told)
            return result

        try:
            yield opened, ended
        finally:
            process.kill()


def main() -> None:
    for path, ours, floor, bar in rows():
        ratio = f", floor {floor:.4g}, {ours / floor:.2f}x" if floor else ""
        print(f"{path}: {ours:.4g}{ratio} ({bar})")


if __name__ == "__main__":
    main()
