"""Where observations wait to be decided: the floor's lane first, the hosts' behind it, both
bounded."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from time import perf_counter
from typing import NamedTuple

from wcs.envelope import Answer, Seen
from wcs.messages import is_host
from wcs.observations import Observation

FLOOR, HOST = 1024, 256
GROUP_MS = 5.0
TURNS = 10
FIRST_GUESS_MS = 0.3


class Busy(Exception):
    """The lane is full; come again after `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"busy; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class _Waiting(NamedTuple):
    seen: Seen
    since: float


class Asked:
    """The source of an observation whose asker awaits the answer."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def settled(self, seen: Seen, answer: Answer) -> None:
        if not self.answer.done():  # the asker may have left
            self.answer.set_result(answer)


class Inbox:
    """Belongs to one event loop; other threads use `from_thread`."""

    def __init__(self, floor: int = FLOOR, host: int = HOST) -> None:
        self._floor: asyncio.Queue[_Waiting] = asyncio.Queue(floor)
        self._host: asyncio.Queue[_Waiting] = asyncio.Queue(host)
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = 0
        self._each_ms = FIRST_GUESS_MS
        self.waited_ms = 0.0
        """How long the oldest observation of the last group had waited."""

    async def put(self, seen: Seen) -> None:
        """Waits while the lane is full."""
        await self._lane(seen).put(_Waiting(seen, perf_counter()))
        self._news.set()

    def offer(self, seen: Seen) -> None:
        """Raises Busy at once when the lane is full."""
        lane = self._lane(seen)
        if lane.full():
            raise Busy(max(1, round(lane.qsize() * self._each_ms / 1000)))
        lane.put_nowait(_Waiting(seen, perf_counter()))
        self._news.set()

    async def ask(
        self,
        observation: Observation,
        *,
        key: str | None = None,
        raw: str = "",
        private: Mapping[str, str] | None = None,
    ) -> Answer:
        """Offers, and gives the answer after the commit. Raises Busy."""
        asked = Asked()
        self.offer(Seen(observation, asked, key, raw, private or {}))
        return await asked.answer

    def from_thread(self, seen: Seen) -> Future[None]:
        """From a foreign thread; its future is done once the observation is in its lane."""
        if self._loop is None:
            raise RuntimeError("the loop has not started")
        return asyncio.run_coroutine_threadsafe(self.put(seen), self._loop)

    async def take(self, at_most: int = 64, wait_s: float = 0.1) -> list[Seen]:
        """What to decide next, empty after `wait_s` of silence: floor observations worth 5 ms, or
        one of a host when the floor is silent and on every tenth turn."""
        self._loop = asyncio.get_running_loop()
        if self._floor.empty() and self._host.empty():
            await self._silence_ends(wait_s)
        self._news.clear()
        self._turn += 1
        floor_waits = not self._floor.empty()
        if not self._host.empty() and (self._turn % TURNS == 0 or not floor_waits):
            return self._taken([self._host.get_nowait()])
        room = min(at_most, self._floor.qsize(), max(1, int(GROUP_MS / self._each_ms)))
        return self._taken([self._floor.get_nowait() for _ in range(room)])

    def took(self, observations: int, ms: float) -> None:
        """What a group cost: by this the next ones are measured."""
        if observations:
            self._each_ms += 0.1 * (ms / observations - self._each_ms)

    @property
    def depth(self) -> tuple[int, int]:
        """Waiting now: floor, host."""
        return self._floor.qsize(), self._host.qsize()

    async def _silence_ends(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return

    def _taken(self, group: list[_Waiting]) -> list[Seen]:
        self.waited_ms = (perf_counter() - group[0].since) * 1000 if group else 0.0
        return [waiting.seen for waiting in group]

    def _lane(self, seen: Seen) -> asyncio.Queue[_Waiting]:
        return self._host if is_host(seen.observation) else self._floor
