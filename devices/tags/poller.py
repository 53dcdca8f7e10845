"""The tags of one device on a Modbus line: polled in blocks, asked for and written ahead of the
polls."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from devices.device import Clock
from devices.errors import Unreachable
from devices.map.schema import RegisterTag
from devices.map.units import Span
from devices.tags import pdu
from devices.tags.bus import Bus, Turn, Work
from devices.tags.codec import Unwritable
from devices.tags.learning import Learning, Memory
from devices.tags.plan import Limits, blocks, plan
from devices.tags.port import Denied, NotAllowed, TooLate
from devices.tags.pulses import Pulses, Steps
from devices.tags.table import Reading, Table
from devices.tags.value import Plain, Refusal, Round, Value
from devices.tags.writes import Writes

AGAIN_S: Final = 10.0
"""A tag that the device refuses is asked for again so rarely."""
ONCE_S: Final = 1.0
"""What is read once per connection is asked for so often until it was."""
BUSY_S: Final = (0.05, 0.1, 0.2, 0.4)
"""A write that the device was too busy for was not carried out: it may be sent again."""
REMEMBERED: Final = 64


def nobody(thing: Round | Refusal) -> None:
    return None


@dataclass(slots=True)
class Seat:
    """Where a device sits: a line, the number of its unit, and what is known of that unit."""

    bus: Bus
    unit: int = 1
    limits: Limits = field(default_factory=Limits)
    writable: tuple[Span, ...] | None = None
    memory: Memory = field(default_factory=Memory)
    heard: Callable[[Round], None] = nobody
    """Told every answered poll."""
    refused: Callable[[Refusal], None] = nobody
    """Told every write that is not sent, because it must not or cannot be."""


class Polled:
    """`devices.tags.port.Tags` of one device. `open` reads everything once; `run` lasts until its
    unit falls silent or the line is dead, and raises Unreachable; `close` gives the seat back."""

    def __init__(
        self, device: str, seat: Seat, tags: Mapping[str, RegisterTag], clock: Clock
    ) -> None:
        self._device, self._seat, self._bus = device, seat, seat.bus
        self._tags, self._clock = tags, clock
        self._table = Table(tags, clock)
        self._learning = Learning(seat.memory, tags)
        self._writes = Writes(tags, seat.unit, seat.writable)
        self._turns: dict[int, Turn] = {}
        """By the identity of their readings."""
        self._asked: dict[tuple[str, ...], list[Reading]] = {}
        self._dead: Unreachable | None = None
        self._end = asyncio.Event()
        self._first: set[int] = set()
        """Readings that were never answered."""
        self._ready = asyncio.Event()
        self._pulses = Pulses(tags, seat.memory.pulses, self._sent)
        self._unit = seat.bus.join(seat.unit, self)
        self._loop = asyncio.get_running_loop()

    # --- its life ---

    async def open(self) -> None:
        """Reads every block once. Raises DeviceError."""
        await self._bus.admitted(self._unit)
        self._plan()
        await self._ready.wait()
        if self._dead is not None:
            raise self._dead
        await self._pulses.tidy()

    async def run(self) -> None:
        await self._end.wait()
        assert self._dead is not None
        raise self._dead

    def ended(self, problem: str) -> None:
        if self._dead is None:
            self._dead = Unreachable(self._device, problem)
        self._drop_turns()
        self._end.set()
        self._ready.set()

    async def close(self) -> None:
        await self._pulses.close()
        self._bus.leave(self._unit, self)
        self.ended("the line was closed")

    # --- what functions ask for ---

    @property
    def overruns(self) -> int:
        return self._bus.overruns[self._unit.number]

    def value(self, name: str) -> Value:
        return self._table[name]

    def view(self) -> dict[str, Value]:
        return self._table.view()

    def changes(self) -> AsyncIterator[dict[str, Value]]:
        return self._table.changes()

    async def together(self, *names: str) -> dict[str, Value]:
        if self._table.of_one_response(names):
            return {name: self._table[name] for name in names}
        return await self.read(*names)

    async def read(self, *names: str) -> dict[str, Value]:
        readings = self._asked.get(names) or self._remembered(names)

        async def work() -> dict[str, Value]:
            for reading in readings:
                reply = await self._bus.ask(self._unit, reading.request, self._device)
                self._table.take_once(reading, reply[2:])
            return {name: self._table[name] for name in names}

        result: dict[str, Value] = await self._ahead(work)
        return result

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        names = {name for step in steps for name in step if name in self._tags}
        pulse = any(self._tags[name].pulse_s is not None for name in names)
        try:
            await (self._pulses.write if pulse else self._sent)(steps, before)
        except Unwritable as err:
            self._seat.refused(Refusal({k: v for step in steps for k, v in step.items()}, str(err)))
            raise

    async def _sent(self, steps: Steps, before: datetime | None = None) -> None:
        waiting = self._writes.requests(steps)
        self._check_bits(waiting)

        async def work() -> None:
            while waiting:
                if before is not None and self._clock.now() >= before:
                    raise TooLate
                await self._bus.ask(self._unit, waiting[0], self._device)
                del waiting[0]

        for wait_s in (*BUSY_S, None):
            try:
                await self._ahead(work)
                return
            except Denied as err:
                self._learn_bits(waiting[0], err)
                if err.code != pdu.BUSY or wait_s is None:
                    raise
                await asyncio.sleep(wait_s)

    def _check_bits(self, requests: list[pdu.Request]) -> None:
        if self._seat.memory.no_single_bits and any(one.pdu[0] == 22 for one in requests):
            raise NotAllowed(NO_SINGLE_BITS)

    def _learn_bits(self, refused: pdu.Request, err: Denied) -> None:
        if refused.pdu[0] == 22 and err.code == 1:
            self._seat.memory.no_single_bits = True
            raise NotAllowed(NO_SINGLE_BITS) from err

    def _remembered(self, names: tuple[str, ...]) -> list[Reading]:
        if len(self._asked) >= REMEMBERED:
            self._asked.clear()
        limits = self._seat.memory.within(self._seat.limits)
        found = blocks(names, self._tags, limits, mixed=True)
        return self._asked.setdefault(names, [self._table.reading(block) for block in found])

    async def _ahead(self, work: Work) -> Any:
        if self._dead is not None:
            raise self._dead
        try:
            return await self._bus.order(self._unit, work)
        except Unreachable as err:
            raise self._dead or Unreachable(self._device, err.problem) from err

    # --- the polls ---

    def _plan(self) -> None:
        """All blocks anew, around what the device is known not to have."""
        self._drop_turns()
        self._asked.clear()
        self._learning.news = False
        now = self._loop.time()
        for block in plan(self._tags, self._seat.memory.within(self._seat.limits)):
            reading = self._table.polled_by(block)
            if self._learning.missing(block):
                self._table.refuse(reading, pdu.told(2))
                self._add(reading, now + AGAIN_S, AGAIN_S)
            else:
                self._first.add(id(reading))
                self._add(reading, now)
        self._was_first(None)

    def _drop_turns(self) -> None:
        for turn in self._turns.values():
            turn.gone = True
        self._turns.clear()
        self._first.clear()

    def _add(self, reading: Reading, due: float, every_s: float | None = None) -> None:
        every_s = every_s or reading.block.every_s or ONCE_S
        turn = Turn(self._unit, every_s, lambda: self._poll(reading), due)
        self._turns[id(reading)] = turn
        self._bus.every(turn)

    async def _poll(self, reading: Reading) -> None:
        try:
            reply = await self._bus.ask(self._unit, reading.request, self._device)
        except Denied as err:
            if id(reading) in self._turns:
                self._refused(reading, err)
            return
        self._table.take(reading, reply[2:])
        self._seat.heard(self._table.round(reading))
        if self._first or reading.block.every_s is None or self._learning.curious:
            self._answered(reading)

    def _answered(self, reading: Reading) -> None:
        if turn := self._turns.get(id(reading)):
            turn.gone = reading.block.every_s is None
            self._learning.answered(reading.block)
            self._was_first(reading)

    def _refused(self, reading: Reading, err: Denied) -> None:
        """For good, until what is refused is one tag; that one is bad and rarely asked for."""
        if err.code in (pdu.BUSY, pdu.LATER):
            return
        turn = self._turns[id(reading)]
        parts = self._learning.refused(reading.block) if err.code in pdu.NOT_HERE else []
        now = self._loop.time()
        for part in parts:
            self._first.add(id(half := self._table.polled_by(part)))
            self._add(half, now)
        if parts:
            turn.gone = True
            del self._turns[id(reading)]
        else:
            self._table.refuse(reading, err.problem)
            turn.every_s = AGAIN_S if err.code in pdu.NOT_HERE else turn.every_s
        self._was_first(reading)

    def _was_first(self, reading: Reading | None) -> None:
        self._first.discard(id(reading))
        if self._first:
            return
        self._ready.set()
        if self._learning.news:
            self._plan()


NO_SINGLE_BITS: Final = (
    "the device cannot write one bit of a register (function 22), and reading it to write all"
    " sixteen back could undo what the device changes meanwhile"
)
