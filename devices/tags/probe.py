"""Each tag of a device asked for once, with nothing taken for granted: what came, word by word, and
what it would be in every order of words and bytes."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from devices.map.base import Order
from devices.map.points import WORDS
from devices.map.schema import AnyTag, Modbus, OpcUa, RegisterTag
from devices.tags.codec import FLOATS, Unreadable, decoder
from devices.tags.modbus import open_wire
from devices.tags.pdu import Request, read, told
from devices.tags.value import Plain
from devices.tags.wire import Broken, Silence, Wire

TRIES: Final = 2
"""One lost frame is no finding."""
ORDERS: Final[tuple[tuple[Order, Order], ...]] = (
    ("big", "big"), ("little", "big"), ("big", "little"), ("little", "little"),
)  # fmt: skip
"""Words, bytes: ABCD, CDAB, BADC, DCBA."""
LIKELY: Final = (1e-3, 1e6)
"""What machines measure lies between, if it is not zero."""
UNLIKELY: Final = 1e6


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of several registers in one of the four orders."""

    word_order: Order
    byte_order: Order
    value: Plain | None
    """None: no value of the type."""
    declared: bool
    likely: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    tag: str
    address: str
    type: str
    unit: str = ""
    words: tuple[int, ...] = ()
    value: Plain | None = None
    error: str = ""
    """Why there is no value, in words."""
    readings: tuple[Reading, ...] = ()


def explained(name: str, tag: RegisterTag, words: tuple[int, ...]) -> Probed:
    """What words are, pure."""
    known = Probed(name, str(tag.at), tag.type, tag.unit, words)
    readings = tuple(readings_of(tag, words))
    try:
        return replace(known, value=decoder(tag)(words), readings=readings)
    except Unreadable as err:
        return replace(known, error=str(err), readings=readings)


def readings_of(tag: RegisterTag, words: tuple[int, ...]) -> Iterator[Reading]:
    """All four, one of them likely; nothing for what lies in one register."""
    if WORDS.get(tag.type, 1) < 2:
        return
    values = [_in_order(tag, words, *order) for order in ORDERS]
    declared = ORDERS.index((tag.word_order, tag.byte_order))
    odds = [_oddness(tag, value) for value in values]
    best = declared if odds[declared] == min(odds) else odds.index(min(odds))
    for at, (order, value) in enumerate(zip(ORDERS, values, strict=True)):
        yield Reading(*order, value, at == declared, at == best)


def _in_order(
    tag: RegisterTag, words: tuple[int, ...], word_order: Order, byte_order: Order
) -> Plain | None:
    turned = tag.model_copy(update={"word_order": word_order, "byte_order": byte_order})
    try:
        return decoder(turned)(words)
    except Unreadable:
        return None


def _oddness(tag: RegisterTag, value: Plain | None) -> tuple[float, ...]:
    """Smaller is likelier: within its range, of a usual size, round."""
    if value is None:
        return (9.0,)
    parts = value if isinstance(value, tuple) else (value,)
    numbers = [float(one) for one in parts if not isinstance(one, str)]
    out = any(not tag.range[0] <= one <= tag.range[1] for one in numbers) if tag.range else False
    low, high = LIKELY
    odd = sum(one != 0 and not low <= abs(one) <= high for one in numbers)
    size = max((abs(math.log10(abs(one))) for one in numbers if one), default=0.0)
    digits = sum(len(f"{one:.7g}") for one in numbers) if tag.type in FLOATS else 0
    return float(out), float(odd), float(digits), size


async def probe_modbus(connection: Modbus, unit: int, tags: dict[str, RegisterTag]) -> list[Probed]:
    """Opens a line of its own. Raises DeviceError where there is none."""
    async with open_wire(connection) as wire:
        return [await _probe(wire, connection, unit, name, tag) for name, tag in tags.items()]


async def _probe(wire: Wire, connection: Modbus, unit: int, name: str, tag: RegisterTag) -> Probed:
    request = read(tag.at.table, tag.at.address, tag.words)
    nothing = Probed(name, str(tag.at), tag.type, tag.unit)
    try:
        pdu = await _asked(wire, unit, request, connection.timeout_s)
    except (Silence, Broken) as err:
        return replace(nothing, error=str(err))
    code = request.refusal(pdu)
    if code is not None:
        return replace(nothing, error=f"the device {told(code)} (exception {code})")
    return explained(name, tag, _words(tag, pdu[2:]))


async def _asked(wire: Wire, unit: int, request: Request, within_s: float) -> bytes:
    for _ in range(TRIES - 1):
        try:
            return await wire.ask(unit, request, within_s)
        except Silence:
            await wire.quiet()
    return await wire.ask(unit, request, within_s)


def _words(tag: RegisterTag, data: bytes) -> tuple[int, ...]:
    if tag.at.table in ("ir", "hr"):
        return struct.unpack(f">{len(data) // 2}H", data)
    bits = [byte >> bit & 1 for byte in data for bit in range(8)]
    return tuple(bits[: tag.words])


def from_gateway(tags: dict[str, AnyTag], rows: list[dict[str, object]]) -> list[Probed]:
    """The same of what a running gateway has read."""
    return [
        _from(str(row["tag"]), tags[str(row["tag"])], row) for row in rows if row["tag"] in tags
    ]


def _from(name: str, tag: AnyTag, row: dict[str, object]) -> Probed:
    raw = row["raw"]
    words = tuple(int(word) for word in raw) if isinstance(raw, list) else ()
    if isinstance(tag, RegisterTag) and words:
        return explained(name, tag, words)
    error = "" if row["quality"] == "good" else str(row["reason"])
    return Probed(name, str(row["address"]), tag.type, tag.unit, words, row["value"], error)  # type: ignore[arg-type]


def is_probed(connection: object) -> bool:
    return isinstance(connection, (Modbus, OpcUa))
