"""DM103 to DM107, DM115, DM117, DM123, DM126 to DM128, DM134 to DM137, DM139: what a tag says
of itself."""

from collections.abc import Iterator
from typing import Final

from devices.map.finding import Finding, finding
from devices.map.points import Alarm, NodeTag
from devices.map.rules.shared import Tagged, registers_of, tagged
from devices.map.schema import DeviceMap, Modbus, RegisterTag
from devices.map.units import At, Span
from devices.tags.codec import Unwritable, encode

READ_AT_ONCE, WRITTEN_AT_ONCE = 125, 123
"""Registers in one request (MODBUS Application Protocol 1.1b3, 6.3 and 6.12)."""
TEXTS: Final = ("string",)
NAMES: Final = ("bool", "string", "enum", "bits")
NOT_WHOLE: Final = ("bool", "string", "enum", "bits", "float32", "float64", "float", "double")


def registers(map: DeviceMap) -> Iterator[Finding]:
    yield from _writable(map)
    for name, device in tagged(map):
        tags = registers_of(device)
        for tag, one in tags.items():
            yield from _address(map, name, tag, one)
            yield from _allowed(map, name, device, tag, one)
            yield from _forbidden(map, name, device, tag, one)
        for tag, any_ in device.tags.items():
            yield from _sense(map, name, tag, any_)
        yield from _overlaps(map, name, tags)


def _writable(map: DeviceMap) -> Iterator[Finding]:
    for line, connection in map.connections.items():
        spans = connection.writable or () if isinstance(connection, Modbus) else ()
        for at, span in enumerate(spans):
            if span.table in ("ir", "di"):
                text = f"{line}: {span} can only be read"
                yield finding("DM135", map, ("connections", line, "writable", str(at)), text)


def _address(map: DeviceMap, name: str, tag: str, one: RegisterTag) -> Iterator[Finding]:
    path = ("devices", name, "tags", tag)
    if one.access != "r" and one.at.table in ("ir", "di"):
        text = f"{name}.{tag}: {one.at} can only be read, but access is {one.access}"
        yield finding("DM103", map, (*path, "at"), text)
    if one.at.bit is not None and one.words > 1:
        text = f"{name}.{tag}: a bit belongs to one register, not to {one.type}"
        yield finding("DM104", map, (*path, "at"), text)
    elif (one.type == "bool") != (one.at.table in ("co", "di") or one.at.bit is not None):
        text = f"{name}.{tag}: {one.type} at {one.at} is not one bit at one bit's address"
        yield finding("DM106", map, (*path, "at"), text)
    if one.type == "string" and not one.length:
        yield finding("DM105", map, (*path, "at"), f"{name}.{tag}: a string needs its `length`")
    if one.range is not None and not all(_fits(one, limit) for limit in one.range):
        text = f"{name}.{tag}: {one.type} cannot hold {one.range[0]:g}..{one.range[1]:g}"
        yield finding("DM115", map, (*path, "range"), text)
    yield from _width(map, path, one)


def _width(map: DeviceMap, path: tuple[str, ...], one: RegisterTag) -> Iterator[Finding]:
    name = f"{path[1]}.{path[3]}"
    if one.at.address + one.words > 65536:
        last = one.at.address + one.words - 1
        text = f"{name}: its last register is {one.at.table}:{last}, beyond 65535"
        yield finding("DM117", map, (*path, "at"), text)
    most = READ_AT_ONCE if one.access == "r" else WRITTEN_AT_ONCE
    if one.at.table in ("ir", "hr") and one.words > most:
        text = f"{name}: takes {one.words} registers, one request carries {most}"
        yield finding("DM117", map, (*path, "at"), text)


def _fits(tag: RegisterTag, value: float) -> bool:
    try:
        encode(tag.model_copy(update={"range": None, "at": At("hr", 0), "count": 1}), value)
    except Unwritable:
        return False
    return True


def _overlaps(map: DeviceMap, name: str, tags: dict[str, RegisterTag]) -> Iterator[Finding]:
    """In the order of addresses, each against the one that reaches furthest; two bits of one
    register are no overlap."""
    furthest: dict[str, str] = {}
    ordered = sorted(tags, key=lambda tag: (tags[tag].at.table, tags[tag].at.address))
    for tag in ordered:
        one = tags[tag]
        under = furthest.get(one.at.table)
        if under is not None and _lies_over(one, tags[under]):
            other = tags[under]
            text = f"{name}.{tag}: {one.at} {one.type} lies over {under}, {other.at} {other.type}"
            yield finding("DM107", map, ("devices", name, "tags", tag, "at"), text)
        if under is None or _end(one) >= _end(tags[under]):
            furthest[one.at.table] = tag


