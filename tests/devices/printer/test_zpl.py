"""Labels, their names and the printer's answers as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.zpl import Answers, Last, Status, host_status, job

LABEL = "^XA^FO50,50^BCN^FDL00004711^FS^XZ"
# ZPL II programming guide, ~HS: the example of a printer that is well, and flags set in it
WELL = (
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


def test_a_label_is_followed_by_its_name() -> None:
    assert job("L00004711", LABEL) == (
        b"^XA^FO50,50^BCN^FDL00004711^FS^XZ\r\n"
        b'! U1 setvar "device.user_p1" "L00004711"\r\n'
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", 'L"1', "L\r\n1", "L^XA", "x" * 65])
def test_a_name_that_would_break_the_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        job(name, LABEL)


@pytest.mark.parametrize("zpl", ["", "hello", "^XA^FDL1^FS", "^FDL1^FS^XZ"])
def test_what_is_no_label_is_refused(zpl: str) -> None:
    with pytest.raises(ValueError, match="not a label"):
        job("L00004711", zpl)


def test_host_status() -> None:
    assert Answers().feed(WELL) == [Status("")]
    assert host_status("030,1,0,0,002", "000,0,0,0") == Status("paper out", waiting=2)
    assert host_status("030,0,1,0,000", "000,0,1,0") == Status("head open, paused")
    assert host_status("030,0,0,0,000", "000,0,0,1") == Status("ribbon out")
    assert host_status("030", "000") is None
    assert host_status("030,0,0,0,???", "000,0,0,1") is None
    assert not Status("paused").ready


def test_names_and_status_in_one_stream() -> None:
    stream = b'"L00004711"' + WELL + b'\r\n"" noise "?"'
    assert Answers().feed(stream) == [Last("L00004711"), Status(""), Last(""), Last("")]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_any_chopping_gives_the_same_answers(sizes: list[int]) -> None:
    stream = b'"L00004711"' + WELL + b'"L00004712"'
    answers, got = Answers(), []
    for size in sizes:
        got += answers.feed(stream[:size])
        stream = stream[size:]
    got += answers.feed(stream)
    assert got == [Last("L00004711"), Status(""), Last("L00004712")]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_noise_breaks_or_fills_the_reader(chunks: list[bytes]) -> None:
    answers = Answers()
    for chunk in chunks:
        answers.feed(chunk)
        assert answers.held <= 256
