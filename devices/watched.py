"""A device that is only observed, whatever its driver would say to it: no tone, no acknowledgement.

A broker's receipt is not the device's: our own subscription there is settled as always, or the
broker would keep every event for us.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from devices.device import Driver, Parting, Session
from devices.mode import refusal
from wcs.envelope import Answer, Nobody, Posted, Seen
from wcs.names import DeviceId


class Watched:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    @property
    def id(self) -> DeviceId:
        return self._driver.id

    @asynccontextmanager
    async def session(self) -> AsyncIterator["WatchedSession"]:
        async with self._driver.session() as session:
            yield WatchedSession(session)


class WatchedSession:
    def __init__(self, session: Session) -> None:
        self.inside = session

    @property
    def has(self) -> tuple[str, ...]:
        return self.inside.has

    async def observations(self) -> AsyncIterator[Seen]:
        async for seen in self.inside.observations():
            yield replace(seen, source=Nobody()) if seen.source is self.inside else seen

    def post(self, posted: Posted) -> None:
        """`Links` lets nothing come so far."""
        raise PermissionError(f"{posted.command.device}: {refusal('observe')}")

    def last_words(self) -> list[Seen]:
        return self.inside.last_words() if isinstance(self.inside, Parting) else []

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None
