"""A scanner that is a keyboard: reports or events in, the characters it types out.

Two forms of the same keys: the boot report of eight bytes (Device Class Definition for HID 1.11,
appendix B.1, as /dev/hidraw gives it), and Linux input events (linux/input.h: two longs, type,
code, value, as /dev/input/event gives them).
"""

import struct
import unicodedata
from typing import Final, Protocol

from devices.scanner.layouts import CAPS_LOCK, COMBINING, DEAD, LAYOUTS, NUM_LOCK, Key

CONTROL, SHIFT, ALT, ALTGR = 0x11, 0x22, 0x04, 0x40
"""Bits of the modifiers, left and right; the right Alt key is AltGr."""
_MODIFIERS: Final = range(0xE0, 0xE8)
_PAD_DIGITS: Final = {0x59 + n: digit for n, digit in enumerate("1234567890")}
_ROLL_OVER: Final = 0x01
"""Too many keys at once: the report says nothing."""


UNKNOWN: Final = "\0"
"""Of a key that means nothing: the code that it is in is illegible, never shorter."""


class Typist:
    """Key presses in, characters out."""

    def __init__(self, layout: str) -> None:
        self._keys, self._dead = LAYOUTS[layout], DEAD.get(layout, "")
        self._held: set[int] = set()
        self._modifiers, self._caps = 0, False
        self._waiting, self._number = "", ""

    def press(self, usage: int) -> str:
        if usage in _MODIFIERS:
            self._modifiers |= 1 << (usage - _MODIFIERS.start)
            return ""
        if self._modifiers & ALT and usage in _PAD_DIGITS:
            self._number = (self._number + _PAD_DIGITS[usage])[-4:]
            return ""
        if usage in (CAPS_LOCK, NUM_LOCK):
            self._caps ^= usage == CAPS_LOCK
            return ""
        return self._composed(self._means(self._keys.get(usage, Key())) or UNKNOWN)

    def release(self, usage: int) -> str:
        """Alt let go ends a number typed on the keypad: Alt+0029 is the group separator."""
        if usage not in _MODIFIERS:
            return ""
        self._modifiers &= ~(1 << (usage - _MODIFIERS.start))
        number, self._number = self._number, "" if not self._modifiers & ALT else self._number
        return _numbered(number) if number and not self._modifiers & ALT else ""

    def report(self, modifiers: int, keys: bytes) -> str:
        """The state of all keys; those that were not down before are pressed now."""
        text = ""
        for bit in range(8):
            usage, down = _MODIFIERS.start + bit, bool(modifiers >> bit & 1)
            if down != bool(self._modifiers >> bit & 1):
                text += self.press(usage) if down else self.release(usage)
        if _ROLL_OVER in keys:
            return text
        now = [usage for usage in keys if usage > _ROLL_OVER]
        text += "".join(self.press(usage) for usage in now if usage not in self._held)
        self._held = set(now)
        return text

    def _means(self, key: Key) -> str:
        if self._modifiers & ALTGR:
            return key.altgr
        shifted = bool(self._modifiers & SHIFT)
        if self._caps and key.plain.isalpha():
            shifted = not shifted
        text = (key.shift if shifted else key.plain).replace("\0", "")
        return _control(text) if self._modifiers & CONTROL else text

    def _composed(self, text: str) -> str:
        waiting, self._waiting = self._waiting, ""
        if not waiting and text and text in self._dead:
            self._waiting = text
            return ""
        if not waiting:
            return text
        if text == " ":
            return waiting
        whole = unicodedata.normalize("NFC", text + COMBINING[waiting])
        return whole if len(whole) == 1 else waiting + text


def _control(text: str) -> str:
    """Ctrl and a key: how many scanners send what has no key, GS as Ctrl+]."""
    one = text.upper()
    return chr(ord(one) & 0x1F) if len(one) == 1 and "@" <= one <= "_" else ""


def _numbered(digits: str) -> str:
    """Of Alt and a number: with a leading zero of Windows-1252, without of code page 437."""
    page = "cp1252" if digits.startswith("0") else "cp437"
    return bytes([int(digits) & 0xFF]).decode(page, "replace")


class Records(Protocol):
    """Bytes of a device in, characters out; what is chopped is put together."""

    def feed(self, data: bytes) -> str: ...


class BootReports:
    """modifiers, nothing, six keys; all zero is a keyboard at rest."""

    SIZE: Final = 8

    def __init__(self, typist: Typist) -> None:
        self._typist, self._rest = typist, b""

    def feed(self, data: bytes) -> str:
        whole, self._rest = _cut(self._rest + data, self.SIZE)
        return "".join(self._typist.report(one[0], one[2:]) for one in whole)


class Events:
    """Only keys that go down or up; repeats of a key that is held are nobody's code."""

    FORM: Final = struct.Struct("llHHi")
    KEY: Final = 1
    UP, DOWN = 0, 1

    def __init__(self, typist: Typist) -> None:
        self._typist, self._rest = typist, b""

    def feed(self, data: bytes) -> str:
        whole, self._rest = _cut(self._rest + data, self.FORM.size)
        return "".join(map(self._read, whole))

    def _read(self, record: bytes) -> str:
        _, _, kind, code, value = self.FORM.unpack(record)
        if kind != self.KEY or value not in (self.UP, self.DOWN):
            return ""
        usage = USAGES.get(code, 0)
        return self._typist.press(usage) if value == self.DOWN else self._typist.release(usage)


def _cut(data: bytes, size: int) -> tuple[list[bytes], bytes]:
    whole = len(data) // size * size
    return [data[at : at + size] for at in range(0, whole, size)], data[whole:]


USAGES: Final[dict[int, int]] = {
    # linux/input-event-codes.h -> HID usage, as drivers/hid/hid-input.c maps them
    **dict(zip(range(2, 12), range(0x1E, 0x28), strict=True)),  # 1 .. 0
    12: 0x2D, 13: 0x2E, 14: 0x2A, 15: 0x2B,
    **dict(zip(range(16, 26), (0x04 + ord(one) - ord("a") for one in "qwertyuiop"), strict=True)),
    26: 0x2F, 27: 0x30, 28: 0x28, 29: 0xE0,
    **dict(zip(range(30, 39), (0x04 + ord(one) - ord("a") for one in "asdfghjkl"), strict=True)),
    39: 0x33, 40: 0x34, 41: 0x35, 42: 0xE1, 43: 0x31,
    **dict(zip(range(44, 51), (0x04 + ord(one) - ord("a") for one in "zxcvbnm"), strict=True)),
    51: 0x36, 52: 0x37, 53: 0x38, 54: 0xE5, 55: 0x55, 56: 0xE2, 57: 0x2C, 58: 0x39,
    71: 0x5F, 72: 0x60, 73: 0x61, 74: 0x56, 75: 0x5C, 76: 0x5D, 77: 0x5E, 78: 0x57,
    79: 0x59, 80: 0x5A, 81: 0x5B, 82: 0x62, 83: 0x63, 86: 0x64, 96: 0x58, 97: 0xE4, 98: 0x54,
    100: 0xE6, 125: 0xE3, 126: 0xE7,
}  # fmt: skip
