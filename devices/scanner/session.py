"""A scanner on whatever line it has: codes in, `Scanned` out, and a tone back once the transaction
has answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from devices.device import Clock, Session
from devices.errors import Refused
from devices.live import Live
from devices.map.schema import Hid, MultiRead, Scanner, Serial
from devices.mode import Mode, writes
from devices.scanner.dedupe import Dedupe, dedupe_of
from devices.scanner.dialect import dialect_of
from devices.scanner.feedback import verdict
from devices.scanner.line import ScannerLine
from devices.scanner.payload import Read
from devices.scanner.several import together
from devices.scanner.tunnel import head, tunnel
from devices.scanner.wires import Connection, Wire, opened
from devices.tags.value import Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId


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
    async def session(self) -> AsyncIterator[Session]:
        if self._config.feedback.style == "zebra-ssi" and self._config.framing.packets is None:
            hint = "`framing: {packets: zebra-ssi}`"
            raise Refused(self.id, "feedback zebra-ssi needs its packets", hint=hint)
        async with (
            opened(self.id, self._connection, self._refused) as wire,
            self._on(self._line(wire)) as session,
        ):
            yield session

    def _line(self, wire: Wire) -> ScannerLine:
        dialect = dialect_of(self._config, self._connection)
        speaks = writes(self._mode)
        return ScannerLine(self.id, self._config, wire, dialect, self._noise, speaks=speaks)

    def _on(self, line: ScannerLine) -> AbstractAsyncContextManager[Session]:
        config, clock, live = self._config, self._clock, self._live
        if config.tunnel is not None:
            return head(self.id, DeviceId(config.tunnel), line, clock, live)
        if config.associate is not None:
            return tunnel(self.id, config, config.associate, line, clock, live)
        by_hand = isinstance(self._connection, Serial | Hid)
        dedupe = dedupe_of(config, "pulls" if by_hand else "presence")
        return nullcontext(ScannerSession(self.id, line, dedupe, config.multi_read, clock))

    def _noise(self, count: int) -> None:
        self._live.put(self.id, "noise", Value(count, self._clock.now(), "B"))

    def _refused(self, peer: str) -> None:
        self._live.put(self.id, "refused", Value(peer, self._clock.now()))


class ScannerSession:
    has: tuple[str, ...] = ()

    def __init__(
        self,
        id: DeviceId,
        line: ScannerLine,
        dedupe: Dedupe,
        rule: MultiRead | None,
        clock: Clock,
    ) -> None:
        self._id, self._line, self._dedupe = id, line, dedupe
        self._rule, self._clock = rule, clock

    async def observations(self) -> AsyncIterator[Seen]:
        """A read has no key: the scanner sends it once per line, and the same code a moment later
        may be meant."""
        loop = asyncio.get_running_loop()
        async for payload, read in self._line.reads():
            if self._dedupe.again(read.sent, loop.time(), read.trigger):
                self._line.answer(None)
            else:
                yield self._seen(payload, read)

    def _seen(self, payload: str, read: Read) -> Seen:
        now, said = self._clock.now(), together([read], self._rule)
        return Seen(said.seen(self._id, read.trigger, now, now.date()), self, raw=payload)

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scanner obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        """The tone."""
        self._line.answer(verdict(answer, read_at=seen.observation.at, now=self._clock.now()))
