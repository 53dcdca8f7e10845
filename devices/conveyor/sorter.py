"""The divert sorter: a function over named tags and handshakes, whatever wire carries them.

Data of its handshakes in this order: induct track, length; decision track, lane; confirm track,
lane, result.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, cast, get_args, get_type_hints

from devices.boots import Boots, BootsInMemory
from devices.conveyor.commands import Decisions
from devices.conveyor.events import EventLine
from devices.conveyor.pulse import Pulse
from devices.device import Clock
from devices.handshake import Drive
from devices.live import Live
from devices.map.schema import ModbusTcp, OpcUa, Sorter
from devices.mode import Mode, writes
from devices.passing import Eye, Passing
from devices.reports import Reports
from devices.tags.lines import open_tags
from devices.tags.port import Tags
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LaneId
from wcs.observations import DivertConfirmed, Inducted, LaneChanged, Observation

RESULTS: Final = get_args(get_type_hints(DivertConfirmed)["result"])


class SorterDriver:
    """`beat` is the control loop's turn counter; `boots` names the lives of the PLC."""

    def __init__(
        self,
        id: DeviceId,
        config: Sorter,
        connection: ModbusTcp | OpcUa,
        *,
        clock: Clock,
        live: Live,
        beat: Callable[[], int],
        boots: Boots | None = None,
        mode: Mode = "automatic",
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live
        self._boots, self._mode = boots or BootsInMemory(), mode
        self._drive = Drive(beat) if writes(mode) else None

    @asynccontextmanager
    async def session(self) -> AsyncIterator["SorterSession"]:
        async with open_tags(
            self.id, self._config, self._connection, self._clock, self._live, self._mode
        ) as tags:
            passing = self._live.passing
            session = SorterSession(self.id, self._config, tags, self._clock, self._drive, passing)
            async with session.reports.working(tags.run()):
                await session.begin(self._boots)
                yield session


class SorterSession:
    has: tuple[str, ...] = ()

    def __init__(
        self,
        id: DeviceId,
        config: Sorter,
        tags: Tags,
        clock: Clock,
        drive: Drive | None,
        passing: Passing,
    ) -> None:
        self._id, self._config, self._tags, self._clock = id, config, tags, clock
        self._passing = passing
        shakes: Any = config.handshakes  # `wedge check` says which ones a sorter needs
        watched = config.tags[shakes["heartbeat"].watch].type
        self._pulse = Pulse(id, shakes["heartbeat"], tags, drive, watched)
        line = partial(EventLine, id, tags=tags, say=self._say, watched=drive is None)
        self._events = (
            line("ind", shakes["induct"], make=self._inducted),
            line("cfm", shakes["confirm"], make=self._confirmed),
        )
        self._decisions = Decisions(id, shakes["decision"], tags, clock, self._say)
        self.reports = Reports(self._decisions.abandon)
        self._life = ""

    async def begin(self, boots: Boots) -> None:
        """Raises Unreachable when the PLC's heartbeat stands still."""
        remembers_us = await self._pulse.start()
        life = boots.of(self._id)
        if life is None or not remembers_us:  # its memory is empty: another life, another name
            life = f"{self._clock.now():%Y%m%d%H%M%S%f}"[:-3]
            await asyncio.to_thread(boots.set, self._id, life)
        self._life = life
        await self._decisions.resync(remembers=bool(remembers_us))
        works = [self._look(), self._pulse.run(), self._decisions.run()]
        for work in [*works, *(line.run() for line in self._events)]:
            self.reports.start(work)

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        self._decisions.post(posted)

    def last_words(self) -> list[Seen]:
        self._decisions.abandon("the device is being changed")
        return self.reports.rest()

    def settled(self, seen: Seen, answer: Answer) -> None:
        for line in self._events:
            line.settled(seen.key)

    async def _look(self) -> None:
        """Everything that changes; events only once our beat is in the PLC, so that its life has a
        name for good."""
        async for changed in self._tags.changes():
            self._pulse.seen(changed)
            self._lanes(changed)
            if self._pulse.written.is_set():
                for line in self._events:
                    await line.look(self._life)

    def _lanes(self, changed: dict[str, Value]) -> None:
        for name, lane in self._config.lanes.items():
            if lane.full in changed or lane.jam in changed:
                full, jam = self._blocked(lane.full), self._blocked(lane.jam)
                seen = LaneChanged(
                    sorter=self._id, lane=LaneId(name), full=full, jam=jam, at=self._clock.now()
                )
                self.reports.say(Seen(seen, self), newest=f"lane {name}")

    def _blocked(self, tag: str | None) -> bool:
        """An eye that cannot be read counts as blocked: no carton is sent where nobody looks."""
        return tag is not None and self._tags.value(tag).value is not False

    def _inducted(self, track: Value, length: Value) -> Inducted | None:
        if not isinstance(track.value, int) or not isinstance(length.value, int):
            return None
        eye = Eye(self._id, track.value, asyncio.get_running_loop().time())
        self._passing.tell(self._id, eye)
        return Inducted(
            sorter=self._id, track=track.value, length_mm=length.value, at=self._clock.now()
        )

    def _confirmed(self, track: Value, lane: Value, result: Value) -> DivertConfirmed | None:
        if not isinstance(track.value, int) or result.value not in RESULTS:
            return None
        return DivertConfirmed(
            sorter=self._id,
            track=track.value,
            lane=LaneId(str(lane.value)),
            result=cast(Any, result.value),
            at=self._clock.now(),
        )

    def _say(self, observation: Observation, key: str | None = None, raw: str = "") -> None:
        self.reports.say(Seen(observation, self, key=key, raw=raw))
