"""A label printer: one label after the other, each awaited until the printer says it is out."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, TypeVar

from devices import streams
from devices.device import Clock
from devices.errors import Unreachable
from devices.failed import failed
from devices.live import Live
from devices.map.schema import Printer, TcpClient
from devices.printer.zpl import ASK_LAST, ASK_STATUS, Answers, Last, Status, job
from wcs.commands import PrintLabel
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import LabelPrinted, Observation, PrinterChanged

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
            session = PrinterSession(self.id, line, self._config.status.every_s, self._clock)
            await session.open()
            yield session


class PrinterSession:
    def __init__(self, id: DeviceId, line: streams.Line, status_s: float, clock: Clock) -> None:
        self._id, self._line, self._status_s, self._clock = id, line, status_s, clock
        self._answers = Answers()
        self._labels: asyncio.Queue[Posted] = asyncio.Queue(WAITING_AT_MOST)
        self._refused: deque[Observation] = deque()
        self._last, self._status, self._status_at = "", Status("not asked yet"), 0.0

    async def open(self) -> None:
        """Raises Unreachable when the printer does not say which label was its last."""
        self._last = (await self._ask(ASK_LAST, Last)).lpn

    @property
    def has(self) -> tuple[str, ...]:
        return (f"label={self._last}",) if self._last else ()

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            async for seen in self._news():
                yield seen
            if (posted := await self._next()) is not None:
                async for seen in self._print(posted):
                    yield seen

    def post(self, posted: Posted) -> None:
        try:
            self._labels.put_nowait(posted)
        except asyncio.QueueFull:
            why = f"{WAITING_AT_MOST} labels wait already"
            self._refused.append(failed(posted, why, self._now()))

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    async def _news(self) -> AsyncIterator[Seen]:
        """Refusals, and the printer's state when it is time to ask and it has changed."""
        while self._refused:
            yield Seen(self._refused.popleft(), self)
        if (now := asyncio.get_running_loop().time()) >= self._status_at:
            status = await self._ask(ASK_STATUS, Status)
            self._status_at = now + self._status_s
            if status != self._status:
                self._status = status
                yield Seen(self._changed(status), self)

    async def _next(self) -> Posted | None:
        try:
            async with asyncio.timeout_at(self._status_at):
                return await self._labels.get()
        except TimeoutError:
            return None

    async def _print(self, posted: Posted) -> AsyncIterator[Seen]:
        command = posted.command
        assert isinstance(command, PrintLabel)
        if why := self._send(command):
            yield Seen(failed(posted, why, self._now()), self)
            return
        loop = asyncio.get_running_loop()
        late_at = loop.time() + OUT_WITHIN_S
        while (await self._ask(ASK_LAST, Last)).lpn != command.lpn:
            async for seen in self._news():
                yield seen
            if not self._status.ready:
                late_at = loop.time() + OUT_WITHIN_S
            if loop.time() > late_at:
                yield Seen(failed(posted, "sent, but not out of the printer", self._now()), self)
                return
            await asyncio.sleep(LOOK_EVERY_S)
        self._last = command.lpn
        yield Seen(LabelPrinted(printer=self._id, lpn=command.lpn, at=self._now()), self)

    def _send(self, command: PrintLabel) -> str:
        """Why the label was not sent; empty when it was."""
        if self._now() >= command.before:
            return "too late"
        try:
            label = job(command.lpn, command.zpl, self._last)
        except ValueError as err:
            return str(err)
        self._line.write(label)
        return ""

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
            raise Unreachable(self._id, f"does not answer {question.strip()!r}") from err

    def _changed(self, status: Status) -> PrinterChanged:
        reason = status.problem
        return PrinterChanged(printer=self._id, ready=status.ready, reason=reason, at=self._now())

    def _now(self) -> datetime:
        return self._clock.now()
