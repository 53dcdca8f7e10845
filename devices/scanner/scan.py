"""What a code says: its symbology, GS1 elements good and bad, and the one key it stands for.

The way of reading is the station's (`parse` in the map): `plain` takes the code as it stands,
`gs1` expects GS1, `auto` goes by the symbology identifier and otherwise guesses, and says so.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from devices.scanner import aim, bare, digital_link, gs1
from devices.scanner.aim import Aim
from devices.scanner.gs1 import GS, Element
from devices.scanner.gs1_checks import DIGITS
from devices.scanner.gs1_pairs import together

Way = Literal["plain", "gs1", "auto"]
Form = Literal["elements", "link", "number", "bracketed", "text"]

_KEYS: Final = ("00", "01", "8006", "8003", "8004", "253", "255", "401", "402", "414", "417")
_WEIGHTS: Final = {ai: weight for weight, ai in enumerate(_KEYS)}
"""What a code is about, weightiest first: a pallet before the goods on it."""
_BEGIN: Final = ("00", "01", "02", "8006", "8003", "8017", "8018", "253", "402", "414")
"""Identifiers whose check digit makes a code without a separator worth a guess."""


def _weight(element: Element) -> int:
    return _WEIGHTS.get(element[0], len(_KEYS))


class Scan(NamedTuple):
    raw: str
    """As the scanner sent it, identifier included."""
    symbology: Aim | None
    form: Form
    elements: tuple[Element, ...] = ()
    problems: tuple[str, ...] = ()
    """Of the code as a whole; an element has its own."""
    guessed: bool = False
    """Nothing in the code says that it is GS1."""

    @property
    def text(self) -> str:
        """Without the symbology identifier."""
        return self.raw[3:] if self.symbology else self.raw

    def value(self, ai: str) -> str | None:
        """A good value only."""
        for code, value, problem in self.elements:
            if code == ai and not problem:
                return value
        return None

    @property
    def key(self) -> str:
        """What rules look up: the value of the weightiest key, or the text if that is wrong.

        A GTIN as its own bar code shows it; a place inside a location as `GLN/extension`. A bare
        number that is only guessed to be a GTIN may be a tote's own: it stays as it stands.
        """
        if self.guessed and self.form == "number" and not self._itf:
            return self.text
        if not self.elements:
            return self.text
        ai, value, problem = min(self.elements, key=_weight)
        if problem or ai not in _WEIGHTS:
            return self.text
        if ai == "414" and (extension := self.value("254")):
            return f"{value}/{extension}"
        return bare.short_gtin(value) if ai == "01" else value

    @property
    def doubt(self) -> str:
        """Why the key may be another than the one that stands on the thing; empty when it is not.

        A text as it stands is no guess, whatever else is wrong with the code.
        """
        if not self.elements:
            return self.problems[0] if self.problems else ""
        ai, _, problem = min(self.elements, key=_weight)
        if problem and ai in _WEIGHTS:
            return f"({ai}) {problem}"
        return "only guessed to be GS1" if self.guessed and self.key != self.text else ""

    @property
    def _itf(self) -> bool:
        """Fourteen digits of it are the GTIN of a case, with hardly an exception."""
        return self.symbology is not None and self.symbology.identifier[1] == "I"

    def remarks(self, beside: Sequence[Element] = ()) -> tuple[str, ...]:
        """Everything that is wrong, for a person; beside: elements of other codes on the item."""
        of_elements = (f"({ai}) {problem}" for ai, _, problem in self.elements if problem)
        return (*of_elements, *self.problems, *together(self.elements, beside))


def read(raw: str, way: Way = "auto", *, identified: bool = False) -> Scan:
    """raw: one code as the scanner sent it, GS for FNC1. Never raises.

    identified: the station's scanners send the symbology identifier; a code without it is wrong.
    """
    if way == "plain":
        return Scan(raw, None, "text")
    symbology, text = aim.split(raw)
    if symbology is None:
        if identified:
            return Scan(raw, None, "text", problems=("no symbology identifier",))
    elif symbology.gs1:
        return _elements(raw, symbology, text)
    elif symbology.retail:
        return _retail(raw, symbology, text)
    if digital_link.is_uri(text):
        return _link(raw, symbology, text)
    guess = _guess(raw, symbology, text)
    if way == "gs1" and symbology is None and guess.form in ("elements", "text"):
        return _elements(raw, symbology, text)
    return guess


def _elements(raw: str, symbology: Aim | None, text: str) -> Scan:
    elements = gs1.parse(text)
    problems = () if elements else ("the code is empty",)
    return Scan(raw, symbology, "elements", tuple(elements), problems)


def _retail(raw: str, symbology: Aim, text: str) -> Scan:
    elements, composite = bare.retail(symbology.identifier, text)
    elements += gs1.parse(composite)
    return Scan(raw, symbology, "number", tuple(elements))


def _link(raw: str, symbology: Aim | None, text: str) -> Scan:
    elements, problems = digital_link.parse(text)
    if not elements:
        return Scan(raw, symbology, "text", problems=tuple(problems))
    return Scan(raw, symbology, "link", tuple(elements), tuple(problems))


def _guess(raw: str, symbology: Aim | None, text: str) -> Scan:
    form: Form = "text"
    elements: Sequence[Element] = ()
    if number := bare.guessed(text):
        form, elements = "number", number
    elif bracketed := _believed(gs1.bracketed(text)):
        form, elements = "bracketed", bracketed
    elif GS in text or (text.startswith(_BEGIN) and not text[:16].strip(DIGITS)):
        elements = _believed(gs1.parse(text))
        form = "elements" if elements else "text"
    if not elements:
        return Scan(raw, symbology, "text")
    return Scan(raw, symbology, form, tuple(elements), guessed=True)


def _believed(elements: Sequence[Element]) -> Sequence[Element]:
    """A guess that has a fault in it is no guess."""
    return () if any(element.problem for element in elements) else elements
