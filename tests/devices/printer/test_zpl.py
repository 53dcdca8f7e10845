"""Labels, their names and the printer's answers as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.zpl import Answers, Name, Status, host_status, job

LABEL = "^XA^FO50,50^BCN^FDL00004711^FS^XZ"
# ZPL II programming guide, ~HS: the example of a printer that is well, and flags set in it
WELL = (
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


def test_a_label_stands_between_its_names() -> None:
    assert job("W812x1", LABEL) == (
        b'! U1 setvar "device.user_p2" "W812x1"\r\n'
        b"^XA^FO50,50^BCN^FDL00004711^FS^XZ\r\n"
        b'! U1 setvar "device.user_p1" "W812x1"\r\n'
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", 'L"1', "L\r\n1", "L^XA", "W812-1", "x" * 21, "\u0663"])
def test_a_name_that_no_variable_takes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        job(name, LABEL)


@pytest.mark.parametrize("zpl", ["", "hello", "^XA^FDL1^FS", "^FDL1^FS^XZ"])
def test_what_is_no_label_is_refused(zpl: str) -> None:
    with pytest.raises(ValueError, match="not a label"):
        job("L00004711", zpl)


ONE, TWO, THREE = (line.strip(b"\x02\x03\r\n").decode() for line in WELL.splitlines())


def test_a_printer_that_is_well() -> None:
    assert Answers().feed(WELL) == [Status("")]
    assert host_status(ONE, TWO, THREE) == Status("")
    assert Status("").is_done and not Status("", waiting=1).is_done


@pytest.mark.parametrize(
    ("string", "field", "value", "status"),
    [
        (1, 2, "1", Status("paper out")),
        (1, 3, "1", Status("paused")),
        (1, 5, "002", Status("", waiting=2)),
        (1, 6, "1", Status("buffer full")),
        (1, 8, "1", Status("", partial=True)),
        (1, 10, "1", Status("its settings are lost")),
        (1, 11, "1", Status("too cold")),
        (1, 12, "1", Status("too hot")),
        (2, 3, "1", Status("head open")),
        (2, 4, "1", Status("ribbon out")),
        (2, 9, "00000003", Status("", waiting=3)),
        (1, 2, "2", None),
        (1, 2, "", None),
        (1, 5, "2", None),
        (1, 5, "???", None),
        (2, 3, "x", None),
        (2, 9, "3", None),
        (3, 2, "7", None),
    ],
)
def test_every_field_of_host_status_counts(
    string: int, field: int, value: str, status: Status | None
) -> None:
    strings = [ONE.split(","), TWO.split(","), THREE.split(",")]
    strings[string - 1][field - 1] = value
    found = host_status(*(",".join(fields) for fields in strings))
    assert found == status
    if status is not None and (status.problem or status.waiting or status.partial):
        assert not status.is_done


def test_several_problems_are_said_together() -> None:
    both = host_status(ONE.replace("030,0,0", "030,0,1"), TWO.replace("000,0,0", "000,0,1"), THREE)
    assert both == Status("head open, paused")


@pytest.mark.parametrize("strings", [("030", "000", "1234,0"), (ONE, TWO, ""), (TWO, ONE, THREE)])
def test_strings_of_another_form_say_nothing(strings: tuple[str, str, str]) -> None:
    assert host_status(*strings) is None


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_answer_with_a_lost_string_does_not_spoil_the_next(lost: int) -> None:
    lines = WELL.splitlines(keepends=True)
    hurt = b"".join(line for number, line in enumerate(lines) if number != lost)
    assert Answers().feed(hurt + WELL) == [Status("")]


def test_names_and_status_in_one_stream() -> None:
    stream = b'"W1"' + WELL + b'\r\n"" noise "?" "none"'
    assert Answers().feed(stream) == [Name("W1"), Status(""), Name(""), Name(""), Name("")]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_any_chopping_gives_the_same_answers(sizes: list[int]) -> None:
    stream = b'"W1"' + WELL + b'"W2"'
    answers, got = Answers(), []
    for size in sizes:
        got += answers.feed(stream[:size])
        stream = stream[size:]
    got += answers.feed(stream)
    assert got == [Name("W1"), Status(""), Name("W2")]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_noise_breaks_or_fills_the_reader(chunks: list[bytes]) -> None:
    answers = Answers()
    for chunk in chunks:
        answers.feed(chunk)
        assert answers.held <= 256
