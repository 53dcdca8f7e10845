"""Symbology identifiers: what was read, and whether it speaks GS1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.aim import split


@pytest.mark.parametrize(
    ("identifier", "symbology", "gs1"),
    [
        ("]C0", "Code 128", False),
        ("]C1", "GS1-128", True),
        ("]C2", "Code 128", False),  # FNC1 in second place: an industry's, not GS1's
        ("]E0", "EAN-13", False),
        ("]E4", "EAN-8", False),
        ("]A0", "Code 39", False),
        ("]I1", "Interleaved 2 of 5", False),
        ("]d1", "Data Matrix", False),
        ("]d2", "GS1 DataMatrix", True),
        ("]d3", "Data Matrix", False),
        ("]d5", "GS1 DataMatrix", True),
        ("]Q1", "QR Code", False),
        ("]Q3", "GS1 QR Code", True),
        ("]Q5", "QR Code", False),
        ("]e0", "GS1 DataBar", True),
        ("]J0", "DotCode", False),
        ("]J1", "GS1 DotCode", True),
        ("]z1", "GS1 Aztec", True),
        ("]L0", "PDF417", False),
        ("]X0", "another bar code", False),
    ],
)
def test_an_identifier_names_its_symbology(identifier: str, symbology: str, gs1: bool) -> None:
    aim, text = split(identifier + "4711")
    assert aim is not None
    assert (aim.identifier, aim.symbology, aim.gs1, text) == (identifier, symbology, gs1, "4711")


@pytest.mark.parametrize("text", ["", "]", "]C", "4711", "C14711", "]!1x", "]Cx4711", " ]C1"])
def test_what_is_no_identifier_is_left_alone(text: str) -> None:
    assert split(text) == (None, text)


@given(st.text(max_size=8))
def test_no_character_is_lost(text: str) -> None:
    aim, rest = split(text)
    assert (aim.identifier if aim else "") + rest == text
