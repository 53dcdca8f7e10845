"""Several devices on one line: what one of them does, the others do not notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devices.errors import Unreachable
from devices.io import IoDriver
from devices.live import Live
from devices.map.schema import Io, Modbus, ModbusRtuTcp, ModbusTcp
from devices.supervise import MAX_S
from devices.tags.health import BACK_OFF_S
from devices.tags.lines import open_tags
from devices.tags.port import OpenTags
from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.devices.tags.stations import Bench, on_tcp
from tests.faults.proxy import through
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp

PATIENCE_S = 15.0


def device(unit: int, tags: dict[str, Any] | None = None, poll: str = "fast") -> Io:
    given = tags or {"a": {"at": "hr:0", "type": "uint16"}, "b": {"at": "hr:9", "type": "uint32"}}
    told = {"kind": "io", "connection": "line", "unit": unit}
    with_poll = {name: {"poll": poll, **one} for name, one in given.items()}
    return Io.model_validate({**told, "tags": with_poll}, context={"poll": {"fast": 0.05}})


def line(port: int, *, rtu: bool = False, **more: Any) -> Modbus:
    told = {"host": "127.0.0.1", "port": port, "timeout": "1s", **more}
    if rtu:
        return ModbusRtuTcp.model_validate({"type": "modbus-rtu-tcp", **told})
    return ModbusTcp.model_validate({"type": "modbus-tcp", **told})


@asynccontextmanager
async def tags_of(io: Io, connection: Modbus, live: Live | None = None) -> AsyncIterator[OpenTags]:
    name = DeviceId(f"unit{io.unit}")
    async with open_tags(name, io, connection, RunningClock(), live or Live()) as tags:
        yield tags


async def until(fact: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within_s):
        while not fact():
            await asyncio.sleep(0.002)


@pytest.fixture(params=[False, True], ids=["tcp", "rtu behind tcp"])
def rtu(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_one_connection_is_one_line_and_each_unit_gives_its_own_values(rtu: bool) -> None:
    bench = Bench(1, 2, 3, rtu=rtu)
    for unit in (1, 2, 3):
        bench[unit].hr[0], bench[unit].hr[9:11] = 100 * unit, [unit, unit]
    async with on_tcp(bench), through(bench.port) as proxy:
        on = line(proxy.port, rtu=rtu)
        async with (
            tags_of(device(1), on) as one,
            tags_of(device(2), on) as two,
            tags_of(device(3), on) as three,
        ):
            assert [tags.value("a").value for tags in (one, two, three)] == [100, 200, 300]
            assert [tags.value("b").value for tags in (one, two, three)] == [65537, 131074, 196611]
            assert proxy.accepted == 1
        await until(lambda: proxy.open == 0)


async def test_a_silent_unit_loses_its_session_and_the_others_do_not_notice(rtu: bool) -> None:
    bench = Bench(*range(1, 11), rtu=rtu)
    async with on_tcp(bench):
        on = line(bench.port, rtu=rtu)
        opened = [tags_of(device(unit), on) for unit in range(1, 11)]
        tags = [await one.__aenter__() for one in opened]
        try:
            bench[4].silent = True
            with pytest.raises(Unreachable, match="unit4: unit 4 does not answer"):
                async with asyncio.timeout(PATIENCE_S):
                    await tags[3].run()
            bench[7].hr[0] = 4711
            await until(lambda: tags[6].value("a").value == 4711)
            assert len(bench._writers) == 1
        finally:
            for one in reversed(opened):
                await one.__aexit__(None, None, None)


async def test_healthy_units_keep_their_polls_while_one_is_silent(rtu: bool) -> None:
    """What must hold on any machine; the shares of time are in the benchmark. Between two questions
    to the silent unit all others are asked, and it gets few of all."""
    bench = Bench(*range(1, 11), rtu=rtu)
    bench[4].silent = True
    ears, clock = Ears(), RunningClock()
    async with on_tcp(bench), contextlib.AsyncExitStack() as site:
        on = line(bench.port, rtu=rtu, timeout="3s", retries=1)
        for unit in range(1, 11):
            driver = IoDriver(DeviceId(f"u{unit}"), device(unit), on, clock=clock, live=Live())
            await site.enter_async_context(supervised(driver, ears, clock))
        await ears.hear(DeviceUp, 9)
        await until(lambda: bench.asked_of(4) >= 2)  # so it counts as silent
        begun = len(bench.asked)
        await until(lambda: bench.asked_of(4) >= 4)
        asked = [bench.unit_of(frame) for frame in bench.asked[begun:]]
    assert asked.count(4) <= 0.05 * len(asked)
    for between in runs_without(4, asked)[:-1]:
        assert set(between) == set(bench.stations) - {4}
    assert not ears.of(DeviceDown) or {one.device for one in ears.of(DeviceDown)} == {"u4"}


def runs_without(unit: int, asked: list[int]) -> list[list[int]]:
    """What was asked between two questions to that unit."""
    runs: list[list[int]] = [[]]
    for one in asked:
        if one == unit:
            runs.append([])
        else:
            runs[-1].append(one)
    return runs


async def test_a_silent_unit_that_is_cured_gives_data_within_five_seconds() -> None:
    bench = Bench(1, 2)
    bench[2].silent = True
    ears, clock, live = Ears(), RunningClock(), Live()
    async with on_tcp(bench):
        on = line(bench.port, timeout="500ms")
        first = IoDriver(DeviceId("u1"), device(1), on, clock=clock, live=live)
        second = IoDriver(DeviceId("u2"), device(2), on, clock=clock, live=live)
        async with supervised(first, ears, clock), supervised(second, ears, clock):
            (down,) = await ears.hear(DeviceDown)
            assert (down.device, down.reason) == ("u2", "unit 2 does not answer")
            deep = bench.asked_of(2) + 2
            await until(lambda: bench.asked_of(2) >= deep)  # in its longest back-off
            bench[2].silent = False
            await ears.hear(DeviceUp, 2)
            assert live.of(DeviceId("u2"))["b"].value == 9 * 65536 + 10
    assert max(*BACK_OFF_S, MAX_S) <= 3.0  # both run at once


async def test_a_unit_that_is_slow_is_not_taken_for_silent_for_ever() -> None:
    """It answers in 250 ms, its neighbour at once: its late replies tell how slow it is."""
    bench = Bench(1, 2)
    bench[2].takes_s = 0.25
    ears, clock = Ears(), RunningClock()
    async with on_tcp(bench):
        on = line(bench.port, timeout="1s")
        first = IoDriver(DeviceId("u1"), device(1), on, clock=clock, live=Live())
        second = IoDriver(DeviceId("u2"), device(2), on, clock=clock, live=Live())
        async with supervised(first, ears, clock):
            await ears.hear(DeviceUp)
            async with supervised(second, ears, clock):
                await ears.hear(DeviceUp, 2)
                asked = len(bench[2].polls)
                await until(lambda: len(bench[2].polls) > asked + 5)  # it stays
    assert not ears.of(DeviceDown)


async def test_a_line_that_drops_ends_all_sessions_and_comes_back_as_one(rtu: bool) -> None:
    bench = Bench(1, 2, 3, rtu=rtu)
    ears, clock = Ears(), RunningClock()
    async with on_tcp(bench), through(bench.port) as proxy:
        on = line(proxy.port, rtu=rtu)
        drivers = [
            IoDriver(DeviceId(f"u{unit}"), device(unit), on, clock=clock, live=Live())
            for unit in (1, 2, 3)
        ]
        stacks = [supervised(driver, ears, clock) for driver in drivers]
        for stack in stacks:
            await stack.__aenter__()
        try:
            await ears.hear(DeviceUp, 3)
            proxy.reset()
            downs = await ears.hear(DeviceDown, 3)
            assert {one.reason for one in downs} == {"the line dropped"}
            await ears.hear(DeviceUp, 6)
            assert proxy.accepted <= 3  # the first to come back may open it for the rest
            assert proxy.open == 2
        finally:
            for stack in reversed(stacks):
                await stack.__aexit__(None, None, None)
        await until(lambda: proxy.open == 0)


async def test_a_line_that_drops_while_nobody_polls_is_known_at_once(rtu: bool) -> None:
    bench = Bench(1, rtu=rtu)
    async with on_tcp(bench), through(bench.port) as proxy:
        on = line(proxy.port, rtu=rtu)
        async with tags_of(device(1, poll="once"), on) as tags:
            proxy.reset()
            with pytest.raises(Unreachable, match="the line dropped"):
                async with asyncio.timeout(PATIENCE_S):
                    await tags.run()


async def test_a_half_open_line_with_several_units_is_given_up(rtu: bool) -> None:
    bench = Bench(*range(1, 6), rtu=rtu)
    ears, clock = Ears(), RunningClock()
    async with on_tcp(bench), through(bench.port) as proxy:
        on = line(proxy.port, rtu=rtu, timeout="300ms")
        drivers = [
            IoDriver(DeviceId(f"u{unit}"), device(unit), on, clock=clock, live=Live())
            for unit in range(1, 6)
        ]
        stacks = [supervised(driver, ears, clock) for driver in drivers]
        for stack in stacks:
            await stack.__aenter__()
        try:
            await ears.hear(DeviceUp, 5)
            proxy.freeze()
            await ears.hear(DeviceDown, 5)
            proxy.freeze(False)
            await ears.hear(DeviceUp, 10)
        finally:
            for stack in reversed(stacks):
                await stack.__aexit__(None, None, None)


async def test_a_write_to_one_unit_goes_ahead_of_the_polls_of_all(rtu: bool) -> None:
    bench = Bench(*range(1, 6), rtu=rtu)
    writable = {"a": {"at": "hr:0", "type": "uint16", "access": "rw"}}
    async with on_tcp(bench):
        on = line(bench.port, rtu=rtu)
        opened = [tags_of(device(unit, writable), on) for unit in range(1, 6)]
        tags = [await one.__aenter__() for one in opened]
        try:
            for station in bench.stations.values():
                station.takes_s = 0.02  # the line is full: 5 x 20 ms of polls in every 50 ms
            before = len(bench.asked)
            await until(lambda: len(bench.asked) > before + 10)
            ordered = len(bench.asked)
            await tags[2].write({"a": 4711})
            functions = [bench.pdu_of(frame)[0] for frame in bench.asked[ordered:]]
            assert functions.index(6) <= 1  # one poll under way, then the write
            assert bench[3].hr[0] == 4711
            assert [unit for unit in bench.stations if bench[unit].writes] == [3]
        finally:
            for one in reversed(opened):
                await one.__aexit__(None, None, None)


async def test_a_gateway_that_names_the_unreached_unit_is_believed() -> None:
    """Exception 11 for unit 2: the line is fine, the unit is not."""
    bench = Bench(1, 2)
    async with on_tcp(bench):
        on = line(bench.port)
        async with tags_of(device(1), on) as one, tags_of(device(2), on) as two:
            bench[2].refuses = 11
            with pytest.raises(Unreachable, match="unit 2 does not answer"):
                async with asyncio.timeout(PATIENCE_S):
                    await two.run()
            bench[1].hr[0] = 7
            await until(lambda: one.value("a").value == 7)


async def test_nobody_there_is_said_by_every_device_with_its_own_name() -> None:
    async with on_tcp(Bench(1)) as bench:
        port = bench.port
    with pytest.raises(Unreachable, match=f"unit1: nobody answers at 127.0.0.1:{port}"):
        async with tags_of(device(1), line(port)):
            pass


async def test_two_devices_may_be_two_views_of_one_unit() -> None:
    bench = Bench(1)
    async with on_tcp(bench):
        on = line(bench.port)
        other = device(1, {"c": {"at": "ir:5", "type": "uint16"}})
        async with tags_of(device(1), on) as one, tags_of(other, on) as two:
            assert (one.value("a").value, two.value("c").value) == (0, 5)
            bench[1].silent = True
            for tags in (one, two):
                with pytest.raises(Unreachable):
                    async with asyncio.timeout(PATIENCE_S):
                        await tags.run()
