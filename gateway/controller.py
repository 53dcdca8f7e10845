"""The loop that joins devices, rules and hosts: observations in, one transaction, effects out.

It waits for nobody but the disk. When the store fails it raises and nothing is acknowledged.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from time import perf_counter
from typing import Protocol

from devices.errors import DeviceError
from gateway.beat import Beat
from gateway.feed import Feed, Told
from gateway.inbox import Inbox
from gateway.timings import Timings
from sync.transact import Decided
from wcs.envelope import Posted, Seen

log = logging.getLogger(__name__)


class Transactor(Protocol):
    async def transact(self, group: Sequence[Seen]) -> list[Decided]: ...

    def note_posted(self, commands: Sequence[str], at: datetime) -> None: ...


class Links(Protocol):
    def post(self, posted: Posted) -> None:
        """To the device's open session, without waiting. One that is away or too late is reported
        as one more observation."""


class Clock(Protocol):
    def now(self) -> datetime: ...


class Control:
    """`decided`: from taking a group to its commit; `waited`: from the inbox to the taking."""

    def __init__(
        self,
        inbox: Inbox,
        store: Transactor,
        links: Links,
        beat: Beat,
        feed: Feed,
        clock: Clock,
    ) -> None:
        self._inbox, self._store, self._links = inbox, store, links
        self._beat, self._feed, self._clock = beat, feed, clock
        self.decided, self.waited = Timings(), Timings()

    async def run(self) -> None:
        """Raises StoreFailed."""
        while True:
            await self.turn()

    async def turn(self) -> None:
        group = await self._inbox.take(at_most=64, wait_s=0.1)  # empty after 100 ms of silence
        began = perf_counter()
        decided = await self._store.transact(group)
        self._beat.turn()  # the PLC heartbeat may move on: this loop and the disk are alive
        self._measure(group, (perf_counter() - began) * 1000)
        self._post([posted for one in decided for posted in one.commands])
        self._settle(zip(group, decided, strict=True))
        self._tell(zip(group, decided, strict=True))

    def _measure(self, group: Sequence[Seen], ms: float) -> None:
        if group:
            self._inbox.took(len(group), ms)
            self.decided.add(ms)
            self.waited.add(self._inbox.waited_ms)

    def _post(self, commands: Sequence[Posted]) -> None:
        for posted in commands:
            try:
                self._links.post(posted)
            except Exception:  # a driver's mistake; the loop and its other devices live on
                log.exception("command %s could not be posted", posted.id)
        if commands:
            self._store.note_posted([posted.id for posted in commands], self._clock.now())

    def _settle(self, decided: Iterable[tuple[Seen, Decided]]) -> None:
        for seen, one in decided:
            if one.answer.outcome == "quarantined" and not one.answer.repeated:
                log.error("observation %d is quarantined: %s", one.seq, one.answer.reason)
            try:
                seen.source.settled(seen, one.answer)
            except DeviceError as err:  # its line is gone: it says it again when it is back
                log.info("observation %d is not acknowledged: %s", one.seq, err)
            except Exception:  # as above
                log.exception("observation %d could not be acknowledged", one.seq)

    def _tell(self, decided: Iterable[tuple[Seen, Decided]]) -> None:
        self._feed.tell(
            [
                Told(seen.observation, one.answer, one.events)
                for seen, one in decided
                if not one.answer.repeated
            ]
        )
