"""Codes that are one bare number: EAN-8, EAN-13, UPC-A, UPC-E, ITF-14, and a bare SSCC.

What a number is, is told by its symbology, or guessed from its length and its check digit.
"""

from typing import Final

from devices.scanner.gs1 import Element
from devices.scanner.gs1_checks import DIGITS, check_digit, check_digit_of
from devices.scanner.gs1_table import TABLE

_COMPOSITE: Final = "|]e0"


def retail(identifier: str, text: str) -> tuple[list[Element], str]:
    """The GTIN of an EAN or UPC code, and the element string of a composite on top of it.

    identifier: `]E0`, `]E3`, `]E4`; an add-on of two or five digits is no part of the GTIN.
    """
    number, _, composite = text.partition(_COMPOSITE)
    if identifier in ("]E1", "]E2"):
        return [], composite
    if identifier == "]E3" and len(number) in (15, 18):
        number = number[:13]
    sizes = (8,) if identifier == "]E4" else (12, 13)
    if identifier == "]E0" and len(number) in (6, 8):
        number = upc_a(number) or number
    return [_gtin(number, sizes)], composite


def _gtin(number: str, sizes: tuple[int, ...]) -> Element:
    if len(number) not in sizes:
        wanted = " or ".join(map(str, sizes))
        return Element("01", number, f"{len(number)} digits, {wanted} are needed")
    gtin = number.zfill(14)
    return Element("01", gtin, TABLE["01"].check(gtin))


def guessed(text: str) -> list[Element]:
    """A GTIN of 8, 12, 13 or 14 digits, or an SSCC of 18, if the check digit agrees."""
    if text.strip(DIGITS):
        return []
    if len(text) in (8, 12, 13, 14) and not check_digit(text):
        return [Element("01", text.zfill(14))]
    if len(text) == 18 and not check_digit(text):
        return [Element("00", text)]
    if len(text) == 8 and (long := upc_a(text)):
        return [Element("01", long.zfill(14))]
    return []


def upc_a(short: str) -> str:
    """The twelve digits that a UPC-E code suppresses zeros of; nothing if it is none.

    short: eight digits, or the six in the middle. General Specifications 5.2.2.4.2.
    """
    if short.strip(DIGITS) or len(short) not in (6, 8) or (len(short) == 8 and short[0] > "1"):
        return ""
    system, six = (short[0], short[1:7]) if len(short) == 8 else ("0", short)
    body = system + _spread(six)
    whole = body + check_digit_of(body)
    return whole if len(short) == 6 or whole[-1] == short[-1] else ""


def _spread(six: str) -> str:
    last = six[5]
    if last in "012":
        return f"{six[:2]}{last}0000{six[2:5]}"
    if last == "3":
        return f"{six[:3]}00000{six[3:5]}"
    if last == "4":
        return f"{six[:4]}00000{six[4]}"
    return f"{six[:5]}0000{last}"


def short_gtin(gtin: str) -> str:
    """A GTIN as its own bar code shows it: eight, thirteen or fourteen digits.

    gtin: fourteen digits. UPC-A is EAN-13 with a leading zero.
    """
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin[1:] if gtin[0] == "0" else gtin
