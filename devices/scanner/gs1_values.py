"""GS1 values as days and numbers. A year of two digits is told by the year in which it is read."""

import calendar
from datetime import date
from decimal import Decimal


def day(value: str, year: int) -> date:
    """YYMMDD of a good element; day 00 is the last of its month.

    year: that of the scan; the century is the one that puts the day within 50 years of it
    (General Specifications 7.12).
    """
    of, month, number = _year(int(value[:2]), year), int(value[2:4]), int(value[4:6])
    return date(of, month, number or calendar.monthrange(of, month)[1])


def _year(two_digits: int, year: int) -> int:
    ahead = two_digits - year % 100
    century = year - year % 100
    if ahead >= 51:
        return century - 100 + two_digits
    return century + two_digits + (100 if ahead <= -50 else 0)


def measure(ai: str, value: str) -> Decimal:
    """The value of 31nn to 36nn and 390n to 395n; the last digit of `ai` places the point."""
    return Decimal(value).scaleb(-int(ai[3]))


def money(ai: str, value: str) -> tuple[str, Decimal]:
    """Currency (ISO 4217 numeric) and amount of 391n and 393n."""
    return value[:3], measure(ai, value[3:])
