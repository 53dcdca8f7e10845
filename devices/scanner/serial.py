"""A hand scanner on a serial line: codes in, and a tone back once the transaction has answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from devices import serial_port
from devices.device import Clock
from devices.errors import Refused, Unreachable
from devices.live import Live
from devices.map.schema import Scanner, Serial
from devices.scanner.dedupe import dedupe_of
from devices.scanner.feedback import TONES, reply
from devices.scanner.marking import marks_of
from devices.scanner.payload import Beat, Read
from devices.scanner.reads import Reads
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import Scanned


class SerialScannerDriver:
    def __init__(
        self, id: DeviceId, config: Scanner, connection: Serial, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["SerialScannerSession"]:
        if (style := self._config.feedback.style) not in TONES:
            known = ", ".join(TONES)
            raise Refused(self.id, f"feedback {style} is not spoken yet", hint=f"known: {known}")
        async with serial_port.opened(self.id, self._connection) as line:
            yield SerialScannerSession(self.id, self._config, line, self._clock, self._live)


class SerialScannerSession:
    has: tuple[str, ...] = ()

    def __init__(
        self, id: DeviceId, config: Scanner, line: serial_port.SerialLine, clock: Clock, live: Live
    ) -> None:
        self._id, self._line, self._clock, self._live = id, line, clock, live
        self._config = config

    async def observations(self) -> AsyncIterator[Seen]:
        """A pull of the trigger has no key: the same code a moment later may be meant."""
        reads, loop = Reads(self._config), asyncio.get_running_loop()
        dedupe = dedupe_of(self._config, "pulls")
        while True:
            for payload, said in await self._read(reads):
                if isinstance(said, Read) and not dedupe.again(said.sent, loop.time()):
                    yield self._seen(payload, said)
            self._live.put(self._id, "noise", Value(reads.noise, self._clock.now(), "B"))

    async def _read(self, reads: Reads) -> list[tuple[str, Read | Beat]]:
        """Nothing when the scanner fell silent in the middle of a code."""
        try:
            idle_s = self._config.framing.idle_flush_s if reads.partial else None
            return reads.feed(await self._line.read(idle_s))
        except TimeoutError:
            reads.flush()
            return []

    def _seen(self, payload: str, read: Read) -> Seen:
        now = self._clock.now()
        marks = marks_of(read.scans, now.date())
        scanned = Scanned(scanner=self._id, codes=read.codes, marks=marks, at=now)
        return Seen(scanned, self, raw=payload)

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scanner obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        """The tone; an unplugged scanner needs none, and `observations` says that it is gone."""
        tone = reply(
            self._config.feedback.style,
            answer,
            read_at=seen.observation.at,
            now=self._clock.now(),
        )
        if tone:
            with suppress(Unreachable):
                self._line.write(tone)
