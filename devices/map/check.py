"""What a map that can be read still gets wrong: each finding with a code, its place and a remedy.

Errors would move cartons wrongly or not at all; warnings are worth a look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from devices.map.schema import (
    CommandShake,
    DeviceMap,
    EventShake,
    Fleet,
    Heartbeat,
    Io,
    LightZone,
    Merge,
    Modbus,
    Mqtt,
    OpcUa,
    Printer,
    RegisterTag,
    Scale,
    Scanner,
    Serial,
    Sorter,
    TargetShake,
    TcpClient,
)
from devices.map.units import At
from devices.tags.codec import Unwritable, encode
from devices.tags.plan import Limits, plan

Level = Literal["error", "warning"]

SPEAKS: Final[dict[Any, tuple[type, ...]]] = {
    Sorter: (Modbus, OpcUa), Merge: (Modbus, OpcUa), Io: (Modbus, OpcUa),
    Scanner: (TcpClient, Serial),
    Scale: (TcpClient,), Printer: (TcpClient,), LightZone: (Mqtt,), Fleet: (Mqtt,),
}  # fmt: skip
NEEDS: Final[dict[Any, dict[str, type]]] = {
    Sorter: {
        "heartbeat": Heartbeat, "induct": EventShake, "decision": CommandShake,
        "confirm": EventShake,
    },
    Merge: {"heartbeat": Heartbeat},
}  # fmt: skip
ROLES: Final[dict[Any, tuple[str, ...]]] = {
    Heartbeat: ("watch", "drive"), EventShake: ("seq", "data", "ack"),
    CommandShake: ("seq", "data", "ack", "result"), TargetShake: ("target", "actual", "busy"),
}  # fmt: skip
DATA: Final = {"induct": 2, "decision": 2, "confirm": 3}
"""Track and length; track and lane; track, lane and result."""
FAST_S: Final = 0.1
ASSOCIATION_S, COMMIT_S, REQUEST_S, PLC_ACK_S = 0.4, 0.05, 0.02, 0.01
"""A read may come so long after the eye; a slow disk; one Modbus exchange; `docs/wires.md` 6."""
EXCHANGE_S, MOST_BUSY = 0.005, 0.8
"""One request and its answer on a quick PLC; the rest of the time is for writes."""


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    level: Level
    place: str
    text: str
    hint: str = ""


def check(map: DeviceMap) -> list[Finding]:
    """Findings in the order of the devices; an empty list is a clean map."""
    found: list[Finding] = []
    for name, device in map.devices.items():
        found += _line(map, name, device)
        if isinstance(device, (Sorter, Merge, Io)):
            found += _references(map, name, device)
            found += _registers(map, name, device)
            found += _shakes(map, name, device)
        if isinstance(device, Sorter):
            found += _lanes(map, name, device)
            found += _decision_point(map, name, device)
    return [*found, *_shared_writes(map), *_budgets(map)]


def _line(map: DeviceMap, name: str, device: Any) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    if not isinstance(connection, SPEAKS[type(device)]):
        place = map.place("devices", name, "connection")
        text = f"{name}: a {device.kind} is not reached over {connection.type}"
        yield Finding("DM102", "error", place, text)


def _references(map: DeviceMap, name: str, device: Sorter | Merge | Io) -> Iterator[Finding]:
    """DM101: a name that stands for no tag, handshake or device."""
    lanes: dict[str, Any] = {} if isinstance(device, Io) else dict(device.lanes)
    for lane, config in lanes.items():
        for role in ("full", "jam", "hold", "priority"):
            tag = getattr(config, role, None)
            if tag is not None and tag not in device.tags:
                yield _unknown(map, ("devices", name, "lanes", lane, role), "tag", tag)
    for shake, declared in device.handshakes.items():
        for role, tag in _tags_of(declared):
            if tag not in device.tags:
                yield _unknown(map, ("devices", name, "handshakes", shake, role), "tag", tag)
    if isinstance(device, Sorter) and device.decision_point is not None:
        point = device.decision_point
        path = ("devices", name, "decision_point")
        if point.scanner not in map.devices:
            yield _unknown(map, (*path, "scanner"), "device", point.scanner)
        if isinstance(point.belt_speed, str) and point.belt_speed not in device.tags:
            yield _unknown(map, (*path, "belt_speed"), "tag", point.belt_speed)


def _tags_of(shake: Any) -> Iterator[tuple[str, str]]:
    roles: tuple[str, ...] = ROLES[type(shake)]
    for role in roles:
        told = getattr(shake, role)
        yield from ((role, tag) for tag in ([told] if isinstance(told, str) else told))


def _unknown(map: DeviceMap, path: tuple[str, ...], what: str, name: str) -> Finding:
    return Finding("DM101", "error", map.place(*path), f"{path[1]}: there is no {what} {name}")


def _registers(map: DeviceMap, name: str, device: Sorter | Merge | Io) -> Iterator[Finding]:
    tags = _registers_of(device)
    for tag, one in tags.items():
        place = map.place("devices", name, "tags", tag, "at")
        if one.access != "r" and one.at.table in ("ir", "di"):
            text = f"{name}.{tag}: {one.at} can only be read, but access is {one.access}"
            yield Finding("DM103", "error", place, text, "co: and hr: can be written")
        if one.at.bit is not None and one.words > 1:
            text = f"{name}.{tag}: a bit belongs to one register, not to {one.type}"
            yield Finding("DM104", "error", place, text)
        if one.type == "string" and not one.length:
            text = f"{name}.{tag}: a string needs its `length`"
            yield Finding("DM105", "error", place, text)
        if (one.type == "bool") != (one.at.table in ("co", "di") or one.at.bit is not None):
            text = f"{name}.{tag}: {one.type} at {one.at} is not one bit at one bit's address"
            yield Finding("DM106", "warning", place, text)
        if one.range is not None and not all(_fits(one, limit) for limit in one.range):
            text = f"{name}.{tag}: {one.type} cannot hold {one.range[0]:g}..{one.range[1]:g}"
            yield Finding("DM115", "error", place, text, "look at scale and offset")
    yield from _overlaps(map, name, tags)


def _fits(tag: RegisterTag, value: float) -> bool:
    try:
        encode(tag.model_copy(update={"range": None, "at": At("hr", 0)}), value)
    except Unwritable:
        return False
    return True


def _overlaps(map: DeviceMap, name: str, tags: dict[str, RegisterTag]) -> Iterator[Finding]:
    """Neighbours in the order of their addresses; two bits of one register are no overlap."""
    ordered = sorted(tags.items(), key=lambda item: (item[1].at.table, item[1].at.address))
    for (first, a), (second, b) in pairwise(ordered):
        touching = a.at.table == b.at.table and b.at.address < a.at.address + a.words
        bits = a.at.bit is not None and b.at.bit is not None
        if touching and not bits and (a.type, a.at) != (b.type, b.at):
            place = map.place("devices", name, "tags", second, "at")
            text = f"{name}.{second}: {b.at} {b.type} lies over {first}, {a.at} {a.type}"
            yield Finding("DM107", "warning", place, text)


def _shakes(map: DeviceMap, name: str, device: Sorter | Merge | Io) -> Iterator[Finding]:
    path = ("devices", name, "handshakes")
    for shake, style in NEEDS.get(type(device), {}).items():
        declared = device.handshakes.get(shake)
        if not isinstance(declared, style):
            text = f"{name}: a {device.kind} needs the handshake {shake}"
            yield Finding("DM108", "error", map.place(*path, shake), text)
        elif shake in DATA and len(declared.data) != DATA[shake]:  # type: ignore[union-attr]
            text = f"{name}: {shake} carries {DATA[shake]} values"
            yield Finding("DM109", "error", map.place(*path, shake, "data"), text)
    for shake, declared in device.handshakes.items():
        yield from _reach(map, name, device, shake, declared)


def _reach(
    map: DeviceMap, name: str, device: Sorter | Merge | Io, shake: str, declared: Any
) -> Iterator[Finding]:
    """What we write must be writable, what we wait for must be polled fast."""
    place = map.place("devices", name, "handshakes", shake)
    command = isinstance(declared, CommandShake)
    ours = {"drive", "target"} | ({"seq", "data"} if command else {"ack"})
    for role, tag in _tags_of(declared):
        one = device.tags.get(tag)
        if one is None:
            continue
        if role in ours and one.access == "r":
            text = f"{name}: {shake} writes {tag}, but its access is r"
            yield Finding("DM110", "error", place, text, "access: rw")
        polled_s = one.poll.every_s if isinstance(one, RegisterTag) else FAST_S
        waited_for = role in ("watch", "actual", "busy", "result") or role == (
            "ack" if command else "seq"
        )
        if waited_for and (polled_s is None or polled_s > FAST_S):
            text = (
                f"{name}: {shake} waits for {tag}, which is not polled every {FAST_S * 1000:g} ms"
            )
            yield Finding("DM111", "error", place, text, "poll: fast")


def _lanes(map: DeviceMap, name: str, device: Sorter) -> Iterator[Finding]:
    for lane, config in device.lanes.items():
        missing = [role for role in ("full", "jam") if getattr(config, role) is None]
        if missing and not config.recirculate:
            text = f"{name}: lane {lane} has no {' and no '.join(missing)} tag"
            place = map.place("devices", name, "lanes", lane)
            yield Finding("DM112", "error", place, text, "or say `recirculate: true`")


def _decision_point(map: DeviceMap, name: str, device: Sorter) -> Iterator[Finding]:
    """The way from the read to the blade must leave time for all that happens on it."""
    point, connection = device.decision_point, map.connections[device.connection]
    if point is None or not isinstance(point.belt_speed, float) or point.belt_speed == 0:
        return
    decision = device.handshakes.get("decision")
    poll_s = min(_polls(device), default=0.0)
    ack_s = decision.timeout_s if isinstance(decision, CommandShake) else PLC_ACK_S
    timeout_s = connection.timeout_s if isinstance(connection, Modbus) else 0.0
    need_s = ASSOCIATION_S + COMMIT_S + poll_s + timeout_s + 2 * REQUEST_S + ack_s
    have_s = point.distance_mm / 1000 / point.belt_speed
    if need_s > have_s:
        text = (
            f"{name}: {point.distance_mm:g} mm at {point.belt_speed:g} m/s leave {have_s:.2f} s,"
            f" but association {ASSOCIATION_S:g} + commit {COMMIT_S:g} + read {poll_s:g} + write"
            f" {timeout_s + 2 * REQUEST_S:g} + acknowledge {ack_s:g} take {need_s:.2f} s"
        )
        place = map.place("devices", name, "decision_point")
        yield Finding("DM113", "error", place, text, "move the scanner, or slow the belt")


def _polls(device: Sorter) -> Iterator[float]:
    for tag in device.tags.values():
        if isinstance(tag, RegisterTag) and tag.poll.every_s:
            yield tag.poll.every_s


def _shared_writes(map: DeviceMap) -> Iterator[Finding]:
    """Two devices that write one register of one connection undo each other."""
    writers: dict[tuple[str, int, str, int], str] = {}
    for name, device in map.devices.items():
        unit = _unit(map, device)
        for tag, one in getattr(device, "tags", {}).items():
            if not isinstance(one, RegisterTag) or one.access == "r":
                continue
            for word in range(one.words):
                cell = (device.connection, unit, one.at.table, one.at.address + word)
                other = writers.setdefault(cell, name)
                if other != name:
                    place = map.place("devices", name, "tags", tag)
                    text = f"{name}.{tag}: {other} writes {one.at} as well"
                    yield Finding("DM114", "error", place, text)


def _unit(map: DeviceMap, device: Any) -> int:
    own: int | None = getattr(device, "unit", None)
    connection = map.connections[device.connection]
    if own is not None:
        return own
    return connection.unit if isinstance(connection, Modbus) else 0


def _budgets(map: DeviceMap) -> Iterator[Finding]:
    """All polls of a connection must fit into its time, one request after another."""
    for line, connection in map.connections.items():
        if not isinstance(connection, Modbus):
            continue
        limits = Limits(connection.max_gap, connection.max_registers)
        busy = sum(
            EXCHANGE_S / block.every_s
            for device in map.devices.values()
            if device.connection == line and isinstance(device, (Sorter, Merge, Io))
            for block in plan(_registers_of(device), limits)
            if block.every_s
        )
        if busy > MOST_BUSY:
            text = f"{line}: its polls take {busy:.0%} of the time at {EXCHANGE_S * 1000:g} ms each"
            place = map.place("connections", line)
            yield Finding("DM116", "warning", place, text, "poll less often, or closer together")


def _registers_of(device: Sorter | Merge | Io) -> dict[str, RegisterTag]:
    return {name: tag for name, tag in device.tags.items() if isinstance(tag, RegisterTag)}
