"""Blocks that a device refuses: split, learnt, and known again after a reconnect."""

import asyncio
from collections.abc import Callable

import pytest

from devices.live import Live
from devices.map.units import Span
from devices.tags.learning import Memory
from devices.tags.lines import open_tags
from devices.tags.plan import Limits
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.played import Refuse, tag
from tests.devices.tags.stations import Bench, on_tcp
from tests.devices.tags.test_lines import device, line, until
from tests.devices.tags.test_poller import Line
from wcs.names import DeviceId


def without(*holes: int, most: int = 125) -> Callable[[str], None]:
    def fault(asked: str) -> None:
        first, count = map(int, asked.removeprefix("read hr:").split("+"))
        if count > most:
            raise Refuse(3)
        if any(first <= hole < first + count for hole in holes):
            raise Refuse(2)

    return fault


def reads(played: Line) -> list[str]:
    return sorted(set(played.wire.log), key=lambda one: int(one.split(":")[1].split("+")[0]))


async def settled(played: Line) -> list[str]:
    """The blocks that are read again and again once nothing is learnt any more."""
    await asyncio.sleep(0.15)
    mark = len(played.wire.log)
    await played.polls(12)
    played.wire.log[:] = played.wire.log[mark:]
    return reads(played)


async def test_the_thingsboard_case_gives_every_other_value_right_and_none_wrong() -> None:
    """Exception 2 on registers 40 and 41 of 0..99: 52 of 84 values under the wrong tag there."""
    tags = {f"r{at}": {"at": f"hr:{at}", "type": "uint16"} for at in range(100)}
    bench = Bench(1)
    bench[1].forbidden = {("hr", 40), ("hr", 41)}
    on_line = line
    async with on_tcp(bench):
        on = on_line(bench.port)
        async with open_tags(DeviceId("io"), device(1, tags), on, RunningClock(), Live()) as opened:
            shown = opened.view()
            wrong = [
                name for name, value in shown.items()
                if value.quality == "good" and value.value != int(name[1:])
            ]  # fmt: skip
            assert wrong == []
            bad = {name: value.reason for name, value in shown.items() if value.value is None}
            assert bad == dict.fromkeys(("r40", "r41"), "has no such address")
            bench.asked.clear()
            await until(lambda: len(bench.asked) >= 8)
            asked = {one[8:].hex() for one in bench.asked}
        assert asked == {"00000028", "002a003a"}  # 0..39 and 42..99, nothing between
        bench.asked.clear()
        async with open_tags(DeviceId("io"), device(1, tags), on, RunningClock(), Live()) as opened:
            assert opened.view()["r40"].reason == "has no such address"
            assert {one[8:].hex() for one in bench.asked} == asked  # known from before
            bench[1].forbidden.clear()


async def test_a_hole_between_two_tags_is_found_and_read_around() -> None:
    played = Line({"a": tag("hr:0"), "b": tag("hr:3"), "c": tag("hr:6")})
    played.wire.fault = without(4)
    async with played:
        assert {value.quality for value in played.tags.view().values()} == {"good"}
        assert await settled(played) == ["read hr:0+4", "read hr:6+1"]


async def test_what_is_too_much_at_once_is_asked_for_in_smaller_parts() -> None:
    played = Line({f"t{at}": tag(f"hr:{at}") for at in range(100)})
    played.wire.fault = without(most=60)
    async with played:
        assert await settled(played) == ["read hr:0+50", "read hr:50+50"]


async def test_an_address_that_is_there_after_all_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("devices.tags.poller.AGAIN_S", 0.05)
    memory = Memory()
    played = Line({f"t{at}": tag(f"hr:{at}") for at in range(8)}, memory=memory)
    played.wire.fault = without(5)
    async with played:
        assert played.tags.value("t5").quality == "bad"
        assert memory.holes == {Span("hr", 5, 5)}
        played.wire.cells[1][5] = 55
        played.wire.fault = without()
        await until(lambda: played.tags.value("t5").value == 55)
        assert memory.holes == set()
        assert await settled(played) == ["read hr:0+8"]


async def test_what_the_map_forbids_is_never_read() -> None:
    limits = Limits(max_gap=8, forbidden=(Span("hr", 2, 3),))
    played = Line({"a": tag("hr:0"), "b": tag("hr:1"), "c": tag("hr:4")}, limits=limits)
    async with played:
        assert reads(played) == ["read hr:0+2", "read hr:4+1"]
