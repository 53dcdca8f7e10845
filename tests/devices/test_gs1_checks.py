"""Every check of a GS1 value: what passes, what does not; a clean clone proves it without the
official vectors."""

import pytest

from devices.scanner import gs1_checks as is_
from devices.scanner.gs1_checks import Check
from devices.scanner.gs1_coupon import coupon, positive_offer

OFFER = "106141416543213500110000310123196000"


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_.numeric, "0123456789", "01x ² ١"),
        (is_.set_82, "!%&()*+,-./09:;<=>?AZ_az \"'", "# $ @ [ ] ^ ` { ~ é \x1d"),
        (is_.set_39, "#-/ 09AZ", "a _ ."),
        (is_.base64url, "1 12 12= 1== aZ-_", "=== 123= 12== 1=3 a+b"),
        (is_.check_digit, "02345673 416000336108 123456789012345675", "12345673 1234 x ²"),
        (is_.check_pair, "22 !22 1987654Ad4X4bL5ttr2310c2K", "2 33 1987654Ad4X4bL5ttr2310cXK"),
        (is_.iban, "FR7630006000011234567890189", "FR7630006000011234567890188 XX36123 BE71"),
        (is_.company_first, "9521 9521x", "952 95x1"),
        (is_.company_second, "x9521 19521", "9521 x952"),
        (is_.yymmdd, "000229 240229 251231", "250229 250600 251301 25123 2512311 25123x"),
        (is_.yymmd0, "250600 240229", "250229 251300 250632 2506 25060x"),
        (is_.yyyymmdd, "20000229 19991231", "21000229 20250600 2025063"),
        (is_.yyyymmd0, "20250600 20240229", "21000229 20251300 202506"),
        (is_.hhmi, "0000 2359", "2400 0060 12 12345"),
        (is_.hour, "00 23", "24 1 1x"),
        (is_.minute, "00 59", "60 1"),
        (is_.second, "00 59", "60 001"),
        (is_.country, "004 276 894", "000 999 27 DE"),
        (is_.country_or_999, "999 276", "998 000"),
        (is_.country_in_letters, "DE CH", "AA de D DEU"),
        (is_.currency, "978 840", "998 000 EUR"),
        (is_.package, "1A PX APE 8", "0 00 _9"),
        (is_.medium, "01 10 80 99", "00 11 79 1 100"),
        (is_.sex, "0 1 2 9", "3 01"),
        (is_.winding, "0 1 9", "2 01"),
        (is_.yes_or_no, "0 1", "2 01"),
        (is_.importer, "A z 0 - _", "AA . /"),
        (is_.zero, "0 000", "1 01 x"),
        (is_.not_zero, "1 001 100", "0 000 1x"),
        (is_.no_leading_zero, "1 210", "0 01 1x"),
        (is_.not_only_digits, "/ A1 1A", "0 0123456789"),
        (is_.hyphens, "- --", "X -X-"),
        (is_.latitude, "0000000000 1800000000", "1800000001 18000000 123456789x"),
        (is_.longitude, "3015297971 3600000000", "3600000001 36000000000"),
        (is_.piece_of_total, "11 0102 999999", "01 10 0201 111 1x"),
        (is_.position_in_sequence, "1/1 2/3 9/10", "3/2 0/1 1/02 1/ /1 1//2 x/y"),
        (is_.percent_encoded, "A %00 ABC%2fX", "%g %fg ABC%g %"),
        (coupon, f"{OFFER} 012345612345611110123 01234561234561111012335006064500606",
            f"{OFFER}0 {OFFER[:-1]} 7 01234561234561111012335006064500607 1x"),
        (positive_offer, "001234561234560123456", "201234561234560123456 0012345612345601 x"),
    ],
)  # fmt: skip
def test_what_a_check_lets_pass(check: Check, good: str, bad: str) -> None:
    assert {value: problem for value in good.split() if (problem := check(value))} == {}
    assert [value for value in bad.split() if not check(value)] == []


@pytest.mark.parametrize(
    "check", [is_.check_digit, is_.check_pair, is_.iban, is_.country, is_.zero, is_.not_zero,
              is_.not_only_digits, is_.hyphens, is_.package, is_.yymmdd, is_.hour, coupon],
)  # fmt: skip
def test_nothing_is_not_enough(check: Check) -> None:
    assert check("")
