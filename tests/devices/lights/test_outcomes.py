"""What becomes of a command: confirmed, timed out and no answer are three things, on any wire."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from devices.errors import Unreachable
from devices.lights.wire import Heard, LampState, NotDone, Press
from devices.lights.zone import LightZoneSession
from devices.live import Live
from devices.mailbox import Mailbox
from devices.map.schema import LightZone
from tests.devices.peers import ACCEPTED, SOON, HandClock, Watch, posted
from wcs.commands import SetLight
from wcs.envelope import Answer, Posted
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import CommandFailed, LampAnswered, LampFailed, LightPressed

ZONE, A, B = DeviceId("z1"), LightId("A-01"), LightId("A-02")
T1, T2 = TaskId("12-1"), TaskId("12-2")
CONFIG = LightZone.model_validate(
    {
        "kind": "pick-to-light-zone",
        "connection": "line",
        "ack_timeout": "100ms",
        "lights": ["A-01", "A-02"],
        "mqtt": {"command": "{light}", "event": "e/{light}", "status": "s"},
    }
)


class HandWire:
    """Says what the test says."""

    def __init__(self) -> None:
        self.lit: dict[LightId, TaskId | None] = {}
        self.shown: list[Posted] = []
        self.down = ""
        self._mailbox: Mailbox[Heard] = Mailbox(100)

    async def hear(self) -> Sequence[Heard]:
        return await self._mailbox.take()

    def show(self, posted: Posted) -> None:
        if self.down:
            raise Unreachable(ZONE, self.down)
        self.shown.append(posted)

    def wake(self) -> None:
        self._mailbox.wake()

    def says(self, heard: Heard) -> None:
        assert self._mailbox.put(heard)


@pytest.fixture
async def wire() -> HandWire:
    return HandWire()


@pytest.fixture
async def watch(wire: HandWire, live: Live) -> AsyncIterator[Watch]:
    one = Watch(LightZoneSession(ZONE, CONFIG, wire, HandClock(), live))
    reading = asyncio.create_task(one.read())
    yield one
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


@pytest.fixture
def live() -> Live:
    return Live()


def command(light: LightId = A, task: TaskId | None = T1) -> SetLight:
    return SetLight(device=ZONE, light=light, task=task, before=SOON)


async def test_confirmed(watch: Watch, wire: HandWire, live: Live) -> None:
    watch.session.post(posted(command()))
    wire.says(Heard(LampState(A, T1)))
    assert isinstance(seen := await watch.observes(), LampAnswered)
    assert (seen.task, seen.stuck) == (T1, False)
    assert live.of(ZONE)[A].quality == "good"
    watch.session.post(posted(command(B)))  # and the next to time out is this one
    assert isinstance(late := await watch.observes(), LampFailed) and late.light == B


async def test_timed_out(watch: Watch, live: Live) -> None:
    watch.session.post(posted(command()))
    assert isinstance(seen := await watch.observes(), LampFailed)
    assert (seen.light, seen.outcome, seen.task) == (A, "timed_out", T1)
    shown = live.of(ZONE)[A]
    assert (shown.quality, shown.reason) == ("bad", "has not said that it shows its task")


async def test_no_answer_is_not_a_time_out_as_well(watch: Watch, wire: HandWire) -> None:
    watch.session.post(posted(command()))
    wire.says(Heard(LampState(A, None, "no_answer")))
    assert isinstance(seen := await watch.observes(), LampFailed)
    assert (seen.outcome, seen.task) == ("no_answer", T1)
    watch.session.post(posted(command(B)))  # and the next to time out is this one
    assert isinstance(seen := await watch.observes(), LampFailed)
    assert (seen.light, seen.outcome) == (B, "timed_out")


async def test_an_answer_about_something_else_is_no_confirmation(
    watch: Watch, wire: HandWire
) -> None:
    watch.session.post(posted(command(task=T2)))
    wire.says(Heard(LampState(A, T1)))
    assert isinstance(await watch.observes(), LampAnswered)
    assert isinstance(seen := await watch.observes(), LampFailed)
    assert (seen.outcome, seen.task) == ("timed_out", T2)


async def test_asking_again_does_not_put_off_that_it_has_timed_out(watch: Watch) -> None:
    async def asks_on() -> None:
        while True:
            watch.session.post(posted(command()))
            await asyncio.sleep(0.01)

    asking = asyncio.create_task(asks_on())
    for _ in range(2):
        assert isinstance(seen := await watch.observes(), LampFailed)
        assert seen.outcome == "timed_out"
    asking.cancel()


async def test_a_refusal_is_neither(watch: Watch, wire: HandWire) -> None:
    asked = posted(command(), "7-1")
    watch.session.post(asked)
    wire.says(Heard(NotDone(asked, "has no such address")))
    assert isinstance(seen := await watch.observes(), CommandFailed)
    assert (seen.command, seen.reason) == ("7-1", "has no such address")


async def test_a_line_that_takes_nothing_is_said(watch: Watch, wire: HandWire) -> None:
    wire.down = "the broker takes nothing more"
    watch.session.post(posted(command(), "7-1"))
    assert isinstance(seen := await watch.observes(), CommandFailed)
    assert seen.reason == "the broker takes nothing more"


async def test_what_is_repeated_after_a_crash_arms_no_bounce(watch: Watch, wire: HandWire) -> None:
    """The press before it was decided in another life; a press of the next task is a new one."""
    answers = [Answer("accepted", "", 1, repeated=True), ACCEPTED]
    for identity, task, answer in zip(("a:1", "a:2"), (T1, T2), answers, strict=True):
        wire.says(Heard(Press(A, task, "confirm", 1, identity)))
        seen = await watch.next()
        assert isinstance(seen.observation, LightPressed) and seen.observation.task == task
        seen.source.settled(seen, answer)
    wire.says(Heard(Press(A, T1, "confirm", 1, "a:3")))  # T2 was decided just now
    wire.says(Heard(Press(B, T1, "confirm", 1, "a:4")))
    assert (await watch.next()).key == "z1:a:4"
