"""The in-motion scale: every stable weight that it sends unasked is a carton."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from devices import streams
from devices.device import Clock
from devices.errors import Unreachable
from devices.live import Live
from devices.map.schema import Scale, TcpClient
from devices.scale.mt_sics import ASK, END, LIMIT, NoWeight, Weight, parse
from devices.scanner.framing import Frames
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import Weighed

ASK_AFTER_S: Final = 1.0
"""Silent for so long, the scale is asked for its value; as long again, and it is away."""


class ScaleDriver:
    def __init__(
        self, id: DeviceId, config: Scale, connection: TcpClient, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._connection, self._clock, self._live = connection, clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["ScaleSession"]:
        async with streams.tcp(self.id, self._connection) as line:
            yield ScaleSession(self.id, line, self._clock, self._live)


class ScaleSession:
    has: tuple[str, ...] = ()

    def __init__(self, id: DeviceId, line: streams.Line, clock: Clock, live: Live) -> None:
        self._id, self._line, self._clock, self._live = id, line, clock, live

    async def observations(self) -> AsyncIterator[Seen]:
        """Answers to SI are never stable in this subset, so a stable weight is never one."""
        lines = Frames(end=END, limit=LIMIT)
        while True:
            for line in lines.feed(await self._read()):
                weight = parse(line)
                if isinstance(weight, Weight) and weight.stable:
                    yield self._seen(line, weight)
                self._show(weight)

    async def _read(self) -> bytes:
        try:
            return await self._line.read(ASK_AFTER_S)
        except TimeoutError:
            self._line.write(ASK)
        try:
            return await self._line.read(ASK_AFTER_S)
        except TimeoutError as err:
            raise Unreachable(self._id, "does not answer SI") from err

    def _seen(self, line: bytes, weight: Weight) -> Seen:
        weighed = Weighed(scale=self._id, grams=weight.grams, at=self._clock.now())
        return Seen(weighed, self, raw=line.decode("ascii"))

    def _show(self, weight: Weight | NoWeight | None) -> None:
        now = self._clock.now()
        if isinstance(weight, Weight):
            self._live.put(self._id, "weight", Value(weight.grams, now, "g"))
        if weight is not None:
            state = "weighs" if isinstance(weight, Weight) else weight.why
            self._live.put(self._id, "state", Value(state, now))

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scale obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None
