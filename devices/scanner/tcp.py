"""A fixed scanner that listens on TCP: frames in, `Scanned` out; its heartbeat proves the line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices import streams
from devices.device import Clock
from devices.errors import Unreachable
from devices.live import Live
from devices.map.schema import Scanner, TcpClient
from devices.scanner.dedupe import dedupe_of
from devices.scanner.marking import marks_of
from devices.scanner.payload import Read
from devices.scanner.reads import Reads
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import Scanned


class TcpScannerDriver:
    def __init__(
        self, id: DeviceId, config: Scanner, connection: TcpClient, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["TcpScannerSession"]:
        async with streams.tcp(self.id, self._connection) as line:
            yield TcpScannerSession(self.id, self._config, line, self._clock, self._live)


class TcpScannerSession:
    has: tuple[str, ...] = ()

    def __init__(
        self, id: DeviceId, config: Scanner, line: streams.Line, clock: Clock, live: Live
    ) -> None:
        self._id, self._line, self._clock, self._live = id, line, clock, live
        self._config = config
        self._silent_after_s = config.heartbeat.lost_after_s if config.heartbeat else None

    async def observations(self) -> AsyncIterator[Seen]:
        """A read has no key: the scanner sends it once per line and never again."""
        reads, loop = Reads(self._config), asyncio.get_running_loop()
        alive, again = loop.time(), dedupe_of(self._config, "presence").again
        while True:
            data = await self._read(alive)
            for payload, said in reads.feed(data):
                if isinstance(said, Read) and not again(said.sent, loop.time(), said.trigger):
                    yield self._seen(payload, said)
                alive = loop.time()
            self._live.put(self._id, "noise", Value(reads.noise, self._clock.now(), "B"))

    async def _read(self, alive: float) -> bytes:
        """Only whole frames prove life: `alive` is the loop's time of the last one."""
        silent_at = None if self._silent_after_s is None else alive + self._silent_after_s
        try:
            async with asyncio.timeout_at(silent_at):
                return await self._line.read()
        except TimeoutError as err:
            raise Unreachable(self._id, f"silent for {self._silent_after_s:g} s") from err

    def _seen(self, payload: str, read: Read) -> Seen:
        now = self._clock.now()
        marks = marks_of(read.scans, now.date())
        scanned = Scanned(
            scanner=self._id, codes=read.codes, trigger=read.trigger, marks=marks, at=now
        )
        return Seen(scanned, self, raw=payload)

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scanner obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None
