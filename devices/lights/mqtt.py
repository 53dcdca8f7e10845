"""A zone whose controller speaks MQTT: `docs/wires.md`, 8."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from devices import mqtt
from devices.errors import Unreachable
from devices.lights.codec import Counted, Status, ZoneCodec
from devices.lights.wire import Heard, LampState, Press
from devices.map.lights import LightTopics
from devices.map.schema import LightZone, Mqtt
from devices.mqtt_drops import Drops
from wcs.commands import SetLight
from wcs.envelope import Posted
from wcs.names import DeviceId, LightId, TaskId

ONLINE_WITHIN_S: Final = 30.0
"""How long a zone that is away is waited for on an open line: it is up the moment it says so."""
LAMPS_WITHIN_S: Final = 1.0
"""A lamp that has not said by then what it shows is taken for dark."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(
    id: DeviceId, config: LightZone, connection: Mqtt, drops: Drops
) -> AsyncIterator["MqttZone"]:
    """Raises Unreachable while there is no broker, or the zone says that it is offline."""
    topics = config.mqtt
    assert topics is not None
    codec = ZoneCodec(topics)
    listens = [
        mqtt.Topic(codec.events, topics.qos),
        mqtt.Topic(codec.states, qos=0, state=True),
        mqtt.Topic(codec.status, qos=0, state=True),
    ]
    async with mqtt.connected(id, connection, listens, drops) as line:
        zone = MqttZone(id, frozenset(map(LightId, config.lights)), topics, codec, line)
        await zone.open()
        yield zone


class MqttZone:
    def __init__(
        self,
        id: DeviceId,
        lights: frozenset[LightId],
        topics: LightTopics,
        codec: ZoneCodec,
        line: mqtt.MqttLine,
    ) -> None:
        self._id, self._lights, self._topics = id, lights, topics
        self._codec, self._line = codec, line
        self._status, self._stale = Status(online=False), False
        self._early: list[mqtt.Message] = []
        self._faults: list[Heard] = []
        self.lit: dict[LightId, TaskId | None] = {}

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
                while self._topics.state and self._lights - self.lit.keys():
                    await self._listen()
        if not self._status.online:
            raise Unreachable(self._id, "the zone went offline while it was opened")

    async def hear(self) -> Sequence[Heard]:
        faults, self._faults = self._faults, []
        early, self._early = self._early, []
        if faults or early:
            return [*faults, *self._told(early)]
        return list(self._told(await self._line.take()))

    def show(self, posted: Posted) -> None:
        command = posted.command
        assert isinstance(command, SetLight)
        self._line.publish(*self._codec.command(command), qos=self._topics.qos)

    def wake(self) -> None:
        self._line.wake()

    async def _listen(self) -> None:
        """Before the zone is open: what it is and shows; presses wait."""
        for message in await self._line.take():
            match self._codec.read(message.topic, message.payload):
                case Status() as status:
                    self._status = status
                    if not (status.online and message.retained):  # it was away when we came, so
                        self.lit, self._stale = {}, True  # what is retained is from before
                        self._faults.clear()
                case LampState() as lamp:
                    if not (message.retained and self._stale):
                        self.lit[lamp.light] = lamp.task
                        if lamp.fault is not None:
                            self._faults.append(Heard(lamp, _raw(message)))
                case _:
                    self._early.append(message)

    def _told(self, messages: Sequence[mqtt.Message]) -> Iterator[Heard]:
        """Raises Unreachable when the zone says that it went away or started anew."""
        for message in messages:
            match self._codec.read(message.topic, message.payload):
                case Press() as press:
                    yield Heard(press, _raw(message), partial(self._line.ack, message))
                case LampState() as lamp:
                    yield Heard(lamp, _raw(message))
                case Counted():
                    self._line.ack(message)
                case Status(online=False):
                    raise Unreachable(self._id, "the zone went offline")
                case Status(boot=boot) if boot != self._status.boot:
                    raise Unreachable(self._id, "the zone started anew: its lamps are dark")
                case Status():
                    pass
                case None:
                    raw = _raw(message)
                    log.warning("%s: not understood on %s: %.200s", self._id, message.topic, raw)
                    self._line.ack(message)


def _raw(message: mqtt.Message) -> str:
    return message.payload.decode("utf-8", "replace")[:2000]
