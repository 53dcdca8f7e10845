"""Values in registers: golden words by hand and from IEEE 754, and there-and-back for all types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import RegisterTag
from devices.tags.codec import Unreadable, Unwritable, decoder, encode
from devices.tags.value import Plain


def tag(type: str, at: str = "hr:0", **more: object) -> RegisterTag:
    return RegisterTag.model_validate({"at": at, "type": type, "access": "rw", **more})


@pytest.mark.parametrize(
    ("made", "words", "value"),
    [
        (tag("uint16"), (65535,), 65535),
        (tag("int16"), (65535,), -1),
        (tag("uint32"), (0x0001, 0x1170), 70_000),
        (tag("uint32", word_order="little"), (0x1170, 0x0001), 70_000),
        (tag("uint32", byte_order="little"), (0x0100, 0x7011), 70_000),
        (tag("int32"), (0xFFFF, 0xFFFE), -2),
        (tag("uint64"), (0, 0, 1, 0), 65536),
        (tag("int64"), (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), -1),
        (tag("float32"), (0x42F6, 0xE979), 123.45600128173828),  # 123.456 in IEEE 754 single
        (tag("float32", word_order="little"), (0xE979, 0x42F6), 123.45600128173828),
        (tag("float64"), (0x400C, 0, 0, 0), 3.5),
        (tag("bcd16"), (0x1234,), 1234),
        (tag("bcd32"), (0x1234, 0x5678), 12345678),
        (tag("string", length=5), (0x4142, 0x4344, 0x4500), "ABCDE"),
        (tag("string", length=4, byte_order="little"), (0x4241, 0x4443), "ABCD"),
        (tag("string", length=4), (0x4142, 0x2020), "AB"),
        (tag("bool", at="di:0"), (1,), True),
        (tag("bool", at="hr:0.15"), (0x8000,), True),
        (tag("bool", at="hr:0.0"), (0x8000,), False),
        (tag("uint16", scale=0.01), (123,), 1.23),
        (tag("int16", scale=0.1, offset=-40), (650,), 25.0),
        (tag("enum", enum={0: "none", 3: "late"}), (3,), "late"),
        (tag("bits"), (0b101,), 5),
        (tag("bits", enum={0: "ready", 2: "jam"}), (0b101,), ("ready", "jam")),
        (tag("uint16", count=3), (1, 2, 65535), (1, 2, 65535)),
        (tag("int32", count=2, word_order="little"), (1, 0, 0xFFFE, 0xFFFF), (1, -2)),
        (tag("float32", count=2, scale=2.0), (0x3F80, 0, 0xC000, 0), (2.0, -4.0)),
        (tag("bool", at="co:4", count=3), (1, 0, 1), (True, False, True)),
        (tag("string", length=3, count=2), (0x4142, 0x4300, 0x4445, 0x4600), ("ABC", "DEF")),
        (tag("enum", enum={1: "a", 2: "b"}, count=2), (2, 1), ("b", "a")),
    ],
)
def test_words_have_the_value_of_their_type(
    made: RegisterTag, words: tuple[int, ...], value: Plain
) -> None:
    assert decoder(made)(words) == value
    if made.at.bit is None and made.at.table != "di" and value != "AB":
        assert encode(made, value) == words


@pytest.mark.parametrize(
    ("made", "words", "reason"),
    [
        (tag("enum", enum={1: "a"}), (7,), "code 7 has no name"),
        (tag("bcd16"), (0x12AB,), "12ab is not BCD"),
        (tag("float32"), (0x7FC0, 0), "not a number"),
        (tag("int16", nan=-32768), (0x8000,), "-32768 stands for no reading"),
        (tag("uint16", nan=65535, scale=0.1), (0xFFFF,), "65535 stands for no reading"),
        (tag("float32", count=2), (0x3F80, 0, 0x7F80, 0), "not a number"),
        (tag("enum", enum={1: "a"}, count=2), (1, 3), "code 3 has no name"),
    ],
)
def test_what_is_no_value_says_why(made: RegisterTag, words: tuple[int, ...], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        decoder(made)(words)


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (tag("uint16"), 65536),
        (tag("uint16"), -1),
        (tag("uint16", range=[0, 3]), 4),
        (tag("int16"), "3"),
        (tag("int16"), True),
        (tag("bool", at="co:0"), 1),
        (tag("bool", at="hr:0.3"), True),
        (tag("string", length=2), "ABC"),
        (tag("enum", enum={1: "a"}), "b"),
        (tag("bcd16"), 10000),
        (tag("bcd16"), -1),
        (tag("float32"), float("nan")),
        (tag("float32"), 1e300),
        (tag("float64"), float("inf")),
        (tag("bits", enum={0: "ready"}), ("ready", "unknown")),
        (tag("uint16", count=3), (1, 2)),
        (tag("uint16", count=2), (1, 65536)),
        (tag("uint16", count=2), 1),
        (tag("uint16"), (1, 2)),
    ],
)
def test_what_does_not_fit_is_never_written(made: RegisterTag, value: Plain) -> None:
    with pytest.raises(Unwritable):
        encode(made, value)


ORDERS = st.sampled_from(["big", "little"])
NUMBERS = {
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
    "bcd16": (0, 9999),
    "bcd32": (0, 99_999_999),
}


@given(st.sampled_from(sorted(NUMBERS)), st.data(), ORDERS, ORDERS)
def test_whole_numbers_come_back_as_they_went(
    type: str, data: st.DataObject, words: str, order: str
) -> None:
    made = tag(type, word_order=words, byte_order=order)
    value = data.draw(st.integers(*NUMBERS[type]))
    assert decoder(made)(encode(made, value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), ORDERS, ORDERS)
def test_floats_come_back_as_they_went(value: float, words: str, order: str) -> None:
    for type in ("float32", "float64"):
        made = tag(type, word_order=words, byte_order=order)
        assert decoder(made)(encode(made, value)) == value


@given(st.integers(0, 65535), st.sampled_from([0.01, 0.1, 2.0]), st.integers(-50, 50))
def test_scaled_values_come_back_to_the_same_register(raw: int, scale: float, offset: int) -> None:
    made = tag("uint16", scale=scale, offset=float(offset))
    assert encode(made, decoder(made)((raw,))) == (raw,)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=9))
def test_texts_come_back_as_they_went(text: str) -> None:
    made = tag("string", length=9)
    assert decoder(made)(encode(made, text)) == text


@given(st.sampled_from(sorted(NUMBERS)), st.data(), ORDERS, ORDERS)
def test_arrays_come_back_as_they_went(
    type: str, data: st.DataObject, words: str, order: str
) -> None:
    made = tag(type, word_order=words, byte_order=order, count=4)
    values = tuple(data.draw(st.lists(st.integers(*NUMBERS[type]), min_size=4, max_size=4)))
    assert decoder(made)(encode(made, values)) == values
    assert len(encode(made, values)) == made.words


@given(st.sets(st.integers(0, 15)))
def test_sets_of_bits_come_back_as_they_went(bits: set[int]) -> None:
    made = tag("bits", enum={bit: f"b{bit}" for bit in range(16)})
    names = tuple(f"b{bit}" for bit in sorted(bits))
    assert decoder(made)(encode(made, names)) == names
