"""Scanners that call us: one listener for all connections of one address and port, a seat for each
that the map knows, and nobody else is let in."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address
from typing import Final
from weakref import WeakKeyDictionary

from devices import streams
from devices.errors import Refused, Unreachable
from devices.map.schema import TcpServer

log = logging.getLogger(__name__)

LINGERS_S: Final = 5.0
"""Longer than the supervisor waits between two sessions: who calls meanwhile is kept waiting, not
refused."""
BUFFER: Final = 8192
"""Bytes of a line that nobody reads yet; then it has to wait."""
STRANGERS: Final = 64
"""So many are named; more are a flood, and said once."""

Stranger = Callable[[str], None]


class Seat:
    """One scanner's place at the listener. Two lines from one are one that has roamed: the newest
    counts."""

    def __init__(self, device: str, refused: Stranger) -> None:
        self.device, self.refused = device, refused
        self.taken, self.times_taken = False, 0
        self._calls = asyncio.Event()
        self._held: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._serving: asyncio.StreamWriter | None = None

    @property
    def called_again(self) -> bool:
        return self._held is not None

    def called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hang_up()
        self._held = reader, writer
        self._calls.set()

    async def answered(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Waits until it calls."""
        while self._held is None:
            self._calls.clear()
            await self._calls.wait()
        line, self._held = self._held, None
        self._serving = line[1]
        return line

    def hang_up(self) -> list[asyncio.StreamWriter]:
        """The lines that end now."""
        lines = [line for line in (self._serving, self._held and self._held[1]) if line]
        for line in lines:
            line.transport.abort()
        self._serving = self._held = None
        return lines


class Listener:
    """Listens while anybody sits at it, and a little longer."""

    def __init__(self, host: str, port: int, over: Callable[[], None]) -> None:
        self.where = f"{host}:{port}"
        self._host, self._port, self._over = host, port, over
        self._seats: dict[str, Seat] = {}
        self._strangers: set[str] = set()
        self._changed = asyncio.Event()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(), name=f"listener {self.where}")

    async def opened(self, device: str) -> None:
        try:
            await asyncio.shield(self._opened)
        except OSError as err:
            why = f"nobody can call it: {self.where} cannot be listened at: {err.strerror or err}"
            raise Unreachable(device, why) from err

    def sit(self, device: str, peer: str, refused: Stranger) -> Seat:
        """Raises Refused when another device has that peer."""
        seat = self._seats.get(peer)
        if seat is not None and seat.device != device and seat.taken:
            raise Refused(device, f"{peer} is {seat.device} already", hint="give each its own peer")
        if seat is None or seat.device != device:
            seat = self._seats[peer] = Seat(device, refused)
        seat.taken, seat.refused = True, refused
        seat.times_taken += 1
        self._strangers.discard(peer)
        self._changed.set()
        return seat

    def rise(self, seat: Seat) -> None:
        seat.taken = False
        self._changed.set()
        loop = asyncio.get_running_loop()
        loop.call_later(LINGERS_S, self._clear, seat, seat.times_taken)

    def _clear(self, seat: Seat, times_taken: int) -> None:
        """Nobody came back to it: who calls that peer's place is a stranger now."""
        if seat.times_taken == times_taken:
            seat.hang_up()
            self._seats = {peer: one for peer, one in self._seats.items() if one is not seat}

    async def _listen(self) -> None:
        try:
            server = await asyncio.start_server(
                self._called, self._host, self._port, limit=BUFFER, reuse_address=True
            )
        except OSError as err:
            self._over()
            self._opened.set_exception(err)
            self._opened.exception()  # whoever asked may have stopped waiting
            return
        try:
            async with server:
                self._opened.set_result(None)
                await self._until_nobody_sits()
        finally:
            self._over()
            lines = [line for seat in self._seats.values() for line in seat.hang_up()]
            await asyncio.gather(*(line.wait_closed() for line in lines), return_exceptions=True)

    async def _until_nobody_sits(self) -> None:
        while True:
            sits = any(seat.taken for seat in self._seats.values())
            try:
                async with asyncio.timeout(None if sits else LINGERS_S):
                    await self._changed.wait()
            except TimeoutError:
                return
            self._changed.clear()

    def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _plain(writer.get_extra_info("peername")[0])
        if (seat := self._seats.get(peer)) is not None:
            seat.called(reader, writer)
        else:
            writer.transport.abort()
            self._refuse(peer)

    def _refuse(self, peer: str) -> None:
        for seat in self._seats.values():
            seat.refused(peer)
        if peer in self._strangers or len(self._strangers) > STRANGERS:
            return
        self._strangers.add(peer)
        if len(self._strangers) > STRANGERS:
            log.warning("%s: more than %d strangers have called", self.where, STRANGERS)
            return
        known = ", ".join(f"{known} ({seat.device})" for known, seat in self._seats.items())
        log.warning(
            "%s: %s called and was refused; the map lets in %s", self.where, peer, known or "nobody"
        )


_LISTENERS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], Listener]] = (
    WeakKeyDictionary()
)


def _listener(host: str, port: int) -> Listener:
    """A port is a thing of the machine, whoever asks for it."""
    listeners = _LISTENERS.setdefault(asyncio.get_running_loop(), {})

    def over() -> None:
        del listeners[host, port]

    if (host, port) not in listeners:
        listeners[host, port] = Listener(host, port, over)
    return listeners[host, port]


@asynccontextmanager
async def called(
    device: str, config: TcpServer, refused: Stranger = lambda peer: None
) -> AsyncIterator[streams.Line]:
    """Waits until the scanner calls. refused: told every address that is not let in.

    Raises Unreachable when our own port is taken, Refused when two devices have one peer.
    """
    listener = _listener(config.host, config.port)
    await listener.opened(device)
    seat = listener.sit(device, _plain(config.peer), refused)
    try:
        reader, writer = await seat.answered()
        streams.keep_alive(writer.get_extra_info("socket"), config.keepalive_s)
        async with streams.closing(writer):
            yield _Called(device, reader, writer, seat)
    finally:
        listener.rise(seat)


class _Called(streams.Line):
    def __init__(
        self,
        device: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        seat: Seat,
    ) -> None:
        super().__init__(device, reader, writer)
        self._seat = seat

    async def read(self, within_s: float | None = None) -> bytes:
        try:
            return await super().read(within_s)
        except Unreachable as err:
            if self._seat.called_again:
                raise Unreachable(self._device, "called again: its newest line counts") from err
            raise


def _plain(address: str) -> str:
    """An IPv4 address as such, whatever socket it came by."""
    found = ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
