"""OPC UA values as tags and back. Pure: no session."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final

from asyncua import ua

from devices.map.schema import NodeTag
from devices.tags import opcua_words as words
from devices.tags.codec import Unwritable
from devices.tags.value import Plain, Scalar, Value

VARIANTS: Final = {
    "bool": ua.VariantType.Boolean, "int16": ua.VariantType.Int16, "uint16": ua.VariantType.UInt16,
    "int32": ua.VariantType.Int32, "uint32": ua.VariantType.UInt32, "int64": ua.VariantType.Int64,
    "uint64": ua.VariantType.UInt64, "float32": ua.VariantType.Float,
    "float": ua.VariantType.Float, "float64": ua.VariantType.Double,
    "double": ua.VariantType.Double, "string": ua.VariantType.String,
    "enum": ua.VariantType.Int32, "bits": ua.VariantType.UInt32,
    "bcd16": ua.VariantType.UInt16, "bcd32": ua.VariantType.UInt32,
}  # fmt: skip
LIMITS: Final = {
    "int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1), "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1), "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1),
    "enum": (-(2**31), 2**32 - 1), "bits": (0, 2**32 - 1), "bcd16": (0, 9999),
    "bcd32": (0, 99_999_999),
}  # fmt: skip
OVERFLOW: Final = 0x480
"""A data value (info type 01) with its overflow bit: values before it were lost (OPC 10000-4,
7.39.1)."""


def valued(tag: NodeTag, answer: ua.DataValue, now: datetime) -> Value:
    """What the server says of a node, its status beside its value; `now` is when it said so."""
    status = answer.StatusCode.value if answer.StatusCode is not None else 0
    if status >> 30 >= 2:  # bad
        return Value(None, now, tag.unit, "bad", words.of(status))
    try:
        value = _shown(tag, answer.Value.Value if answer.Value is not None else None)
    except ValueError as err:
        return Value(None, now, tag.unit, "bad", str(err))
    if status >> 30 == 1:
        return Value(value, now, tag.unit, "stale", f"uncertain: {words.of(status)}")
    return Value(value, now, tag.unit)


def overflowed(answer: ua.DataValue) -> bool:
    status = answer.StatusCode.value if answer.StatusCode is not None else 0
    return status & OVERFLOW == OVERFLOW


def _shown(tag: NodeTag, value: Any) -> Plain:
    """Raises ValueError for what the map does not expect."""
    if isinstance(value, list):
        return tuple(_one(tag, one) for one in value)
    if tag.type == "bits" and tag.enum is not None:
        bits = int(_one(tag.model_copy(update={"enum": None}), value))
        return tuple(name for bit, name in tag.enum.items() if bits >> bit & 1)
    return _one(tag, value)


def _one(tag: NodeTag, value: Any) -> Scalar:
    given = scalar(value)
    kind = "bool" if tag.type == "bool" else "string" if tag.type == "string" else "number"
    if kind != (found := _kind(given)):
        raise ValueError(f"the server gives a {found}, the map says {tag.type}")
    if tag.enum is not None:
        if int(given) not in tag.enum:
            raise ValueError(f"{int(given)} has no name in the map")
        return tag.enum[int(given)]
    if tag.type in LIMITS and isinstance(given, float) and not given.is_integer():
        raise ValueError(f"the server gives {given:g}, the map says {tag.type}")
    if tag.scale != 1 or tag.offset != 0:
        return round(float(given) * tag.scale + tag.offset, 9)
    return given


def _kind(value: Scalar) -> str:
    return "bool" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"


def scalar(value: Any) -> Scalar:
    """Raises ValueError for what is neither a number nor a text."""
    if isinstance(value, Enum):
        return scalar(value.value)
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, ua.LocalizedText):
        return value.Text or ""
    raise ValueError("no value" if value is None else f"a {type(value).__name__} is not shown")


def written(
    name: str, tag: NodeTag, value: Plain, known: Mapping[str, ua.VariantType]
) -> ua.Variant:
    """As the node takes it. known: the types that nodes have shown. Raises Unwritable."""
    if isinstance(value, tuple):
        raise Unwritable(f"{name}: several values at once are not written")
    if tag.enum is not None and isinstance(value, str):
        numbers = {told: number for number, told in tag.enum.items()}
        if value not in numbers:
            raise Unwritable(f"{name}: {value} is none of {', '.join(numbers)}")
        value = numbers[value]
    if tag.range is not None and not tag.range[0] <= _number(name, value) <= tag.range[1]:
        raise Unwritable(f"{value} lies outside {tag.range[0]:g}..{tag.range[1]:g}")
    if tag.scale != 1 or tag.offset != 0:
        value = (_number(name, value) - tag.offset) / tag.scale
        value = round(value) if tag.type in LIMITS else value
    kind = known.get(name, VARIANTS[tag.type]) if tag.type == "enum" else VARIANTS[tag.type]
    return ua.Variant(fitting(name, tag.type, value), kind)


def fitting(name: str, type: str, value: Scalar) -> Scalar:
    """The value if it is of that type. Raises Unwritable."""
    if type == "bool" and isinstance(value, bool):
        return value
    if type == "string" and isinstance(value, str):
        return value
    if type in LIMITS and isinstance(value, int) and not isinstance(value, bool):
        least, most = LIMITS[type]
        if not least <= value <= most:
            raise Unwritable(f"{name}: {type} cannot hold {value}")
        return value
    if type in ("float", "float32", "float64", "double") and not isinstance(value, (bool, str)):
        return float(value)
    raise Unwritable(f"{name}: {value!r} is no {type}")


def _number(name: str, value: Scalar) -> float:
    if isinstance(value, str):
        raise Unwritable(f"{name}: {value!r} is no number")
    return float(value)
