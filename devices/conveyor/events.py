"""One event handshake of a session: offered once, acknowledged when it was settled."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from devices.errors import Unreachable
from devices.handshake import Event, Passing, Restarted
from devices.map.schema import EventShake
from devices.tags.port import NoReply, Tags
from devices.tags.value import Value
from wcs.names import DeviceId
from wcs.observations import Observation

log = logging.getLogger(__name__)

Make = Callable[..., Observation | None]
"""Data of the event, in the order of the map -> what was observed; None when it makes no sense."""
Say = Callable[[Observation, str, str], None]
"""Takes an observation, its source key and what was read."""


class EventLine:
    """`look` when something changed, `settled` after the commit; `run` is the task that writes
    acks. A line that is only watched leaves them to whoever else acknowledges."""

    def __init__(
        self,
        device: DeviceId,
        name: str,
        shake: EventShake,
        tags: Tags,
        make: Make,
        say: Say,
        *,
        watched: bool = False,
    ) -> None:
        self._device, self._name, self._shake, self._tags = device, name, shake, tags
        self._make, self._say, self._watched = make, say, watched
        self._machine = Passing() if watched else Event()
        self._unsettled: dict[str, int] = {}
        self._acks: deque[int] = deque()
        self._more = asyncio.Event()

    async def look(self, life: str) -> None:
        """Offers what is new. Raises Unreachable when the PLC was restarted."""
        seq, ack = self._number(self._shake.seq), self._number(self._shake.ack)
        try:
            fresh, repair = self._machine.read(seq, ack), self._machine.repair()
        except Restarted:
            raise Unreachable(self._device, "was restarted") from None
        if repair is not None:
            self._acknowledge(repair)
        if fresh is not None:
            self._offer(fresh, life, await self._tags.together(self._shake.seq, *self._shake.data))

    def settled(self, key: str | None) -> None:
        """Keys of another line or another session mean nothing here."""
        seq = self._unsettled.pop(key or "", None)
        if seq is not None:
            self._acknowledge(seq)

    async def run(self) -> None:
        """An ack says a number, not a step: written again it means the same."""
        while True:
            while self._acks:
                try:
                    await self._tags.write({self._shake.ack: self._acks[0]})
                except NoReply:
                    continue
                self._acks.popleft()
            self._more.clear()
            await self._more.wait()

    def _acknowledge(self, seq: int) -> None:
        if self._watched:
            return
        self._acks.append(seq)
        self._more.set()

    def _offer(self, seq: int, life: str, values: dict[str, Value]) -> None:
        data = [values[name] for name in self._shake.data]
        raw = " ".join(f"{name}={value.value}" for name, value in values.items())
        observation = self._make(*data)
        if observation is None:
            log.error("%s: an event that makes no sense was passed over: %s", self._device, raw)
            self._acknowledge(seq)
            return
        key = f"{self._device}:{self._name}:{life}:{data[0].value}:{seq}"
        if not self._watched:
            self._unsettled[key] = seq
        self._say(observation, key, raw)

    def _number(self, tag: str) -> int:
        value = self._tags.value(tag)
        if not isinstance(value.value, int):
            raise Unreachable(self._device, f"{tag} cannot be read: {value.reason}")
        return value.value
