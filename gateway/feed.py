"""Tells whoever listens what was decided, after the commit. A listener that falls behind is
dropped; it misses nothing that it cannot read from the store."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from wcs.envelope import Answer
from wcs.messages import Event
from wcs.observations import Observation

ROOM = 1024


@dataclass(frozen=True, slots=True)
class Told:
    """One decision; `events` by id, oldest first."""

    observation: Observation
    answer: Answer
    events: tuple[tuple[str, Event], ...]


class Listener:
    """Iterates over what is told from now on; ends when it was too slow."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._told: asyncio.Queue[Told | None] = asyncio.Queue()
        self.is_dropped = False

    @property
    def waiting(self) -> int:
        return self._told.qsize()

    def tell(self, told: Told) -> None:
        if self.is_dropped:
            return
        self.is_dropped = self._told.qsize() >= self._room
        self._told.put_nowait(None if self.is_dropped else told)

    async def __aiter__(self) -> AsyncIterator[Told]:
        while (told := await self._told.get()) is not None:
            yield told


class Feed:
    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @contextmanager
    def listen(self, room: int = ROOM) -> Iterator[Listener]:
        listener = Listener(room)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def tell(self, decisions: Sequence[Told]) -> None:
        for listener in tuple(self._listeners):
            for told in decisions:
                listener.tell(told)
            if listener.is_dropped:
                self._listeners.discard(listener)
