"""The divert sorter: a function over named tags and handshakes, whatever wire carries them.

Data of its handshakes in this order: induct track, length; decision track, lane; confirm track,
lane, result.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, cast, get_args, get_type_hints

from devices.boots import Boots, BootsInMemory
from devices.conveyor.commands import Decisions
from devices.conveyor.pulse import Pulse
from devices.device import Clock
from devices.errors import Unreachable
from devices.handshake import Drive, Event, Restarted
from devices.live import Live
from devices.map.schema import CommandShake, EventShake, Heartbeat, ModbusTcp, OpcUa, Sorter
from devices.reports import Reports
from devices.tags.lines import open_tags
from devices.tags.port import NoReply, Tags
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LaneId
from wcs.observations import DivertConfirmed, Inducted, LaneChanged, Observation

log = logging.getLogger(__name__)

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
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live
        self._drive, self._boots = Drive(beat), boots or BootsInMemory()

    @asynccontextmanager
    async def session(self) -> AsyncIterator["SorterSession"]:
        opened = open_tags(self.id, self._config, self._connection, self._clock, self._live)
        async with opened as tags:
            session = SorterSession(self.id, self._config, tags, self._clock, self._drive)
            try:
                session.reports.start(tags.run())
                await session.begin(self._boots)
                yield session
            finally:
                await session.reports.close()


class SorterSession:
    has: tuple[str, ...] = ()

    def __init__(
        self, id: DeviceId, config: Sorter, tags: Tags, clock: Clock, drive: Drive
    ) -> None:
        self._id, self._config, self._tags, self._clock = id, config, tags, clock
        shakes: Any = config.handshakes
        heartbeat: Heartbeat = shakes["heartbeat"]
        self._pulse = Pulse(id, heartbeat, tags, drive, config.tags[heartbeat.watch].type)
        self._induct = _Eventful("ind", shakes["induct"], self._inducted)
        self._confirm = _Eventful("cfm", shakes["confirm"], self._confirmed)
        decision: CommandShake = shakes["decision"]
        self._decisions = Decisions(id, decision, tags, clock, self._say)
        self.reports = Reports(self._decisions.abandon)
        self._boot = ""
        self._unsettled: dict[str, tuple[str, int]] = {}
        self._acks: deque[tuple[str, int]] = deque()
        self._to_ack = asyncio.Event()

    async def begin(self, boots: Boots) -> None:
        """Raises Unreachable when the PLC's heartbeat stands still."""
        remembered = await self._pulse.start()
        boot = boots.of(self._id)
        if not remembered or boot is None:  # its memory is empty: another life, another name
            boot = f"{self._clock.now():%Y%m%d%H%M%S%f}"[:-3]
            await asyncio.to_thread(boots.set, self._id, boot)
        self._boot = boot
        await self._decisions.resync()
        for work in (self._look(), self._pulse.run(), self._acknowledge(), self._decisions.run()):
            self.reports.start(work)

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        self._decisions.post(posted)

    def settled(self, seen: Seen, answer: Answer) -> None:
        ack = self._unsettled.pop(seen.key or "", None)
        if ack is not None:
            self._acks.append(ack)
            self._to_ack.set()

    # --- what the PLC shows ---

    async def _look(self) -> None:
        """Everything that changes; events only once our beat is in the PLC, so that its life has a
        name for good."""
        async for changed in self._tags.changes():
            self._pulse.seen(changed)
            self._lanes(changed)
            if self._pulse.written.is_set():
                await self._event(self._induct)
                await self._event(self._confirm)

    def _lanes(self, changed: dict[str, Value]) -> None:
        for name, lane in self._config.lanes.items():
            if lane.full in changed or lane.jam in changed:
                seen = LaneChanged(
                    sorter=self._id,
                    lane=LaneId(name),
                    full=self._on(lane.full),
                    jam=self._on(lane.jam),
                    at=self._clock.now(),
                )
                self.reports.say(Seen(seen, self), newest=f"lane {name}")

    def _on(self, tag: str | None) -> bool:
        """An eye that cannot be read counts as blocked: no carton is sent where nobody looks."""
        return tag is not None and self._tags.value(tag).value is not False

    async def _event(self, event: "_Eventful") -> None:
        shake = event.shake
        seq, ack = (self._tags.value(name).value for name in (shake.seq, shake.ack))
        if not isinstance(seq, int) or not isinstance(ack, int):
            raise Unreachable(self._id, f"{shake.seq} or {shake.ack} cannot be read")
        try:
            fresh, repair = event.machine.read(seq, ack), event.machine.repair()
        except Restarted:
            raise Unreachable(self._id, "was restarted") from None
        if repair is not None:
            await self._tags.write({shake.ack: repair})
        if fresh is not None:
            values = await self._tags.together(shake.seq, *shake.data)
            self._offer(event, fresh, values)

    def _offer(self, event: "_Eventful", seq: int, values: dict[str, Value]) -> None:
        raw = " ".join(f"{name}={value.value}" for name, value in values.items())
        observation = event.make(*(values[name] for name in event.shake.data))
        if observation is None:
            log.error("%s: an event that makes no sense was passed over: %s", self._id, raw)
            self._acks.append((event.shake.ack, seq))
            self._to_ack.set()
            return
        key = f"{self._id}:{event.name}:{self._boot}:{observation.track}:{seq}"
        self._unsettled[key] = (event.shake.ack, seq)
        self.reports.say(Seen(observation, self, key=key, raw=raw))

    def _inducted(self, track: Value, length: Value) -> Inducted | None:
        if not isinstance(track.value, int) or not isinstance(length.value, int):
            return None
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

    # --- what we write ---

    async def _acknowledge(self) -> None:
        """An ack says a number, not a step: written again it means the same."""
        while True:
            await self._to_ack.wait()
            self._to_ack.clear()
            while self._acks:
                tag, seq = self._acks[0]
                try:
                    await self._tags.write({tag: seq})
                except NoReply:
                    continue
                self._acks.popleft()

    def _say(self, observation: Observation) -> None:
        self.reports.say(Seen(observation, self))


class _Eventful:
    """One event handshake of the map with its machine and what its data mean."""

    def __init__(
        self,
        name: str,
        shake: EventShake,
        make: Callable[..., Inducted | DivertConfirmed | None],
    ) -> None:
        self.name, self.shake, self.make = name, shake, make
        self.machine = Event()
