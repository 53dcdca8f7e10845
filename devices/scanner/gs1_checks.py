"""What a part of a GS1 value must be: each check says in words what is wrong, or nothing.

GS1 General Specifications, sections 3 (application identifiers) and 7.9 (check digits).
"""

from collections.abc import Callable
from string import ascii_letters, ascii_uppercase, digits, hexdigits
from typing import Final

from devices.scanner.gs1_codes import COUNTRIES, COUNTRIES_IN_LETTERS, CURRENCIES, PACKAGES

Check = Callable[[str], str]
"""Value to problem; empty when it is good."""

DIGITS: Final = digits
SET_82: Final = "!\"%&'()*+,-./:;<=>?_" + digits + ascii_letters
SET_39: Final = "#-/" + digits + ascii_uppercase
SET_64: Final = "-_" + digits + ascii_letters
SET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_RANK_82: Final = {char: rank for rank, char in enumerate(sorted(SET_82))}
_LAST_DAY: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS: Final = frozenset(
    f"{month:02}{day:02}" for month, last in enumerate(_LAST_DAY, 1) for day in range(1, last + 1)
)
_DAYS_0: Final = _DAYS - {"0229"} | {f"{month:02}00" for month in range(1, 13)}
"""Of every year."""


def numeric(value: str) -> str:
    return _only(value, DIGITS, "digits")


def set_82(value: str) -> str:
    return _only(value, SET_82, "the 82 characters of GS1")


def set_39(value: str) -> str:
    return _only(value, SET_39, "digits, capitals, # - /")


def base64url(value: str) -> str:
    """Padding, where there is any, fills up to a multiple of three characters."""
    text = value.rstrip("=")
    pads = len(value) - len(text)
    if pads and (pads > 2 or len(value) % 3):
        return "padding is wrong"
    return _only(text, SET_64, "base64url characters")


def _only(value: str, allowed: str, name: str) -> str:
    rest = value.strip(allowed)
    return f"{rest[0]!r} is not one of {name}" if rest else ""


# --- check digits ---------------------------------------------------------------------------------


def check_digit(value: str) -> str:
    """The last digit, 7.9.1: weights 3, 1, 3, ... from the digit before it."""
    if not value or value.strip(DIGITS):
        return numeric(value) or "there is no check digit"
    codes = value.encode()
    if (3 * sum(codes[-2::-2]) + sum(codes[::-2]) - _ZEROS[len(codes) % 10]) % 10 == 0:
        return ""
    return f"check digit is {value[-1]}, should be {check_digit_of(value[:-1])}"


def check_digit_of(body: str) -> str:
    """body: decimal digits without their check digit."""
    codes = (body + "0").encode()
    total = 3 * sum(codes[-2::-2]) + sum(codes[::-2]) - _ZEROS[len(codes) % 10]
    return DIGITS[-total % 10]


