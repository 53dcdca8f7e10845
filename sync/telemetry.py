"""The durable telemetry queue: 25 ms after it came, a message is at the broker or on the
disk, and there it stays until the broker has it.

It is handed out at once and in order: a slow disk delays nothing. A full queue drops its oldest,
counted by device. It never makes a device wait: what the disk does not take is kept in memory as
far as there is room.
"""

import asyncio
import logging
import sqlite3
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Final, NamedTuple

from sync.telemetry_file import Limits, Message, TelemetryBroken, TelemetryFile

__all__ = ["Limits", "Message", "TelemetryBroken", "TelemetryQueue"]

LINGER_S: Final = 0.02
"""So long a broker may take and nothing is written; what comes within shares a commit."""
FORGET_S: Final = 0.5
"""What the broker has is deleted so often; after a crash it is published once more."""
AGAIN_S: Final = 1.0
"""After a disk that failed."""
NOTED_S: Final = 60.0
"""The numbers of the devices are written down so often."""
LEAP: Final = 100_000
"""More numbers than a device uses in that time."""
PENDING, AT_HAND = 4 * 1024 * 1024, 8 * 1024 * 1024
"""Bytes, at most, that wait for the disk; and of the newest, that the broker need not wait for."""

log = logging.getLogger(__name__)


class Job(NamedTuple):
    """One commit."""

    fresh: list[Message]
    done: int
    now_ms: int
    numbers: dict[str, int]


