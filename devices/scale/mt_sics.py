"""Lines of MT-SICS, levels 0 and 1 (Mettler-Toledo, "Standard Interface Command Set" reference
manual): one command or answer per line, CR LF at its end.

`S S     1234 g` stable, `S D     1234 g` dynamic, `S I` not executable, `S +` and `S -` over and
under range; `ES`, `ET`, `EL` errors. The value is right aligned, then come a blank and a unit.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

ASK: Final = b"SI\r\n"
"""The value now, stable or not."""
END: Final = b"\r\n"
LIMIT: Final = 80
"""Longer lines than this do not occur."""
_VALUE: Final = re.compile(r"S ([SD]) +(-?\d{1,9}(?:\.\d{1,6})?) (g|kg|mg)", re.ASCII)
_GRAMS: Final = {"g": Decimal(1), "kg": Decimal(1000), "mg": Decimal("0.001")}


@dataclass(frozen=True, slots=True)
class Weight:
    """grams: rounded to the nearest, half to even."""

    grams: int
    stable: bool


@dataclass(frozen=True, slots=True)
class NoWeight:
    why: Literal["busy", "overload", "underload", "error"]


_WITHOUT: Final[dict[str, NoWeight]] = {
    "S I": NoWeight("busy"),
    "S +": NoWeight("overload"),
    "S -": NoWeight("underload"),
    "ES": NoWeight("error"),
    "ET": NoWeight("error"),
    "EL": NoWeight("error"),
}


def parse(line: bytes) -> Weight | NoWeight | None:
    """A line without its end; None when it is not one of the scale's."""
    try:
        text = line.decode("ascii").rstrip()
    except UnicodeDecodeError:
        return None
    return _WITHOUT.get(text) or _weight(text)


def _weight(text: str) -> Weight | None:
    if (found := _VALUE.fullmatch(text)) is None:
        return None
    state, number, unit = found.groups()
    grams = (Decimal(number) * _GRAMS[unit]).to_integral_value(ROUND_HALF_EVEN)
    return Weight(int(grams), stable=state == "S")