_ZEROS: Final = tuple(ord("0") * (3 * (size // 2) + size - size // 2) for size in range(10))
"""What the codes of as many zeros would add up to, modulo 10 the same every ten digits."""


def check_pair(value: str) -> str:
    """The last two characters, 7.9.5: prime weights from the right, modulo 1021, in base 32."""
    if not 2 <= len(value) <= 2 + len(_PRIMES):
        return "wrong length for a check pair"
    if problem := set_82(value[:-2]):
        return problem
    wanted = check_pair_of(value[:-2])
    return "" if value[-2:] == wanted else f"check pair is {value[-2:]}, should be {wanted}"


def check_pair_of(body: str) -> str:
    weights = reversed(_PRIMES[: len(body)])
    total = sum(_RANK_82[char] * w for char, w in zip(body, weights, strict=True)) % 1021
    return SET_32[total >> 5] + SET_32[total & 31]


_PRIMES: Final = tuple(n for n in range(2, 510) if all(n % d for d in range(2, int(n**0.5) + 1)))


def iban(value: str) -> str:
    """ISO 13616: modulo 97 with the first four characters moved to the end."""
    if not 5 <= len(value) <= 34:
        return f"{len(value)} characters are no IBAN"
    if problem := _only(value, digits + ascii_uppercase, "digits and capitals"):
        return problem
    if value[:2] not in COUNTRIES_IN_LETTERS:
        return f"{value[:2]} is no country of an IBAN"
    number = "".join(str(int(char, 36)) for char in value[4:] + value[:4])
    return "" if int(number) % 97 == 1 else f"check digits {value[2:4]} of the IBAN are wrong"


# --- company prefixes -----------------------------------------------------------------------------


def company_first(value: str) -> str:
    """Begins with a company prefix; the shortest has four digits, who owns it is not looked up."""
    start = value[:4]
    return "" if len(start) == 4 and not start.strip(DIGITS) else "no company prefix"


def company_second(value: str) -> str:
    return company_first(value[1:])


# --- dates and times ------------------------------------------------------------------------------


def yymmdd(value: str) -> str:
    if problem := _sized(value, 6, "a date YYMMDD"):
        return problem
    return _day(value[2:], leap=int(value[:2]) % 4 == 0)


def yymmd0(value: str) -> str:
    """Day 00 means the last day of the month."""
    return "" if value[2:] in _DAYS_0 and not value[:2].strip(DIGITS) else yymmdd(value)


def yyyymmdd(value: str) -> str:
    if problem := _sized(value, 8, "a date YYYYMMDD"):
        return problem
    year = int(value[:4])
    return _day(value[4:], leap=year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def yyyymmd0(value: str) -> str:
    return "" if value[4:] in _DAYS_0 and not value[:4].strip(DIGITS) else yyyymmdd(value)


def _day(month_day: str, *, leap: bool) -> str:
    if month_day in _DAYS and (leap or month_day != "0229"):
        return ""
    if not 1 <= int(month_day[:2]) <= 12:
        return f"there is no month {month_day[:2]}"
    return f"month {month_day[:2]} has no day {month_day[2:]}"


def hhmi(value: str) -> str:
    return _sized(value, 4, "a time HHMM") or hour(value[:2]) or minute(value[2:])


def hour(value: str) -> str:
    return _sized(value, 2, "hours") or ("" if value < "24" else f"there is no hour {value}")


def minute(value: str) -> str:
    return _sized(value, 2, "minutes") or ("" if value < "60" else f"there is no minute {value}")


def second(value: str) -> str:
    return _sized(value, 2, "seconds") or ("" if value < "60" else f"there is no second {value}")


def _sized(value: str, size: int, name: str) -> str:
    return numeric(value) or ("" if len(value) == size else f"{value} is not {name}")


# --- lists ----------------------------------------------------------------------------------------


def country(value: str) -> str:
    return "" if value in COUNTRIES else f"{value} is no country of ISO 3166"


def country_or_999(value: str) -> str:
    return "" if value == "999" else country(value)


def country_in_letters(value: str) -> str:
    return "" if value in COUNTRIES_IN_LETTERS else f"{value} is no country of ISO 3166"


def currency(value: str) -> str:
    return "" if value in CURRENCIES else f"{value} is no currency of ISO 4217"


def package(value: str) -> str:
    return "" if value in PACKAGES else f"{value} is no type of package"


def medium(value: str) -> str:
    known = not _sized(value, 2, "") and (1 <= int(value) <= 10 or int(value) >= 80)
    return "" if known else f"{value} is no type of medium"


def sex(value: str) -> str:
    return _one_of(value, "0129", "a code of ISO 5218")


def winding(value: str) -> str:
    return _one_of(value, "019", "a direction of winding")


def yes_or_no(value: str) -> str:
    return _one_of(value, "01", "0 or 1")


def importer(value: str) -> str:
    return _one_of(value, SET_64, "an importer index")


def _one_of(value: str, choices: str, name: str) -> str:
    return "" if len(value) == 1 and value in choices else f"{value} is not {name}"


# --- numbers and text -----------------------------------------------------------------------------


def zero(value: str) -> str:
    return "" if value and not value.strip("0") else f"{value} is not zero"


def not_zero(value: str) -> str:
    return numeric(value) or ("" if value.strip("0") else f"{value or 'nothing'} is zero")


def no_leading_zero(value: str) -> str:
    return numeric(value) or ("begins with zero" if value.startswith("0") else "")


def not_only_digits(value: str) -> str:
    return "" if value.strip(DIGITS) else "has nothing but digits"


def hyphens(value: str) -> str:
    return "" if value and not value.strip("-") else f"{value} is not a minus sign"


def latitude(value: str) -> str:
    """Degrees north of the south pole, seven decimals."""
    return _degrees(value, 180)


def longitude(value: str) -> str:
    """Degrees east of the prime meridian, seven decimals."""
    return _degrees(value, 360)


def _degrees(value: str, most: int) -> str:
    wrong = _sized(value, 10, "ten digits of degrees")
    return wrong or ("" if int(value) <= most * 10**7 else f"more than {most} degrees")


def piece_of_total(value: str) -> str:
    """Two halves: which piece, of how many."""
    if problem := numeric(value):
        return problem
    half = len(value) // 2
    if not half or len(value) % 2:
        return f"{value} has no two halves"
    piece, total = int(value[:half]), int(value[half:])
    return "" if 1 <= piece <= total else f"there is no piece {piece} of {total}"


def position_in_sequence(value: str) -> str:
    """`2/3`"""
    position, slash, end = value.partition("/")
    if not (slash and position and end) or (position + end).strip(DIGITS):
        return f"{value} is not like 1/3"
    if position[0] == "0" or end[0] == "0":
        return f"{value} begins with zero"
    return "" if int(position) <= int(end) else f"{position} is more than {end}"


def percent_encoded(value: str) -> str:
    for after in value.split("%")[1:]:
        if len(after) < 2 or after[:2].strip(hexdigits):
            return f"%{after[:2]} is no percent-encoded character"
    return ""
