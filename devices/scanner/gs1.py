"""GS1 element strings: one application identifier after another, each good or with its problem.

GS1 General Specifications 7.8: a value without a predefined length ends at a separator (FNC1,
sent as GS) or with the code.
"""

from typing import Final, NamedTuple

from devices.scanner.gs1_table import FIXED, TABLE

GS: Final = "\x1d"


class Element(NamedTuple):
    ai: str
    """As it stands in the code, known or not."""
    value: str
    problem: str = ""
    """What is wrong, in words; empty when it is good."""


_READ: Final = {
    ai.code: (ai.code, ai.parts[0].most if ai.fixed else 0, ai.check) for ai in TABLE.values()
}
"""Identifier, size of the value (0: a separator or the end tells it), check."""
_UNUSED: Final = {"04": (2, 16), "14": (2, 6), "18": (2, 6), "19": (2, 6), "41": (3, 13)} | {
    start: (4, 6) for start in ("31", "32", "33", "34", "35", "36")
}
"""Sizes of identifier and value where they are predefined, in the table or not (7.8.5)."""
_WIDTHS: Final = {code[:2]: len(code) for code in TABLE}


def parse(text: str) -> list[Element]:
    """Elements in the order of the code; superfluous separators are passed over.

    text: what follows the symbology identifier, with GS for FNC1. Never raises. What cannot be
    told apart is one element with a problem, up to the next separator.
    """
    found: list[Element] = []
    at, end = 0, len(text)
    while at < end:
        known = _READ.get(text[at : at + 2]) or _READ.get(text[at : at + 4])
        if known := known or _READ.get(text[at : at + 3]):
            ai, size, check = known
            start = at + len(ai)
            at = start + size if size else text.find(GS, start)
            value = text[start:at] if at >= 0 else text[start:]
            problem = check(value)
            if problem and GS in value:  # a separator ends a value before its size
                value = value[: value.index(GS)]
                problem = check(value)
            at = start + len(value)
            found.append(Element(ai, value, problem))
        elif text[at] != GS:
            found.append(_unknown(text, at))
            at += len(found[-1].ai) + len(found[-1].value)
        at += text.startswith(GS, at)
    return found


def _unknown(text: str, at: int) -> Element:
    """An identifier that is not in the table hides no more than it must."""
    head = text[at : at + 2]
    width, size = _UNUSED.get(head, (_WIDTHS.get(head, 2), 0))
    separator = text.find(GS, at)
    end = separator if separator >= 0 else len(text)
    ai, start = text[at : min(at + width, end)], min(at + width, end)
    value = text[start : min(start + size, end) if size else end]
    return Element(ai, value, f"{ai} is no application identifier")


def bracketed(text: str) -> list[Element]:
    """The form for people, `(01)09506000134352(10)AB12`; a bracket in a value is written `\\(`.

    Never raises; text that does not begin so is no elements at all.
    """
    if not text.startswith("("):
        return []
    parts = text.replace("\\(", GS)[1:].split("(")
    return [_bracketed(part.replace(GS, "(")) for part in parts]


def _bracketed(part: str) -> Element:
    ai, closed, value = part.partition(")")
    if not closed:
        return Element(ai, value, "the bracket is not closed")
    if ai not in _READ:
        return Element(ai, value, f"{ai or 'nothing'} is no application identifier")
    return Element(ai, value, _READ[ai][2](value))


def unbracketed(elements: list[Element]) -> str:
    """The element string of the elements: separators only where they are needed."""
    last = len(elements) - 1
    return "".join(
        ai + value + ("" if number == last or ai[:2] in FIXED else GS)
        for number, (ai, value, _) in enumerate(elements)
    )
