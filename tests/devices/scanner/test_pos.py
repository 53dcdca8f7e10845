"""USB bar code scanners: the reports of two makers' manuals, and any bytes at all."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.pos import SIZE, PosReports


def report(data: bytes, aim: bytes = b"]Q0", *, more: bool = False, own: bytes = b"s") -> bytes:
    """As Access-IS LSR118, appendix B.1.1, and Honeywell 2020-5B, p. 1-11, print it."""
    return (
        bytes([2, len(data)])
        + aim
        + data.ljust(56, b"\0")
        + own
        + b"\0"
        + bytes([1 if more else 0])
    )


PASS = b"M1GATHERGOOD/MICHAEL YABCDEF LHRDURAK 3542 052Y003D23  "


def test_one_report() -> None:
    assert len(report(b"")) == SIZE
    assert PosReports(512).feed(report(b"L00004711", b"]C0")) == [b"]C0L00004711"]


def test_where_codes_are_taken_as_they_stand_the_identifier_is_no_part_of_them() -> None:
    assert PosReports(512, identified=False).feed(report(b"L00004711", b"]C0")) == [b"L00004711"]


def test_a_code_of_sixty_bytes_comes_in_two() -> None:
    reports = PosReports(512)
    head, tail = PASS.ljust(56), b"1234"
    assert reports.feed(report(head, more=True)) == [] and reports.partial
    assert reports.feed(report(tail)) == [b"]Q0" + head + tail]
    assert not reports.partial and reports.dropped == 0


def test_a_code_without_an_identifier_has_none() -> None:
    assert PosReports(512).feed(report(b"4711", b"\0\0\0")) == [b"4711"]


def test_a_code_that_is_too_long_is_dropped_to_its_end() -> None:
    reports = PosReports(60)
    for _ in range(5):
        assert reports.feed(report(b"A" * 56, more=True)) == []
    assert reports.feed(report(b"A")) == []
    assert reports.feed(report(b"L00004711", b"]C0")) == [b"]C0L00004711"]
    assert reports.dropped > 60


def test_half_a_code_is_no_code() -> None:
    reports = PosReports(512)
    reports.feed(report(b"A" * 56, more=True) + report(b"B")[:30])
    reports.flush()
    assert reports.feed(report(b"L00004711", b"]C0")) == [b"]C0L00004711"]


@given(st.lists(st.binary(max_size=100), max_size=8))
def test_no_bytes_break_it_or_stay(data: list[bytes]) -> None:
    reports = PosReports(200)
    for one in data:
        for code in reports.feed(one):
            assert len(code) <= 203
        assert len(reports._rest) < SIZE and len(reports._code) <= 203


@given(st.binary(max_size=56), st.lists(st.integers(0, 128), max_size=4))
def test_a_report_is_whole_however_it_is_chopped(text: bytes, cuts: list[int]) -> None:
    stream, reports, got = report(text) + report(b"next"), PosReports(512), []
    edges = [0, *sorted(cuts), len(stream)]
    for start, end in pairwise(edges):
        got += reports.feed(stream[start:end])
    assert got == [b"]Q0" + text, b"]Q0next"]
