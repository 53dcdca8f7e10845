"""DM101, DM102, DM122, DM125, DM129: names that stand for something, on lines that carry it."""

from collections.abc import Iterator
from typing import Any, Final

from devices.map.explain import hint
from devices.map.finding import Finding, finding
from devices.map.rules.shared import Tagged, tags_of
from devices.map.schema import (
    DeviceMap,
    Door,
    Fleet,
    Hid,
    Io,
    LightZone,
    Merge,
    Modbus,
    Mqtt,
    NodeTag,
    OpcUa,
    Printer,
    Scale,
    Scanner,
    Serial,
    Sorter,
    TcpClient,
    TcpServer,
)

SPEAKS: Final[dict[Any, tuple[type, ...]]] = {
    Sorter: (Modbus, OpcUa), Merge: (Modbus, OpcUa), Io: (Modbus, OpcUa),
    Door: (Modbus, OpcUa),
    Scanner: (TcpClient, TcpServer, Serial, Hid),
    Scale: (TcpClient,), Printer: (TcpClient,), LightZone: (Mqtt, Modbus), Fleet: (Mqtt,),
}  # fmt: skip


def names(map: DeviceMap) -> Iterator[Finding]:
    for name, device in map.devices.items():
        yield from _line(map, name, device)
        if isinstance(device, Tagged):
            yield from _tags(map, name, device)
            yield from _reach(map, name, device)
        if isinstance(device, Sorter):
            yield from _decision_point(map, name, device)
        if isinstance(device, Scanner):
            yield from _association(map, name, device)
    used = {device.connection for device in map.devices.values()}
    whole = map.declared == set(map.devices)  # else a mistake of a device may be why
    for line in [line for line in map.connections if whole and line not in used]:
        yield finding("DM125", map, ("connections", line), f"{line}: no device uses it")


def _line(map: DeviceMap, name: str, device: Any) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    if not isinstance(connection, SPEAKS.get(type(device), (object,))):
        text = f"{name}: a {device.kind} is not reached over {connection.type}"
        yield finding("DM102", map, ("devices", name, "connection"), text)
    elif isinstance(device, LightZone) and (device.mqtt is None) == isinstance(connection, Mqtt):
        wire = "pick_iq" if device.mqtt is None else "mqtt"
        text = f"{name}: `{wire}` is not spoken over {connection.type}"
        yield finding("DM102", map, ("devices", name, "connection"), text)
    if getattr(device, "unit", None) is not None and isinstance(connection, OpcUa):
        text = f"{name}: {connection.type} has no units"
        yield finding("DM129", map, ("devices", name, "unit"), text)
    if isinstance(device, LightZone) and isinstance(connection, Mqtt):
        for light in [light for light, one in device.lights.items() if one.unit is not None]:
            text = f"{name}: {connection.type} has no units"
            yield finding("DM129", map, ("devices", name, "lights", light, "unit"), text)


def _tags(map: DeviceMap, name: str, device: Tagged) -> Iterator[Finding]:
    lanes: dict[str, Any] = dict(getattr(device, "lanes", {}))
    for lane, config in lanes.items():
        for role in ("full", "jam", "hold", "priority"):
            tag = getattr(config, role, None)
            if tag is not None and tag not in device.tags:
                path = ("devices", name, "lanes", lane, role)
                yield _unknown(map, path, "tag", tag, device.tags)
    for shake, declared in device.handshakes.items():
        for role, tag in tags_of(declared):
            if tag not in device.tags:
                path = ("devices", name, "handshakes", shake, role)
                yield _unknown(map, path, "tag", tag, device.tags)


def _reach(map: DeviceMap, name: str, device: Tagged) -> Iterator[Finding]:
    """Nobody would ever read what the line does not carry."""
    connection = map.connections[device.connection]
    if not isinstance(connection, (Modbus, OpcUa)):
        return
    for tag, one in device.tags.items():
        path = ("devices", name, "tags", tag)
        is_node = isinstance(one, NodeTag)
        if is_node != isinstance(connection, OpcUa):
            told = "a node" if is_node else "a register"
            text = f"{name}.{tag}: {told} is not reached over {connection.type}"
            yield finding("DM122", map, (*path, "node" if is_node else "at"), text)
        elif isinstance(one, NodeTag) and isinstance(connection, OpcUa):
            alias = one.node.partition(";")[0]
            if alias not in connection.namespaces:
                known = connection.namespaces
                yield _unknown(map, (*path, "node"), "namespace", alias, known)


def _decision_point(map: DeviceMap, name: str, device: Sorter) -> Iterator[Finding]:
    point, path = device.decision_point, ("devices", name, "decision_point")
    if point is None:
        return
    yield from _device(map, (*path, "scanner"), point.scanner)
    if isinstance(point.belt_speed, str) and point.belt_speed not in device.tags:
        yield _unknown(map, (*path, "belt_speed"), "tag", point.belt_speed, device.tags)


def _association(map: DeviceMap, name: str, device: Scanner) -> Iterator[Finding]:
    told, path = device.associate, ("devices", name, "associate")
    if told is None or told.device is None:
        return
    yield from _device(map, (*path, "device"), told.device)
    other = map.devices.get(told.device)
    if isinstance(other, Tagged) and told.encoder and told.encoder not in other.tags:
        yield _unknown(map, (*path, "encoder"), "tag", told.encoder, other.tags)
    if isinstance(other, Tagged) and told.event and told.event not in other.handshakes:
        yield _unknown(map, (*path, "event"), "handshake", told.event, other.handshakes)


def _device(map: DeviceMap, path: tuple[str, ...], name: str) -> Iterator[Finding]:
    """One that stands in the file with a mistake of its own is no unknown name."""
    if name not in map.declared:
        yield _unknown(map, path, "device", name, map.declared)


def _unknown(map: DeviceMap, path: tuple[str, ...], what: str, name: str, known: Any) -> Finding:
    guess = hint(name, known).strip(" ()")
    return finding("DM101", map, path, f"{path[1]}: there is no {what} {name}", guess)
