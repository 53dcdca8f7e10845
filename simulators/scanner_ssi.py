"""A hand scanner that speaks Zebra's Simple Serial Interface: what it reads goes out as a packet,
again until the host has acknowledged it; what the host wants to be heard comes back.

Written from the guide (72E-40451-04), not from the driver.
"""

from typing import Final

DECODED, ACKNOWLEDGE, REFUSE = 0xF3, 0xD0, 0xD1
RESEND, UNKNOWN = 1, 2
CODE_128: Final = 3
GOOD_BEEP: Final = 0x00
TRIES: Final = 3


def packet(opcode: int, *data: int, again: bool = False) -> bytes:
    body = bytearray([4 + len(data), opcode, 0, 1 if again else 0, *data])
    total = (0x10000 - sum(body) % 0x10000) % 0x10000
    return bytes(body + total.to_bytes(2, "big"))


class SsiGun:
    """`due` is what it still waits to be acknowledged; `tones` what the person has heard."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._encoding = encoding
        self._rest, self._last, self._tries = b"", b"", 0
        self.tones: list[bool] = []

    @property
    def due(self) -> bool:
        return bool(self._last) and self._tries < TRIES

    def frame(self, code: str) -> bytes:
        self._last, self._tries = code.encode(self._encoding), 1
        return packet(DECODED, CODE_128, *self._last)

    def again(self) -> bytes:
        """What nobody acknowledged; nothing after the last try."""
        if not self.due:
            return b""
        self._tries += 1
        return packet(DECODED, CODE_128, *self._last, again=True)

    def hears(self, data: bytes) -> bytes:
        """Of the host; returns what is sent back at once."""
        self._rest, answer = self._rest + data, b""
        while self._rest and len(self._rest) >= self._rest[0] + 2:
            size = self._rest[0] + 2
            one, self._rest = self._rest[:size], self._rest[size:]
            answer += self._told(one)
        return answer

    def _told(self, one: bytes) -> bytes:
        match one[1]:
            case 0xD0:
                self._last = b""
                return b""
            case 0xD1:
                return self.again() if one[4] == RESEND else b""
            case 0xE6:
                self.tones.append(one[4] == GOOD_BEEP)
                return packet(ACKNOWLEDGE)
            case 0xE7 | 0xE8:
                return packet(ACKNOWLEDGE)
            case _:
                return packet(REFUSE, UNKNOWN)
