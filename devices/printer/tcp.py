"""A label printer: one label after the other, each awaited until the printer says it is out."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from devices import streams
from devices.device import Clock
from devices.errors import Unreachable
from devices.failed import failed
from devices.live import Live
from devices.map.schema import Printer, TcpClient
from devices.printer.zpl import ASK_LAST, ASK_STATUS, FORGET, Answers, Last, Status, job
from devices.tags.value import Plain, Value
from wcs.commands import PrintLabel
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import LabelPrinted, PrinterChanged

ANSWER_WITHIN_S: Final = 2.0
LOOK_EVERY_S: Final = 0.1
"""How often the printer is asked whether the label is out."""
OUT_WITHIN_S: Final = 10.0
"""A printer that is ready has the label out by then; one that waits for paper may take hours."""
WAITING_AT_MOST: Final = 50

A = TypeVar("A", Last, Status)


class PrinterDriver:
    def __init__(
        self, id: DeviceId, config: Printer, connection: TcpClient, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["PrinterSession"]:
        async with streams.tcp(self.id, self._connection) as line:
            status_s = self._config.status.every_s
            session = PrinterSession(self.id, line, status_s, self._clock, self._live)
            await session.open()
            yield session


class PrinterSession:
    def __init__(
        self, id: DeviceId, line: streams.Line, status_s: float, clock: Clock, live: Live
    ) -> None:
        self._id, self._line, self._status_s = id, line, status_s
        self._clock, self._live = clock, live
        self._answers = Answers()
        self._labels: asyncio.Queue[Posted] = asyncio.Queue(WAITING_AT_MOST)
        self._printing: Posted | None = None
        self._over = False
        self._refused: deque[Seen] = deque()
        self._last, self._status, self._status_at = "", Status("not asked yet"), 0.0

    async def open(self) -> None:
        """What an earlier session sent may still come out: it is awaited, else it would be asked
        for twice. Raises Unreachable when the printer does not answer."""
        late_at = asyncio.get_running_loop().time() + OUT_WITHIN_S
        status = await self._ask(ASK_STATUS, Status)
        while status.ready and status.waiting and asyncio.get_running_loop().time() < late_at:
            await asyncio.sleep(LOOK_EVERY_S)
            status = await self._ask(ASK_STATUS, Status)
        await self._ask_last()

    @property
    def has(self) -> tuple[str, ...]:
        return (f"label={self._last}",) if self._last else ()

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            async for seen in self._news():
                yield seen
            if (posted := await self._next()) is not None:
                self._printing = posted
                async for seen in self._print(posted):
                    yield seen
                self._printing = None

    def post(self, posted: Posted) -> None:
        if self._over:
            self._refused.append(self._failed(posted, "the line dropped"))
            return
        try:
            self._labels.put_nowait(posted)
        except asyncio.QueueFull:
            self._refused.append(self._failed(posted, f"{WAITING_AT_MOST} labels wait already"))

    def last_words(self) -> list[Seen]:
        """A label under way may still come out; the printer itself says so when it is back."""
        self._over, held = True, [self._printing] if self._printing else []
        while not self._labels.empty():
            held.append(self._labels.get_nowait())
        why = "the line to the printer ended before the label was seen to come out"
        return [*self._refused, *(self._failed(posted, why) for posted in held)]

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    async def _news(self) -> AsyncIterator[Seen]:
        """Refusals, and the printer's state when it is time to ask and it has changed."""
        while self._refused:
            yield self._refused.popleft()
        if (now := asyncio.get_running_loop().time()) >= self._status_at:
            status = await self._ask(ASK_STATUS, Status)
            self._status_at = now + self._status_s
            changed, self._status = status.problem != self._status.problem, status
            self._show(status)
            if changed:
                yield self._changed(status)

    async def _next(self) -> Posted | None:
        try:
            async with asyncio.timeout_at(self._status_at):
                return await self._labels.get()
        except TimeoutError:
            return None

    async def _print(self, posted: Posted) -> AsyncIterator[Seen]:
        command = posted.command
        assert isinstance(command, PrintLabel)
        if self._last == command.lpn:
            self._line.write(FORGET)
            async for seen in self._until(""):
                yield seen
        if why := self._send(command):
            yield self._failed(posted, why)
            return
        async for seen in self._until(command.lpn):
            yield seen
        if self._last == command.lpn:
            printed = LabelPrinted(printer=self._id, lpn=command.lpn, at=self._clock.now())
            yield Seen(printed, self)
        else:
            yield self._failed(posted, "sent, but not out of the printer")

    def _send(self, command: PrintLabel) -> str:
        """Why the label was not sent; empty when it was."""
        try:
            label = job(command.lpn, command.zpl)
        except ValueError as err:
            return str(err)
        if self._clock.now() >= command.before:
            return "too late"
        if self._last == command.lpn:
            return "the printer does not forget its last label"
        self._line.write(label)
        return ""

    async def _until(self, name: str) -> AsyncIterator[Seen]:
        """News while the last label is not `name`; ends when it is, or when a ready printer has
        not come to it in time."""
        loop = asyncio.get_running_loop()
        late_at = loop.time() + OUT_WITHIN_S
        while await self._ask_last() != name and loop.time() < late_at:
            async for seen in self._news():
                yield seen
            if not self._status.ready:
                late_at = loop.time() + OUT_WITHIN_S
            await asyncio.sleep(LOOK_EVERY_S)

    async def _ask_last(self) -> str:
        """The name of the label that came out last."""
        self._last = (await self._ask(ASK_LAST, Last)).lpn
        return self._last

    async def _ask(self, question: bytes, kind: type[A]) -> A:
        """Raises Unreachable when no such answer comes in time."""
        self._line.write(question)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while True:
                    for answer in self._answers.feed(await self._line.read()):
                        if isinstance(answer, kind):
                            return answer
        except TimeoutError as err:
            raise Unreachable(self._id, f"does not answer {question.decode().strip()}") from err

    def _changed(self, status: Status) -> Seen:
        changed = PrinterChanged(
            printer=self._id, ready=status.ready, reason=status.problem, at=self._clock.now()
        )
        return Seen(changed, self)

    def _show(self, status: Status) -> None:
        shown: dict[str, Plain] = {"problem": status.problem, "waiting": status.waiting}
        for tag, value in (shown | {"last": self._last}).items():
            self._live.put(self._id, tag, Value(value, self._clock.now()))

    def _failed(self, posted: Posted, why: str) -> Seen:
        return Seen(failed(posted, why, self._clock.now()), self)
