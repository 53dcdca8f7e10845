"""What the keys of a keyboard mean, by layout: position -> plain, with Shift, with AltGr.

Positions are usages of the USB HID Usage Tables 1.12, chapter 10, Keyboard/Keypad Page (0x07).
"""

from typing import Final, NamedTuple

ENTER, TAB, SPACE, CAPS_LOCK, NUM_LOCK = 0x28, 0x2B, 0x2C, 0x39, 0x53


class Key(NamedTuple):
    plain: str = ""
    shift: str = ""
    altgr: str = ""


Layout = dict[int, Key]

_LETTERS: Final = {
    0x04 + n: Key(one, one.upper()) for n, one in enumerate("abcdefghijklmnopqrstuvwxyz")
}
_FIXED: Final = {
    ENTER: Key("\r", "\r"),
    TAB: Key("\t", "\t"),
    SPACE: Key(" ", " "),
    0x58: Key("\r", "\r"),
    0x54: Key("/", "/"),
    0x55: Key("*", "*"),
    0x56: Key("-", "-"),
    0x57: Key("+", "+"),
    **{0x59 + n: Key(one) for n, one in enumerate("1234567890")},
}
"""Alike everywhere: Enter, Tab, Space and the keypad."""
_DIGITS: Final = range(0x1E, 0x28)
_SIGNS: Final = (0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x64)
"""- = [ ] \\ and the key left of Enter that the US keyboard lacks; ; ' ` , . / and the one between
Shift and Z."""


def _layout(
    digits: str, shifted: str, signs: str, shifted_signs: str, altgr: dict[int, str]
) -> Layout:
    keys = {**_LETTERS, **_FIXED}
    keys |= {at: Key(*both) for at, *both in zip(_DIGITS, digits, shifted, strict=True)}
    keys |= {at: Key(*both) for at, *both in zip(_SIGNS, signs, shifted_signs, strict=True)}
    return keys | {at: keys[at]._replace(altgr=one) for at, one in altgr.items()}


def _moved(layout: Layout, *places: tuple[int, int]) -> Layout:
    """Letters that sit elsewhere than on the US keyboard."""
    return layout | {to: _LETTERS[of] for of, to in places}


_A, _M, _Q, _W, _Y, _Z = 0x04, 0x10, 0x14, 0x1A, 0x1C, 0x1D

_DE: Final = _layout(
    "1234567890", '!"§$%&/()=', "ß´ü+##öä^,.-<", "?`Ü*''ÖÄ°;:_>",
    {0x1F: "²", 0x20: "³", 0x24: "{", 0x25: "[", 0x26: "]", 0x27: "}", 0x2D: "\\", 0x14: "@",
     0x08: "€", 0x10: "µ", 0x30: "~", 0x64: "|"},
)  # fmt: skip
_FR: Final = _layout(
    "&é\"'(-è_çà", "1234567890", ")=^$**mù²;:!<", "°+¨£µµM%\0./§>",
    {0x1F: "~", 0x20: "#", 0x21: "{", 0x22: "[", 0x23: "|", 0x24: "`", 0x25: "\\", 0x26: "^",
     0x27: "@", 0x2D: "]", 0x2E: "}", 0x08: "€", 0x30: "¤"},
)  # fmt: skip

LAYOUTS: Final[dict[str, Layout]] = {
    "us": _layout("1234567890", "!@#$%^&*()", "-=[]\\\\;'`,./\\", '_+{}||:"~<>?|', {}),
    "uk": _layout(
        "1234567890", '!"£$%^&*()', "-=[]##;'`,./\\", "_+{}~~:@¬<>?|", {0x35: "¦", 0x21: "€"}
    ),
    "de": _moved(_DE, (_Y, _Z), (_Z, _Y)),
    "fr": _moved(_FR, (_A, _Q), (_Q, _A), (_W, _Z), (_Z, _W)) | {_M: Key(",", "?")},
}
DEAD: Final = {"de": "^´`", "fr": "^¨"}
"""Keys that wait for the next one; the space after them gives the sign itself."""
COMBINING: Final = {"^": "\u0302", "´": "\u0301", "`": "\u0300", "¨": "\u0308"}
