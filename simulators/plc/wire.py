"""Modbus TCP as a server speaks it: bytes in, bytes out, no socket.

MODBUS Application Protocol 1.1b3 (function codes 1-6, 15, 16, 22 and exceptions) inside the MBAP
header of the Messaging on TCP/IP Implementation Guide 1.0b.
"""

import struct
from collections.abc import Callable
from typing import Final

from simulators.plc.bank import Tables

HEADER: Final = struct.Struct(">HHHB")  # transaction, protocol (0), length, unit
PAIR: Final = struct.Struct(">HH")
TABLE_OF: Final = {
    1: "co",
    2: "di",
    3: "hr",
    4: "ir",
    5: "co",
    6: "hr",
    15: "co",
    16: "hr",
    22: "hr",
}
BITS: Final = (1, 2)
MOST_BITS, MOST_WORDS, MOST_WRITTEN = 2000, 125, 123
ON, OFF = 0xFF00, 0x0000

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, NO_SUCH_UNIT = 1, 2, 3, 11

Written = Callable[[str, int, int], None]
"""Table, first cell and number of cells that were just written."""


class NotModbus(Exception):
    """The stream can no longer be cut into frames: the line must close."""


class _Refusal(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class Slave:
    """One unit behind one line. `feed` takes any chopping of the stream."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._unit, self._tables, self._written = unit, tables, written
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The answers to all requests that are now complete. Raises NotModbus."""
        buffer, start, answers = self._rest + data, 0, []
        while len(buffer) - start >= HEADER.size:
            transaction, protocol, length, unit = HEADER.unpack_from(buffer, start)
            if protocol != 0 or not 2 <= length <= 254:
                raise NotModbus(f"protocol {protocol}, length {length}")
            end = start + 6 + length
            if len(buffer) < end:
                break
            pdu = self.answer(unit, buffer[start + HEADER.size : end])
            answers.append(HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu)
            start = end
        self._rest = buffer[start:]
        return b"".join(answers)

    def answer(self, unit: int, pdu: bytes) -> bytes:
        function = pdu[0]
        try:
            if unit != self._unit:
                raise _Refusal(NO_SUCH_UNIT)
            if function not in TABLE_OF:
                raise _Refusal(ILLEGAL_FUNCTION)
            return self._carry_out(function, pdu)
        except _Refusal as refusal:
            return bytes((function | 0x80, refusal.code))

    def _carry_out(self, function: int, pdu: bytes) -> bytes:
        if len(pdu) < 5:
            raise _Refusal(ILLEGAL_VALUE)
        first, second = PAIR.unpack_from(pdu, 1)
        if function <= 4:
            return self._read(function, first, second)
        if function <= 6:
            return self._write_one(function, first, second, pdu)
        if function == 22:
            return self._mask(first, second, pdu)
        return self._write_many(function, first, second, pdu)

    def _cells(self, function: int, first: int, count: int, most: int) -> list[int]:
        if not 1 <= count <= most:
            raise _Refusal(ILLEGAL_VALUE)
        cells = self._tables.of(TABLE_OF[function])
        if first + count > len(cells):
            raise _Refusal(ILLEGAL_ADDRESS)
        return cells

    def _read(self, function: int, first: int, count: int) -> bytes:
        bits = function in BITS
        cells = self._cells(function, first, count, MOST_BITS if bits else MOST_WORDS)
        values = cells[first : first + count]
        data = packed_bits(values) if bits else struct.pack(f">{count}H", *values)
        return bytes((function, len(data))) + data

    def _write_one(self, function: int, first: int, value: int, pdu: bytes) -> bytes:
        cells = self._cells(function, first, 1, 1)
        if len(pdu) != 5 or (function == 5 and value not in (ON, OFF)):
            raise _Refusal(ILLEGAL_VALUE)
        cells[first] = int(value == ON) if function == 5 else value
        self._written(TABLE_OF[function], first, 1)
        return pdu

    def _mask(self, at: int, keep: int, pdu: bytes) -> bytes:
        """Some bits of one register: section 6.16."""
        cells = self._cells(22, at, 1, 1)
        if len(pdu) != 7:
            raise _Refusal(ILLEGAL_VALUE)
        cells[at] = cells[at] & keep | int.from_bytes(pdu[5:], "big") & ~keep
        self._written(TABLE_OF[22], at, 1)
        return pdu

    def _write_many(self, function: int, first: int, count: int, pdu: bytes) -> bytes:
        bits = function == 15
        cells = self._cells(function, first, count, MOST_BITS if bits else MOST_WRITTEN)
        size = (count + 7) // 8 if bits else 2 * count
        if len(pdu) != 6 + size or pdu[5] != size:
            raise _Refusal(ILLEGAL_VALUE)
        data = pdu[6:]
        values = unpacked_bits(data, count) if bits else list(struct.unpack(f">{count}H", data))
        cells[first : first + count] = values
        self._written(TABLE_OF[function], first, count)
        return pdu[:5]


def packed_bits(values: list[int]) -> bytes:
    """Eight to a byte, the first in the lowest bit."""
    number = sum(bool(value) << place for place, value in enumerate(values))
    return number.to_bytes((len(values) + 7) // 8, "little")


def unpacked_bits(data: bytes, count: int) -> list[int]:
    number = int.from_bytes(data, "little")
    return [number >> place & 1 for place in range(count)]
