"""Lines of the scale as its manual prints them, and whatever else may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scale.mt_sics import NoWeight, Said, Serial, Weight, parse
from devices.scanner.framing import Frames


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"S S     1234 g", Weight(1234, stable=True)),
        (b"S D     1234 g", Weight(1234, stable=False)),
        (b"S S     100.00 g", Weight(100, stable=True)),
        (b"S S      1.2345 kg", Weight(1234, stable=True)),  # half to even
        (b"S S      1.2355 kg", Weight(1236, stable=True)),
        (b"S S     1500000 mg", Weight(1500, stable=True)),
        (b"S S    -     12 g", None),
        (b"S S      -12 g", Weight(-12, stable=True)),
        (b"S I", NoWeight("busy")),
        (b"S +", NoWeight("overload")),
        (b"S -", NoWeight("underload")),
        (b"ES", Serial("")),
        (b"ET", Serial("")),
        (b"EL", Serial("")),
        (b"S S      0.005 t", Weight(5000, stable=True)),
        (b"S S      2.2046 lb", Weight(1000, stable=True)),
        (b"S S      35.274 oz", Weight(1000, stable=True)),
        (b"S S     1000.0 ct", Weight(200, stable=True)),
        (b"S S     1234 N", None),  # a unit that we do not know is no weight
        (b"S S     12 pcs", None),
        (b"S S Error 1b", NoWeight("error")),
        (b"S D Error 24e", NoWeight("error")),
        (b'I4 A "0123456789"', Serial("0123456789")),
        (b"I4 I", Serial("")),
        (b'I4 A "0', None),
        (b"S S     NaN g", None),
        (b"S S     Infinity g", None),
        (b"S S     1e400000 g", None),
        (b"S S", None),
        (b"\xffS S 12 g", None),
        (b"", None),
    ],
)
def test_a_line(line: bytes, said: Said | None) -> None:
    assert parse(line) == said


@given(grams=st.integers(-9999, 999999), stable=st.booleans())
def test_every_weight_comes_back(grams: int, stable: bool) -> None:
    line = f"S {'S' if stable else 'D'} {grams:>10} g".encode()
    assert parse(line) == Weight(grams, stable=stable)


@given(st.binary(max_size=100))
def test_no_line_breaks_the_reader(data: bytes) -> None:
    for line in Frames(end=b"\r\n", limit=80).feed(data + b"\r\n"):
        parse(line)