def _end(tag: RegisterTag) -> int:
    return tag.at.address + tag.words


def _lies_over(one: RegisterTag, under: RegisterTag) -> bool:
    bits = one.at.bit is not None and under.at.bit is not None
    return (
        one.at.address < _end(under) and not bits and (one.type, one.at) != (under.type, under.at)
    )


def _allowed(
    map: DeviceMap, name: str, device: Tagged, tag: str, one: RegisterTag
) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    if one.access == "r" or one.at.table in ("ir", "di") or not isinstance(connection, Modbus):
        return
    if connection.writable is None:
        return
    if not any(_holds(span, one) for span in connection.writable):
        text = f"{name}.{tag}: {one.at} is not among what {device.connection} lets be written"
        yield finding("DM123", map, ("devices", name, "tags", tag, "access"), text)


def _holds(span: Span, tag: RegisterTag) -> bool:
    inside = span.first <= tag.at.address and _end(tag) - 1 <= span.last
    return span.table == tag.at.table and inside


def _forbidden(
    map: DeviceMap, name: str, device: Tagged, tag: str, one: RegisterTag
) -> Iterator[Finding]:
    """What is only written may lie where nothing is read."""
    connection = map.connections[device.connection]
    if one.access == "w" or not isinstance(connection, Modbus):
        return
    for span in (*connection.forbidden, *device.forbidden):
        if span.table == one.at.table and _end(one) > span.first and one.at.address <= span.last:
            text = f"{name}.{tag}: {one.at} {one.type} is read, but {span} is forbidden"
            yield finding("DM134", map, ("devices", name, "tags", tag, "at"), text)


def _sense(map: DeviceMap, name: str, tag: str, one: RegisterTag | NodeTag) -> Iterator[Finding]:
    path = ("devices", name, "tags", tag)
    for field, means in _meaningless(one):
        if field in one.model_fields_set:
            key = field.removesuffix("_s")
            text = f"{name}.{tag}: `{key}` means nothing for {means}"
            yield finding("DM126", map, (*path, key), text)
    yield from _pulsed(map, path, one)
    if one.unit.strip().isdigit():
        text = f"{name}.{tag}: `unit: {one.unit}` is what people read behind the value"
        yield finding("DM137", map, (*path, "unit"), text)
    if one.range is not None and one.range[0] >= one.range[1]:
        text = f"{name}.{tag}: {one.range[0]:g} is not below {one.range[1]:g}"
        yield finding("DM139", map, (*path, "range"), text)
    if one.alarm is not None and (why := _idle(one.alarm, one.type)):
        yield finding("DM127", map, (*path, "alarm"), f"{name}.{tag}: {why}")
    names = list((one.enum or {}).values())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice and one.access != "r":
        text = f"{name}.{tag}: {', '.join(twice)} stands for more than one code"
        yield finding("DM128", map, (*path, "enum"), text)


def _pulsed(map: DeviceMap, path: tuple[str, ...], one: RegisterTag | NodeTag) -> Iterator[Finding]:
    if isinstance(one, RegisterTag) and one.pulse_s is not None:
        name = f"{path[1]}.{path[3]}"
        if one.type != "bool" or one.count > 1:
            kind = one.type if one.count == 1 else f"an array of {one.count}"
            yield finding("DM136", map, (*path, "pulse"), f"{name}: {kind} has no pulse")


def _meaningless(one: RegisterTag | NodeTag) -> Iterator[tuple[str, str]]:
    kind = one.type
    if kind in NAMES:
        yield from ((field, kind) for field in ("scale", "offset", "range", "deadband", "unit"))
    if kind in NOT_WHOLE:
        yield "counter", kind
    if kind != "bool":
        yield "debounce", kind
    elif one.access == "r":
        yield "pulse_s", "what is only read"
    if kind != "string":
        yield "length", kind
    if one.access == "r":
        yield "permission", "what is only read"
    if one.access == "w":
        never = ("poll", "deadband", "counter", "nan", "debounce", "alarm")
        yield from ((field, "what is only written") for field in never)


def _idle(alarm: Alarm, kind: str) -> str | None:
    if alarm.when is not None and kind != "bool":
        return f"`when` asks for a bool, this is {kind}"
    told = (alarm.low_low, alarm.low, alarm.high, alarm.high_high)
    limits = [limit for limit in told if limit is not None]
    if limits and kind in NAMES:
        return f"{kind} has no limits"
    if limits != sorted(limits):
        return "its limits are not in order"
    if alarm.when is None and not limits and alarm.source is None:
        return "it says neither `when` nor a limit"
    return None
