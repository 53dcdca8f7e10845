"""Modbus frames: a header with a transaction number over TCP, a checksum over serial lines. Pure:
bytes in any pieces in, replies out.

MODBUS Messaging on TCP/IP 1.0b, 3.1.3; MODBUS over Serial Line 1.02, 2.5.1 and 6.2.2.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from devices.tags.pdu import Request

LONGEST: Final = 254
"""Unit and PDU of one frame."""
REFUSAL: Final = 5
"""Unit, function, code and checksum of an exception."""
_HEADER: Final = struct.Struct(">HHHB")


class Garbled(ValueError):
    """No frame begins here, and nothing says where the next one does."""


class Reply(NamedTuple):
    number: int
    unit: int
    pdu: bytes


class Framing(Protocol):
    numbered: bool
    """A reply says which request it answers, however late it comes."""

    def request(self, unit: int, request: Request) -> tuple[int, bytes]:
        """Its number and its bytes; from now on replies to it are looked for."""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Whole frames. Raises Garbled."""

    def forget(self) -> None:
        """Nobody waits any more: what is half there is dropped, as far as that is safe."""


class Mbap:
    """Modbus TCP: the length is in the header, so a reply to nobody is passed over whole."""

    numbered = True

    def __init__(self) -> None:
        self._number, self._buffer = 0, b""

    def request(self, unit: int, request: Request) -> tuple[int, bytes]:
        self._number = self._number % 65535 + 1
        header = _HEADER.pack(self._number, 0, len(request.pdu) + 1, unit)
        return self._number, header + request.pdu

    def feed(self, data: bytes) -> Iterator[Reply]:
        buffer = self._buffer + data if self._buffer else data
        while len(buffer) >= _HEADER.size:
            number, protocol, length, unit = _HEADER.unpack_from(buffer)
            if protocol != 0 or not 2 <= length <= LONGEST:
                raise Garbled("sends what is no Modbus")
            if len(buffer) < 6 + length:
                break
            yield Reply(number, unit, buffer[7 : 6 + length])
            buffer = buffer[6 + length :]
        self._buffer = buffer

    def forget(self) -> None:
        """Half a frame stays: its rest will come, and must not be taken for a beginning."""


class Rtu:
    """Modbus on serial lines, and the same bytes behind TCP. A reply has neither number nor length:
    only what has the unit, the function, the size and the checksum of the answer is one."""

    numbered = False

    def __init__(self) -> None:
        self._number, self._buffer = 0, b""
        self._unit: int | None = None
        self._request = Request(b"\0", b"\0", 1)

    def request(self, unit: int, request: Request) -> tuple[int, bytes]:
        self._number, self._buffer = self._number + 1, b""
        self._unit, self._request = unit, request
        body = bytes((unit,)) + request.pdu
        return self._number, body + struct.pack("<H", crc(body))

    def feed(self, data: bytes) -> Iterator[Reply]:
        if self._unit is None:
            return
        buffer, start = self._buffer + data, 0
        good = bytes((self._unit,)) + self._request.head
        refused = bytes((good[0], good[1] | 0x80))
        begins = re.compile(re.escape(good) + b"|" + re.escape(refused), re.DOTALL)
        while (found := begins.search(buffer, start)) is not None:
            begin = found.start()
            size = self._request.size + 3 if buffer.startswith(good, begin) else REFUSAL
            if len(buffer) - begin < size:
                start = begin
                break
            if crc(buffer[begin : begin + size]) == 0:
                unit, pdu = self._unit, buffer[begin + 1 : begin + size - 2]
                self.forget()
                yield Reply(self._number, unit, pdu)
                return
            start = begin + 1  # noise, an echo, an answer to somebody else
        else:
            start = max(start, len(buffer) - len(good) + 1)
        self._buffer = buffer[start:]

    def forget(self) -> None:
        self._unit, self._buffer = None, b""


def _table() -> tuple[int, ...]:
    def remainder(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        return value

    return tuple(map(remainder, range(256)))


_CRC: Final = _table()


def crc(data: bytes) -> int:
    """CRC-16 of a frame, sent low byte first; over a frame with its own checksum it is 0."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    return value
