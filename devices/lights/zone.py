"""A pick-to-light zone: lamps lit and dark on our word, presses acknowledged after the commit.

Three things may become of a command, and they are never mixed up: the lamp says that it shows it
(`LampAnswered`); it says nothing in time, and nobody knows what it shows (`LampFailed`, timed_out);
it is known not to be there (`LampFailed`, no_answer).
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from devices.device import Clock
from devices.errors import Unreachable
from devices.failed import failed
from devices.lights.wire import Fault, Heard, LampState, NotDone, Press, ZoneWire
from devices.live import Live
from devices.map.schema import LightZone, Modbus, Mqtt
from devices.tags.value import Value
from wcs.commands import SetLight
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered, LampFailed, LightPressed

Outcome = Literal["timed_out", "no_answer"]
TOLD: Final[dict[Outcome | Fault, str]] = {
    "timed_out": "has not said that it shows its task",
    "no_answer": "does not answer",
    "stuck": "its key is held down",
}

log = logging.getLogger(__name__)


class LightZoneDriver:
    def __init__(
        self,
        id: DeviceId,
        config: LightZone,
        connection: Mqtt | Modbus,
        *,
        clock: Clock,
        live: Live,
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["LightZoneSession"]:
        async with self._opened() as wire:
            yield LightZoneSession(self.id, self._config, wire, self._clock, self._live)

    def _opened(self) -> AbstractAsyncContextManager[ZoneWire]:
        if isinstance(self._connection, Mqtt):
            from devices.lights import mqtt

            return mqtt.opened(self.id, self._config, self._connection, self._live.drops)
        from devices.lights import modules

        return modules.opened(self.id, self._config, self._connection, self._clock)


@dataclass(slots=True)
class Asked:
    """What a lamp is to say that it shows, until when by the loop's time."""

    task: TaskId | None
    until: float
    again: bool = False
    """It was asked once more meanwhile: that one has a time of its own."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Of one press: the zone may repeat it until it is settled."""

    session: "LightZoneSession"
    press: Press
    heard: Heard

    def settled(self, seen: Seen, answer: Answer) -> None:
        self.heard.decided()
        if not answer.repeated:
            self.session.decided(self.press)


class LightZoneSession:
    def __init__(
        self, id: DeviceId, config: LightZone, wire: ZoneWire, clock: Clock, live: Live
    ) -> None:
        self._id, self._config, self._wire = id, config, wire
        self._clock, self._live = clock, live
        self._loop = asyncio.get_running_loop()
        self._asked: dict[LightId, Asked] = {}
        """The oldest first."""
        self._reminder: asyncio.TimerHandle | None = None
        self._decided: dict[LightId, tuple[TaskId | None, datetime]] = {}
        self._refused: deque[Seen] = deque()
        for light, task in wire.lit.items():
            self._show(LampState(light, task))

    @property
    def has(self) -> tuple[str, ...]:
        return tuple(f"{light}={task}" for light, task in sorted(self._wire.lit.items()) if task)

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            for heard in await self._wire.hear():
                if (seen := self._seen(heard)) is not None:
                    yield seen
            if self._reminder is None:
                for late in self._overdue():
                    yield late
                self._remind()
            while self._refused:
                yield self._refused.popleft()

    def post(self, posted: Posted) -> None:
        command = posted.command
        assert isinstance(command, SetLight)
        if self._clock.now() >= command.before:
            self._refuse(posted, "too late")
            return
        try:
            self._wire.show(posted)
        except Unreachable as err:
            self._refuse(posted, err.problem)
            return
        before = self._asked.get(command.light)
        if before is not None and before.task == command.task:
            before.again = True
        else:
            self._ask(command.light, command.task)

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    def last_words(self) -> list[Seen]:
        return list(self._refused)

    def decided(self, press: Press) -> None:
        """From now on the lamp may show its next task."""
        self._decided[press.light] = (press.task, self._clock.now())

    def _seen(self, heard: Heard) -> Seen | None:
        match heard.said:
            case Press() as press if self._bounced(press):
                log.info("%s: the key of %s bounced", self._id, press.light)
                heard.decided()
                return None
            case Press() as press:
                return self._pressed(press, heard)
            case LampState() as lamp:
                self._show(lamp)
                return Seen(self._lamp(lamp), self, raw=heard.raw)
            case NotDone(posted, why):
                self._asked.pop(_light(posted), None)
                return Seen(failed(posted, why, self._clock.now()), self)

    def _pressed(self, press: Press, heard: Heard) -> Seen:
        pressed = LightPressed(
            zone=self._id,
            light=press.light,
            task=press.task,
            button=press.button,
            qty=press.qty,
            at=self._clock.now(),
        )
        receipt = Receipt(self, press, heard)
        return Seen(pressed, receipt, key=f"{self._id}:{press.identity}", raw=heard.raw)

    def _bounced(self, press: Press) -> bool:
        """A second press right after the first, that would count for the next task of the lamp."""
        before = self._decided.get(press.light)
        if before is None or before[0] == press.task:
            return False
        return (self._clock.now() - before[1]).total_seconds() < self._config.bounce_s

    def _lamp(self, lamp: LampState) -> LampAnswered | LampFailed:
        light, asked = lamp.light, self._asked.get(lamp.light)
        if lamp.fault == "no_answer":
            self._asked.pop(light, None)
            return self._failed(light, "no_answer", asked.task if asked else lamp.task)
        if asked is not None and asked.task == lamp.task:
            del self._asked[light]
        stuck = lamp.fault == "stuck"
        return LampAnswered(
            zone=self._id, light=light, task=lamp.task, stuck=stuck, at=self._clock.now()
        )

    def _ask(self, light: LightId, task: TaskId | None) -> None:
        self._asked.pop(light, None)
        self._asked[light] = Asked(task, self._loop.time() + self._config.ack_timeout_s)
        self._remind()

    def _remind(self) -> None:
        """The wire is woken when the first that was asked is due."""
        if self._reminder is None and self._asked:
            first = next(iter(self._asked.values()))
            self._reminder = self._loop.call_at(first.until, self._reminded)

    def _reminded(self) -> None:
        self._reminder = None
        self._wire.wake()

    def _overdue(self) -> Iterator[Seen]:
        now = self._loop.time()
        late = [light for light, asked in self._asked.items() if asked.until <= now]
        for light in late:
            asked = self._asked.pop(light)
            if asked.again:
                self._ask(light, asked.task)
            self._show(LampState(light, asked.task), TOLD["timed_out"])
            yield Seen(self._failed(light, "timed_out", asked.task), self)

    def _failed(self, light: LightId, outcome: Outcome, task: TaskId | None) -> LampFailed:
        return LampFailed(
            zone=self._id,
            light=light,
            outcome=outcome,
            task=task,
            at=self._clock.now(),
        )

    def _show(self, lamp: LampState, why: str = "") -> None:
        if lamp.light in self._config.lights:
            why = why or (TOLD[lamp.fault] if lamp.fault else "")
            value = Value(lamp.task or "", self._clock.now(), "", "bad" if why else "good", why)
            self._live.put(self._id, lamp.light, value)

    def _refuse(self, posted: Posted, why: str) -> None:
        self._refused.append(Seen(failed(posted, why, self._clock.now()), self))
        self._wire.wake()


def _light(posted: Posted) -> LightId:
    assert isinstance(posted.command, SetLight)
    return posted.command.light
