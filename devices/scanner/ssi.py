"""Zebra's Simple Serial Interface: packets with a checksum, each answered.

Simple Serial Interface Programmer's Guide, 72E-40451-04 (Zebra, 2021), chapter 2: length without
the checksum, opcode, source (0 scanner, 4 host), status (bit 0 sent again, bit 1 goes on in the
next packet), data, and the two's complement of their sum in two bytes.
"""

from collections import deque
from typing import Final, NamedTuple

SCANNER, HOST = 0x00, 0x04
AGAIN, GOES_ON = 0x01, 0x02
ACK, NAK, BEEP, LED_ON, LED_OFF, DECODE_DATA, EVENT = 0xD0, 0xD1, 0xE6, 0xE7, 0xE8, 0xF3, 0xF6
RESEND, BAD_CONTEXT = 1, 2
"""Why a packet was not taken: its checksum is wrong, it is unexpected or unknown; 6 is denied."""
HEAD, CHECKSUM, LONGEST = 4, 2, 255
GREEN, RED = 0x01, 0x02
HIGH_BEEP, LONG_LOW_BEEP = 0x00, 0x0F
"""Beep codes: one short high, one long low."""


class Packet(NamedTuple):
    opcode: int
    status: int = 0
    data: bytes = b""
    source: int = HOST

    def encoded(self) -> bytes:
        body = bytes([HEAD + len(self.data), self.opcode, self.source, self.status]) + self.data
        return body + checksum(body)


GOOD: Final = (Packet(BEEP, data=bytes([HIGH_BEEP])), Packet(LED_OFF, data=bytes([RED])),
               Packet(LED_ON, data=bytes([GREEN])))  # fmt: skip
BAD: Final = (Packet(BEEP, data=bytes([LONG_LOW_BEEP])), Packet(LED_OFF, data=bytes([GREEN])),
              Packet(LED_ON, data=bytes([RED])))  # fmt: skip
"""What is heard goes first."""


def checksum(body: bytes) -> bytes:
    """Two's complement of the sum of all bytes, high byte first."""
    return (-sum(body) & 0xFFFF).to_bytes(2, "big")


class Packets:
    """Whole packets of a scanner, however the bytes were chopped; noise between them is dropped.

    `torn` says that a packet came whose checksum is wrong.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.dropped = 0

    @property
    def partial(self) -> bool:
        return bool(self._rest)

    def feed(self, data: bytes) -> tuple[list[Packet], bool]:
        self._rest += data
        packets, torn = [], False
        while self._rest:
            size = self._rest[0] + CHECKSUM
            if not self._may_begin():
                self._drop(1)
            elif len(self._rest) < size:
                break
            elif checksum(self._rest[: size - CHECKSUM]) != self._rest[size - CHECKSUM : size]:
                torn = True
                self._drop(1)
            else:
                head, self._rest = self._rest[:size], self._rest[size:]
                packets.append(Packet(head[1], head[3], head[HEAD:-CHECKSUM], head[2]))
        return packets, torn

    def flush(self) -> None:
        self._drop(len(self._rest))

    def _may_begin(self) -> bool:
        return self._rest[0] >= HEAD and (len(self._rest) < 3 or self._rest[2] == SCANNER)

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._rest = self._rest[count:]


class Ssi:
    """A code is acknowledged when the transaction has answered: a scanner that hears nothing sends
    it again, and what was lost on the way comes back.

    limit: bytes of a code in several packets. speaks: whether good and bad are shown and heard; one
    packet goes out at a time, the next when the scanner has taken it.
    """

    def __init__(self, limit: int, *, speaks: bool = True) -> None:
        self._limit, self._speaks = limit, speaks
        self._packets = Packets()
        self._code, self._too_long = b"", False
        self._last: Packet | None = None
        self._unanswered = 0
        self._replies: list[Packet] = []
        self._telling: deque[Packet] = deque()
        self._told: Packet | None = None
        self._lost = 0

    @property
    def dropped(self) -> int:
        return self._packets.dropped + self._lost

    @property
    def partial(self) -> bool:
        return self._packets.partial or bool(self._code)

    def feed(self, data: bytes) -> list[bytes]:
        packets, torn = self._packets.feed(data)
        codes = [code for packet in packets if (code := self._take(packet)) is not None]
        if torn:
            self._reply(NAK, RESEND)
        return codes

    def flush(self) -> None:
        """Half a packet is asked for once more."""
        if self._packets.partial:
            self._reply(NAK, RESEND)
        self._packets.flush()
        self._forget()

    def answer(self, good: bool | None) -> None:
        """A receipt is of the code fed last: none while an older one is being answered."""
        if self._unanswered:
            self._unanswered -= 1
            if not self._unanswered:
                self._reply(ACK)
        if good is not None and self._speaks:
            self._telling = deque(GOOD if good else BAD)
            self._told = None

    def owed(self) -> bytes:
        replies, self._replies = self._replies, []
        if self._told is None and self._telling:
            self._told = self._telling.popleft()
            replies.append(self._told)
        return b"".join(packet.encoded() for packet in replies)

    def _take(self, packet: Packet) -> bytes | None:
        match packet.opcode:
            case 0xF3:  # DECODE_DATA
                return self._decoded(packet)
            case 0xD0:  # ACK
                self._told = None
            case 0xD1:  # NAK
                self._not_taken(packet)
            case 0xF6:  # EVENT
                self._reply(ACK)
            case _:
                self._reply(NAK, BAD_CONTEXT)
        return None

    def _decoded(self, packet: Packet) -> bytes | None:
        """The first byte of the data is the maker's own number of the symbology."""
        same = self._last is not None and packet._replace(status=self._last.status) == self._last
        if packet.status & AGAIN and same:
            if not self._unanswered:
                self._reply(ACK)
            return None
        self._last = packet
        self._code += packet.data[1:]
        self._too_long = self._too_long or len(self._code) > self._limit
        if self._too_long:
            self._lost, self._code = self._lost + len(self._code), b""
        if packet.status & GOES_ON or self._too_long:
            self._too_long = self._too_long and bool(packet.status & GOES_ON)
            self._reply(ACK)
            return None
        code, self._code = self._code, b""
        self._unanswered += 1
        return code

    def _not_taken(self, packet: Packet) -> None:
        """Sent once more where it came wrong; else the scanner does not know it, and the next may
        go."""
        told, self._told = self._told, None
        if told and packet.data[:1] == bytes([RESEND]) and not told.status & AGAIN:
            self._told = told._replace(status=told.status | AGAIN)
            self._replies.append(self._told)

    def _reply(self, opcode: int, *cause: int) -> None:
        self._replies.append(Packet(opcode, data=bytes(cause)))

    def _forget(self) -> None:
        self._lost, self._code, self._too_long = self._lost + len(self._code), b"", False
