"""The merge: the PLC merges; we hold or free a lane and say which goes first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from devices.conveyor.pulse import Pulse
from devices.device import Clock
from devices.errors import Refused
from devices.failed import failed
from devices.handshake import Drive
from devices.live import Live
from devices.map.schema import Heartbeat, Merge, ModbusTcp, OpcUa
from devices.mode import Mode, writes
from devices.reports import Reports
from devices.tags.codec import Unwritable
from devices.tags.lines import open_tags
from devices.tags.methods import Methods
from devices.tags.port import NoReply, Tags, TooLate
from wcs.commands import SetMergeLane
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LaneId
from wcs.observations import MergeChanged

RUNNING, JAM = "running", "jam"
"""Tags by these names, where the map has them."""
WAITING: Final = 64


class MergeDriver:
    def __init__(
        self,
        id: DeviceId,
        config: Merge,
        connection: ModbusTcp | OpcUa,
        *,
        clock: Clock,
        live: Live,
        beat: Callable[[], int],
        mode: Mode = "automatic",
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live, self._mode = clock, live, mode
        self._drive = Drive(beat) if writes(mode) else None

    @asynccontextmanager
    async def session(self) -> AsyncIterator["MergeSession"]:
        async with open_tags(
            self.id, self._config, self._connection, self._clock, self._live, self._mode
        ) as tags:
            session = MergeSession(self.id, self._config, tags, self._clock, self._drive)
            async with session.reports.working(tags.run()):
                await session.begin()
                yield session


class MergeSession:
    def __init__(
        self, id: DeviceId, config: Merge, tags: Tags, clock: Clock, drive: Drive | None
    ) -> None:
        self._id, self._config, self._tags, self._clock = id, config, tags, clock
        shakes: Any = config.handshakes
        heartbeat: Heartbeat = shakes["heartbeat"]
        self._pulse = Pulse(id, heartbeat, tags, drive, config.tags[heartbeat.watch].type)
        self._waiting: deque[Posted] = deque()
        self._more = asyncio.Event()
        self._told: tuple[bool, bool, tuple[LaneId, ...]] | None = None
        self._over = False
        self.reports = Reports(self._abandon)

    @property
    def has(self) -> tuple[str, ...]:
        """`lane=held:priority` of each lane as the PLC has it now: `1=true:5`."""
        return tuple(
            f"{name}={'false' if self._tags.value(lane.hold).value is False else 'true'}"
            f":{self._tags.value(lane.priority).value}"
            for name, lane in self._config.lanes.items()
        )

    async def begin(self) -> None:
        await self._pulse.start()
        for work in (self._look(), self._pulse.run(), self._obey()):
            self.reports.start(work)

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        if self._over:
            self._fail(posted, "the line dropped")
        elif len(self._waiting) >= WAITING:
            self._fail(posted, "too many commands wait")
        else:
            self._waiting.append(posted)
            self._more.set()

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    async def _look(self) -> None:
        """Only what changes meaning is told: running, jam, full lanes."""
        async for changed in self._tags.changes():
            self._pulse.seen(changed)
            full = tuple(
                LaneId(name) for name, lane in self._config.lanes.items() if self._on(lane.full)
            )
            shown = (self._on(RUNNING, absent=True), self._on(JAM), full)
            if shown != self._told:
                self._told = shown
                running, jam, _ = shown
                merged = MergeChanged(
                    merge=self._id, running=running, jam=jam, full=full, at=self._clock.now()
                )
                self.reports.say(Seen(merged, self), newest="merge")

    def _on(self, tag: str, *, absent: bool = False) -> bool:
        return self._tags.value(tag).value is True if tag in self._config.tags else absent

    async def _obey(self) -> None:
        while True:
            while self._waiting:
                problem = await self._set(self._waiting[0])
                if self._over:  # it was reported with all that waited
                    return
                posted = self._waiting.popleft()
                if problem is not None:
                    self._fail(posted, problem)
            self._more.clear()
            await self._more.wait()

    async def _set(self, posted: Posted) -> str | None:
        """Writes the lane; a hold comes before its priority, freeing after it. Returns what went
        wrong."""
        command = posted.command
        if not isinstance(command, SetMergeLane) or command.lane not in self._config.lanes:
            return f"{self._id} has no such lane"
        lane = self._config.lanes[command.lane]
        hold, first = {lane.hold: command.held}, {lane.priority: command.priority}
        steps = (hold, first) if command.held else (first, hold)
        try:
            await self._tags.write(*steps, before=command.before)
            if lane.release is not None and not command.held:
                await self._release(lane.release, command)
        except TooLate:
            return "too late: its moment had passed before it could be sent"
        except NoReply:
            return "no answer from the PLC"
        except (Refused, Unwritable) as err:
            return str(err)
        return None

    def last_words(self) -> list[Seen]:
        self._abandon("the device is being changed")
        return self.reports.rest()

    async def _release(self, method: str, command: SetMergeLane) -> None:
        if not isinstance(self._tags, Methods):
            raise Unwritable(f"{self._id} has no methods: they are OPC UA's")
        (argument,) = self._config.methods[method].takes
        await self._tags.call(method, {argument: int(command.lane)}, command.before)

    def _abandon(self, why: str = "the line dropped before the answer") -> None:
        self._over = True
        while self._waiting:
            self._fail(self._waiting.popleft(), why)

    def _fail(self, posted: Posted, reason: str) -> None:
        self.reports.say(Seen(failed(posted, reason, self._clock.now()), self))