class TelemetryQueue:
    """Used by one loop, which runs `run`; `close` comes last. One thread writes.

    always: what the broker acknowledges at once is written, too.
    """

    def __init__(
        self, path: Path, limits: Limits, now: Callable[[], datetime], *, always: bool = False
    ) -> None:
        """Opens the file. Raises TelemetryBroken, sqlite3.Error."""
        self._path, self._limits, self._now, self._always = path, limits, now, always
        self._file = TelemetryFile(path, limits)
        self._loop = asyncio.get_running_loop()
        self._numbers: dict[str, int] = {}
        self._newest = self._file.newest
        self._done = self._deleted = self._file.published
        self._pending: list[Message] = []
        self._at_hand: deque[Message] = deque()
        """The newest ones, without a gap."""
        self._pending_bytes = self._hand_bytes = 0
        self._unkept: set[int] = set()
        """Those at hand that are not on the disk, and will not be."""
        self.lost = Counter(self._file.lost)
        """Device -> messages dropped unpublished, ever."""
        self.failure = ""
        """Why nothing is kept; empty while all is well."""
        self._news = asyncio.Event()
        self._died: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._since = self._forgot_at = self._noted_at = self._loop.time()
        self._writing = False
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="telemetry", daemon=True)
        self._thread.start()

    # --- in ---

    def number(self, device: str) -> int:
        """The next one of this device: always greater, and in one run always by one, so that a gap
        is what was lost.

        The first one of a run is the time in milliseconds, far beyond all before it: of this file,
        of a file that was lost, of the box before this one.
        """
        last = self._numbers.get(device)
        if last is None:
            last = max(self._file.numbers.get(device, 0) + LEAP, self._now_ms()) - 1
        self._numbers[device] = last + 1
        return last + 1

    def put(self, device: str, number: int, body: bytes) -> None:
        """Does not wait."""
        self._newest += 1
        message = Message(self._newest, device, number, body)
        self._at_hand.append(message)
        self._hand_bytes += len(body)
        if not self._pending:
            self._since = self._loop.time()
        if self._pending_bytes + len(body) > PENDING:
            self._unkept.add(message.id)
            self._fails("the disk does not keep up")
        else:
            self._pending.append(message)
            self._pending_bytes += len(body)
        if self._hand_bytes > AT_HAND:
            self._make_room()
        if self._timer is None and not self._writing:
            self._look_after(LINGER_S)
        self._news.set()

    def _make_room(self) -> None:
        while self._hand_bytes > AT_HAND:
            oldest = self._at_hand.popleft()
            self._hand_bytes -= len(oldest.body)
            if oldest.id in self._unkept:
                self._unkept.remove(oldest.id)
                self.lost[oldest.device] += 1

    # --- out ---

    async def after(self, id: int, at_most: int) -> list[Message]:
        """The messages that follow `id`, at least one, in order; waits for it."""
        while not (found := await self._next(id, at_most)):
            self._news.clear()
            await self._news.wait()
        return found

    async def _next(self, id: int, at_most: int) -> list[Message]:
        """From memory if they are at hand; else they are read again."""
        if id >= self._newest:
            return []
        first = self._at_hand[0].id if self._at_hand else self._newest + 1
        if id + 1 < first:
            page = await asyncio.to_thread(self._file.between, id, first, at_most)
            if page or not self._at_hand:
                return page
        start = max(0, id + 1 - self._at_hand[0].id)
        return list(islice(self._at_hand, start, start + at_most))

    @property
    def done(self) -> int:
        """The broker has everything up to this one."""
        return self._done

    def is_done(self, id: int) -> None:
        self._done = max(self._done, id)
        while self._at_hand and self._at_hand[0].id <= self._done:
            gone = self._at_hand.popleft()
            self._hand_bytes -= len(gone.body)
            self._unkept.discard(gone.id)
        if self._timer is None and self._file.count:
            self._look_after(FORGET_S)

    @property
    def waiting(self) -> int:
        """Messages that the broker has not."""
        return self._newest - self._done

    @property
    def full(self) -> float:
        """The part of the allowed size that is taken."""
        return self._file.bytes / self._limits.bytes

    # --- when what is written ---------------------------------------------------------------------

    def _look_after(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Gives the thread what there is to be written, if it has nothing to do."""
        self._timer = None
        if self._writing:
            return
        now, done = self._loop.time(), self._deleted
        fresh = [one for one in self._pending if self._always or one.id > self._done]
        self._pending, self._pending_bytes = [], 0
        if self._done > done and (now >= self._forgot_at + FORGET_S):
            self._forgot_at, done = now, self._done
        numbers: dict[str, int] = {}
        if now >= self._noted_at + NOTED_S:
            self._noted_at, numbers = now, dict(self._numbers)
        if fresh or numbers or (done > self._deleted and self._file.count):
            self._writing = True
            self._jobs.put(Job(fresh, done, self._now_ms(), numbers))
        self._deleted = done

    def _is_free(self) -> None:
        self._writing = False
        if self._timer is not None:
            return
        if self._pending:
            waited = self._loop.time() - self._since
            self._look_after(max(0.0, LINGER_S - waited))
        elif self._file.count and self._done > self._deleted:
            self._look_after(FORGET_S)

    def _kept(self, dropped: dict[str, int]) -> None:
        if self.failure:
            log.info("telemetry is kept again")
            self.failure = ""
        if dropped:
            self.lost.update(dropped)
            many = sum(dropped.values())
            log.error("telemetry is full: the %d oldest of %s dropped", many, ", ".join(dropped))
        self._is_free()

    def _not_kept(self, fresh: list[Message], why: str) -> None:
        self._unkept.update(one.id for one in fresh if one.id > self._done)
        self._fails(why)
        self._loop.call_later(AGAIN_S, self._is_free)

    def _fails(self, why: str) -> None:
        if not self.failure:
            log.error("telemetry is not kept: %s", why)
        self.failure = why

    def _now_ms(self) -> int:
        return round(self._now().timestamp() * 1000)

    # --- life -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Raises what ended the thread that writes; a disk that fails is an alarm, not an end."""
        await self._died

    async def close(self) -> None:
        """What the broker has not is on the disk, and what it has is not."""
        if self._timer is not None:
            self._timer.cancel()
        left = [one for one in self._pending if one.id > self._done]
        self._jobs.put(Job(left, self._done, self._now_ms(), dict(self._numbers)))
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._died.cancel()
        self._file.close()

    def _write(self) -> None:
        """The thread."""
        try:
            for job in iter(self._jobs.get, None):
                self._do(job)
        except BaseException as bug:
            self._tell(self._dies, bug)
            raise

    def _do(self, job: Job) -> None:
        try:
            dropped = self._file.write(job.fresh, job.done, job.now_ms, job.numbers)
        except sqlite3.Error as err:
            why = f"{self._path.name} cannot be written: {err}"
            self._tell(self._not_kept, job.fresh, why)
        else:
            self._tell(self._kept, dropped)

    def _tell(self, what: Callable[..., None], *about: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *about)

    def _dies(self, bug: BaseException) -> None:
        if not self._died.done():
            self._died.set_exception(bug)
