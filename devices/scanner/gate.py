"""Which reads belong to which carton, where several heads read several cartons in motion.

A plain object on an axis: seconds, or millimetres of belt. A carton that the eye has seen at x owns
the reads from x + before to x + after. A read that two cartons could own is nobody's, and spoils
both: which of them it is on would be a guess.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from devices.scanner.payload import Read
from wcs.names import DeviceId

OPEN: Final = 64
"""Cartons in one gate; more are a fault of the eye, and the oldest are closed."""
WAITING: Final = 256
"""Reads that no carton owns yet."""


class HeadRead(NamedTuple):
    """One frame of one head."""

    head: DeviceId
    read: Read
    raw: str
    at: float


@dataclass(slots=True)
class Passage:
    """One carton in the gate. `number` is None where nothing numbers cartons; `foreign` are reads
    that the next carton could own as well."""

    number: int | None
    at: float
    until: float
    at_s: float
    """Of the loop's clock, whatever the axis is."""
    reads: list[HeadRead] = field(default_factory=list)
    foreign: list[HeadRead] = field(default_factory=list)


class EyeGate:
    """The eye says when a carton comes, and its number."""

    def __init__(self, before: float, after: float) -> None:
        self._before, self._after = before, after
        self._open: deque[Passage] = deque()
        self._waiting: deque[HeadRead] = deque()
        self.strays: list[HeadRead] = []
        """Reads of no carton, until they are taken away."""

    def carton(self, number: int | None, at: float, at_s: float | None = None) -> None:
        """at_s: of the loop's clock, where the axis is another."""
        if number is not None and any(one.number == number for one in self._open):
            return  # told twice
        seen_s = at if at_s is None else at_s
        self._open.append(Passage(number, at, at + self._after, seen_s))

    def read(self, one: HeadRead) -> None:
        """That a head read nothing says nothing: the eye says who came."""
        if one.read.codes:
            self._waiting.append(one)
        if len(self._waiting) > WAITING:
            self.strays.append(self._waiting.popleft())

    def closed(self, now: float) -> list[Passage]:
        """The cartons whose time is over, first come first, with every read they could own."""
        while self._waiting and self._known_at(self._waiting[0]) <= now:
            self._give(self._waiting.popleft())
        closed = []
        while self._open and (self._is_over(self._open[0], now) or len(self._open) > OPEN):
            closed.append(self._open.popleft())
        return closed

    @property
    def next_at(self) -> float | None:
        """When `closed` may have something new to say."""
        known = [self._known_at(one) for one in self._waiting]
        if not self._open:
            return known[0] if known else None
        first = self._open[0]
        owned = [at for at, one in zip(known, self._waiting, strict=True) if self._owns(first, one)]
        return min([max([first.until, *owned]), *known[:1]])

    def _known_at(self, one: HeadRead) -> float:
        """By then every eye that could own it has spoken: it comes at most `-before` later."""
        return one.at - self._before

    def _is_over(self, passage: Passage, now: float) -> bool:
        return now >= passage.until and not any(self._owns(passage, one) for one in self._waiting)

    def _owns(self, passage: Passage, one: HeadRead) -> bool:
        return passage.at + self._before <= one.at <= passage.until

    def _give(self, one: HeadRead) -> None:
        owners = [passage for passage in self._open if self._owns(passage, one)]
        if not owners:
            self.strays.append(one)
        elif len(owners) == 1:
            owners[0].reads.append(one)
        else:
            for passage in owners:
                passage.foreign.append(one)


class FrameGate:
    """The frames themselves say which carton: by the number in them, or, without one, by coming
    soon after each other."""

    def __init__(self, after: float) -> None:
        self._after = after
        self._open: deque[Passage] = deque()
        self.strays: list[HeadRead] = []

    def carton(self, number: int | None, at: float, at_s: float | None = None) -> None:
        """Nobody tells it."""

    def read(self, one: HeadRead) -> None:
        number = one.read.trigger
        own = [each for each in self._open if each.number == number and one.at <= each.until]
        if not own:
            own = [Passage(number, one.at, one.at + self._after, one.at)]
            self._open.append(own[0])
        own[0].reads.append(one)

    def closed(self, now: float) -> list[Passage]:
        closed = []
        while self._open and (now >= self._open[0].until or len(self._open) > OPEN):
            closed.append(self._open.popleft())
        return closed

    @property
    def next_at(self) -> float | None:
        return self._open[0].until if self._open else None


Gate = EyeGate | FrameGate
