"""Who is there: a device is available exactly while its session is in `links`."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Final

from devices.device import Clock, Report, Session
from devices.failed import failed
from wcs.envelope import Nobody, Posted, Seen
from wcs.names import DeviceId

log = logging.getLogger(__name__)

WAITING: Final = 1_000
"""Failures that may wait for room in the inbox; a rule's own deadline covers any beyond that."""


class Links(Mapping[DeviceId, Session]):
    """Open sessions by device. `post` never waits: failures are reported by the task of `run`."""

    def __init__(self, report: Report, clock: Clock) -> None:
        self._report, self._clock = report, clock
        self._sessions: dict[DeviceId, Session] = {}
        self._failures: asyncio.Queue[Seen] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Reports failures for ever; one of the service's tasks."""
        while True:
            await self._report(await self._failures.get())

    def post(self, posted: Posted) -> None:
        """Hands the command to the device's session, or reports `CommandFailed` later on."""
        device = posted.command.device
        session = self._sessions.get(device)
        if session is None:
            self._fail(posted, f"{device} is not connected")
            return
        try:
            session.post(posted)
        except Exception:  # a bug of one driver: no other device and no loop suffers from it
            log.exception("%s: a command could not be posted", device)
            self._fail(posted, f"{device} could not take the command")

    def opened(self, device: DeviceId, session: Session) -> None:
        self._sessions[device] = session

    def closed(self, device: DeviceId) -> None:
        self._sessions.pop(device, None)

    def __getitem__(self, device: DeviceId) -> Session:
        return self._sessions[device]

    def __iter__(self) -> Iterator[DeviceId]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def _fail(self, posted: Posted, reason: str) -> None:
        observation = failed(posted, reason, self._clock.now())
        try:
            self._failures.put_nowait(Seen(observation, Nobody()))
        except asyncio.QueueFull:
            log.error("%s: %s; not reported, too many failures wait", posted.id, reason)
