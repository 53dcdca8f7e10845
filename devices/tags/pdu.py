"""Modbus requests and what a good reply to each looks like. Pure.

MODBUS Application Protocol 1.1b3: functions in section 6, exception codes in section 7.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devices.map.units import Table

READ: Final[dict[Table, int]] = {"co": 1, "di": 2, "hr": 3, "ir": 4}
PROBLEMS: Final = {
    1: "does not know this function",
    2: "has no such address",
    3: "refuses the value or the count",
    4: "failed while it carried out the request",
    5: "needs longer for the request",
    6: "is busy",
    7: "cannot carry out this function now",
    8: "found its memory corrupt",
    10: "has no path to the unit",
    11: "hears nothing from the unit",
}
BUSY, LATER, NO_PATH = 6, 5, (10, 11)
NOT_HERE: Final = (1, 2, 3)
"""Codes that mean a part of a block: it is split and the good part is read on."""
MOST_WRITTEN: Final = 123
"""Registers in one write (section 6.12)."""


ANY_SIZE: Final = 0
"""The reply is as long as it is; only a framing that tells its length carries such a request."""


@dataclass(frozen=True, slots=True)
class Request:
    """`pdu` goes out; a good reply begins with `head` and is `size` bytes long."""

    pdu: bytes
    head: bytes
    size: int

    def fits(self, reply: bytes) -> bool:
        return self.size in (len(reply), ANY_SIZE) and reply.startswith(self.head)

    def refusal(self, reply: bytes) -> int | None:
        """The exception code of a reply that is one."""
        refused = len(reply) == 2 and reply[0] == self.pdu[0] | 0x80
        return reply[1] if refused else None


def read(table: Table, first: int, count: int) -> Request:
    """`count` registers, or bits in whole bytes: the reply's data begins at its third byte."""
    function = READ[table]
    size = 2 * count if table in ("ir", "hr") else (count + 7) // 8
    pdu = struct.pack(">BHH", function, first, count)
    return Request(pdu, bytes((function, size)), size + 2)


def write(table: Table, first: int, words: Sequence[int]) -> Request:
    """One or several registers or coils; the reply says again what was written where."""
    if table == "co":
        return _coils(first, words)
    if len(words) == 1:
        pdu = struct.pack(">BHH", 6, first, words[0])
        return Request(pdu, pdu, 5)
    count = len(words)
    pdu = struct.pack(f">BHHB{count}H", 16, first, count, 2 * count, *words)
    return Request(pdu, pdu[:5], 5)


def _coils(first: int, bits: Sequence[int]) -> Request:
    if len(bits) == 1:
        pdu = struct.pack(">BHH", 5, first, 0xFF00 if bits[0] else 0)
        return Request(pdu, pdu, 5)
    count, size = len(bits), (len(bits) + 7) // 8
    packed = sum(bool(bit) << at for at, bit in enumerate(bits)).to_bytes(size, "little")
    pdu = struct.pack(">BHHB", 15, first, count, size) + packed
    return Request(pdu, pdu[:5], 5)


def write_bit(address: int, bit: int, on: bool) -> Request:
    """One bit of a holding register, in the device itself: (old AND mask) OR value, section
    6.16."""
    pdu = struct.pack(">BHHH", 22, address, 0xFFFF ^ 1 << bit, int(on) << bit)
    return Request(pdu, pdu, 7)


def told(code: int) -> str:
    return PROBLEMS.get(code, f"answers error {code}")
