"""Register words to typed values and back. Pure; a value is found by its absolute address."""

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from devices.map.schema import RegisterTag
from devices.tags.value import Plain, Scalar

Words = tuple[int, ...]
T = TypeVar("T", bool, str)

INTEGERS: Final[dict[str, tuple[int, bool]]] = {
    "int16": (1, True), "uint16": (1, False), "bits": (1, False), "enum": (1, False),
    "int32": (2, True), "uint32": (2, False), "int64": (4, True), "uint64": (4, False),
}  # fmt: skip
"""Type -> words, signed."""
FLOATS: Final = {"float32": ">f", "float": ">f", "float64": ">d", "double": ">d"}
DIGITS: Final = {"bcd16": 4, "bcd32": 8}
_CODES: Final = {
    "int16": "h", "uint16": "H", "bits": "H", "enum": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float": "f", "float64": "d", "double": "d",
}  # fmt: skip


class Unreadable(ValueError):
    """The words are no value of the tag's type; the text is for a person."""


class Unwritable(ValueError):
    """The value does not fit the tag; the text is for a person."""


Decoder = Callable[[Words], Plain]
Shape = Callable[[Any], Plain]


def struct_code(tag: RegisterTag) -> str | None:
    """How `struct` reads the tag's raw number out of big-endian words; None when it cannot."""
    plain = tag.byte_order == "big" and (tag.words == 1 or tag.word_order == "big")
    if not plain or tag.at.bit is not None or tag.count > 1:
        return None
    return _CODES.get(tag.type)


def shape(tag: RegisterTag) -> Shape | None:
    """Raw number -> value in the tag's unit; None when they are the same.

    The function raises Unreadable: an unknown code, a reading that the tag names as not a number.
    """
    if tag.enum is not None:
        return _bits_set(tag.enum) if tag.type == "bits" else _named(tag.enum)
    scaled = tag.scale != 1.0 or tag.offset != 0.0 or tag.nan is not None
    if tag.type in FLOATS:
        return _scaled(tag, _finite) if scaled else _finite
    return _scaled(tag, lambda raw: raw) if scaled else None


def decoder(tag: RegisterTag) -> Decoder:
    """Words of `tag`, in the order of their addresses -> its value in its unit.

    The function raises Unreadable.
    """
    if tag.count > 1:
        return _several(tag)
    if tag.at.bit is not None:
        bit = tag.at.bit
        return lambda words: bool(words[0] >> bit & 1)
    if tag.type == "bool":
        return lambda words: bool(words[0])
    if tag.type == "string":
        return lambda words: _text(_bytes(words, tag))
    raw, shaped = _raw_decoder(tag), shape(tag)
    return raw if shaped is None else lambda words: shaped(raw(words))


