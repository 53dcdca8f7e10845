"""Good GS1 values by the dozen: one strategy per identifier, put together from its parts."""

import string
from datetime import date
from typing import Final

from hypothesis import strategies as st

from devices.scanner import gs1_checks as checks
from devices.scanner import gs1_coupon as coupons
from devices.scanner.gs1_checks import Check
from devices.scanner.gs1_parts import Part
from devices.scanner.gs1_table import TABLE, Ai

LETTERS: Final = "!\"%&'()*+,-./0123456789:;<=>?" + string.ascii_letters + "_"
ALPHABETS: Final[dict[Check, str]] = {
    checks.numeric: "0123456789",
    checks.set_82: LETTERS,
    checks.set_39: "#-/0123456789" + string.ascii_uppercase,
    checks.base64url: "-_0123456789" + string.ascii_letters,
}
CHOSEN: Final[dict[Check, tuple[str, ...]]] = {
    checks.country: ("276", "040", "894"),
    checks.country_or_999: ("999", "276"),
    checks.country_in_letters: ("DE", "CH"),
    checks.currency: ("978", "840"),
    checks.hour: ("00", "23"),
    checks.minute: ("00", "59"),
    checks.second: ("00", "59"),
    checks.hhmi: ("0000", "2359"),
    checks.hyphens: ("-",),
    checks.iban: ("DE91100000000123456789", "LC14BOSL123456789012345678901234"),
    checks.importer: ("A", "_", "0"),
    checks.latitude: ("0279085848", "1800000000"),
    checks.longitude: ("3015297971", "0000000000"),
    checks.medium: ("01", "80"),
    checks.no_leading_zero: ("1", "9000"),
    checks.package: ("PX", "APE", "8"),
    checks.percent_encoded: ("Bad%20Homburg", "plain"),
    checks.piece_of_total: ("0102", "9999"),
    checks.position_in_sequence: ("1/3", "2/2"),
    checks.sex: ("0", "9"),
    checks.winding: ("0", "1", "9"),
    checks.yes_or_no: ("0", "1"),
    checks.zero: ("0",),
    coupons.coupon: ("106141416543213500110000310123196000",),
    coupons.positive_offer: ("001234561234560123456",),
}


def check_digit(body: str) -> str:
    """By the book, digit for digit: from the right, three times the first, once the second ..."""
    weighted = [int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(body))]
    return str((10 - sum(weighted) % 10) % 10)


def values(ai: Ai) -> st.SearchStrategy[str]:
    return st.tuples(*(_piece(part) for part in ai.parts if not part.optional)).map("".join)


def _piece(part: Part) -> st.SearchStrategy[str]:
    for check in part.checks:
        if check in CHOSEN:
            return st.sampled_from(CHOSEN[check])
    body = st.text(ALPHABETS[part.of], min_size=part.least, max_size=part.most)
    wanted = set(part.checks)
    if checks.check_digit in wanted:
        return body.map(lambda text: text[:-1] + check_digit(text[:-1]))
    if checks.check_pair in wanted:
        longer = st.text(LETTERS, max_size=18).map(lambda text: "9521x" + text)
        return longer.map(lambda text: text + checks.check_pair_of(text))
    if checks.company_first in wanted:
        return st.text(ALPHABETS[part.of], max_size=part.most - 4).map(lambda text: "9521" + text)
    if checks.not_zero in wanted:
        return body.map(lambda text: text[:-1] + "7")
    if wanted & {checks.yymmdd, checks.yymmd0}:
        return st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}")
    if checks.yyyymmdd in wanted:
        return st.dates(date(1900, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
    assert not wanted, part
    return body


def elements() -> st.SearchStrategy[tuple[str, str]]:
    """An identifier and a good value of it."""
    return st.sampled_from(sorted(TABLE)).flatmap(
        lambda code: st.tuples(st.just(code), values(TABLE[code]))
    )
