"""Quantities and addresses as people write them in a map: `250ms`, `1800mm`, `1.2m/s`, `20%`,
`ir:8`, `hr:10.3`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BeforeValidator, InstanceOf, ValidationInfo, WithJsonSchema

Table = Literal["co", "di", "ir", "hr"]

_MODICON: Final[dict[str, Table]] = {"0": "co", "1": "di", "3": "ir", "4": "hr"}


def short(value: object) -> str:
    """What was written, as far as a line has room for it."""
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:57]}..."


def quantity(example: str, factors: Mapping[str, float]) -> Callable[[object], float]:
    """A parser of `<number><unit>`; the result is in the unit whose factor is 1."""
    units = "|".join(map(re.escape, sorted(factors, key=len, reverse=True)))
    form = re.compile(rf"([+-]?\d+(?:\.\d+)?)\s*({units})")

    def parse(text: object) -> float:
        if isinstance(text, float):  # already parsed
            return text
        found = form.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"{short(text)} is not a quantity like {example}")
        value = round(float(found[1]) * factors[found[2]], 9)
        if not isfinite(value):
            raise ValueError(f"{short(text)} is too large")
        return value

    return parse


def _as(parse: Callable[[object], float], form: str) -> Any:
    return (BeforeValidator(parse), WithJsonSchema({"type": "string", "pattern": form}))


_seconds = quantity("250ms, 2s, 10min", {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0})
_millimetres = quantity("1800mm or 1.8m", {"mm": 1.0, "cm": 10.0, "m": 1000.0})
_grams = quantity("50g or 1.2kg", {"g": 1.0, "kg": 1000.0})
_percent = quantity("20%", {"%": 1.0})
_times = quantity("3x", {"x": 1.0})
_radians = quantity("0rad or 90deg", {"rad": 1.0, "deg": 0.017453292519943295})
_m_s = quantity("1.2m/s", {"m/s": 1.0, "m/min": 1 / 60})


def _positive(parse: Callable[[object], float]) -> Callable[[object], float]:
    def checked(text: object) -> float:
        value = parse(text)
        if value < 0:
            raise ValueError(f"{short(text)} is negative")
        return value

    return checked


_NUMBER = r"^[+-]?\d+(\.\d+)?\s*"
Offset = Annotated[float, *_as(_seconds, _NUMBER + "(ms|s|min|h)$")]
"""Seconds, either sign."""
Seconds = Annotated[float, *_as(_positive(_seconds), _NUMBER + "(ms|s|min|h)$")]
Shift = Annotated[float, *_as(_millimetres, _NUMBER + "(mm|cm|m)$")]
"""Millimetres, either way."""
Millimetres = Annotated[float, *_as(_positive(_millimetres), _NUMBER + "(mm|cm|m)$")]
Grams = Annotated[float, *_as(_positive(_grams), _NUMBER + "(g|kg)$")]
Percent = Annotated[float, *_as(_positive(_percent), _NUMBER + "%$")]
Times = Annotated[float, *_as(_positive(_times), _NUMBER + "x$")]
Radians = Annotated[float, *_as(_radians, _NUMBER + "(rad|deg)$")]
Speed = Annotated[float, *_as(_positive(_m_s), _NUMBER + "(m/s|m/min)$")]


class Band(NamedTuple):
    """How far a value may move and still be shown as before: in its unit, or in percent."""

    width: float
    percent: bool = False


def _band(told: object) -> Band:
    if isinstance(told, Band):
        return told
    if isinstance(told, str):
        return Band(_positive(_percent)(told), percent=True)
    if isinstance(told, bool) or not isinstance(told, (int, float)) or told < 0:
        raise ValueError(f"{short(told)} is not a deadband like 0.5 or 2%")
    return Band(float(told))


Deadband = Annotated[
    InstanceOf[Band],
    BeforeValidator(_band),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}),
]


class At(NamedTuple):
    """A Modbus address, zero-based; `bit` counts from the least significant one."""

    table: Table
    address: int
    bit: int | None = None

    def __str__(self) -> str:
        return f"{self.table}:{self.address}" + ("" if self.bit is None else f".{self.bit}")


class Span(NamedTuple):
    """Neighbouring addresses of one table, both ends included."""

    table: Table
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.table}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


def _span(told: object) -> Span:
    if isinstance(told, Span):
        return told
    found = re.fullmatch(r"(co|di|ir|hr):(\d{1,5})(?:-(\d{1,5}))?", str(told))
    if found is None:
        raise ValueError(f"{short(told)} is not a range like hr:40-41")
    first, last = int(found[2]), int(found[3] or found[2])
    if not first <= last <= 65535:
        raise ValueError(f"{short(told)} does not run upward within 0..65535")
    return Span(found[1], first, last)  # type: ignore[arg-type]


AddressRange = Annotated[
    InstanceOf[Span], BeforeValidator(_span), WithJsonSchema({"type": "string"})
]


def parse_at(text: object, addressing: str = "zero-based") -> At:
    """`hr:12`, `hr:12.3`; with Modicon addressing also `400013` and `40013`, one-based.

    Raises ValueError with a sentence.
    """
    if isinstance(text, At):
        return text
    told = str(text)
    if found := re.fullmatch(r"(co|di|ir|hr):(\d{1,5})(?:\.(\d{1,2}))?", told):
        at = At(found[1], int(found[2]), None if found[3] is None else int(found[3]))  # type: ignore[arg-type]
    elif addressing == "modicon" and (found := re.fullmatch(r"([0134])(\d{4,5})", told)):
        at = At(_MODICON[found[1]], int(found[2]) - 1)
    else:
        raise ValueError(f"{short(text)} is not an address like ir:8 or hr:10.3")
    if not 0 <= at.address <= 65535:
        raise ValueError(f"{short(text)} lies outside 0..65535")
    if at.bit is not None and (at.bit > 15 or at.table in ("co", "di")):
        raise ValueError(f"{short(text)}: only registers have bits, 0..15")
    return at


def _at(text: object, info: ValidationInfo) -> At:
    return parse_at(text, (info.context or {}).get("addressing", "zero-based"))


Address = Annotated[InstanceOf[At], BeforeValidator(_at), WithJsonSchema({"type": "string"})]


@dataclass(frozen=True, slots=True)
class Poll:
    """How often a tag is read; `every_s` None is once per connection. Older than `stale_after_s`
    is stale."""

    name: str
    every_s: float | None
    stale_after_s: float | None


CLASSES: Final = {"fast": 0.05, "normal": 0.25, "slow": 2.0}


def _poll(name: object, info: ValidationInfo) -> Poll:
    if isinstance(name, Poll):
        return name
    context = info.context or {}
    classes: Mapping[str, float] = context.get("poll", CLASSES)
    if name == "once":
        return Poll("once", None, None)
    if not isinstance(name, str) or name not in classes:
        known = ", ".join([*classes, "once"])
        raise ValueError(f"{short(name)} is not a poll class ({known})")
    return Poll(name, classes[name], classes[name] * context.get("stale_after", 3.0))


PollClass = Annotated[InstanceOf[Poll], BeforeValidator(_poll), WithJsonSchema({"type": "string"})]
