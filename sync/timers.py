"""The timers that rules set, in memory beside their table, so that waiting for one never reads
the disk."""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime
from threading import Lock
from typing import NamedTuple


class Timer(NamedTuple):
    at: datetime
    key: str


class Timers:
    """Each timer is handed out once per time it was set; the writer thread sets, the loop takes."""

    def __init__(self, timers: Iterable[Timer] = ()) -> None:
        self._lock = Lock()
        self._set: dict[str, datetime] = {timer.key: timer.at for timer in timers}
        self._heap = [Timer(at, key) for key, at in self._set.items()]
        heapq.heapify(self._heap)
        self._is_nearer = False

    def apply(self, changes: Mapping[str, datetime | None]) -> None:
        """After a commit: None ends a timer."""
        with self._lock:
            for key, at in changes.items():
                if at is None:
                    self._set.pop(key, None)
                else:
                    self._set[key] = at
                    self._is_nearer |= not self._heap or at < self._heap[0].at
                    heapq.heappush(self._heap, Timer(at, key))
            if len(self._heap) > 2 * len(self._set) + 1024:  # mostly timers that were set anew
                self._heap = [timer for timer in set(self._heap) if self._is_set(timer)]
                heapq.heapify(self._heap)

    def take_due(self, now: datetime, limit: int) -> list[Timer]:
        """At most `limit`, the oldest first."""
        with self._lock:
            taken: list[Timer] = []
            while len(taken) < limit and (timer := self._next()) is not None and timer.at <= now:
                taken.append(heapq.heappop(self._heap))
            return taken

    def is_nearer(self) -> bool:
        """Whether a timer was set, since this was last asked, that fires before all others."""
        with self._lock:
            nearer, self._is_nearer = self._is_nearer, False
            return nearer

    def next_due(self) -> datetime | None:
        with self._lock:
            timer = self._next()
            return None if timer is None else timer.at

    def _next(self) -> Timer | None:
        while self._heap and not self._is_set(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def _is_set(self, timer: Timer) -> bool:
        return self._set.get(timer.key) == timer.at
