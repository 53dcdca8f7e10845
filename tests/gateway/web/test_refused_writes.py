"""What was not written, on a real wire: by us as `wedge`, by a person under their name alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from devices.tags.codec import Unwritable
from devices.tags.port import ReadOnly
from gateway.auditing import acts
from gateway.refusing import Refusing
from tests.devices.tags.stations import Bench as Bus
from tests.gateway.web.bench import Bench
from tests.gateway.web.test_tags import metered, put
from wcs.envelope import Seen
from wcs.names import DeviceId

METER = DeviceId("meter")


@contextmanager
def journaled(desk: Bench) -> Iterator[asyncio.Event]:
    """As the service wires it; set once something was kept."""
    kept = asyncio.Event()

    async def report(seen: Seen) -> None:
        await desk.tell(seen.observation)
        kept.set()

    refusing = Refusing(report, desk.now)
    desk.live.refused = refusing.told
    task = asyncio.create_task(refusing.run())
    yield kept
    task.cancel()


def told(desk: Bench) -> list[tuple[str, str, str, str]]:
    with desk.store.reader() as conn:
        return [(row["by"], row["act"], row["outcome"], row["reason"]) for row in acts(conn)]


async def test_a_rule_that_wants_too_much_is_in_the_audit(desk: Bench) -> None:
    bus = Bus(1)
    with journaled(desk) as kept:
        async with metered(desk, bus, "automatic"), asyncio.timeout(20):
            tags = desk.live.tags(METER)
            assert tags is not None
            with pytest.raises(Unwritable) as no:
                await tags.write({"speed": 9.0})
            await kept.wait()
    assert told(desk) == [("wedge", "WriteRefused", "refused", str(no.value))]
    with desk.store.reader() as conn:
        assert acts(conn)[0]["what"] == "device meter, what speed 9.0"


async def test_a_device_that_is_only_observed_says_so(desk: Bench) -> None:
    with journaled(desk) as kept:
        async with metered(desk, Bus(1), "observe"), asyncio.timeout(20):
            tags = desk.live.tags(METER)
            assert tags is not None
            with pytest.raises(ReadOnly):
                await tags.write({"speed": 1.0})
            await kept.wait()
    ((by, act, _, reason),) = told(desk)
    assert (by, act, reason) == ("wedge", "WriteRefused", "only observed: nothing is written to it")


async def test_what_a_person_may_not_write_is_told_once(
    desk: Bench, web: httpx.AsyncClient
) -> None:
    with journaled(desk) as kept:
        async with metered(desk, Bus(1), "manual"):
            assert (await put(web, desk, "engineer", "speed", 9.0)).status_code == 409
    assert not kept.is_set()
    assert [(by, act, outcome) for by, act, outcome, _ in told(desk)] == [
        ("a-engineer", "TagWritten", "refused"),
        ("a-engineer", "TagWritten", "asked"),
    ]
    with desk.store.reader() as conn:
        assert [(row["old"], row["new"]) for row in acts(conn)] == [("0.2", "9.0")] * 2
