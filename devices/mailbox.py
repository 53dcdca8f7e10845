"""Bounded hand-over from a foreign thread to the loop."""

import asyncio
import threading
from contextlib import suppress
from typing import Generic, TypeVar

M = TypeVar("M")


class Mailbox(Generic[M]):
    """Things in the order of their arrival; of those with a name only the newest is kept.

    The thread puts and never waits; a thing beyond `at_most` is not taken. The loop takes all that
    waits at once and is woken once for it, so a stalled loop costs no memory.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: dict[object, M] = {}
        self._end: Exception | None = None
        self._woken = False
        self._ready = asyncio.Event()

    def put(self, thing: M, newest: str | None = None) -> bool:
        """False: there is no room or it has ended; the thing was not taken."""
        with self._lock:
            name: object = object() if newest is None else newest
            self._waiting.pop(name, None)
            if room := self._end is None and len(self._waiting) < self._at_most:
                self._waiting[name] = thing
            self._wake()
        return room

    def end(self, why: Exception) -> None:
        """Raised by `take` once nothing waits any more; the first reason stays."""
        with self._lock:
            self._end = self._end or why
            self._wake()

    def wake(self) -> None:
        """`take` returns, with nothing if nothing waits."""
        with self._lock:
            self._wake()

    async def take(self) -> list[M]:
        """All that waits; nothing only after `wake`. Raises what `end` was given."""
        await self._ready.wait()
        with self._lock:
            things = list(self._waiting.values())
            self._waiting.clear()
            if self._end is None:
                self._woken = False
                self._ready.clear()
            elif not things:
                raise self._end
        return things

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                self._loop.call_soon_threadsafe(self._ready.set)
