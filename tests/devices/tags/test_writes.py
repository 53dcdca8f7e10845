"""What is written and what is refused, with the reason; pulses; single bits."""

import asyncio

import pytest

from devices.live import Live
from devices.map.schema import ModbusTcp
from devices.map.units import Span
from devices.tags.codec import Unwritable
from devices.tags.learning import Memory
from devices.tags.lines import open_tags
from devices.tags.observed import ONLY_OBSERVED
from devices.tags.port import NoReply, NotAllowed, ReadOnly
from devices.tags.writes import Writes
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.played import Refuse, silence, tag
from tests.devices.tags.stations import Bench, on_tcp
from tests.devices.tags.test_lines import device
from tests.devices.tags.test_poller import Line
from wcs.names import DeviceId

TAGS = {
    "speed": tag("hr:10", range=[0, 2.5], scale=0.01),
    "lane": tag("hr:11"),
    "far": tag("hr:40"),
    "seen": tag("hr:12", access="r"),
    "input": tag("ir:3"),
    "run": tag("co:1", "bool"),
    "lamp": tag("hr:20.3", "bool"),
    "reset": tag("co:2", "bool", pulse="30ms"),
}


def asked(writes: Writes, *steps: dict[str, object]) -> list[str]:
    return [one.pdu.hex() for one in writes.requests(steps)]  # type: ignore[arg-type]


def test_neighbours_of_a_step_are_one_request_and_steps_are_not_mixed() -> None:
    writes = Writes(TAGS, 1, None)
    assert asked(writes, {"speed": 1.5, "lane": 3}) == ["10000a0002040096" + "0003"]
    assert asked(writes, {"speed": 1.5}, {"lane": 3}) == ["06000a0096", "06000b0003"]
    assert asked(writes, {"lane": 3, "far": 1}) == ["06000b0003", "0600280001"]
    assert asked(writes, {"lane": 3, "run": True}) == ["06000b0003", "050001ff00"]
    assert asked(writes, {"lamp": True}) == ["160014fff70008"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"speed": 2.6}, "speed: 2.6 lies outside 0..2.5"),
        ({"lane": 65536}, "lane: 65536 does not fit uint16"),
        ({"seen": 1}, "seen: its access is r"),
        ({"input": 1}, "input: ir:3 can only be read"),
        ({"nothing": 1}, "nothing: there is no such tag"),
        ({"lamp": 1}, "lamp: 1 is not true or false"),
        ({"lane": 1, "far": 2}, r"far: hr:40 is not in the list .*\(hr:0-31, co:0-3\)"),
    ],
)
def test_what_is_not_written_says_why(values: dict[str, object], reason: str) -> None:
    writes = Writes(TAGS, 1, (Span("hr", 0, 31), Span("co", 0, 3)))
    with pytest.raises(Unwritable, match=reason):
        asked(writes, values)


def test_a_range_is_allowed_only_as_a_whole() -> None:
    writes = Writes({"wide": tag("hr:30", "uint64")}, 1, (Span("hr", 0, 31),))
    with pytest.raises(NotAllowed, match="hr:30-33 is not in the list"):
        asked(writes, {"wide": 1})


def test_everybody_is_never_written_to() -> None:
    with pytest.raises(NotAllowed, match="unit 0 is everybody"):
        asked(Writes(TAGS, 0, None), {"lane": 1})


async def test_a_refused_write_is_told_to_the_audit_and_not_sent() -> None:
    async with Line(TAGS, writable=(Span("hr", 0, 31),)) as line:
        for values in ({"far": 1}, {"speed": 9.0}, {"run": True}):
            with pytest.raises(Unwritable):
                await line.tags.write(values)
        assert [dict(one.values) for one in line.refusals] == [
            {"far": 1}, {"speed": 9.0}, {"run": True},
        ]  # fmt: skip
        assert "hr:40 is not in the list" in line.refusals[0].reason
        assert not [one for one in line.wire.log if one.startswith("write")]


