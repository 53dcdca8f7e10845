"""DM112, DM113, DM133: the lanes of a sorter, and the time to reach them."""

from collections.abc import Iterator
from typing import Final

from devices.map.finding import Finding, finding
from devices.map.schema import (
    CommandShake,
    DeviceMap,
    Modbus,
    OpcUa,
    RegisterTag,
    Scanner,
    Sorter,
)

ASSOCIATION_S, COMMIT_S, REQUEST_S, PLC_ACK_S = 0.4, 0.05, 0.02, 0.01
"""A read may come so long after the eye, where the scanner's `associate` does not say; a slow disk;
one Modbus exchange; `docs/wires.md` 6."""
LANE: Final = 1
"""Of the values of a decision: track, lane."""


def sorters(map: DeviceMap) -> Iterator[Finding]:
    for name, device in map.devices.items():
        if isinstance(device, Sorter):
            yield from _lanes(map, name, device)
            yield from _decision_point(map, name, device)


def _lanes(map: DeviceMap, name: str, device: Sorter) -> Iterator[Finding]:
    low, high = _lane_numbers(device)
    for lane, config in device.lanes.items():
        path = ("devices", name, "lanes", lane)
        missing = [role for role in ("full", "jam") if getattr(config, role) is None]
        if missing and not config.recirculate:
            text = f"{name}: lane {lane} has no {' and no '.join(missing)} tag"
            yield finding("DM112", map, path, text)
        if not lane.isdecimal() or not low <= int(lane) <= high:
            text = f"{name}: lane {lane} is not one of {low:g}..{high:g}"
            yield finding("DM133", map, path, text)


def _lane_numbers(device: Sorter) -> tuple[float, float]:
    decision = device.handshakes.get("decision")
    if not isinstance(decision, CommandShake) or len(decision.data) <= LANE:
        return 0.0, 65535.0
    tag = device.tags.get(decision.data[LANE])
    return tag.range if tag is not None and tag.range is not None else (0.0, 65535.0)


def _decision_point(map: DeviceMap, name: str, device: Sorter) -> Iterator[Finding]:
    """The way from the read to the blade must leave time for all that happens on it."""
    point, speed = device.decision_point, _speed(device)
    if point is None or not speed:
        return
    association_s, ack_s = _association_s(map, point.scanner, speed), PLC_ACK_S
    decision = device.handshakes.get("decision")
    if isinstance(decision, CommandShake):
        ack_s = decision.timeout_s
    read_s, write_s = _read_s(map, device), _write_s(map, device)
    need_s = association_s + COMMIT_S + read_s + write_s + ack_s
    have_s = point.distance_mm / 1000 / speed
    if need_s > have_s:
        text = (
            f"{name}: {point.distance_mm:g} mm at {speed:g} m/s leave {have_s:.2f} s, but"
            f" association {association_s:g} + commit {COMMIT_S:g} + read {read_s:g} + write"
            f" {write_s:g} + acknowledge {ack_s:g} take {need_s:.2f} s"
        )
        yield finding("DM113", map, ("devices", name, "decision_point"), text)


def _speed(device: Sorter) -> float:
    """Of the belt at its fastest, in m/s; 0 where nobody can say."""
    told = device.decision_point.belt_speed if device.decision_point else 0.0
    if isinstance(told, float):
        return told
    tag = device.tags.get(told)
    return tag.range[1] if tag is not None and tag.range is not None else 0.0


def _association_s(map: DeviceMap, scanner: str, speed: float) -> float:
    device = map.devices.get(scanner)
    told = device.associate if isinstance(device, Scanner) else None
    if told is None:
        return ASSOCIATION_S
    return told.latest if told.along_mm is None else told.latest / 1000 / speed


def _read_s(map: DeviceMap, device: Sorter) -> float:
    connection = map.connections[device.connection]
    if isinstance(connection, OpcUa):
        return connection.publishing_s
    polls = [tag.poll.every_s for tag in device.tags.values() if isinstance(tag, RegisterTag)]
    return min((every_s for every_s in polls if every_s), default=0.0)


def _write_s(map: DeviceMap, device: Sorter) -> float:
    """Behind one request that is not answered in time, then the data and the sequence."""
    connection = map.connections[device.connection]
    waiting_s = connection.timeout_s if isinstance(connection, Modbus) else 0.0
    return waiting_s + 2 * REQUEST_S
