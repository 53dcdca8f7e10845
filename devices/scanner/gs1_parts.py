"""What a GS1 value is made of: parts of digits or text, each with its length and its checks."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from devices.scanner.gs1_checks import (
    DIGITS,
    SET_39,
    SET_64,
    SET_82,
    Check,
    base64url,
    company_first,
    company_second,
    numeric,
    set_39,
    set_82,
)

_IMPLIED: Final = {company_first, company_second}
_ALPHABETS: Final[dict[Check, str]] = {
    numeric: DIGITS,
    set_82: SET_82,
    set_39: SET_39,
    base64url: SET_64 + "=",
}


class Part(NamedTuple):
    of: Check
    """The characters it may hold."""
    least: int
    most: int
    checks: tuple[Check, ...]
    optional: bool = False


def digits(size: int, *checks: Check) -> Part:
    return Part(numeric, size, size, checks)


def digits_to(most: int, *checks: Check) -> Part:
    return Part(numeric, 1, most, checks)


def text(size: int, *checks: Check) -> Part:
    return Part(set_82, size, size, checks)


def text_to(most: int, *checks: Check) -> Part:
    return Part(set_82, 1, most, checks)


def or_nothing(part: Part) -> Part:
    return part._replace(optional=True)


def check_of(parts: Sequence[Part]) -> Check:
    """One function for the whole value."""
    if len(parts) == 1:
        return _single(parts[0])
    return _several(tuple(parts))


def _single(part: Part) -> Check:
    least, most, alphabet = part.least, part.most, _ALPHABETS[part.of]
    checks = _beyond_alphabet(part)

    def problem(value: str) -> str:
        if value.strip(alphabet) or not least <= len(value) <= most:
            return _length(value, least, most) or part.of(value)
        for check in checks:
            if wrong := check(value):
                return wrong
        return ""

    return problem


def _beyond_alphabet(part: Part) -> tuple[Check, ...]:
    """Where enough digits are needed, a company prefix begins with four of them anyway."""
    implied = _IMPLIED if part.of is numeric and part.least > 4 else ()
    whole = (base64url,) if part.of is base64url else ()
    return whole + tuple(check for check in part.checks if check not in implied)


def _several(parts: tuple[Part, ...]) -> Check:
    least = sum(part.least for part in parts if not part.optional)
    most = sum(part.most for part in parts)

    def problem(value: str) -> str:
        if wrong := _length(value, least, most):
            return wrong
        at = 0
        for part in parts:
            piece = value[at : at + part.most]
            at += len(piece)
            if not piece and part.optional:
                break
            if wrong := _piece(piece, part):
                return wrong
        return ""

    return problem


def _piece(piece: str, part: Part) -> str:
    if wrong := _length(piece, part.least, part.most) or part.of(piece):
        return wrong
    return next((wrong for check in part.checks if (wrong := check(piece))), "")


def _length(value: str, least: int, most: int) -> str:
    size = len(value)
    if size < least:
        return f"{size} characters, {least} are needed" if size else "has no value"
    return f"{size} characters, at most {most}: is a separator missing?" if size > most else ""
