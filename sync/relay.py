"""Carries outbox rows to one host: claim, deliver, write down what became of each.

At least once on the wire, acted on once: rows go with their idempotency key, and where a host
honours none an unknown outcome is asked for before anything is sent again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from sqlite3 import Connection
from typing import NamedTuple, Protocol, TypeVar

from sync import outbox
from sync.connectors.port import Connector, Delivered, HostError, Later, Rejected, Unknown
from sync.outbox import Claimed, Note
from wcs.observations import Observation

log = logging.getLogger(__name__)
T = TypeVar("T")
IDLE_S = 5.0
BREAK_AFTER = 3
AHEAD = 2  # batches claimed for each request at once: the next is there when an answer comes

Tell = Callable[[Observation, str], Awaitable[None]]
"""Puts an observation into the inbox under a source key and returns once it is settled."""


class Work(Protocol):
    """The writer's host turn."""

    async def work(self, do: Callable[[Connection], T]) -> T: ...


class _Turn(NamedTuple):
    claimed: list[Claimed]
    due: datetime | None
    """When to look again if nothing was claimed."""


class Relay:
    """One host's lane. `wake` is called after each commit that gave the host a row."""

    def __init__(
        self, host: str, connector: Connector, store: Work, tell: Tell, now: Callable[[], datetime]
    ) -> None:
        self.host = host
        self._connector, self._store, self._tell, self._now = connector, store, tell, now
        self._news = asyncio.Event()
        self._claimed: asyncio.Queue[list[Claimed]] = asyncio.Queue()
        self._notes: deque[Note] = deque()
        self._under_way = 0
        self._failures = 0
        self.down_reason: str | None = None

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_books())
            for _ in range(self._connector.capabilities.parallel):
                tasks.create_task(self._carry())

    async def _keep_books(self) -> None:
        """Writes down what became of messages and claims the next in one transaction, while
        others are under way."""
        batch = self._connector.capabilities.batch
        while True:
            self._news.clear()
            notes = [self._notes.popleft() for _ in range(min(len(self._notes), outbox.BATCH))]
            self._under_way -= len(notes)
            turn = await self._store.work(partial(self._turn, notes, self._room()))
            self._under_way += len(turn.claimed)
            for start in range(0, len(turn.claimed), batch):
                self._claimed.put_nowait(turn.claimed[start : start + batch])
            if not notes and not turn.claimed:
                await self._wait_for_news(turn.due)

    def _room(self) -> int:
        """How many more may be claimed; while the host fails one message knocks, alone."""
        if self._failures >= BREAK_AFTER:
            return 0 if self._under_way else 1
        able = self._connector.capabilities
        return AHEAD * able.parallel * able.batch - self._under_way

    def _turn(self, notes: list[Note], room: int, db: Connection) -> _Turn:
        outbox.settle(db, self.host, notes)
        claimed = outbox.claim(db, self.host, self._now(), room) if room else []
        is_idle = room and not claimed
        return _Turn(claimed, outbox.next_at(db, self.host) if is_idle else None)

    async def _wait_for_news(self, due: datetime | None) -> None:
        wait_s = IDLE_S if due is None else max(0.01, (due - self._now()).total_seconds())
        try:
            async with asyncio.timeout(min(wait_s, IDLE_S)):
                await self._news.wait()
        except TimeoutError:
            return

    async def _carry(self) -> None:
        while True:
            self._notes.extend(await self._deliver(await self._claimed.get()))
            self._news.set()

    async def _deliver(self, claimed: list[Claimed]) -> list[Note]:
        """One request; returns what to write down for each message."""
        try:
            outcomes = await self._send(claimed)
            at = self._now().isoformat()
            return [
                await self._noted(item, outcome, at)
                for item, outcome in zip(claimed, outcomes, strict=True)
            ]
        except HostError as err:
            return [self._failed(item, err) for item in claimed]
        except Exception as err:  # a poison row parks alone, the lane goes on
            log.exception("%s: %s cannot be sent", self.host, claimed[0].message.id)
            return [outbox.parked(item, f"cannot be sent: {err!r}") for item in claimed]

    async def _send(self, claimed: list[Claimed]) -> Sequence[Delivered | HostError]:
        if self._connector.capabilities.idempotency != "none":
            return await self._connector.deliver([item.message for item in claimed])
        found = [
            await self._connector.find(item.message) if item.unknown else None for item in claimed
        ]
        missing = [i.message for i, known in zip(claimed, found, strict=True) if known is None]
        sent = iter(await self._connector.deliver(missing) if missing else ())
        return [known if known is not None else next(sent) for known in found]

    async def _noted(self, claimed: Claimed, outcome: Delivered | HostError, at: str) -> Note:
        if isinstance(outcome, HostError):
            return self._failed(claimed, outcome)
        for number, observation in enumerate(outcome.observations):
            await self._tell(observation, f"{claimed.message.id}:answer:{number}")
        self._recovered()
        return outbox.done(claimed, outcome.receipt, at)

    def _failed(self, claimed: Claimed, err: HostError) -> Note:
        why = str(err)
        if isinstance(err, Rejected):
            log.error("%s: %s is parked: %s", self.host, claimed.message.id, why)
            return outbox.parked(claimed, why)
        self._failures += 1
        if self.down_reason is None:
            log.warning("%s; its messages wait", err)
        self.down_reason = why
        asked_s = err.after_s if isinstance(err, Later) else None
        at = outbox.later(self._now(), claimed.message.attempts, asked_s)
        unknown = claimed.unknown or isinstance(err, Unknown)  # no answer to a question either
        return outbox.put_off(claimed, why, at, unknown=unknown)

    def _recovered(self) -> None:
        if self.down_reason is not None:
            log.info("%s answers again", self.host)
            self.wake()
        self._failures, self.down_reason = 0, None
