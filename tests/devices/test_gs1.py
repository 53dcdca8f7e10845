"""GS1 element strings: golden codes, round trips, and nothing that breaks or hides."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanner.gs1 import GS, Element, bracketed, parse, unbracketed
from devices.scanner.gs1_checks import check_digit, check_pair, check_pair_of
from devices.scanner.gs1_pairs import together
from devices.scanner.gs1_table import TABLE
from tests.devices.gs1_examples import check_digit as by_the_book
from tests.devices.gs1_examples import elements, values

FIXED = "00 01 02 03 04 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 36 41"
STARTS = sorted({code[:2] for code in TABLE})


def pairs(found: list[Element]) -> list[tuple[str, str]]:
    return [(ai, value) for ai, value, _ in found]


def faults(found: list[Element]) -> dict[str, str]:
    return {ai: problem for ai, _, problem in found if problem}


def printed(wanted: list[tuple[str, str]], more: random.Random | None = None) -> str:
    """As a printer encodes it; `more` strews separators where none is needed."""
    text = ""
    for ai, value in wanted:
        needed = ai[:2] not in FIXED.split()
        text += ai + value + GS * (needed or (more is not None and more.random() < 0.5))
    return text if more and more.random() < 0.5 else text.removesuffix(GS)


def test_a_pallet_label() -> None:
    text = f"00106141411234567897{GS}02095060001343523712{GS}10AB-12{GS}15251231310300012"
    assert pairs(parse(text + "5")) == [
        ("00", "106141411234567897"),
        ("02", "09506000134352"),
        ("37", "12"),
        ("10", "AB-12"),
        ("15", "251231"),
        ("3103", "000125"),
    ]
    assert faults(parse(text + "5")) == {}


def test_a_wrong_part_does_not_hide_the_right_ones() -> None:
    found = parse(f"01095060001343531725133110LOT#1{GS}89what{GS}21S7")
    assert found == [
        ("01", "09506000134353", "check digit is 3, should be 2"),
        ("17", "251331", "there is no month 13"),
        ("10", "LOT#1", "'#' is not one of the 82 characters of GS1"),
        ("89", "what", "89 is no application identifier"),
        ("21", "S7", ""),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("011234", "4 characters, 14 are needed"),
        ("10", "has no value"),
        ("10ABCDEFGHIJKLMNOPQRSTU", "21 characters, at most 20: is a separator missing?"),
        ("17250230", "month 02 has no day 30"),
        ("422999", "999 is no country of ISO 3166"),
        ("3910999", "3 characters, 4 are needed"),
        ("391099812", "998 is no currency of ISO 4217"),
        ("80131987654Ad4X4bL5ttr2310cXK", "check pair is XK, should be 2K"),
        ("800801010125", "there is no hour 25"),
        ("40112", "no company prefix"),
        ("4309123456789018000000", "18 characters, 20 are needed"),
    ],
)
def test_problems_are_said_in_words(text: str, problem: str) -> None:
    (found,) = parse(text)[:1]
    assert found.problem == problem


def test_unused_identifiers_of_a_known_length_hide_only_themselves() -> None:
    found = parse("04" + "1" * 16 + "18250101" + "3106123456" + "4181234567890123" + "10LOT")
    assert pairs(found) == [
        ("04", "1" * 16),
        ("18", "250101"),
        ("3106", "123456"),
        ("418", "1234567890123"),
        ("10", "LOT"),
    ]
    assert list(faults(found)) == ["04", "18", "3106", "418"]


@pytest.mark.parametrize("text", ["", GS, GS * 5])
def test_nothing_is_no_element(text: str) -> None:
    assert parse(text) == []


@given(wanted=st.lists(elements(), min_size=1, max_size=6), chance=st.randoms())
def test_what_is_printed_is_read(wanted: list[tuple[str, str]], chance: random.Random) -> None:
    for text in (printed(wanted), printed(wanted, chance)):
        found = parse(text)
        assert pairs(found) == wanted
        assert faults(found) == {}
    assert unbracketed(parse(printed(wanted))) == printed(wanted)


@given(wanted=st.lists(elements(), min_size=1, max_size=6))
def test_the_form_for_people_says_the_same(wanted: list[tuple[str, str]]) -> None:
    text = "".join(f"({ai})" + value.replace("(", "\\(") for ai, value in wanted)
    assert bracketed(text) == parse(printed(wanted))


def test_two_digits_tell_how_long_an_identifier_is() -> None:
    assert len(TABLE) == 541
    assert len({(code[:2], len(code)) for code in TABLE}) == len(STARTS)


@pytest.mark.parametrize("start", STARTS)
def test_every_identifier_has_good_values(start: str) -> None:
    codes = [code for code in TABLE if code.startswith(start)]

    @settings(max_examples=5)
    @given(st.tuples(*(values(TABLE[code]) for code in codes)))
    def good(drawn: tuple[str, ...]) -> None:
        for code, value in zip(codes, drawn, strict=True):
            assert parse(code + value) == [Element(code, value)]

    good()


ODD = st.one_of(
    st.text(max_size=40),
    st.text(f"0123456789{GS}AB~()", max_size=60),
    st.binary(max_size=40).map(lambda data: data.decode("latin-1")),
)


@given(ODD)
def test_no_text_breaks_the_parser_and_no_character_is_lost(text: str) -> None:
    assert "".join(ai + value for ai, value, _ in parse(text)) == text.replace(GS, "")
    bracketed(text)
    bracketed("(" + text)


@given(
    before=st.lists(elements(), max_size=3),
    after=st.lists(elements(), min_size=1, max_size=3),
    junk=st.text("0123456789ABCab~#", min_size=1, max_size=30),
)
def test_junk_between_separators_leaves_the_others_as_they_were(
    before: list[tuple[str, str]], after: list[tuple[str, str]], junk: str
) -> None:
    found = pairs(parse(GS.join(filter(None, (printed(before), junk, printed(after))))))
    assert found[: len(before)] == before
    assert found[-len(after) :] == after


@given(body=st.text("0123456789", min_size=1, max_size=20), at=st.integers(0, 30))
def test_a_misread_digit_is_noticed(body: str, at: int) -> None:
    whole = body + by_the_book(body)
    assert check_digit(whole) == ""
    at %= len(whole)
    for other in set("0123456789") - {whole[at]}:
        assert check_digit(whole[:at] + other + whole[at + 1 :])


@given(body=st.text("0123456789ABCxyz-_", min_size=1, max_size=23), at=st.integers(0, 30))
def test_a_misread_character_of_a_model_number_is_noticed(body: str, at: int) -> None:
    at %= len(body)
    other = "7" if body[at] != "7" else "8"
    whole = body + check_pair_of(body)
    assert check_pair(whole) == ""
    assert check_pair(body[:at] + other + body[at + 1 :] + whole[-2:])


def test_what_belongs_together() -> None:
    lot, gtin = parse("10LOT7"), parse("0109506000134352")
    assert together(gtin) == ()
    assert together(lot) == (
        "(10) BATCH/LOT needs (01) or (02) or (03) or (8006) or (8026) beside it",
    )
    assert together(lot, beside=gtin) == ()
    assert together(gtin + parse("3712")) == (
        "(01) GTIN must not stand beside (37)",
        "(37) COUNT needs (00) with (02) or (00) with (8026) beside it",
    )
    assert together(gtin + parse("392212" + GS + "3103001250")) == ()
    assert together(parse("3100000001" + "3103000001" + "0109506000134352")) == (
        "(3100) NET WEIGHT (kg) must not stand beside (3103)",
        "(3103) NET WEIGHT (kg) must not stand beside (3100)",
    )


def test_one_identifier_has_one_value() -> None:
    assert together(parse(f"400A{GS}400A")) == ()
    assert together(parse(f"400A{GS}400B")) == ("(400) has 2 values",)


@given(st.lists(elements(), max_size=8))
def test_whatever_meets_is_judged_in_words(wanted: list[tuple[str, str]]) -> None:
    found = parse(printed(wanted))
    for problem in together(found):
        assert problem.startswith("(")
