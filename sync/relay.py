"""Carries outbox rows to one host: claim, deliver, write down what became of each.

At least once on the wire, acted on once: rows go with their idempotency key, and where a host
honours none an unknown outcome is asked for before anything is sent again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from sqlite3 import Connection
from typing import Protocol, TypeVar

from sync import outbox
from sync.connectors.port import Connector, Delivered, HostError, Later, Outgoing, Rejected, Unknown
from sync.outbox import Claimed
from wcs.observations import Observation

log = logging.getLogger(__name__)
T = TypeVar("T")
IDLE_S = 5.0
BREAK_AFTER = 3

Note = Callable[[Connection], None]
Tell = Callable[[Observation, str], Awaitable[None]]
"""Puts an observation into the inbox under a source key and returns once it is settled."""


class Work(Protocol):
    """The writer's host turn."""

    async def work(self, do: Callable[[Connection], T]) -> T: ...


class Relay:
    """One host's lane. `wake` is called after each commit that gave the host a row."""

    def __init__(
        self, host: str, connector: Connector, store: Work, tell: Tell, now: Callable[[], datetime]
    ) -> None:
        self.host = host
        self._connector, self._store, self._tell, self._now = connector, store, tell, now
        self._news = asyncio.Event()
        self._failures = 0
        self.down_reason: str | None = None

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as workers:
            for number in range(self._connector.capabilities.parallel):
                workers.create_task(self._carry(first=number == 0))

    async def _carry(self, *, first: bool) -> None:
        """Writes down what became of the last batch and claims the next in one transaction.
        While the host fails only the first worker knocks, with one message."""
        notes: list[Note] = []
        while True:
            self._news.clear()
            claimed = await self._store.work(partial(self._turn, notes, first))
            notes = await self._deliver(claimed) if claimed else []
            if not claimed:
                await self._wait_for_news()

    def _turn(self, notes: list[Note], first: bool, db: Connection) -> list[Claimed]:
        for note in notes:
            note(db)
        if self._failures >= BREAK_AFTER:
            return outbox.claim(db, self.host, self._now(), 1) if first else []
        return outbox.claim(db, self.host, self._now(), self._connector.capabilities.batch)

    async def _wait_for_news(self) -> None:
        due = await self._store.work(lambda db: outbox.next_at(db, self.host))
        wait_s = IDLE_S if due is None else max(0.01, (due - self._now()).total_seconds())
        try:
            async with asyncio.timeout(min(wait_s, IDLE_S)):
                await self._news.wait()
        except TimeoutError:
            return

    async def _deliver(self, claimed: list[Claimed]) -> list[Note]:
        """One request; returns what to write down for each message."""
        try:
            outcomes = await self._send(claimed)
            return [
                await self._noted(item.message, outcome)
                for item, outcome in zip(claimed, outcomes, strict=True)
            ]
        except HostError as err:
            return [self._failed(item.message, err) for item in claimed]
        except Exception as err:  # a poison row parks alone, the lane goes on
            log.exception("%s: %s cannot be sent", self.host, claimed[0].message.id)
            return [_parked(item.message, f"cannot be sent: {err!r}") for item in claimed]

    async def _send(self, claimed: list[Claimed]) -> Sequence[Delivered | HostError]:
        if self._connector.capabilities.idempotency != "none":
            return await self._connector.deliver([item.message for item in claimed])
        found = [
            await self._connector.find(item.message) if item.unknown else None for item in claimed
        ]
        missing = [i.message for i, known in zip(claimed, found, strict=True) if known is None]
        sent = iter(await self._connector.deliver(missing) if missing else ())
        return [known if known is not None else next(sent) for known in found]

    async def _noted(self, message: Outgoing, outcome: Delivered | HostError) -> Note:
        if isinstance(outcome, HostError):
            return self._failed(message, outcome)
        for number, observation in enumerate(outcome.observations):
            await self._tell(observation, f"{message.id}:answer:{number}")
        self._recovered()
        return partial(_done, message, outcome.receipt, self._now())

    def _failed(self, message: Outgoing, err: HostError) -> Note:
        why = str(err)
        if isinstance(err, Rejected):
            log.error("%s: %s is parked: %s", self.host, message.id, why)
            return _parked(message, why)
        self._failures += 1
        if self.down_reason is None:
            log.warning("%s; its messages wait", err)
        self.down_reason = why
        asked_s = err.after_s if isinstance(err, Later) else None
        at = outbox.later(self._now(), message.attempts, asked_s)
        unknown = isinstance(err, Unknown)
        return lambda db: outbox.put_off(db, message, why, at, unknown=unknown)

    def _recovered(self) -> None:
        if self.down_reason is not None:
            log.info("%s answers again", self.host)
            self.wake()
        self._failures, self.down_reason = 0, None


def _parked(message: Outgoing, why: str) -> Note:
    return lambda db: outbox.park(db, message, why)


def _done(message: Outgoing, receipt: str, at: datetime, db: Connection) -> None:
    outbox.done(db, message, receipt, at)
