"""Modbus RTU as the units of a line speak it: bytes in, bytes out, no port.

MODBUS over Serial Line 1.02: frames (2.5.1) with a CRC-16, low byte first (6.2.2); functions 1 to
6, 15 and 16 of the Application Protocol 1.1b3. A unit that is not there, or hears a damaged frame,
says nothing.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Final, Protocol

READS: Final = {1: "co", 2: "di", 3: "hr", 4: "ir"}
WRITES: Final = {5: "co", 6: "hr", 15: "co", 16: "hr"}
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
SHORT, LONG, MASK = 8, 9, 10
"""Bytes of a frame; the long ones have data besides, function 22 two masks."""
MOST_WORDS: Final = 125

Cells = dict[tuple[str, int], int]
"""What a unit has, by table and address; it has nothing else."""
Written = Callable[[], None]


def crc16(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


class Unit:
    """Answers for one address. `written` is called when a master has changed its cells."""

    def __init__(self, cells: Cells, written: Written) -> None:
        self.cells, self._written = cells, written
        self.silent = False
        self.asked = self.writes = 0
        self.lose_write: int | None = None
        """The answer to a write of this register is lost, once; it is written all the same."""

    def answer(self, pdu: bytes) -> bytes | None:
        self.asked += 1
        if self.silent:
            return None
        answer = self._carried_out(pdu)
        if pdu[0] in WRITES and self.lose_write == int.from_bytes(pdu[1:3], "big"):
            self.lose_write = None
            return None
        return answer

    def _carried_out(self, pdu: bytes) -> bytes:
        function, first, second = struct.unpack(">BHH", pdu[:5])
        if function in READS:
            return self._read(function, first, second)
        if function in (5, 6):
            value = int(second == 0xFF00) if function == 5 else second
            return self._write(pdu, first, [value], pdu)
        if function == 16:
            return self._write(pdu, first, list(struct.unpack(f">{second}H", pdu[6:])), pdu[:5])
        if function == 15:
            bits = [pdu[6 + at // 8] >> at % 8 & 1 for at in range(second)]
            return self._write(pdu, first, bits, pdu[:5])
        return bytes((function | 0x80, ILLEGAL_FUNCTION))

    def _read(self, function: int, first: int, count: int) -> bytes:
        if not 1 <= count <= MOST_WORDS:
            return bytes((function | 0x80, ILLEGAL_VALUE))
        asked = [(READS[function], first + n) for n in range(count)]
        if any(one not in self.cells for one in asked):
            return bytes((function | 0x80, ILLEGAL_ADDRESS))
        values = [self.cells[one] for one in asked]
        if function > 2:
            return struct.pack(f">BB{count}H", function, 2 * count, *values)
        packed = sum(bool(value) << at for at, value in enumerate(values))
        size = (count + 7) // 8
        return bytes((function, size)) + packed.to_bytes(size, "little")

    def _write(self, pdu: bytes, first: int, values: list[int], answer: bytes) -> bytes:
        asked = [(WRITES[pdu[0]], first + n) for n in range(len(values))]
        if any(one not in self.cells for one in asked):
            return bytes((pdu[0] | 0x80, ILLEGAL_ADDRESS))
        self.writes += 1
        self.cells.update(zip(asked, values, strict=True))
        self._written()
        return answer


class Answers(Protocol):
    def answer(self, pdu: bytes) -> bytes | None: ...


class Line:
    """All units of one line. `feed` takes the requests however they are chopped."""

    def __init__(self, units: Mapping[int, Answers]) -> None:
        self._units, self._rest = units, b""

    def feed(self, data: bytes) -> bytes:
        self._rest += data
        answers = b""
        while (size := _size(self._rest)) is not None and len(self._rest) >= size:
            frame = self._rest[:size]
            if crc16(frame[:-2]) != frame[-2:]:
                self._rest = self._rest[1:]  # noise: the next frame may begin anywhere
                continue
            self._rest = self._rest[size:]
            answers += self._answer(frame)
        return answers

    def _answer(self, frame: bytes) -> bytes:
        unit = self._units.get(frame[0])
        pdu = unit.answer(frame[1:-2]) if unit else None
        if pdu is None:
            return b""
        answer = frame[:1] + pdu
        return answer + crc16(answer)


def _size(frame: bytes) -> int | None:
    """Of the frame that begins here; None while that cannot be said."""
    if len(frame) < 2:
        return None
    if frame[1] not in (15, 16):
        return MASK if frame[1] == 22 else SHORT
    return LONG + frame[6] if len(frame) > 6 else None
