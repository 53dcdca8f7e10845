"""A tunnel: its heads give what they read to the gate, which says of each carton what was on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from devices.device import Clock
from devices.live import Live
from devices.map.schema import Associate, Scanner
from devices.passing import Ear, Eye
from devices.reports import Reports
from devices.scanner.gate import EyeGate, FrameGate, Gate, HeadRead, Passage
from devices.scanner.line import ScannerLine
from devices.scanner.several import together
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import Scanned

BELT_EVERY_S: Final = 0.02
"""How often the encoder is looked at while a carton is in the gate."""
RAW_AT_MOST: Final = 2000
"""Characters of all frames of one carton that are kept."""


class GateSession:
    """Of a head, which says nothing itself, or of the tunnel, which speaks for all of them."""

    has: tuple[str, ...] = ()

    def __init__(self, id: DeviceId) -> None:
        self._id = id
        self.reports = Reports()

    def observations(self) -> AsyncIterator[Seen]:
        return aiter(self.reports)

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scanner obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        """A head was answered when it had read: nobody stands there to hear more."""

    def last_words(self) -> list[Seen]:
        return self.reports.rest()


@asynccontextmanager
async def head(
    id: DeviceId, to: DeviceId, line: ScannerLine, clock: Clock, live: Live
) -> AsyncIterator[GateSession]:
    """to: the tunnel that hears it."""

    def tell(one: HeadRead) -> None:
        live.put(id, "read", Value(one.raw, clock.now()))
        live.passing.tell(to, one)

    session = GateSession(id)
    async with session.reports.working(_hand_on(id, line, tell)):
        yield session


@asynccontextmanager
async def tunnel(
    id: DeviceId, config: Scanner, how: Associate, line: ScannerLine, clock: Clock, live: Live
) -> AsyncIterator[GateSession]:
    """Its own line is a head like the others; without it the tunnel is away."""
    eyes = [DeviceId(how.device)] if how.device is not None else []
    session = GateSession(id)
    with live.passing.heard(id, *eyes) as ear:
        gathering = _Gathering(id, config, how, session, clock, live)
        async with session.reports.working(_hand_on(id, line, ear.hear), gathering.run(ear)):
            yield session


async def _hand_on(id: DeviceId, line: ScannerLine, tell: Callable[[HeadRead], None]) -> None:
    loop = asyncio.get_running_loop()
    async for raw, read in line.reads():
        line.answer(None)
        tell(HeadRead(id, read, raw, loop.time()))


class Belt:
    """How far it has moved, as its encoder last said. A counter that begins anew goes on from where
    it was: a belt never moves backwards here."""

    def __init__(self, live: Live, device: DeviceId, encoder: str) -> None:
        self._live, self._device, self._encoder = live, device, encoder
        self._told: float | None = None
        self._moved = 0.0

    @property
    def moved_mm(self) -> float:
        """The last known while the encoder says nothing good."""
        tags = self._live.tags(self._device)
        value = tags.value(self._encoder) if tags is not None else None
        if value is not None and value.quality == "good" and isinstance(value.value, int | float):
            before, self._told = self._told, float(value.value)
            self._moved += max(self._told - before, 0.0) if before is not None else 0.0
        return self._moved


class _Gathering:
    def __init__(
        self,
        id: DeviceId,
        config: Scanner,
        how: Associate,
        session: GateSession,
        clock: Clock,
        live: Live,
    ) -> None:
        self._id, self._rule, self._session = id, config.multi_read, session
        self._clock, self._live = clock, live
        before, after = how.span
        self._gate: Gate = FrameGate(after) if how.device is None else EyeGate(before, after)
        self._belt: Belt | None = None
        if how.device is not None and how.encoder is not None:
            self._belt = Belt(live, DeviceId(how.device), how.encoder)
        self._strays = 0

    async def run(self, ear: Ear[object]) -> None:
        while True:
            for passage in self._gate.closed(self._now()):
                self._say(passage)
            self._tell_strays()
            for what in await ear.told(self._wait_s()):
                if isinstance(what, Eye):
                    at = what.at_s if self._belt is None else self._now()
                    self._gate.carton(what.number, at, what.at_s)
                elif isinstance(what, HeadRead):
                    at = what.at if self._belt is None else self._now()
                    self._gate.read(what._replace(at=at))

    def _now(self) -> float:
        """On the axis of the gate."""
        return asyncio.get_running_loop().time() if self._belt is None else self._belt.moved_mm

    def _wait_s(self) -> float | None:
        next_at = self._gate.next_at
        if next_at is None:
            return None
        return BELT_EVERY_S if self._belt is not None else max(next_at - self._now(), 0.0)

    def _say(self, passage: Passage) -> None:
        """As of when the carton passed, not of when the gate closed: its way to the blade began
        then."""
        now = self._clock.now()
        reads, foreign = ([one.read for one in some] for some in (passage.reads, passage.foreign))
        said = together(reads, self._rule, foreign)
        late = timedelta(seconds=asyncio.get_running_loop().time() - passage.at_s)
        scanned = said.seen(self._id, passage.number, now - late, now.date())
        every = [*passage.reads, *passage.foreign]
        raw = " + ".join(f"{one.head}: {one.raw}" for one in every)
        self._session.reports.say(Seen(scanned, self._session, raw=raw[:RAW_AT_MOST]))

    def _tell_strays(self) -> None:
        """A read of no carton is told, and moves none: it has no number."""
        strays, self._gate.strays = self._gate.strays, []
        self._strays += len(strays)
        for one in strays:
            if one.read.codes:
                scanned = Scanned(scanner=self._id, codes=one.read.codes, at=self._clock.now())
                self._session.reports.say(
                    Seen(scanned, self._session, raw=f"{one.head}: {one.raw}"), newest="stray"
                )
        if strays:
            self._live.put(self._id, "strays", Value(self._strays, self._clock.now()))