def encode(tag: RegisterTag, value: Plain) -> Words:
    """The words to write. Raises Unwritable: wrong kind, outside the range, or too long."""
    if tag.at.bit is not None:
        raise Unwritable("one bit of a register is never written together with the others")
    if tag.count > 1:
        return _all(tag, value)
    if tag.type == "bool":
        return (int(_is(bool, value)),)
    if tag.type == "string":
        data = _is(str, value).encode("ascii", "replace")
        if len(data) > tag.length:
            raise Unwritable(f"{value!r} is longer than {tag.length} characters")
        return _words(data.ljust(2 * tag.words, b"\0"), tag, whole=True)
    if tag.enum is not None and tag.type != "bits":
        return _words(_number_bytes(tag, _code(tag, value)), tag)
    if tag.type == "bits" and isinstance(value, tuple):
        return _words(_mask(tag, value).to_bytes(2, "big"), tag)
    if isinstance(value, (bool, str, tuple)):
        raise Unwritable(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise Unwritable(f"{value} is not a number")
    if tag.range is not None and not tag.range[0] <= value <= tag.range[1]:
        raise Unwritable(f"{value} lies outside {tag.range[0]:g}..{tag.range[1]:g}")
    return _words(_number_bytes(tag, value), tag)


# --- several --------------------------------------------------------------------------------------


def _several(tag: RegisterTag) -> Decoder:
    one = decoder(tag.model_copy(update={"count": 1}))
    size, count = tag.words // tag.count, tag.count

    def decode(words: Words) -> Plain:
        parts = (words[n * size : (n + 1) * size] for n in range(count))
        return tuple(_one(one(part)) for part in parts)

    return decode


def _one(value: Plain) -> Scalar:
    if isinstance(value, tuple):
        raise Unreadable("an array of sets")
    return value


def _all(tag: RegisterTag, value: Plain) -> Words:
    if not isinstance(value, (tuple, list)) or len(value) != tag.count:
        raise Unwritable(f"{value!r} is not a list of {tag.count}")
    one = tag.model_copy(update={"count": 1})
    return tuple(word for element in value for word in encode(one, element))


# --- words and bytes ------------------------------------------------------------------------------


def _bytes(words: Sequence[int], tag: RegisterTag) -> bytes:
    """Most significant first; the text of a string keeps its order of words."""
    ordered = words if tag.word_order == "big" or tag.type == "string" else words[::-1]
    code = ">" if tag.byte_order == "big" else "<"
    return struct.pack(f"{code}{len(ordered)}H", *ordered)


def _words(data: bytes, tag: RegisterTag, *, whole: bool = False) -> Words:
    code = ">" if tag.byte_order == "big" else "<"
    words: Words = struct.unpack(f"{code}{len(data) // 2}H", data)
    return words if tag.word_order == "big" or whole else words[::-1]


def _text(data: bytes) -> str:
    return data.split(b"\0")[0].decode("ascii", "replace").rstrip()


# --- numbers --------------------------------------------------------------------------------------


def _raw_decoder(tag: RegisterTag) -> Callable[[Words], int | float]:
    if tag.type in INTEGERS:
        count, signed = INTEGERS[tag.type]
        if count == 1 and not signed and tag.byte_order == "big":
            return lambda words: words[0]
        return lambda words: int.from_bytes(_bytes(words, tag), "big", signed=signed)
    if tag.type in FLOATS:
        form = struct.Struct(FLOATS[tag.type])
        return lambda words: float(form.unpack(_bytes(words, tag))[0])
    return lambda words: _bcd(_bytes(words, tag))


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise Unreadable("not a number")
    return number


def _bcd(data: bytes) -> int:
    digits = data.hex()
    if not digits.isdecimal():
        raise Unreadable(f"{digits} is not BCD")
    return int(digits)


def _scaled(tag: RegisterTag, checked: Callable[[Any], int | float]) -> Shape:
    scale, offset, nan = tag.scale, tag.offset, tag.nan

    def decode(raw: Any) -> Plain:
        if raw == nan:
            raise Unreadable(f"{raw:g} stands for no reading")
        if scale == 1.0 and offset == 0.0:
            return checked(raw)
        # 123 * 0.01 is 1.23, not 1.2300000000000002
        return round(checked(raw) * scale + offset, 9)

    return decode


def _named(names: dict[int, str]) -> Shape:
    def decode(raw: int) -> Plain:
        if raw not in names:
            raise Unreadable(f"code {raw} has no name")
        return names[raw]

    return decode


def _bits_set(names: dict[int, str]) -> Shape:
    def decode(raw: int) -> Plain:
        return tuple(names.get(bit, f"bit {bit}") for bit in range(16) if raw >> bit & 1)

    return decode


def _code(tag: RegisterTag, value: Plain) -> int:
    for code, name in (tag.enum or {}).items():
        if name == value:
            return code
    raise Unwritable(f"{value!r} is none of {', '.join((tag.enum or {}).values())}")


def _mask(tag: RegisterTag, names: tuple[Scalar, ...]) -> int:
    mask = 0
    for name in names:
        bit = _code(tag, name)
        if not 0 <= bit <= 15:
            raise Unwritable(f"{name!r} is bit {bit} of sixteen")
        mask |= 1 << bit
    return mask


def _number_bytes(tag: RegisterTag, value: int | float) -> bytes:
    if tag.type in FLOATS:
        try:
            return struct.pack(FLOATS[tag.type], (value - tag.offset) / tag.scale)
        except OverflowError:
            raise Unwritable(f"{value} does not fit {tag.type}") from None
    raw = value if tag.scale == 1 and tag.offset == 0 else (value - tag.offset) / tag.scale
    number = round(raw)
    try:
        if tag.type in DIGITS:
            return bytes.fromhex(f"{number:0{DIGITS[tag.type]}d}")
        count, signed = INTEGERS[tag.type]
        return number.to_bytes(2 * count, "big", signed=signed)
    except (ValueError, OverflowError):
        raise Unwritable(f"{value} does not fit {tag.type}") from None


def _is(kind: type[T], value: Plain) -> T:
    if not isinstance(value, kind):
        raise Unwritable(f"{value!r} is not {'true or false' if kind is bool else 'text'}")
    return value
