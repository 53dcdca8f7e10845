"""The durable telemetry queue: what is put in is on the disk within 25 ms, is published in order
only after that, and stays until the broker has it.

A full queue drops its oldest, counted by device. It never makes a device wait: when the disk does
not keep up, what is new is dropped and counted instead.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from sync.telemetry_file import Limits, Message, TelemetryBroken, TelemetryFile

__all__ = ["Limits", "Message", "TelemetryBroken", "TelemetryQueue", "Waiting"]

LINGER_S: Final = 0.01
"""What comes within shares a commit; with the commit itself it stays below 25 ms."""
FORGET_S: Final = 0.5
"""What the broker has is deleted so often; after a crash it is published once more."""
AGAIN_S: Final = 1.0
"""After a disk that failed."""
HELD: Final = 8 * 1024 * 1024
"""Bytes that wait for the disk; and as many, at most, that are kept at hand for the broker."""

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the queue holds, for pages and metrics."""

    messages: int
    bytes: int
    lost: int
    """Dropped unpublished since the file was made."""
    failure: str
    """Why nothing is kept; empty while all is well."""
    full: float
    """The part of the allowed size that is taken."""


class TelemetryQueue:
    """Used by one loop, which runs `run`; `close` comes last."""

    def __init__(self, path: Path, limits: Limits, now: Callable[[], datetime]) -> None:
        """Opens the file. Raises TelemetryBroken, sqlite3.Error."""
        self._path, self._limits, self._now = path, limits, now
        self._file = TelemetryFile(path, limits)
        self._thread = ThreadPoolExecutor(1, "telemetry")
        self._last = dict(self._file.last)
        self._newest = self._file.newest
        self._done = self._deleted = self._file.published
        self._pending: list[tuple[str, int, bytes]] = []
        self._pending_bytes = self._hand_bytes = 0
        self._at_hand: deque[Message] = deque()
        """The newest committed ones, without a gap."""
        self._lost_here: dict[str, int] = {}
        self._something, self._committed = asyncio.Event(), asyncio.Event()
        self._forgetting = self._forget_now = False
        self._failure = ""

    # --- in ---

    def number(self, device: str) -> int:
        """The next one of this device. A gap is what was lost.

        The first one is the time in milliseconds: whoever knows an older file's numbers, of this
        box or of the one before it, takes none for a double.
        """
        last = self._last.get(device)
        self._last[device] = seq = self._now_ms() if last is None else last + 1
        return seq

    def put(self, device: str, seq: int, body: bytes) -> None:
        """Does not wait."""
        if self._pending_bytes + len(body) > HELD:
            self._lost_here[device] = self._lost_here.get(device, 0) + 1
            self._fails("the disk does not keep up")
            return
        self._pending.append((device, seq, body))
        self._pending_bytes += len(body)
        self._something.set()

    # --- out ---

    async def after(self, id: int, at_most: int) -> list[Message]:
        """Committed messages that follow `id`, at least one, in order; waits for it."""
        while not (found := await self._next(id, at_most)):
            self._committed.clear()
            await self._committed.wait()
        return found

    async def _next(self, id: int, at_most: int) -> list[Message]:
        """From memory if they are at hand; else they are read again."""
        if id >= self._newest:
            return []
        first = self._at_hand[0].id if self._at_hand else self._newest + 1
        if id + 1 < first:
            page = await self._in_thread(lambda: self._file.after(id, at_most))
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
            self._hand_bytes -= len(self._at_hand.popleft().body)
        self._forget_later()

    # --- life ---

    async def run(self) -> None:
        """For ever; a disk that fails is an alarm, not an end."""
        while True:
            await self._something.wait()
            await asyncio.sleep(LINGER_S)
            if not await self._commit():
                await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        """What was put in is on the disk, what the broker has is not."""
        self._forget_now = True
        await self._commit()
        await self._in_thread(self._file.close)
        self._thread.shutdown()

    @property
    def waiting(self) -> Waiting:
        file = self._file
        lost = sum(file.lost.values()) + sum(self._lost_here.values())
        return Waiting(file.count, file.bytes, lost, self._failure, file.bytes / self._limits.bytes)

    @property
    def lost(self) -> dict[str, int]:
        """Device -> messages dropped unpublished."""
        found = dict(self._file.lost)
        for device, many in self._lost_here.items():
            found[device] = found.get(device, 0) + many
        return found

    async def _commit(self) -> bool:
        self._something.clear()
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        now_ms = self._now_ms()
        done = self._done if self._forget_now else self._deleted
        try:
            fresh, dropped = await self._in_thread(lambda: self._write(pending, done, now_ms))
        except sqlite3.Error as err:
            for device, _, _ in pending:
                self._lost_here[device] = self._lost_here.get(device, 0) + 1
            self._fails(f"{self._path.name} cannot be written: {err}")
            return False
        if self._forget_now:
            self._deleted, self._forget_now, self._forgetting = done, False, False
            self._forget_later()
        self._works(dropped)
        self._hand(fresh)
        return True

    def _write(
        self, pending: list[tuple[str, int, bytes]], done: int, now_ms: int
    ) -> tuple[list[Message], dict[str, int]]:
        fresh = [Message(id, *one) for id, one in enumerate(pending, self._file.newest + 1)]
        return fresh, self._file.write(fresh, done, now_ms)

    def _now_ms(self) -> int:
        return round(self._now().timestamp() * 1000)

    def _forget_later(self) -> None:
        if not self._forgetting and self._done > self._deleted:
            self._forgetting = True
            asyncio.get_running_loop().call_later(FORGET_S, self._forget)

    def _forget(self) -> None:
        self._forget_now = True
        self._something.set()

    def _hand(self, fresh: list[Message]) -> None:
        if not fresh:
            return
        self._newest = fresh[-1].id
        self._at_hand.extend(fresh)
        self._hand_bytes += sum(len(one.body) for one in fresh)
        while self._hand_bytes > HELD:
            self._hand_bytes -= len(self._at_hand.popleft().body)
        self._committed.set()

    def _works(self, dropped: dict[str, int]) -> None:
        if self._failure:
            log.info("telemetry is kept again")
            self._failure = ""
        if dropped:
            many = sum(dropped.values())
            log.error("telemetry is full: the %d oldest of %s dropped", many, ", ".join(dropped))

    def _fails(self, why: str) -> None:
        if not self._failure:
            log.error("telemetry is lost: %s", why)
        self._failure = why

    async def _in_thread(self, do: Callable[[], T]) -> T:
        running: Any = asyncio.get_running_loop().run_in_executor(self._thread, do)
        done: T = await asyncio.shield(running)
        return done
