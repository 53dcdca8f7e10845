"""Carries outbox rows to one host: claim, deliver, write down what became of each.

At least once on the wire, acted on once: rows go with their idempotency key, and where a host
honours none an unknown outcome is asked for before anything is sent again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
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
        while True:
            self._news.clear()
            claimed = await self._store.work(self._claim)
            if claimed:
                await self._deliver_all(claimed)
            else:
                await self._wait_for_news()

    def _claim(self, db: Connection) -> list[Claimed]:
        room = self._connector.capabilities.batch if self._failures < BREAK_AFTER else 1
        return outbox.claim(db, self.host, self._now(), room)

    async def _wait_for_news(self) -> None:
        due = await self._store.work(lambda db: outbox.next_at(db, self.host))
        wait_s = IDLE_S if due is None else max(0.01, (due - self._now()).total_seconds())
        try:
            async with asyncio.timeout(min(wait_s, IDLE_S)):
                await self._news.wait()
        except TimeoutError:
            return

    async def _deliver_all(self, claimed: list[Claimed]) -> None:
        limit = asyncio.Semaphore(self._connector.capabilities.parallel)

        async def one(item: Claimed) -> Callable[[Connection], None]:
            async with limit:
                return await self._deliver(item)

        notes = await asyncio.gather(*(one(item) for item in claimed))
        await self._store.work(lambda db: [note(db) for note in notes])

    async def _deliver(self, item: Claimed) -> Callable[[Connection], None]:
        """Sends one message; returns what to write down."""
        message = item.message
        try:
            delivered = await self._send(item)
            for number, observation in enumerate(delivered.observations):
                await self._tell(observation, f"{message.id}:answer:{number}")
        except Rejected as err:
            why = str(err)
            log.error("%s: %s is parked: %s", self.host, message.id, why)
            return lambda db: outbox.park(db, message, why)
        except HostError as err:
            return self._failed(message, err)
        except Exception as err:  # a poison row parks alone, the lane goes on
            log.exception("%s: %s cannot be sent", self.host, message.id)
            bug = f"cannot be sent: {err!r}"
            return lambda db: outbox.park(db, message, bug)
        self._recovered()
        at = self._now()
        return lambda db: outbox.done(db, message, delivered.receipt, at)

    async def _send(self, item: Claimed) -> Delivered:
        if item.unknown and self._connector.capabilities.idempotency == "none":
            found = await self._connector.find(item.message)
            if found is not None:
                return found
        return await self._connector.deliver(item.message)

    def _failed(self, message: Outgoing, err: HostError) -> Callable[[Connection], None]:
        self._failures += 1
        if self.down_reason is None:
            log.warning("%s; its messages wait", err)
        self.down_reason = why = str(err)
        asked_s = err.after_s if isinstance(err, Later) else None
        at = outbox.later(self._now(), message.attempts, asked_s)
        unknown = isinstance(err, Unknown)
        return lambda db: outbox.put_off(db, message, why, at, unknown=unknown)

    def _recovered(self) -> None:
        if self.down_reason is not None:
            log.info("%s answers again", self.host)
        self._failures, self.down_reason = 0, None
