"""Keeps a device alive for ever: the one place that reconnects, and says once what was lost and
what is back."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from devices.device import Clock, Driver, Parting, Report, Session
from devices.errors import DeviceError, Refused
from devices.links import Links
from devices.live import Live
from wcs.envelope import Nobody, Seen
from wcs.observations import DeviceDown, DeviceUp

log = logging.getLogger(__name__)

FIRST_S: Final = 0.25
MAX_S: Final = 3.0
"""Local devices come back fast; only hosts are left alone for minutes."""
JITTER: Final = 0.2
STEADY_S: Final = 10.0
"""A line that held for less does not earn a quick retry."""
SAID_WITHIN_S: Final = 4.0
"""A device that has not answered by then is said to be away, though it is still waited for."""
NOBODY: Final = Nobody()


def waits(first_s: float = FIRST_S, max_s: float = MAX_S) -> Iterator[float]:
    """Seconds before each next attempt: doubling up to `max_s`, each off by up to a fifth so that
    devices do not knock together."""
    wait_s = first_s
    while True:
        yield min(wait_s * random.uniform(1 - JITTER, 1 + JITTER), max_s)
        wait_s = min(wait_s * 2, max_s)


async def supervise(
    driver: Driver, links: Links, report: Report, clock: Clock, live: Live | None = None
) -> None:
    """Opens sessions of `driver` for ever and reports what they observe.

    `DeviceUp` comes first in every session, `DeviceDown` once when the device is lost, or is not
    there soon after the start; a bug of the driver counts as lost and is logged with its traceback.
    What `live` shows of a lost device is marked bad. Ends only by being cancelled; what was
    observed until then is still reported, what was posted comes back as `CommandFailed`.
    """
    await _Supervised(driver, links, report, clock, live).run()


class _Supervised:
    def __init__(
        self, driver: Driver, links: Links, report: Report, clock: Clock, live: Live | None
    ) -> None:
        self._driver, self._id, self._links = driver, driver.id, links
        self._report, self._clock, self._live = report, clock, live
        self._lost, self._told = False, ""

    async def run(self) -> None:
        delays, looping = waits(), asyncio.get_running_loop()
        while True:
            started = looping.time()
            try:
                async with self._opened() as session:
                    if self._lost:
                        log.info("%s is back", self._id)
                    self._lost = False
                    await self._serve(session)
                reason = "ended without a word"
            except Refused as err:
                reason = err.problem
                await self._is_refused(reason)
            except DeviceError as err:
                reason = err.problem
            except Exception as bug:  # one driver's bug stops no other
                reason = f"a fault of the driver: {bug!r}"
                if not self._lost:
                    log.exception("%s: %s", self._id, reason)
            await self._is_lost(reason)
            if looping.time() - started > STEADY_S:
                delays = waits()
            await asyncio.sleep(next(delays))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Session]:
        """Some wait for their device on an open line: meanwhile it is said to be away."""
        late = asyncio.create_task(self._say_late(), name=f"{self._id} is late")
        try:
            async with self._driver.session() as session:
                await _ended(late)
                yield session
        finally:
            await _ended(late)

    async def _say_late(self) -> None:
        await asyncio.sleep(SAID_WITHIN_S)
        await self._is_lost("does not answer yet; waiting for it")

    async def _is_refused(self, reason: str) -> None:
        """Waiting will not cure it: a person hears of it though the device was lost before."""
        if reason != self._told:
            self._lost = False
            await self._is_lost(reason)

    async def _is_lost(self, reason: str) -> None:
        if not self._lost:
            self._lost, self._told = True, reason
            if self._live is not None:
                self._live.lost(self._id, reason)
            log.warning("%s: %s; retrying", self._id, reason)
            down = DeviceDown(device=self._id, reason=reason, at=self._clock.now())
            await self._report(Seen(down, NOBODY))

    async def _serve(self, session: Session) -> None:
        self._links.opened(self._id, session)
        observed = aiter(session.observations())
        try:
            up = DeviceUp(device=self._id, has=session.has, at=self._clock.now())
            await self._report(Seen(up, NOBODY))
            async for seen in observed:
                try:
                    await self._report(seen)
                except asyncio.CancelledError:
                    self._still_said([seen, *_at_once(observed)])
                    raise
        finally:
            self._links.closed(self._id)
            if isinstance(session, Parting):
                self._still_said(session.last_words())

    def _still_said(self, seen: list[Seen]) -> None:
        for one in seen:
            self._links.later(one)


def _at_once(observed: AsyncIterator[Seen]) -> Iterator[Seen]:
    """What a session has read already, without waiting for more."""
    while True:
        step = anext(observed).__await__()
        try:
            next(step)
        except StopIteration as told:
            yield told.value
        except (StopAsyncIteration, DeviceError):
            return
        else:
            with suppress(asyncio.CancelledError, StopIteration, StopAsyncIteration):
                step.throw(asyncio.CancelledError())
            return


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
