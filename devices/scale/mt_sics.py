"""Lines of MT-SICS, levels 0 and 1 (Mettler-Toledo, "Standard Interface Command Set" reference
manual): one command or answer per line, CR LF at its end.

`S S     1234 g` stable, `S D     1234 g` dynamic, `S I` not executable, `S +` and `S -` over and
under range, `S S Error 1b` a fault of the weigh module; `ES`, `ET`, `EL` errors of the line. The
value is right aligned, then come a blank and a unit. `I4 A "0123456789"` is the serial number.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

ASK: Final = b"SI\r\nI4\r\n"
"""The value now, stable or not; then the serial number, whose answer ends the one before. A weight
sent unasked meanwhile comes ahead of both."""
END: Final = b"\r\n"
LIMIT: Final = 80
"""Longer lines than this do not occur."""
_VALUE: Final = re.compile(r"S ([SD]) +(-?\d{1,9}(?:\.\d{1,6})?) ([a-z]{1,2})", re.ASCII)
_FAULT: Final = re.compile(r"S [SD] +Error +(\w{1,4})", re.ASCII)
_SERIAL: Final = re.compile(r'I4 (?:A "([ -!#-~]{0,40})"|[IL])')
_GRAMS: Final = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "mg": Decimal("0.001"),
    "t": Decimal(1_000_000),
    "ct": Decimal("0.2"),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
"""The pound is exact (international yard and pound agreement, 1959), the ounce its sixteenth."""


@dataclass(frozen=True, slots=True)
class Weight:
    """grams: rounded to the nearest, half to even."""

    grams: int
    stable: bool


@dataclass(frozen=True, slots=True)
class NoWeight:
    why: Literal["busy", "overload", "underload", "error"]


@dataclass(frozen=True, slots=True)
class Serial:
    """The end of what was asked; empty when it does not say its number."""

    text: str


Said = Weight | NoWeight | Serial
_WITHOUT: Final[dict[str, Said]] = {
    "S I": NoWeight("busy"),
    "S +": NoWeight("overload"),
    "S -": NoWeight("underload"),
    "ES": Serial(""),
    "ET": Serial(""),
    "EL": Serial(""),
}


def parse(line: bytes) -> Said | None:
    """A line without its end; None when it is not one of the scale's."""
    try:
        text = line.decode("ascii").rstrip()
    except UnicodeDecodeError:
        return None
    if _FAULT.fullmatch(text):
        return NoWeight("error")
    if serial := _SERIAL.fullmatch(text):
        return Serial(serial[1] or "")
    return _WITHOUT.get(text) or _weight(text)


def _weight(text: str) -> Weight | None:
    if (found := _VALUE.fullmatch(text)) is None or found[3] not in _GRAMS:
        return None
    state, number, unit = found.groups()
    grams = (Decimal(number) * _GRAMS[unit]).to_integral_value(ROUND_HALF_EVEN)
    return Weight(int(grams), stable=state == "S")
