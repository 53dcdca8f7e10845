"""Writes of ours that were not sent, for the audit: a rule or a handshake that wants what the map,
the value or the mode does not allow. What a person wrote is kept where they asked for it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final

from devices.device import Report
from devices.tags.value import Refusal
from wcs.envelope import Nobody, Seen
from wcs.names import DeviceId
from wcs.observations import WriteRefused

BY: Final = "wedge"
AGAIN_AFTER: Final = timedelta(minutes=1)
AT_MOST: Final = 1_000
"""Different refusals that are remembered; beyond that the oldest is said again too soon."""
_PERSON: ContextVar[bool] = ContextVar("by_a_person", default=False)


@contextmanager
def by_a_person() -> Iterator[None]:
    """Around a write whose outcome is kept with a name already."""
    token = _PERSON.set(True)
    try:
        yield
    finally:
        _PERSON.reset(token)


class Refusing:
    """`told` never waits; `run` is a task of the service."""

    def __init__(self, report: Report, now: Callable[[], datetime]) -> None:
        self._report, self._now = report, now
        self._said: dict[tuple[DeviceId, tuple[str, ...], str], datetime] = {}
        self._waiting: asyncio.Queue[WriteRefused] = asyncio.Queue(AT_MOST)

    def told(self, device: DeviceId, refusal: Refusal) -> None:
        at, key = self._now(), (device, tuple(refusal.values), refusal.reason)
        before = self._said.get(key)
        if _PERSON.get() or (before is not None and at - before < AGAIN_AFTER):
            return
        if self._waiting.full():
            return
        self._said.pop(key, None)
        while len(self._said) >= AT_MOST:
            del self._said[next(iter(self._said))]
        self._said[key] = at
        what = ", ".join(f"{tag} {value}".strip() for tag, value in refusal.values.items())[:200]
        self._waiting.put_nowait(
            WriteRefused(device=device, what=what, reason=refusal.reason, by=BY, at=at)
        )

    async def run(self) -> None:
        while True:
            await self._report(Seen(await self._waiting.get(), Nobody()))
