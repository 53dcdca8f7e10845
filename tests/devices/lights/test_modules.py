"""Modules on a line that is not theirs alone, with maps that are wrong and people who only look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devices.drivers import driver as made
from devices.errors import Refused, Unreachable
from devices.live import Live
from devices.map.schema import Io, LightZone, ModbusRtuTcp
from devices.mode import Mode
from devices.watched import WatchedSession
from simulators.pick_iq import Rack, on_tcp
from simulators.rtu import Unit
from tests.contract.zones import LIGHTS, MODULES, until, zone
from tests.devices.peers import SOON, HandClock, posted, watched
from wcs.commands import SetLight
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import CommandFailed, LampAnswered, LampFailed, LightPressed

ZONE, METER = DeviceId("z1"), DeviceId("meter")
IO = Io.model_validate(
    {
        "kind": "io",
        "connection": "line",
        "unit": 9,
        "tags": {"power": {"at": "hr:0", "type": "uint16", "poll": "fast"}},
    }
)


def light(name: str = "B-01", task: str | None = "12-3.1") -> SetLight:
    return SetLight(
        device=ZONE,
        light=LightId(name),
        task=TaskId(task) if task else None,
        qty=3,
        before=SOON,
    )


def line(port: int, **more: Any) -> ModbusRtuTcp:
    made = {"type": "modbus-rtu-tcp", "host": "127.0.0.1", "port": port, "retries": 5}
    return ModbusRtuTcp.model_validate(made | more)


@asynccontextmanager
async def rack(config: LightZone | None = None) -> AsyncIterator[tuple[Rack, int]]:
    one = Rack(config or zone({"pick_iq": MODULES}))
    async with on_tcp(one) as port:
        yield one, port


def driven(config: LightZone, connection: ModbusRtuTcp, mode: Mode = "automatic") -> Any:
    return made(ZONE, config, connection, clock=HandClock(), beat=lambda: 0, live=Live(), mode=mode)


CONFIG = zone({"pick_iq": MODULES})


async def test_registers_that_a_module_does_not_have_are_said_at_once() -> None:
    wrong = zone({"pick_iq": MODULES | {"touched": "hr:4711"}})
    async with rack() as (_, port):
        with pytest.raises(Refused, match=r"B-01 has no such address \(what does the register map"):
            async with driven(wrong, line(port)).session():
                pass


async def test_nobody_on_the_line_is_a_zone_that_is_away() -> None:
    async with rack() as (one, port):
        for module in one.modules.values():
            module.unit.silent = True
        with pytest.raises(Unreachable):
            async with driven(CONFIG, line(port, timeout="100ms", retries=1)).session():
                pass


async def test_a_line_that_drops_ends_the_session_and_the_next_one_finds_what_is_lit() -> None:
    async with rack() as (one, port):
        async with watched(driven(CONFIG, line(port))) as watch:
            watch.session.post(posted(light()))
            await until(lambda: one.modules["B-01"].on)
            one.hang_up()
            assert isinstance(await watch.error(), Unreachable)
        async with watched(driven(CONFIG, line(port))) as watch:
            assert watch.session.has == ("B-01=?",)
            watch.session.post(posted(light()))
            while not isinstance(seen := await watch.observes(), LampAnswered) or seen.task == "?":
                pass
            assert (seen.task, one.modules["B-01"].lit) == ("12-3.1", 1)


async def test_a_touch_while_the_line_is_down_is_no_pick_and_the_lamp_stays_lit() -> None:
    async with rack() as (one, port):
        async with watched(driven(CONFIG, line(port))) as watch:
            watch.session.post(posted(light()))
            await until(lambda: one.modules["B-01"].on)
        one.modules["B-01"].touch(1)
        one.modules["B-01"].touch(0)
        async with watched(driven(CONFIG, line(port))) as watch:
            watch.session.post(posted(light()))
            seen = [await watch.observes()]
            while not (isinstance(seen[-1], LampAnswered) and seen[-1].task == "12-3.1"):
                seen.append(await watch.observes())
            assert not [one for one in seen if isinstance(one, LightPressed)]
            assert one.modules["B-01"].on


async def test_who_only_looks_writes_nothing_and_hears_presses() -> None:
    async with rack() as (one, port):
        async with watched(driven(CONFIG, line(port), "observe")) as watch:
            assert isinstance(watch.session, WatchedSession)
            one.modules["B-02"].touch(1)
            assert isinstance(await watch.observes(), LightPressed)
            with pytest.raises(PermissionError):
                watch.session.post(posted(light()))
        assert {module.unit.writes for module in one.modules.values()} == {0}


async def test_what_the_line_does_not_let_be_written_is_not() -> None:
    async with rack() as (one, port):
        async with watched(driven(CONFIG, line(port, writable=["hr:1-2"]))) as watch:
            watch.session.post(posted(light(), "7-1"))
            assert isinstance(failed := await watch.observes(), CommandFailed)
            assert failed.reason == "hr:7901 is not in the list of what may be written"
            watch.session.post(posted(light("B-77"), "8-1"))
        assert one.modules["B-01"].unit.writes == 0


async def test_a_meter_that_dies_on_their_line_is_not_noticed() -> None:
    async with rack() as (one, port):
        meter = Unit({("hr", 0): 42}, lambda: None)
        one.others[9] = meter
        connection = line(port)
        io = made(METER, IO, connection, clock=HandClock(), beat=lambda: 0, live=Live())
        async with watched(driven(CONFIG, connection)) as lamps:
            async with watched(io) as watch:
                asked = meter.asked
                await until(lambda: meter.asked > asked + 3)
                meter.silent = True
                assert isinstance(await watch.error(), Unreachable)
            for task in ("12-3.1", "12-3.2", "12-3.3"):
                lamps.session.post(posted(light(task=task)))
                while not isinstance(seen := await lamps.observes(), LampAnswered):
                    assert not isinstance(seen, LampFailed)
                assert seen.task == task


async def test_a_burst_of_commands_ends_with_the_last() -> None:
    """Cancelled, changed, asked again within a few milliseconds."""
    async with rack() as (one, port), watched(driven(CONFIG, line(port))) as watch:
        for task in ("a", None, "b", "b", None, "c"):
            for name in LIGHTS:
                watch.session.post(posted(light(name, task)))
        shown: dict[str, str | None] = {}
        async with asyncio.timeout(20):
            while list(shown.values()) != ["c"] * 3:
                seen = await watch.observes()
                assert isinstance(seen, LampAnswered)
                shown[seen.light] = seen.task
        assert all(module.on for module in one.modules.values())