async def test_only_observed_means_nothing_leaves() -> None:
    bench, live = Bench(1), Live()
    told: list[tuple[str, str]] = []
    live.refused = lambda device, refusal: told.append((device, refusal.reason))
    writable = {"a": {"at": "hr:0", "type": "uint16", "access": "rw"}}
    async with on_tcp(bench):
        on = ModbusTcp.model_validate({"type": "modbus-tcp", "host": "127.0.0.1"} | {
            "port": bench.port
        })  # fmt: skip
        opened = open_tags(DeviceId("io"), device(1, writable), on, RunningClock(), live, "observe")
        async with opened as tags:
            assert (await tags.read("a"))["a"].value == 0
            with pytest.raises(ReadOnly):
                await tags.write({"a": 1})
    assert (bench[1].writes, told) == ([], [("io", ONLY_OBSERVED)])


# --- single bits ----------------------------------------------------------------------------------


async def test_a_bit_is_written_in_the_device_and_its_neighbours_stay() -> None:
    async with Line(TAGS) as line:
        line.wire.cells[1][20] = 0b1111_0000
        await line.tags.write({"lamp": True})
        assert line.wire.cells[1][20] == 0b1111_1000
        assert "bit hr:20 and fff7 or 0008" in line.wire.log


async def test_a_device_without_mask_writes_is_never_written_around() -> None:
    async with Line(TAGS) as line:

        def unknown(asked: str) -> None:
            if asked.startswith("bit"):
                raise Refuse(1)

        line.wire.fault = unknown
        for _ in range(2):
            with pytest.raises(NotAllowed, match="cannot write one bit"):
                await line.tags.write({"lamp": True})
        assert len([one for one in line.wire.log if one.startswith("bit")]) == 1
        assert not [one for one in line.wire.log if one.startswith("write hr:20")]


# --- pulses ---------------------------------------------------------------------------------------


def of_reset(line: Line) -> list[str]:
    return [one for one in line.wire.log if one.startswith("write co:2")]


async def test_a_pulse_is_on_once_held_and_off() -> None:
    async with Line(TAGS) as line:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await line.tags.write({"reset": True})
        assert loop.time() - begun >= 0.03
        assert of_reset(line) == ["write co:2=1", "write co:2=0"]


async def test_a_pulse_whose_answer_is_lost_is_switched_off_and_not_on_again() -> None:
    async with Line(TAGS) as line:
        lost: list[str] = []

        def lose(asked: str) -> None:
            if asked == "write co:2=1":
                lost.append(asked)
                silence(asked)

        line.wire.fault = lose
        with pytest.raises(NoReply):
            await line.tags.write({"reset": True})
        assert of_reset(line) == ["write co:2=1", "write co:2=0"]


async def test_a_pulse_ends_even_when_nobody_waits_for_it() -> None:
    async with Line(TAGS) as line:
        pressing = asyncio.create_task(line.tags.write({"reset": True}))
        async with asyncio.timeout(20):
            while not of_reset(line):
                await asyncio.sleep(0.001)
            pressing.cancel()
            while len(of_reset(line)) < 2:
                await asyncio.sleep(0.001)
        assert of_reset(line)[1] == "write co:2=0"


async def test_what_was_on_when_the_line_dropped_is_switched_off_first() -> None:
    memory = Memory()
    line = Line(TAGS, memory=memory)
    async with line:
        pressing = asyncio.create_task(line.tags.write({"reset": True}))
        while not of_reset(line):
            await asyncio.sleep(0.001)
    await asyncio.gather(pressing, return_exceptions=True)
    assert of_reset(line) == ["write co:2=1"]
    async with Line(TAGS, memory=memory) as again:
        assert of_reset(again) == ["write co:2=0"]
    assert memory.pulses == set()


@pytest.mark.parametrize("values", [{"reset": False}, {"reset": True, "lane": 1}])
async def test_a_pulse_is_written_alone_and_only_on(values: dict[str, bool]) -> None:
    async with Line(TAGS) as line:
        with pytest.raises(Unwritable):
            await line.tags.write(values)
        assert of_reset(line) == []


async def test_a_pulse_that_is_still_on_is_not_switched_on_again() -> None:
    async with Line(TAGS) as line:
        first = asyncio.create_task(line.tags.write({"reset": True}))
        while not of_reset(line):
            await asyncio.sleep(0.001)
        with pytest.raises(Unwritable, match="still on"):
            await line.tags.write({"reset": True})
        await first
        assert of_reset(line) == ["write co:2=1", "write co:2=0"]
