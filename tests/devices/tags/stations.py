"""Modbus stations for tests, by hand from the standard: several units behind one TCP port or one
serial port, in either framing, and every way in which they misbehave."""

import asyncio
import os
import pty
import struct
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

READS = {1: "co", 2: "di", 3: "hr", 4: "ir"}


def crc16(data: bytes) -> bytes:
    """Bit by bit, as the standard's flow chart says (MODBUS over Serial Line 1.02, 6.2.2)."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            odd = value & 1
            value >>= 1
            if odd:
                value ^= 0xA001
    return bytes((value & 0xFF, value >> 8))


@dataclass
class Station:
    """One unit. Register n of `hr` and `ir` holds n at first."""

    hr: list[int] = field(default_factory=lambda: list(range(300)))
    ir: list[int] = field(default_factory=lambda: list(range(300)))
    co: list[int] = field(default_factory=lambda: [0] * 64)
    di: list[int] = field(default_factory=lambda: [at % 2 for at in range(64)])
    silent: bool = False
    takes_s: float = 0.0
    forbidden: set[tuple[str, int]] = field(default_factory=set)
    refuses: int | None = None
    """The exception code of every answer."""
    bit_writes: bool = True
    most: int = 125
    polls: list[float] = field(default_factory=list)
    """When each read came."""
    writes: list[tuple[int, int, list[int]]] = field(default_factory=list)
    """Function, address, words: what was carried out."""
    lose_replies: int = 0

    def answer(self, pdu: bytes) -> bytes:
        function, first, second = struct.unpack(">BHH", pdu[:5].ljust(5, b"\0"))
        if self.refuses is not None:
            return bytes((function | 0x80, self.refuses))
        if function in READS:
            return self._read(function, first, second)
        if function == 22 and self.bit_writes:
            (put,) = struct.unpack(">H", pdu[5:7])
            word = self.hr[first] & second | put & ~second
            return self._written(function, first, [word], self.hr, pdu)
        if function == 5:
            return self._written(function, first, [int(second == 0xFF00)], self.co, pdu)
        if function == 6:
            return self._written(function, first, [second], self.hr, pdu)
        if function == 15:
            bits = [pdu[6 + at // 8] >> at % 8 & 1 for at in range(second)]
            return self._written(function, first, bits, self.co, pdu[:5])
        if function == 16:
            words = list(struct.unpack(f">{second}H", pdu[6:]))
            return self._written(function, first, words, self.hr, pdu[:5])
        return bytes((function | 0x80, 1))

    def _read(self, function: int, first: int, count: int) -> bytes:
        name = READS[function]
        cells: list[int] = getattr(self, name)
        asked = range(first, first + count)
        if function > 2 and count > self.most:
            return bytes((function | 0x80, 3))
        if first + count > len(cells) or any((name, at) in self.forbidden for at in asked):
            return bytes((function | 0x80, 2))
        values = cells[first : first + count]
        if function > 2:
            return struct.pack(f">BB{count}H", function, 2 * count, *values)
        size = (count + 7) // 8
        packed = sum(bool(bit) << at for at, bit in enumerate(values))
        return bytes((function, size)) + packed.to_bytes(size, "little")

    def _written(
        self, function: int, first: int, words: list[int], cells: list[int], says: bytes
    ) -> bytes:
        cells[first : first + len(words)] = words
        self.writes.append((function, first, words))
        return says


Spoil = Callable[[bytes, bytes], list[bytes]]
"""The frame that asked and the one that answers -> what is sent instead, piece by piece."""


class Bench:
    """Stations by unit, on one line: they answer one after another, as on a bus."""

    def __init__(self, *units: int, rtu: bool = False) -> None:
        self.stations = {unit: Station() for unit in units or (1,)}
        self.rtu, self.port = rtu, 0
        self.spoil: Spoil = lambda asked, answer: [answer]
        self.asked: list[bytes] = []
        self._bus = asyncio.Lock()
        self._writers: set[asyncio.StreamWriter] = set()

    def __getitem__(self, unit: int) -> Station:
        return self.stations[unit]

    def asked_of(self, unit: int) -> int:
        """Requests that came for it, answered or not."""
        return sum(self.unit_of(asked) == unit for asked in self.asked)

    def unit_of(self, asked: bytes) -> int:
        return asked[0 if self.rtu else 6]

    def pdu_of(self, asked: bytes) -> bytes:
        return asked[1:-2] if self.rtu else asked[7:]

    def hang_up(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                asked, unit, pdu = await self._request(reader)
                self.asked.append(asked)
                async with self._bus:
                    answer = await self._answer(asked, unit, pdu)
                for piece in self.spoil(asked, answer) if answer else []:
                    if not piece:
                        return
                    writer.write(piece)
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            return
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _request(self, reader: asyncio.StreamReader) -> tuple[bytes, int, bytes]:
        if not self.rtu:
            head = await reader.readexactly(7)
            body = await reader.readexactly(struct.unpack(">H", head[4:6])[0] - 1)
            return head + body, head[6], body
        start = await reader.readexactly(2)
        if start[1] in (15, 16):
            more = await reader.readexactly(5)
            more += await reader.readexactly(more[4] + 2)
        else:
            more = await reader.readexactly(8 if start[1] == 22 else 6)
        frame = start + more
        assert crc16(frame[:-2]) == frame[-2:], frame.hex()
        return frame, frame[0], frame[1:-2]

    async def _answer(self, asked: bytes, unit: int, pdu: bytes) -> bytes:
        station = self.stations.get(unit)
        if station is None or station.silent:
            return b""
        if pdu[0] in READS:
            station.polls.append(asyncio.get_running_loop().time())
        if station.takes_s:
            await asyncio.sleep(station.takes_s)
        answer = station.answer(pdu)
        if station.lose_replies:
            station.lose_replies -= 1
            return b""
        return self.frame(asked, unit, answer)

    def frame(self, asked: bytes, unit: int, pdu: bytes) -> bytes:
        if self.rtu:
            return bytes((unit,)) + pdu + crc16(bytes((unit,)) + pdu)
        return asked[:4] + struct.pack(">HB", len(pdu) + 1, unit) + pdu


@asynccontextmanager
async def on_tcp(bench: Bench, port: int = 0) -> AsyncIterator[Bench]:
    server = await asyncio.start_server(bench.serve, "127.0.0.1", port)
    bench.port = server.sockets[0].getsockname()[1]
    try:
        yield bench
    finally:
        server.close()
        bench.hang_up()
        await server.wait_closed()


@asynccontextmanager
async def on_serial(bench: Bench) -> AsyncIterator[str]:
    """Yields the path of the port that the gateway opens."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    loop.add_reader(ours, lambda: reader.feed_data(_read(ours)))
    writer = _Port(ours)
    serving = asyncio.create_task(bench.serve(reader, writer))  # type: ignore[arg-type]
    try:
        yield os.ttyname(theirs)
    finally:
        loop.remove_reader(ours)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        os.close(ours)
        os.close(theirs)


class _Port:
    """What `Bench.serve` needs of a stream writer."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.transport = self

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    def abort(self) -> None:
        return None


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""
