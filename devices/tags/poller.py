"""Tags over a wire that answers one request at a time: writes ahead of reads, reads on an absolute
schedule."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heapreplace
from typing import Any, Final, Protocol

from devices.device import Clock
from devices.errors import DeviceError, Unreachable
from devices.map import units
from devices.map.schema import RegisterTag
from devices.tags.codec import Words, encode
from devices.tags.plan import Block, Limits, blocks, halves, plan
from devices.tags.port import Denied, NoReply, TooLate
from devices.tags.table import Reading, Table
from devices.tags.value import Plain, Value

MISSES: Final = 2
"""So many requests in a row without an answer, and the line is dead: twice its timeout."""
NOT_HERE: Final = (1, 2, 3)
"""Error codes that mean a part of the block: it is split and the good part is read on."""
AGAIN_S: Final = 10.0
"""A tag that the device refuses is asked for again so rarely."""
IDLE_S: Final = 3600.0


class Registers(Protocol):
    """Raises NoReply, Denied, Unreachable."""

    async def read(self, table: units.Table, first: int, count: int) -> Sequence[int]: ...
    async def write(self, table: units.Table, first: int, words: Sequence[int]) -> None: ...


@dataclass(slots=True)
class _Job:
    work: Callable[[], Awaitable[Any]]
    done: asyncio.Future[Any]


class Polled:
    """The tags of one device over one open wire (`devices.tags.port.Tags`).

    `open` reads everything once, `run` polls until the line is dead and raises Unreachable; both
    belong to one task, the only one that uses the wire.
    """

    def __init__(
        self,
        device: str,
        wire: Registers,
        tags: Mapping[str, RegisterTag],
        limits: Limits,
        clock: Clock,
        misses: int = MISSES,
    ) -> None:
        self._device, self._wire, self._tags, self._clock = device, wire, tags, clock
        self._limits, self._at_most = limits, misses
        self._table = Table(tags, clock)
        self._readings = [self._table.polled_by(block) for block in plan(tags, limits)]
        self._asked: dict[tuple[str, ...], list[Block]] = {}
        self._urgent: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._misses = 0
        self.overruns = 0
        """Polls that were skipped because their time had passed."""
        self._dead: DeviceError | None = None
        self._loop = asyncio.get_running_loop()

    # --- what functions ask for ---

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
        if names not in self._asked:
            self._asked[names] = blocks(names, self._tags, self._limits, mixed=True)

        async def work() -> dict[str, Value]:
            for block in self._asked[names]:
                self._table.take_once(block, await self._got(block))
            return {name: self._table[name] for name in names}

        result: dict[str, Value] = await self._ahead(work)
        return result

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        requests = [request for step in steps for request in self._requests(step)]

        async def work() -> None:
            for table, first, words in requests:
                if before is not None and self._clock.now() >= before:
                    raise TooLate
                await self._asking(self._wire.write(table, first, words))

        await self._ahead(work)

    def _requests(self, step: Mapping[str, Plain]) -> Iterator[tuple[units.Table, int, Words]]:
        """Neighbouring tags of a step as one request."""
        table: units.Table | None = None
        first = 0
        words: Words = ()
        for name, value in step.items():
            at = self._tags[name].at
            if at.table != table or at.address != first + len(words):
                if table is not None:
                    yield table, first, words
                table, first, words = at.table, at.address, ()
            words = (*words, *encode(self._tags[name], value))
        if table is not None:
            yield table, first, words

    async def _ahead(self, work: Callable[[], Awaitable[Any]]) -> Any:
        if self._dead is not None:
            raise self._dead
        job = _Job(work, self._loop.create_future())
        self._urgent.append(job)
        self._wake.set()
        return await job.done

    # --- the one task that uses the wire ---

    async def open(self) -> None:
        """Reads every block once. Raises DeviceError."""
        waiting = deque(self._readings)
        while waiting:
            waiting.extend(await self._poll(waiting.popleft(), again=True))
        now = self._loop.time()
        for reading in self._readings:
            reading.due = now + reading.every_s
        heapify(self._readings)

    async def run(self) -> None:
        try:
            while True:
                if self._urgent:
                    await self._work(self._urgent.popleft())
                elif self._wait_s() > 0:
                    await self._sleep()
                else:
                    await self._next_poll()
        except DeviceError as err:
            self._dead = err
            raise
        finally:
            self._dead = self._dead or Unreachable(self._device, "the line was closed")
            for job in self._urgent:
                _fail(job, self._dead)

    async def _work(self, job: _Job) -> None:
        if job.done.done():  # nobody waits any more
            return
        try:
            result = await job.work()
        except (NoReply, Denied, TooLate) as err:
            _fail(job, err)
            self._give_up_after(err)
        except BaseException as err:
            dead = err if isinstance(err, DeviceError) else None
            _fail(job, dead or Unreachable(self._device, "the line was closed"))
            raise
        else:
            if not job.done.done():
                job.done.set_result(result)

    def _wait_s(self) -> float:
        return self._readings[0].due - self._loop.time() if self._readings else IDLE_S

    async def _sleep(self) -> None:
        """Until the next reading is due or something more urgent comes."""
        self._wake.clear()
        timer = self._loop.call_later(min(self._wait_s(), IDLE_S), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _next_poll(self) -> None:
        reading = self._readings[0]
        late = int((self._loop.time() - reading.due) // reading.every_s)
        self.overruns += late
        reading.due += (late + 1) * reading.every_s
        heapreplace(self._readings, reading)
        with suppress(NoReply):  # counted; the values go stale by their age
            await self._poll(reading)

    async def _poll(self, reading: Reading, *, again: bool = False) -> list[Reading]:
        """Takes the words; returns the parts to read instead when the device refuses the block."""
        try:
            words = await (self._got if again else self._fetched)(reading.block)
            self._table.take(reading, words)
        except Denied as err:
            return self._split(reading, err)
        except NoReply as err:
            self._give_up_after(err)
            raise
        return []

    def _split(self, reading: Reading, err: Denied) -> list[Reading]:
        """For good, until what is refused is one tag; that one is bad and rarely asked for."""
        parts = halves(reading.block, self._tags) if err.code in NOT_HERE else []
        if not parts:
            self._table.refuse(reading, err.problem)
            if err.code in NOT_HERE:
                reading.every_s = max(reading.every_s, AGAIN_S)
            return []
        split = [self._table.polled_by(part) for part in parts]
        for one in split:
            one.due = reading.due
        self._readings.remove(reading)
        self._readings += split
        heapify(self._readings)
        return split

    async def _got(self, block: Block) -> Sequence[int]:
        """Asks until there is an answer or the line is dead: a read does no harm."""
        while True:
            try:
                return await self._fetched(block)
            except NoReply:
                if self._misses >= self._at_most:
                    raise

    async def _fetched(self, block: Block) -> Sequence[int]:
        words: Sequence[int] = await self._asking(
            self._wire.read(block.table, block.first, block.count)
        )
        return words

    async def _asking(self, request: Awaitable[Any]) -> Any:
        """Counts requests in a row that nobody answered; an error code is an answer."""
        try:
            answer = await request
        except NoReply:
            self._misses += 1
            raise
        except Denied:
            self._misses = 0
            raise
        self._misses = 0
        return answer

    def _give_up_after(self, err: DeviceError | TooLate) -> None:
        if self._misses >= self._at_most:
            raise Unreachable(self._device, "does not answer") from err


def _fail(job: _Job, err: BaseException) -> None:
    if not job.done.done():
        job.done.set_exception(err)
        job.done.exception()  # whoever asked may have stopped waiting
