"""A pick-to-light zone: lamps lit and dark on our word, presses acknowledged after the commit."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from devices import mqtt
from devices.device import Clock
from devices.errors import Unreachable
from devices.failed import failed
from devices.lights.codec import LampState, Press, Status, ZoneCodec
from devices.live import Live
from devices.map.schema import LightZone, Mqtt
from devices.tags.value import Value
from wcs.commands import SetLight
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered, LightPressed

ONLINE_WITHIN_S: Final = 30.0
"""How long a zone that is away is waited for on an open line: it is up the moment it says so."""
LAMPS_WITHIN_S: Final = 1.0
"""A lamp that has not said by then what it shows is taken for dark."""

log = logging.getLogger(__name__)


class LightZoneDriver:
    def __init__(
        self, id: DeviceId, config: LightZone, connection: Mqtt, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["LightZoneSession"]:
        codec = ZoneCodec(self._config.mqtt)
        topics = [
            mqtt.Topic(codec.events, self._config.mqtt.qos),
            mqtt.Topic(codec.states, qos=0, state=True),
            mqtt.Topic(codec.status, qos=0, state=True),
        ]
        async with mqtt.connected(self.id, self._connection, topics) as line:
            session = LightZoneSession(self.id, self._config, codec, line, self._clock, self._live)
            await session.open()
            yield session


@dataclass(frozen=True, slots=True)
class Receipt:
    """Of one press: the broker repeats it until it is settled. Void when its line is down."""

    line: mqtt.MqttLine
    message: mqtt.Message

    def settled(self, seen: Seen, answer: Answer) -> None:
        self.line.ack(self.message)


class LightZoneSession:
    def __init__(
        self,
        id: DeviceId,
        config: LightZone,
        codec: ZoneCodec,
        line: mqtt.MqttLine,
        clock: Clock,
        live: Live,
    ) -> None:
        self._id, self._config, self._codec = id, config, codec
        self._line, self._clock, self._live = line, clock, live
        self._status, self._stale = Status(online=False), False
        self._lamps: dict[LightId, TaskId | None] = {}
        self._early: list[mqtt.Message] = []
        self._refused: deque[Seen] = deque()

    async def open(self) -> None:
        """Raises Unreachable while the zone says that it is offline, or says nothing."""
        try:
            async with asyncio.timeout(ONLINE_WITHIN_S):
                while not self._status.online:
                    await self._listen()
        except TimeoutError as err:
            raise Unreachable(self._id, "the zone is offline", hint="is it switched on?") from err
        with suppress(TimeoutError):
            async with asyncio.timeout(LAMPS_WITHIN_S):
                while self._config.mqtt.state and self._config.lights.keys() - self._lamps:
                    await self._listen()
        if not self._status.online:
            raise Unreachable(self._id, "the zone went offline while it was opened")

    @property
    def has(self) -> tuple[str, ...]:
        return tuple(f"{light}={task}" for light, task in sorted(self._lamps.items()) if task)

    async def observations(self) -> AsyncIterator[Seen]:
        waiting, self._early = self._early, []
        while True:
            for message in waiting:
                if (seen := self._seen(message)) is not None:
                    yield seen
            while self._refused:
                yield self._refused.popleft()
            waiting = await self._line.take()

    def post(self, posted: Posted) -> None:
        command = posted.command
        assert isinstance(command, SetLight)
        if self._clock.now() >= command.before:
            self._refuse(posted, "too late")
            return
        try:
            self._line.publish(*self._codec.command(command), qos=self._config.mqtt.qos)
        except Unreachable as err:
            self._refuse(posted, err.problem)

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    def last_words(self) -> list[Seen]:
        return list(self._refused)

    async def _listen(self) -> None:
        """Before the session is open: what the zone is and shows; presses wait."""
        for message in await self._line.take():
            match self._codec.read(message.topic, message.payload):
                case Status() as status:
                    self._status = status
                    if not (status.online and message.retained):  # it was away when we came, so
                        self._lamps, self._stale = {}, True  # what is retained is from before
                case LampState(light, task):
                    if not (message.retained and self._stale):
                        self._lamps[light] = task
                        self._show(light, task)
                case _:
                    self._early.append(message)

    def _seen(self, message: mqtt.Message) -> Seen | None:
        """Raises Unreachable when the zone says that it went away or started anew."""
        now, raw = self._clock.now(), message.payload.decode("utf-8", "replace")[:2000]
        match self._codec.read(message.topic, message.payload):
            case Press(light, task, button, qty, identity):
                pressed = LightPressed(
                    zone=self._id, light=light, task=task, button=button, qty=qty, at=now
                )
                receipt = Receipt(self._line, message)
                return Seen(pressed, receipt, key=f"{self._id}:{identity}", raw=raw)
            case LampState(light, task):
                self._show(light, task)
                lamp = LampAnswered(zone=self._id, light=light, task=task, at=now)
                return Seen(lamp, self, raw=raw)
            case Status(online=False):
                raise Unreachable(self._id, "the zone went offline")
            case Status(boot=boot) if boot != self._status.boot:
                raise Unreachable(self._id, "the zone started anew: its lamps are dark")
            case Status():
                return None
            case None:
                log.warning("%s: not understood on %s: %.200s", self._id, message.topic, raw)
                self._line.ack(message)
                return None

    def _show(self, light: LightId, task: TaskId | None) -> None:
        if light in self._config.lights:
            self._live.put(self._id, light, Value(task or "", self._clock.now()))

    def _refuse(self, posted: Posted, why: str) -> None:
        self._refused.append(Seen(failed(posted, why, self._clock.now()), self))
        self._line.wake()
