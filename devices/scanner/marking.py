"""From scans to what the rules are told: keys to look up, and marks with the rest."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Final

from devices.scanner.gs1 import Element
from devices.scanner.gs1_values import day, measure
from devices.scanner.scan import Scan
from wcs.marks import Mark
from wcs.names import Barcode

_EXPIRES: Final = ("17", "7003", "15", "16")
"""The strictest first: use by, with its time, best before, sell by."""


def codes_of(scans: Iterable[Scan]) -> tuple[Barcode, ...]:
    """Two codes with one key are one thing."""
    return tuple(dict.fromkeys(Barcode(scan.key) for scan in scans))


def marks_of(scans: Sequence[Scan], today: date) -> tuple[Mark, ...]:
    """One for each code that says more than its text; today: for the century of its dates.

    scans: all codes of one read, so that what GS1 wants side by side may be in two of them.
    """
    every = [element for scan in scans for element in scan.elements]
    return tuple(_mark(scan, every, today) for scan in scans if scan.elements or scan.problems)


def _mark(scan: Scan, every: Sequence[Element], today: date) -> Mark:
    good = {ai: value for ai, value, problem in scan.elements if not problem}
    expires = next((good[ai] for ai in _EXPIRES if ai in good), None)
    count = good.get("37", good.get("30"))
    return Mark(
        code=Barcode(scan.key),
        sscc=good.get("00"),
        gtin=good.get("01"),
        content=good.get("02"),
        count=int(count) if count else None,
        lot=good.get("10"),
        serial=good.get("21"),
        expires=day(expires, today.year) if expires else None,
        net_g=_grams(good),
        problems=scan.remarks(every),
        guessed=scan.guessed,
        doubt=scan.doubt,
    )


def _grams(good: dict[str, str]) -> int | None:
    """Net weight in kilograms with up to five decimals, to the nearest gram."""
    ai = next((ai for ai in good if ai.startswith("310")), None)
    if ai is None:
        return None
    return int((measure(ai, good[ai]) * 1000).to_integral_value(ROUND_HALF_UP))
