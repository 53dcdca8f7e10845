"""A door or gate: it may be passed only while it says that it is open.

Commands perish at their deadline; what is wanted of it is kept by the rules, which order it again
when it comes back or shows that it was told something else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from devices.conveyor.pulse import pulse_of
from devices.device import Clock
from devices.door.moves import Unsure, move_of
from devices.door.place import Place, Switches
from devices.errors import Refused
from devices.failed import failed
from devices.handshake import Drive
from devices.live import Live
from devices.map.schema import Door, Modbus, OpcUa, TargetShake
from devices.mode import Mode, writes
from devices.reports import Reports
from devices.tags.codec import Unwritable
from devices.tags.lines import open_tags
from devices.tags.port import NoReply, Tags, TooLate
from wcs.commands import MoveDoor
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import DoorChanged

BUSY_S: Final = 0.05
"""Between two looks while an order is on its way into the device."""
IDLE_S: Final = 0.25
"""Between two looks at the time that a move takes."""
LATE: Final = "too late: its moment had passed before it could be sent"


class DoorDriver:
    def __init__(
        self,
        id: DeviceId,
        config: Door,
        connection: Modbus | OpcUa,
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
    async def session(self) -> AsyncIterator["DoorSession"]:
        async with open_tags(
            self.id, self._config, self._connection, self._clock, self._live, self._mode
        ) as tags:
            session = DoorSession(self.id, self._config, tags, self._clock, self._drive)
            async with session.reports.working(tags.run()):
                await session.begin()
                yield session


class DoorSession:
    """`drive` None: it is only observed."""

    def __init__(
        self, id: DeviceId, config: Door, tags: Tags, clock: Clock, drive: Drive | None
    ) -> None:
        self._id, self._config, self._tags, self._clock = id, config, tags, clock
        self._writes = drive is not None
        self._pulse = pulse_of(id, config, tags, drive)
        self._move = move_of(config, tags)
        self._place = Place(config.travel_s)
        self._busy_tag = _busy_tag(config)
        self._loop = asyncio.get_running_loop()
        self._posted: Posted | None = None
        self._under_way: Posted | None = None
        self._stirred = asyncio.Event()
        self._told: DoorChanged | None = None
        self._over = False
        self.reports = Reports(self._abandon)

    @property
    def has(self) -> tuple[str, ...]:
        """`door=open` and, where it shows that, `asked=open`."""
        shown = self._shown()
        return (f"door={shown.state}", *([f"asked={shown.asked}"] if shown.asked else []))

    async def begin(self) -> None:
        """Raises Unreachable when its heartbeat stands still."""
        if self._pulse is not None:
            await self._pulse.start()
            self.reports.start(self._pulse.run())
        if self._writes:
            await self._move.go_on(self._switches().end)
        self.reports.start(self._look())
        self.reports.start(self._work())

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        """Only the newest order counts."""
        if self._over:
            self._fail(posted, "the line dropped")
            return
        if self._posted is not None:
            self._fail(self._posted, "overtaken by a newer one")
        self._posted = posted
        self._stirred.set()

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    def last_words(self) -> list[Seen]:
        self._abandon("the device is being changed")
        return self.reports.rest()

    # --- its tasks ---

    async def _look(self) -> None:
        async for changed in self._tags.changes():
            if self._pulse is not None:
                self._pulse.seen(changed)
            self._stirred.set()

    async def _work(self) -> None:
        while True:
            self._stirred.clear()
            self._tell()
            if self._writes:
                await self._turn()
            self._tell()
            try:
                async with asyncio.timeout(BUSY_S if self._move.busy else IDLE_S):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    async def _turn(self) -> None:
        posted, self._posted = self._posted, None
        if posted is not None:
            if self._under_way is not None:
                self._fail(self._under_way, "overtaken by a newer one")
                self._move.let_go()
            self._under_way = posted
        problem = await self._carried_on(posted)
        ended, over = self._under_way, problem is not None or not self._move.pending
        if ended is None or self._over or not over:
            return
        self._under_way = None
        if problem is not None:
            self._fail(ended, problem)

    async def _carried_on(self, posted: Posted | None) -> str | None:
        """Begins what was posted, or goes on; returns what went wrong."""
        try:
            if self._under_way is not None:
                self._check_passage(self._under_way)
            if posted is None:
                await self._move.go_on(self._switches().end)
            else:
                await self._order(posted)
        except TooLate:
            return LATE
        except NoReply:
            return "no answer from the door"
        except (Unsure, Refused, Unwritable) as err:
            return str(err)
        return None

    async def _order(self, posted: Posted) -> None:
        command = posted.command
        if not isinstance(command, MoveDoor):
            raise Unwritable(f"{self._id} is a door: it is only opened and closed")
        await self._move.order(command.to, self._switches().end, command.before)

    def _check_passage(self, posted: Posted) -> None:
        """Also while an order to close is on its way. Raises Unwritable."""
        command, switches = posted.command, self._switches()
        closes = isinstance(command, MoveDoor) and command.to == "closed"
        if closes and (switches.occupied is not False or switches.blocked is not False):
            self._move.let_go()
            raise Unwritable("something stands in the passage")

    # --- what it shows ---

    def _switches(self) -> Switches:
        config = self._config
        return Switches(
            self._bit(config.open),
            self._bit(config.closed),
            False if config.blocked is None else self._bit(config.blocked),
            False if config.occupied is None else self._bit(config.occupied),
            False if self._busy_tag is None else self._bit(self._busy_tag),
        )

    def _bit(self, tag: str) -> bool | None:
        value = self._tags.value(tag)
        good = value.quality == "good" and isinstance(value.value, bool)
        return bool(value.value) if good else None

    def _shown(self) -> DoorChanged:
        switches, now_s = self._switches(), self._loop.time()
        asked = self._move.asked
        self._place = self._place.ordered(asked, now_s).looked(switches, now_s)
        state, reason = self._place.says(switches, now_s)
        return DoorChanged(
            door=self._id,
            state=state,
            asked=asked,
            occupied=switches.occupied is not False,
            reason=reason,
            at=self._clock.now(),
        )

    def _tell(self) -> None:
        """Only what changed."""
        shown = self._shown()
        if self._told is None or _meaning(shown) != _meaning(self._told):
            self._told = shown
            self.reports.say(Seen(shown, self), newest="door")

    # --- what came to nothing ---

    def _abandon(self, why: str = "the line dropped before the answer") -> None:
        self._over = True
        for posted in (self._under_way, self._posted):
            if posted is not None:
                self._fail(posted, why)
        self._under_way = self._posted = None

    def _fail(self, posted: Posted, reason: str) -> None:
        self.reports.say(Seen(failed(posted, reason, self._clock.now()), self))


def _busy_tag(config: Door) -> str | None:
    move = config.handshakes.get("move")
    return move.busy if isinstance(move, TargetShake) else None


def _meaning(shown: DoorChanged) -> tuple[object, ...]:
    return shown.state, shown.asked, shown.occupied, shown.reason
