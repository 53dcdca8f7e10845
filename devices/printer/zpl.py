"""ZPL II and SGD as bytes (Zebra, "ZPL II, ZBI 2, Set-Get-Do, Mirror, WML Programming Guide").

A label carries our name for it behind itself: the variable `device.user_p1` is set when the label
before it is out, so reading it back tells which label was the last to leave the printer.
"""

import re
from dataclasses import dataclass
from typing import Final

ASK_STATUS: Final = b"~HS"
ASK_LAST: Final = b'! U1 getvar "device.user_p1"\r\n'
FORGET: Final = b'! U1 setvar "device.user_p1" ""\r\n'
"""Before the same label is printed once more: else it would seem to be out before it is."""
_NAME: Final = re.compile(r"[ !#-\]_-}]{1,64}")
"""Printable, without the quote that ends it and the two characters that begin ZPL commands."""
_ANSWER: Final = re.compile(rb'"([^"\x02]{0,64})"|\x02([^\x03"]{0,200})\x03')
_LONGEST: Final = 256


def job(lpn: str, zpl: str) -> bytes:
    """The label and its name.

    Raises ValueError for a plate that cannot stand between quotes, or a label that is none.
    """
    if not _NAME.fullmatch(lpn):
        raise ValueError(f"{lpn!r} cannot be the name of a label")
    text = zpl.strip()
    if "^XA" not in text or not text.endswith("^XZ"):
        raise ValueError("not a label: it has no ^XA, or does not end with ^XZ")
    return f'{text}\r\n! U1 setvar "device.user_p1" "{lpn}"\r\n'.encode()


@dataclass(frozen=True, slots=True)
class Last:
    """The label that left the printer last; empty when it has forgotten."""

    lpn: str


@dataclass(frozen=True, slots=True)
class Status:
    """problem: why the printer does not print, in words; empty when it does. waiting: formats in
    its buffer that have not come out."""

    problem: str
    waiting: int = 0

    @property
    def ready(self) -> bool:
        return not self.problem


class Answers:
    """Cuts the printer's bytes into answers, however they were chopped up; the rest is dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._strings: list[str] = []

    @property
    def held(self) -> int:
        return len(self._rest)

    def feed(self, data: bytes) -> list[Last | Status]:
        self._rest += data
        found, end = [], 0
        for match in _ANSWER.finditer(self._rest):
            end = match.end()
            if (answer := self._answer(match)) is not None:
                found.append(answer)
        self._rest = self._rest[end:][-_LONGEST:]
        return found

    def _answer(self, match: re.Match[bytes]) -> Last | Status | None:
        if match[1] is not None:
            name = match[1].decode("ascii", "replace")
            return Last("" if name == "?" else name)  # "?": never set
        self._strings.append(match[2].decode("ascii", "replace"))
        if len(self._strings) < 3:
            return None
        first, second, _ = self._strings
        self._strings = []
        return host_status(first, second)


def host_status(first: str, second: str) -> Status | None:
    """Strings 1 and 2 of ~HS: `030,PAPER,PAUSE,LENGTH,WAITING,...` and `000,0,HEAD,RIBBON,...`;
    None if they are not of that form."""
    one, two = first.split(","), second.split(",")
    if len(one) < 5 or len(two) < 4 or not one[4].isdecimal():
        return None
    problems = {
        "head open": two[2],
        "paper out": one[1],
        "ribbon out": two[3],
        "paused": one[2],
    }
    problem = ", ".join(name for name, flag in problems.items() if flag.strip() == "1")
    return Status(problem, int(one[4]))
