"""Inputs and outputs without a function: any PLC, meter or remote station whose tags people want to
see. Nothing is decided by them and no rule commands them; a declared heartbeat runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from devices.conveyor.pulse import Pulse, pulse_of
from devices.device import Clock
from devices.failed import failed
from devices.handshake import Drive
from devices.live import Live
from devices.map.schema import Io, Modbus, OpcUa
from devices.mode import Mode, writes
from devices.reports import Reports
from devices.tags.lines import open_tags
from devices.tags.port import OpenTags
from wcs.envelope import Answer, Nobody, Posted, Seen
from wcs.names import DeviceId


class IoDriver:
    def __init__(
        self,
        id: DeviceId,
        config: Io,
        connection: Modbus | OpcUa,
        *,
        clock: Clock,
        live: Live,
        beat: Callable[[], int] = lambda: 0,
        mode: Mode = "automatic",
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live, self._mode = clock, live, mode
        self._drive = Drive(beat) if writes(mode) else None

    @asynccontextmanager
    async def session(self) -> AsyncIterator["IoSession"]:
        async with open_tags(
            self.id, self._config, self._connection, self._clock, self._live, self._mode
        ) as tags:
            pulse = pulse_of(self.id, self._config, tags, self._drive)
            session = IoSession(self.id, tags, self._clock)
            async with session.reports.working(tags.run()):
                if pulse is not None:
                    await session.beats(pulse)
                yield session


class IoSession:
    """Its tags are read; `tags.write` is for people."""

    has: tuple[str, ...] = ()

    def __init__(self, id: DeviceId, tags: OpenTags, clock: Clock) -> None:
        self._id, self.tags, self._clock = id, tags, clock
        self.reports = Reports()

    async def beats(self, pulse: Pulse) -> None:
        """Raises Unreachable when its heartbeat stands still."""
        await pulse.start()
        self.reports.start(pulse.run())
        self.reports.start(self._watch(pulse))

    async def _watch(self, pulse: Pulse) -> None:
        async for changed in self.tags.changes():
            pulse.seen(changed)

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        observation = failed(posted, f"{self._id} takes no commands", self._clock.now())
        self.reports.say(Seen(observation, Nobody()))

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None
