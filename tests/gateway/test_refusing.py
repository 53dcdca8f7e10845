"""Writes that were not sent come into the journal, each kind once a minute."""

import asyncio
from datetime import timedelta

from devices.tags.value import Refusal
from gateway.refusing import AT_MOST, Refusing, by_a_person
from tests.devices.peers import HandClock
from wcs.envelope import Seen
from wcs.names import DeviceId
from wcs.observations import WriteRefused

MERGE = DeviceId("merge1")
HOLD = Refusal({"hold": True, "priority": 12}, "priority: 12 is above its range, 0 to 9")


class Journal:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.kept: list[WriteRefused] = []
        self.refusing = Refusing(self.report, self.clock.now)

    async def report(self, seen: Seen) -> None:
        assert isinstance(seen.observation, WriteRefused)
        self.kept.append(seen.observation)

    async def drained(self) -> list[WriteRefused]:
        task = asyncio.create_task(self.refusing.run())
        while not self.refusing._waiting.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return self.kept


async def test_a_refused_write_is_kept_with_its_values_and_the_reason() -> None:
    journal = Journal()
    journal.refusing.told(MERGE, HOLD)
    (kept,) = await journal.drained()
    assert kept == WriteRefused(
        device=MERGE,
        what="hold True, priority 12",
        reason="priority: 12 is above its range, 0 to 9",
        by="wedge",
        at=journal.clock.now(),
    )


async def test_what_is_tried_again_and_again_is_said_once_a_minute() -> None:
    journal = Journal()
    for _ in range(1000):
        journal.refusing.told(MERGE, HOLD)
        journal.clock.at += timedelta(milliseconds=100)
    assert len(await journal.drained()) == 2  # 100 s


async def test_what_a_person_wrote_is_kept_where_they_asked_for_it() -> None:
    journal = Journal()
    with by_a_person():
        journal.refusing.told(MERGE, HOLD)
    assert await journal.drained() == []
    journal.refusing.told(MERGE, HOLD)
    assert len(await journal.drained()) == 1


async def test_ever_new_refusals_cost_no_memory() -> None:
    journal = Journal()
    for number in range(3 * AT_MOST):
        journal.refusing.told(MERGE, Refusal({"hold": number}, f"reason {number}"))
    assert len(await journal.drained()) == AT_MOST
    assert len(journal.refusing._said) <= AT_MOST
