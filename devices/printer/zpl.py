"""ZPL II and SGD as bytes (Zebra, "ZPL II, ZBI 2, Set-Get-Do, Mirror, WML Programming Guide").

A label stands between two variables: `device.user_p2` takes its name ahead of it, `device.user_p1`
behind it. So the printer itself tells which label it began last and which it ended last.
"""

import re
from dataclasses import dataclass
from typing import Final

ASK_STATUS: Final = b"~HS"
ASK_LAST: Final = b'! U1 getvar "device.user_p1"\r\n'
ASK_BEGUN: Final = b'! U1 getvar "device.user_p2"\r\n'
NOTHING: Final = "none"
"""A variable cannot be emptied: its text has 1 to 20 letters and digits."""
FORGET: Final = f'! U1 setvar "device.user_p1" "{NOTHING}"\r\n'.encode()
CANCEL_PARTIAL: Final = b"~JX"
"""Drops a format of which only the beginning came."""
_NAME: Final = re.compile(r"[A-Za-z0-9]{1,20}", re.ASCII)
_ANSWER: Final = re.compile(rb'"([^"\x02]{0,64})"|\x02([^\x02\x03"]{0,200})\x03')
_LONGEST: Final = 256


def job(name: str, zpl: str) -> bytes:
    """The label between its names.

    Raises ValueError for a name that is none, or a label that is none.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a label")
    text = zpl.strip()
    if "^XA" not in text or not text.endswith("^XZ"):
        raise ValueError("not a label: it has no ^XA, or does not end with ^XZ")
    begins, ends = (f'! U1 setvar "device.user_{p}" "{name}"\r\n' for p in ("p2", "p1"))
    return f"{begins}{text}\r\n{ends}".encode()


@dataclass(frozen=True, slots=True)
class Name:
    """What a variable holds; empty when it has forgotten."""

    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """problem: why the printer does not print, in words; empty when it does. waiting: labels in its
    buffer and of its batch that have not come out. partial: it waits for the rest of a format."""

    problem: str
    waiting: int = 0
    partial: bool = False

    @property
    def ready(self) -> bool:
        return not self.problem

    @property
    def is_done(self) -> bool:
        """All that was sent is out, and nothing stands half printed."""
        return self.ready and not self.waiting and not self.partial


class Answers:
    """Cuts the printer's bytes into answers, however they were chopped up; the rest is dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._strings: list[str] = []

    @property
    def held(self) -> int:
        return len(self._rest)

    def feed(self, data: bytes) -> list[Name | Status]:
        self._rest += data
        found, end = [], 0
        for match in _ANSWER.finditer(self._rest):
            end = match.end()
            if (answer := self._answer(match)) is not None:
                found.append(answer)
        self._rest = self._rest[end:][-_LONGEST:]
        return found

    def _answer(self, match: re.Match[bytes]) -> Name | Status | None:
        if match[1] is not None:
            name = match[1].decode("ascii", "replace")
            return Name("" if name in ("?", NOTHING) else name)  # "?": there is no such variable
        self._strings = [*self._strings, match[2].decode("ascii", "replace")][-3:]
        status = host_status(*self._strings) if len(self._strings) == 3 else None
        if status is not None:
            self._strings = []
        return status


_FLAG: Final = "[01]"
_ONE: Final = re.compile(  # aaa,b,c,dddd,eee,f,g,h,iii,j,k,l
    rf"\d{{3}},(?P<paper>{_FLAG}),(?P<pause>{_FLAG}),\d{{4,5}},(?P<formats>\d{{3}}),(?P<full>{_FLAG}),"
    rf"{_FLAG},(?P<partial>{_FLAG}),\d{{3}},(?P<ram>{_FLAG}),(?P<cold>{_FLAG}),(?P<hot>{_FLAG})",
    re.ASCII,
)
_TWO: Final = re.compile(  # mmm,n,o,p,q,r,s,t,uuuuuuuu,v,www
    rf"\d{{3}},\d,(?P<head>{_FLAG}),(?P<ribbon>{_FLAG}),{_FLAG},\w,\d,{_FLAG},"
    rf"(?P<batch>\d{{8}}),\d,\d{{3}}",
    re.ASCII,
)
_THREE: Final = re.compile(rf"\w{{4}},{_FLAG}", re.ASCII)
_PROBLEMS: Final = {
    "head": "head open",
    "paper": "paper out",
    "ribbon": "ribbon out",
    "pause": "paused",
    "full": "buffer full",
    "ram": "its settings are lost",
    "cold": "too cold",
    "hot": "too hot",
}


def host_status(first: str, second: str, third: str) -> Status | None:
    """The three strings of ~HS (Host Status Return), each of exactly its form; None if one is not,
    and nothing is guessed from the others."""
    one, two = _ONE.fullmatch(first), _TWO.fullmatch(second)
    if one is None or two is None or not _THREE.fullmatch(third):
        return None
    flags = one.groupdict() | two.groupdict()
    problem = ", ".join(words for flag, words in _PROBLEMS.items() if flags[flag] == "1")
    return Status(problem, int(one["formats"]) + int(two["batch"]), one["partial"] == "1")
