"""Keeps a device alive for ever: the one place that reconnects, and says once what was lost and
what is back."""

import asyncio
import logging
import random
from collections.abc import Iterator
from typing import Final

from devices.device import Clock, Driver, Report, Session
from devices.errors import DeviceError
from devices.links import Links
from wcs.envelope import Nobody, Seen
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp

log = logging.getLogger(__name__)

FIRST_S: Final = 0.25
MAX_S: Final = 3.0
"""Local devices come back fast; only hosts are left alone for minutes."""
JITTER: Final = 0.2
STEADY_S: Final = 10.0
"""A line that held for less does not earn a quick retry."""
NOBODY: Final = Nobody()


def waits(first_s: float = FIRST_S, max_s: float = MAX_S) -> Iterator[float]:
    """Seconds before each next attempt: doubling up to `max_s`, each off by up to a fifth so that
    devices do not knock together."""
    wait_s = first_s
    while True:
        yield min(wait_s * random.uniform(1 - JITTER, 1 + JITTER), max_s)
        wait_s = min(wait_s * 2, max_s)


async def supervise(driver: Driver, links: Links, report: Report, clock: Clock) -> None:
    """Opens sessions of `driver` for ever and reports what they observe.

    `DeviceUp` comes first in every session, `DeviceDown` once when the device is lost; a bug of the
    driver counts as lost and is logged with its traceback. Ends only by being cancelled.
    """
    delays, lost, looping = waits(), False, asyncio.get_running_loop()
    while True:
        started = looping.time()
        try:
            async with driver.session() as session:
                if lost:
                    log.info("%s is back", driver.id)
                lost = False
                await _serve(driver.id, session, links, report, clock)
            reason = "ended without a word"
        except DeviceError as err:
            reason = err.problem
        except Exception as bug:  # one driver's bug stops no other
            reason = f"a fault of the driver: {bug!r}"
            if not lost:
                log.exception("%s: %s", driver.id, reason)
        if not lost:
            log.warning("%s: %s; retrying", driver.id, reason)
            down = DeviceDown(device=driver.id, reason=reason, at=clock.now())
            await report(Seen(down, NOBODY))
        lost = True
        if looping.time() - started > STEADY_S:
            delays = waits()
        await asyncio.sleep(next(delays))


async def _serve(
    device: DeviceId, session: Session, links: Links, report: Report, clock: Clock
) -> None:
    links.opened(device, session)
    try:
        await report(Seen(DeviceUp(device=device, has=session.has, at=clock.now()), NOBODY))
        async for seen in session.observations():
            await report(seen)
    finally:
        links.closed(device)
