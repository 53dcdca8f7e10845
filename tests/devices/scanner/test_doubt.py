"""Which keys are in doubt: wrong where it matters, or cut out by a guess."""

from datetime import date

import pytest

from devices.scanner.marking import marks_of
from devices.scanner.scan import Way, read


@pytest.mark.parametrize(
    ("raw", "way", "identified", "key", "doubt"),
    [
        ("L00004711", "auto", False, "L00004711", ""),
        ("L00004711", "auto", True, "L00004711", "no symbology identifier"),
        ("]C0L00004711", "auto", True, "L00004711", ""),
        ("]C100095060001343521007", "auto", False, "095060001343521007", ""),
        # its expiry is wrong, its number is not
        ("]C1010950600013435217991399", "auto", False, "9506000134352", ""),
        ("]C100095060001343521008", "auto", False, "00095060001343521008", "(00) "),
        # eighteen digits as they stand: what they mean is a guess, what they are is not
        ("095060001343521007", "auto", False, "095060001343521007", ""),
        # cut out of a text that nothing calls GS1
        ("00095060001343521007", "auto", False, "095060001343521007", "only guessed to be GS1"),
        ("(00)095060001343521007", "auto", False, "095060001343521007", "only guessed to be GS1"),
        ("L00004711", "plain", False, "L00004711", ""),
    ],
)
def test_doubt(raw: str, way: Way, identified: bool, key: str, doubt: str) -> None:
    scan = read(raw, way, identified=identified)
    assert scan.key == key
    assert scan.doubt.startswith(doubt) and bool(scan.doubt) == bool(doubt)
    marks = marks_of([scan], date(2026, 11, 21))
    assert [mark.doubt for mark in marks if mark.doubt] == ([scan.doubt] if doubt else [])
