"""A sorter's PLC for tests: Modbus TCP by hand, the contract of docs/wires.md section 6, and every
way in which a real one misbehaves. Written from the standard, not from our driver."""

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

READS = {1: "co", 2: "di", 3: "hr", 4: "ir"}


class FakePlc:
    """Registers, a program that runs after every write, and a wire that can be broken."""

    def __init__(self) -> None:
        self.port = 0
        self.ir, self.hr = [0] * 24, [0] * 32
        self.di, self.co = [0] * 16, [0] * 16
        self.requests: list[tuple[int, int, int]] = []
        """Function, address, count or value: what arrived, in order."""
        self.acted: list[tuple[int, int]] = []
        """Track and lane of every command that moved a blade."""
        self.acted_at: list[datetime] = []
        self.beats = 0
        self.alive = True
        self.forbidden: set[tuple[str, int]] = set()
        self.code = 1
        self.acks = True
        self.silent = False
        self.late_s = 0.0
        self.lose_replies = 0
        """So many replies are carried out and never sent."""
        self.on_write: Callable[[int, list[int]], None] = lambda first, words: None
        self._acted_on = 0
        self.inducts: deque[tuple[int, int]] = deque()
        self.confirms: deque[tuple[int, int, int]] = deque()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    # --- the program ---

    def induct(self, track: int, length: int = 400) -> None:
        self.inducts.append((track, length))
        self._events()

    def confirm(self, track: int, lane: int, result: int = 1) -> None:
        self.confirms.append((track, lane, result))
        self._events()

    def restart(self) -> None:
        """Power off and on: every register zero, nothing remembered, lines reset."""
        self.ir, self.hr, self._acted_on = [0] * 24, [0] * 32, 0
        self.inducts.clear()
        self.confirms.clear()
        self.reset_lines()

    def _scan(self) -> None:
        seq = self.hr[1]
        if self.acks and seq not in (0, self._acted_on):
            self._acted_on = seq
            self.acted.append((self.hr[2] << 16 | self.hr[3], self.hr[4]))
            self.acted_at.append(datetime.now(UTC))
            self.ir[2] = self.code
            self.ir[1] = seq
        self._events()

    def _events(self) -> None:
        if self.inducts and self.hr[7] == self.ir[3]:
            track, length = self.inducts.popleft()
            self.ir[4:7] = [track >> 16, track & 0xFFFF, length]
            self.ir[3] = self.ir[3] % 65535 + 1
        if self.confirms and self.hr[6] == self.ir[7]:
            track, lane, result = self.confirms.popleft()
            self.ir[8:12] = [track >> 16, track & 0xFFFF, lane, result]
            self.ir[7] = self.ir[7] % 65535 + 1

    async def _beating(self) -> None:
        while True:
            if self.alive:
                self.ir[0] = (self.ir[0] + 1) % 65536
                self._scan()
            await asyncio.sleep(0.02)

    # --- the wire ---

    def reset_lines(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_lines()
        await self._server.wait_closed()

    async def listen(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readexactly(7)
                transaction, _, length, unit = struct.unpack(">HHHB", head)
                pdu = await reader.readexactly(length - 1)
                if self.silent:
                    continue
                answer = self._answer(pdu)
                if self.lose_replies:
                    self.lose_replies -= 1
                    continue
                frame = struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer
                if self.late_s:
                    late, self.late_s = self.late_s, 0.0
                    asyncio.get_running_loop().call_later(late, writer.write, frame)
                else:
                    writer.write(frame)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            return
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    def _answer(self, pdu: bytes) -> bytes:
        function, first, second = struct.unpack(">BHH", pdu[:5])
        self.requests.append((function, first, second))
        if function in READS:
            return self._read(function, first, second)
        if function == 6:
            self._write(first, [second])
        elif function == 16:
            self._write(first, list(struct.unpack(f">{second}H", pdu[6:])))
        else:
            return bytes((function | 0x80, 1))
        return pdu[:5]

    def _read(self, function: int, first: int, count: int) -> bytes:
        name = READS[function]
        cells = getattr(self, name)
        asked = range(first, first + count)
        if first + count > len(cells) or any((name, cell) in self.forbidden for cell in asked):
            return bytes((function | 0x80, 2))
        values = cells[first : first + count]
        if function > 2:
            return struct.pack(f">BB{count}H", function, 2 * count, *values)
        packed = sum(bit << at for at, bit in enumerate(values))
        size = (count + 7) // 8
        return struct.pack(">BB", function, size) + packed.to_bytes(size, "little")

    def _write(self, first: int, words: list[int]) -> None:
        self.hr[first : first + len(words)] = words
        if first == 0:
            self.beats += 1
        self.on_write(first, words)
        self._scan()


@asynccontextmanager
async def running(plc: FakePlc) -> AsyncIterator[FakePlc]:
    await plc.listen()
    beating = asyncio.create_task(plc._beating())
    try:
        yield plc
    finally:
        beating.cancel()
        await plc.stop()
