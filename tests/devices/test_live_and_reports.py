"""Values for pages, and what a session's tasks have to say."""

import asyncio
from datetime import UTC, datetime

import pytest

from devices.errors import Unreachable
from devices.live import Live
from devices.reports import Reports
from devices.tags.value import Value
from wcs.envelope import Nobody, Seen
from wcs.names import DeviceId, Lpn
from wcs.observations import LabelPrinted

T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)
PLC = DeviceId("plc")


def said(number: int) -> Seen:
    return Seen(LabelPrinted(printer=PLC, lpn=Lpn(str(number)), at=T0), Nobody())


def test_values_are_put_or_seen_through_a_view_and_stay_when_the_line_is_lost() -> None:
    live = Live()
    live.put(PLC, "a", Value(1, T0))
    live.attach(PLC, lambda: {"b": Value(2, T0, "m/s")})
    assert {tag: value.value for tag, value in live.of(PLC).items()} == {"a": 1, "b": 2}
    live.lost(PLC, "not connected")
    assert [(v.value, v.quality, v.reason) for v in live.of(PLC).values()] == [
        (1, "bad", "not connected"),
        (2, "bad", "not connected"),
    ]
    assert live.of(DeviceId("nobody")) == {}


def test_a_device_cannot_name_more_tags_than_a_map_could() -> None:
    live = Live(at_most=2)
    live.put(PLC, "a", Value(1, T0))
    live.put(PLC, "b", Value(1, T0))
    live.put(PLC, "a", Value(2, T0))
    with pytest.raises(OverflowError):
        live.put(PLC, "c", Value(1, T0))


async def test_everything_said_is_heard_before_the_error_that_ended_the_session() -> None:
    reports = Reports(lambda: reports.say(said(3)))

    async def works() -> None:
        reports.say(said(1))
        reports.say(said(2))
        raise Unreachable("plc", "gone")

    reports.start(works())
    heard = []
    with pytest.raises(Unreachable):
        async for seen in reports:
            heard.append(seen.observation.lpn)  # type: ignore[union-attr]
    assert heard == ["1", "2", "3"]
    await reports.close()


async def test_of_what_has_a_name_only_the_newest_waits() -> None:
    reports = Reports()
    for number in range(1000):
        reports.say(said(number), newest="lane 1")
    reports.say(said(2000))
    heard = []
    async for seen in reports:
        heard.append(seen.observation.lpn)  # type: ignore[union-attr]
        if len(heard) == 2:
            break
    assert heard == ["999", "2000"]


async def test_closing_ends_all_tasks() -> None:
    reports = Reports()
    for _ in range(3):
        reports.start(asyncio.sleep(3600))
    await reports.close()
    assert len(asyncio.all_tasks()) == 1
