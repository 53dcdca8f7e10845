"""Who is there: a device is available exactly while its session is in `links`."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Final

from devices.device import Clock, Report, Session
from devices.errors import DeviceError
from devices.failed import failed
from devices.mode import Mode, refusal
from wcs.envelope import Nobody, Posted, Seen
from wcs.names import DeviceId

log = logging.getLogger(__name__)

WAITING: Final = 1_000
"""What may wait for room in the inbox; a rule's own deadline covers any failure beyond that."""


class Links(Mapping[DeviceId, Session]):
    """Open sessions by device. `post` never waits: failures are reported by the task of `run`."""

    def __init__(self, report: Report, clock: Clock) -> None:
        self._report, self._clock = report, clock
        self._sessions: dict[DeviceId, Session] = {}
        self._modes: dict[DeviceId, Mode] = {}
        self._waiting: asyncio.Queue[Seen] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Reports what waits, for ever; one of the service's tasks."""
        while True:
            await self._report(await self._waiting.get())

    def allow(self, device: DeviceId, mode: Mode) -> None:
        """What may be commanded from now on; a device of which nothing was said is automatic."""
        self._modes[device] = mode

    def post(self, posted: Posted, *, by_person: bool = False) -> None:
        """Hands the command to the device's session, or reports `CommandFailed` later on."""
        device = posted.command.device
        if no := refusal(self._modes.get(device, "automatic"), by_person=by_person):
            self._fail(posted, no)
            return
        session = self._sessions.get(device)
        if session is None:
            self._fail(posted, f"{device} is not connected")
            return
        try:
            session.post(posted)
        except DeviceError as err:  # it was not sent, and that is why
            self._fail(posted, err.problem)
        except Exception:  # a bug of one driver: no other device and no loop suffers from it
            log.exception("%s: a command could not be posted", device)
            self._fail(posted, f"{device} could not take the command")

    def opened(self, device: DeviceId, session: Session) -> None:
        self._sessions[device] = session

    def closed(self, device: DeviceId) -> None:
        self._sessions.pop(device, None)

    def later(self, seen: Seen) -> None:
        """Reported as soon as the inbox has room, though its session is gone."""
        try:
            self._waiting.put_nowait(seen)
        except asyncio.QueueFull:
            log.error("not reported, too much waits: %s", seen.observation)

    def __getitem__(self, device: DeviceId) -> Session:
        return self._sessions[device]

    def __iter__(self) -> Iterator[DeviceId]:
        return iter(self._sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    def _fail(self, posted: Posted, reason: str) -> None:
        self.later(Seen(failed(posted, reason, self._clock.now()), Nobody()))
