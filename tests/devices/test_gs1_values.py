"""Days, measures and money of GS1 values."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.gs1_values import day, measure, money


@pytest.mark.parametrize(
    ("value", "year", "told"),
    [
        ("251231", 2025, date(2025, 12, 31)),
        ("250200", 2025, date(2025, 2, 28)),  # day 00: the last of the month
        ("240200", 2025, date(2024, 2, 29)),
        ("000229", 2025, date(2000, 2, 29)),
        ("750101", 2025, date(2075, 1, 1)),  # 50 ahead: this century
        ("760101", 2025, date(1976, 1, 1)),  # 51 ahead: the last
        ("000101", 2049, date(2000, 1, 1)),
        ("000101", 2050, date(2100, 1, 1)),  # 50 behind: the next
        ("490101", 2099, date(2149, 1, 1)),
        ("500101", 2099, date(2050, 1, 1)),
    ],
)
def test_a_year_of_two_digits_is_near_the_year_of_the_scan(
    value: str, year: int, told: date
) -> None:
    assert day(value, year) == told


@given(st.dates(date(1951, 1, 1), date(2149, 12, 31)), st.integers(-49, 50))
def test_every_day_within_fifty_years_comes_back(told: date, ahead: int) -> None:
    assert day(f"{told:%y%m%d}", told.year - ahead) == told


def test_the_identifier_places_the_point() -> None:
    assert measure("3103", "001250") == Decimal("1.250")
    assert measure("3100", "001250") == Decimal(1250)
    assert measure("3922", "1299") == Decimal("12.99")
    assert money("3912", "9781299") == ("978", Decimal("12.99"))
