"""A scanner on whatever line it has: codes in, `Scanned` out, and a tone back once the transaction
has answered. Its heartbeat, where it has one, proves the line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from devices.device import Clock
from devices.errors import Refused, Unreachable
from devices.live import Live
from devices.map.schema import Hid, Scanner, Serial
from devices.mode import Mode, writes
from devices.scanner.dedupe import dedupe_of
from devices.scanner.dialect import dialect_of
from devices.scanner.feedback import verdict
from devices.scanner.marking import marks_of
from devices.scanner.payload import Beat, Read
from devices.scanner.reads import Reads
from devices.scanner.wires import Connection, Wire, opened
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import Scanned


class ScannerDriver:
    """mode: where nothing may be written, not even a receipt goes out."""

    def __init__(
        self,
        id: DeviceId,
        config: Scanner,
        connection: Connection,
        *,
        clock: Clock,
        live: Live,
        mode: Mode = "automatic",
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live, self._mode = clock, live, mode

    @asynccontextmanager
    async def session(self) -> AsyncIterator["ScannerSession"]:
        if self._config.feedback.style == "zebra-ssi" and self._config.framing.packets is None:
            hint = "`framing: {packets: zebra-ssi}`"
            raise Refused(self.id, "feedback zebra-ssi needs its packets", hint=hint)
        async with opened(self.id, self._connection, self._refused) as wire:
            yield ScannerSession(
                self.id,
                self._config,
                self._connection,
                wire,
                self._clock,
                self._live,
                speaks=writes(self._mode),
            )

    def _refused(self, peer: str) -> None:
        self._live.put(self.id, "refused", Value(peer, self._clock.now()))


class ScannerSession:
    has: tuple[str, ...] = ()

    def __init__(
        self,
        id: DeviceId,
        config: Scanner,
        connection: Connection,
        wire: Wire,
        clock: Clock,
        live: Live,
        *,
        speaks: bool,
    ) -> None:
        self._id, self._config, self._wire = id, config, wire
        self._clock, self._live, self._speaks = clock, live, speaks
        self._dialect = dialect_of(config, connection)
        self._counts: Literal["pulls", "presence"] = (
            "pulls" if isinstance(connection, Serial | Hid) else "presence"
        )
        self._lost_after_s = config.heartbeat.lost_after_s if config.heartbeat else None

    async def observations(self) -> AsyncIterator[Seen]:
        """A read has no key: the scanner sends it once per line, and the same code a moment later
        may be meant."""
        reads, loop = Reads(self._config, self._dialect), asyncio.get_running_loop()
        alive, again = loop.time(), dedupe_of(self._config, self._counts).again
        while True:
            for payload, said in reads.feed(await self._read(alive)):
                alive = loop.time()
                if isinstance(said, Beat) or again(said.sent, alive, said.trigger):
                    self._dialect.answer(None)
                else:
                    yield self._seen(payload, said)
            self._pay()
            self._live.put(self._id, "noise", Value(reads.noise, self._clock.now(), "B"))

    async def _read(self, alive: float) -> bytes:
        """Nothing when the scanner fell silent in the middle of a code. Only whole frames prove
        life: `alive` is the loop's time of the last one."""
        now, idle_s = asyncio.get_running_loop().time(), self._config.framing.idle_flush_s
        left_s = None if self._lost_after_s is None else max(alive + self._lost_after_s - now, 0.0)
        if idle_s is None or not self._dialect.partial:
            idle_s = None
        waits = [each for each in (left_s, idle_s) if each is not None]
        try:
            return await self._wire.read(min(waits, default=None))
        except TimeoutError as err:
            if left_s is not None and (idle_s is None or left_s <= idle_s):
                raise Unreachable(self._id, f"silent for {self._lost_after_s:g} s") from err
            self._dialect.flush()
            return b""

    def _seen(self, payload: str, read: Read) -> Seen:
        now = self._clock.now()
        marks = marks_of(read.scans, now.date())
        scanned = Scanned(
            scanner=self._id, codes=read.codes, trigger=read.trigger, marks=marks, at=now
        )
        return Seen(scanned, self, raw=payload)

    def _pay(self) -> None:
        if (owed := self._dialect.owed()) and self._speaks:
            self._wire.write(owed)

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scanner obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        """The tone; a scanner that is gone needs none, and `observations` says that it is."""
        self._dialect.answer(verdict(answer, read_at=seen.observation.at, now=self._clock.now()))
        with suppress(Unreachable):
            self._pay()
