"""One open line to a printer: one label after the other, each awaited until the printer says it is
out, and the next one sent only when that is in our books.

So after a crash, a cut or a power failure at most one label is in doubt, and the printer's two
variables tell of it: begun and ended, begun only, or never begun. One without such a memory leaves
each label in doubt, until it is scanned.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from devices.device import Clock
from devices.failed import failed
from devices.live import Live
from devices.printer.asked import Asked, Silent
from devices.printer.zpl import CANCEL_PARTIAL, FORGET, Status, job
from devices.tags.value import Plain, Value
from wcs.commands import PrintLabel
from wcs.envelope import Answer, Posted, Seen
from wcs.names import Lpn
from wcs.observations import LabelInDoubt, LabelPrinted, PrinterChanged

LOOK_EVERY_S: Final = 0.1
"""How often the printer is asked whether the label is out."""
OUT_WITHIN_S: Final = 10.0
"""A printer that is ready has the label out by then; one that waits for paper may take hours."""
WAITING_AT_MOST: Final = 50
NOT_SAID: Final = "it was sent, and the printer does not say that it is out"
NO_MEMORY: Final = "this printer does not say which label it printed: a scan of the label does"


class PrinterSession:
    def __init__(self, asked: Asked, status_s: float, clock: Clock, live: Live) -> None:
        self._id, self._asked, self._status_s = asked.id, asked, status_s
        self._clock, self._live = clock, live
        self._labels: asyncio.Queue[Posted] = asyncio.Queue(WAITING_AT_MOST)
        self._over = False
        self._refused: deque[Seen] = deque()
        self._last, self._pending, self._pending_lpn = "", "", Lpn("")
        self._remembers = True
        self._told: LabelPrinted | LabelInDoubt | None = None
        self._booked = asyncio.Event()
        self._status, self._status_at = Status("not asked yet"), 0.0

    async def open(self) -> None:
        """What an earlier session sent may still come out: it is awaited, else nobody would know
        of it. Raises Unreachable when the printer does not answer."""
        late_at = _now() + OUT_WITHIN_S
        status = await self._asked.status()
        while status.ready and not status.is_done and _now() < late_at:
            if status.partial:
                self._asked.write(CANCEL_PARTIAL)
            await asyncio.sleep(LOOK_EVERY_S)
            status = await self._asked.status()
        try:
            self._last, begun = await self._asked.last(), await self._asked.begun()
        except Silent:
            self._remembers, begun = False, ""
        if begun and (begun != self._last or not status.is_done):
            self._pending = begun

    @property
    def has(self) -> tuple[str, ...]:
        """`label` ended last; `begun` may come out, may have, or may not."""
        ended = "" if self._last == self._pending else self._last
        slots = {"label": ended, "begun": self._pending}
        return tuple(f"{slot}={name}" for slot, name in slots.items() if name)

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            async for seen in self._news():
                yield seen
            if (posted := await self._next()) is not None:
                async for seen in self._print(posted):
                    yield seen

    def post(self, posted: Posted) -> None:
        if self._over:
            self._refused.append(self._failed(posted, "the line dropped"))
            return
        try:
            self._labels.put_nowait(posted)
        except asyncio.QueueFull:
            self._refused.append(self._failed(posted, f"{WAITING_AT_MOST} labels wait already"))

    def last_words(self) -> list[Seen]:
        """Of the labels that were not sent. The one that was is told of by the printer itself, when
        it is asked again: see `has`."""
        self._over, held = True, []
        while not self._labels.empty():
            held.append(self._labels.get_nowait())
        return [*self._refused, *(self._failed(posted, "the line dropped") for posted in held)]

    def settled(self, seen: Seen, answer: Answer) -> None:
        if seen.observation is self._told:
            self._told = None
            self._booked.set()

    async def _news(self) -> AsyncIterator[Seen]:
        """Refusals, and the printer's state when it is time to ask and it has changed."""
        while self._refused:
            yield self._refused.popleft()
        if (now := _now()) >= self._status_at:
            status = await self._asked.status()
            self._status_at = now + self._status_s
            changed, self._status = status.problem != self._status.problem, status
            if changed:
                yield self._changed(status)
            if self._pending:
                async for seen in self._look_for_pending():
                    yield seen
            self._show(status)

    async def _look_for_pending(self) -> AsyncIterator[Seen]:
        """It comes out after all, or the printer is done without it."""
        if self._status.is_done:
            name, self._pending = self._pending, ""
            self._last = await self._asked.last()
            if self._last == name:
                yield self._tell(self._printed(self._pending_lpn, name))

    async def _next(self) -> Posted | None:
        """The next label, when it may be sent: all before it are out and in our books."""
        try:
            async with asyncio.timeout_at(self._status_at):
                while self._told is not None:
                    self._booked.clear()
                    await self._booked.wait()
                if self._pending:
                    await asyncio.Event().wait()
                return await self._labels.get()
        except TimeoutError:
            return None

    async def _print(self, posted: Posted) -> AsyncIterator[Seen]:
        command = posted.command
        assert isinstance(command, PrintLabel)
        name = command.name or str(command.lpn)
        if self._last == name:
            self._asked.write(FORGET)
            async for seen in self._until(""):
                yield seen
        if why := self._send(command, name):
            yield self._failed(posted, why)
            return
        async for seen in self._until(name) if self._remembers else self._until_done():
            yield seen
        if self._last == name:
            yield self._tell(self._printed(command.lpn, name))
        elif self._remembers:
            self._pending, self._pending_lpn = name, command.lpn
            yield self._tell(self._in_doubt(command.lpn, name, NOT_SAID))
        else:
            yield self._tell(self._in_doubt(command.lpn, name, NO_MEMORY))

    def _send(self, command: PrintLabel, name: str) -> str:
        """Why the label was not sent; empty when it was."""
        try:
            label = job(name, command.zpl)
        except ValueError as err:
            return str(err)
        if self._clock.now() >= command.before:
            return "too late"
        if self._last == name:
            return "the printer does not forget its last label"
        self._asked.write(label)
        return ""

    async def _until(self, name: str) -> AsyncIterator[Seen]:
        """News while the last label is not `name`; ends when it is, or when a ready printer has
        not come to it in time."""
        late_at = _now() + OUT_WITHIN_S
        while not await self._ended(name) and _now() < late_at:
            async for seen in self._news():
                yield seen
            if not self._status.ready:
                late_at = _now() + OUT_WITHIN_S
            await asyncio.sleep(LOOK_EVERY_S)

    async def _until_done(self) -> AsyncIterator[Seen]:
        """News until two looks in a row find it done: all that can be known without a memory."""
        done = 0
        while done < 2:
            async for seen in self._news():
                yield seen
            await asyncio.sleep(LOOK_EVERY_S)
            done = done + 1 if (await self._asked.status()).is_done else 0

    async def _ended(self, name: str) -> bool:
        """The variable may run ahead of the paper: the printer must be done as well."""
        last = await self._asked.last()
        if last != name or not (await self._asked.status()).is_done:
            return False
        self._last = last
        return True

    def _tell(self, told: LabelPrinted | LabelInDoubt) -> Seen:
        self._told = told
        return Seen(told, self)

    def _printed(self, lpn: Lpn, name: str) -> LabelPrinted:
        return LabelPrinted(printer=self._id, lpn=lpn, name=name, at=self._clock.now())

    def _in_doubt(self, lpn: Lpn, name: str, why: str) -> LabelInDoubt:
        return LabelInDoubt(printer=self._id, lpn=lpn, name=name, reason=why, at=self._clock.now())

    def _changed(self, status: Status) -> Seen:
        changed = PrinterChanged(
            printer=self._id, ready=status.ready, reason=status.problem, at=self._clock.now()
        )
        return Seen(changed, self)

    def _show(self, status: Status) -> None:
        shown: dict[str, Plain] = {"problem": status.problem, "waiting": status.waiting}
        for tag, value in (shown | {"last": self._last, "in_doubt": self._pending}).items():
            self._live.put(self._id, tag, Value(value, self._clock.now()))

    def _failed(self, posted: Posted, why: str) -> Seen:
        return Seen(failed(posted, why, self._clock.now()), self)


def _now() -> float:
    return asyncio.get_running_loop().time()
