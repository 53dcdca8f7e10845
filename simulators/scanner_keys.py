"""What a scanner that is a keyboard types: the keycaps of four countries, row by row as they are
printed, and where each key sits for Linux and for USB. Written from the keyboards, not from the
driver."""

import struct
from typing import Final, NamedTuple

NUMBERS, UPPER, HOME, LOWER = range(4)
LINUX: Final = (
    (41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    (16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27),
    (30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43),
    (86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53),
)
USB: Final = (
    (0x35, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2D, 0x2E),
    (0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30),
    (0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x32),
    (0x64, 0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38),
)
PLAIN: Final = {
    "us": ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "\0zxcvbnm,./"),
    "uk": ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
    "de": ("\x001234567890ß\0", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
    "fr": ("²&é\"'(-è_çà)=", "azertyuiop\0$", "qsdfghjklmù*", "<wxcvbn,;:!"),
}
SHIFTED: Final = {
    "us": ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "\0ZXCVBNM<>?"),
    "uk": ('¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"),
    "de": ('°!"§$%&/()=?\0', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
    "fr": ("\x001234567890°+", "AZERTYUIOP\0£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
}
ALT_GR: Final = {
    "us": {}, "uk": {},
    "de": {"@": (UPPER, 0), "€": (UPPER, 2), "{": (NUMBERS, 7), "[": (NUMBERS, 8),
           "]": (NUMBERS, 9), "}": (NUMBERS, 10), "\\": (NUMBERS, 11), "~": (UPPER, 11),
           "|": (LOWER, 0)},
    "fr": {"#": (NUMBERS, 3), "{": (NUMBERS, 4), "[": (NUMBERS, 5), "|": (NUMBERS, 6),
           "\\": (NUMBERS, 8), "@": (NUMBERS, 10), "]": (NUMBERS, 11), "}": (NUMBERS, 12)},
}  # fmt: skip
SHIFT, CONTROL, ALT_GR_KEY = 0x02, 0x01, 0x40
MODIFIER_KEYS: Final = {SHIFT: 42, CONTROL: 29, ALT_GR_KEY: 100}
OTHERS: Final = {"\r": (28, 0x28), "\t": (15, 0x2B), " ": (57, 0x2C)}
EVENT: Final = struct.Struct("llHHi")
SYN, KEY = 0, 1


class Stroke(NamedTuple):
    modifier: int
    linux: int
    usb: int


def stroke(character: str, layout: str) -> Stroke:
    """Raises LookupError for what this keyboard does not have."""
    if character in OTHERS:
        return Stroke(0, *OTHERS[character])
    if character < " ":  # Ctrl and the key 64 places up
        return stroke(chr(ord(character) + 64).lower(), layout)._replace(modifier=CONTROL)
    for modifier, rows in ((0, PLAIN[layout]), (SHIFT, SHIFTED[layout])):
        for row, keys in enumerate(rows):
            if character in keys:
                return _at(modifier, row, keys.index(character))
    row, place = ALT_GR[layout][character]
    return _at(ALT_GR_KEY, row, place)


def _at(modifier: int, row: int, place: int) -> Stroke:
    return Stroke(modifier, LINUX[row][place], USB[row][place])


def events(text: str, layout: str) -> bytes:
    """As /dev/input/event gives them."""
    return b"".join(_typed(stroke(one, layout)) for one in text)


def _typed(one: Stroke) -> bytes:
    keys = [MODIFIER_KEYS[one.modifier]] if one.modifier else []
    keys.append(one.linux)
    down = b"".join(_event(KEY, key, 1) + _event(SYN, 0, 0) for key in keys)
    return down + b"".join(_event(KEY, key, 0) + _event(SYN, 0, 0) for key in reversed(keys))


def _event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, kind, code, value)


def reports(text: str, layout: str) -> bytes:
    """Boot reports: each key down, then none."""
    strokes = (stroke(one, layout) for one in text)
    return b"".join(bytes([one.modifier, 0, one.usb, 0, 0, 0, 0, 0]) + bytes(8) for one in strokes)


def pos_reports(text: bytes, aim: bytes) -> bytes:
    """Reports of 64 bytes with 56 of the code in each."""
    parts = [text[at : at + 56] for at in range(0, len(text), 56)] or [b""]
    last = len(parts) - 1
    return b"".join(
        bytes([2, len(part)]) + aim + part.ljust(56, b"\0") + b"\0\0" + bytes([place < last])
        for place, part in enumerate(parts)
    )
