"""DM114, DM118 to DM121, DM132: what devices that share a line, a port or a broker do to each
other."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from devices.map.finding import Finding, finding
from devices.map.rules.shared import endpoint, port_of, registers_of, tagged, unit_of
from devices.map.schema import DeviceMap, Fleet, LightZone, Modbus, Mqtt, OpcUa, Serial


def lines(map: DeviceMap) -> Iterator[Finding]:
    yield from _shared_writes(map)
    yield from _clear_text(map)
    yield from _topics(map)
    yield from _client_ids(map)
    yield from _serial_ports(map)
    yield from _same_place(map)


def _shared_writes(map: DeviceMap) -> Iterator[Finding]:
    """On one unit of one line, whatever its connections are called."""
    writers: dict[tuple[object, ...], dict[int | None, str]] = {}
    for name, device in tagged(map):
        line = endpoint(map.connections[device.connection])
        for tag, one in registers_of(device).items():
            if one.access == "r":
                continue
            for word in range(one.words):
                cell = (line, unit_of(map, device), one.at.table, one.at.address + word)
                bits = writers.setdefault(cell, {})
                other = _other(bits, one.at.bit, name)
                if other is not None:
                    text = f"{name}.{tag}: {other} writes {one.at} as well"
                    yield finding("DM114", map, ("devices", name, "tags", tag), text)
                    break
                bits.setdefault(one.at.bit, name)


def _other(bits: dict[int | None, str], bit: int | None, name: str) -> str | None:
    """Who else writes the register: all of it, or the same bit."""
    meant = (
        bits.items() if bit is None else [(b, who) for b, who in bits.items() if b in (None, bit)]
    )
    return next((who for _, who in meant if who != name), None)


def _clear_text(map: DeviceMap) -> Iterator[Finding]:
    for line, connection in map.connections.items():
        path = ("connections", line)
        if isinstance(connection, OpcUa) and urlsplit(connection.url).username is not None:
            text = f"{line}: the address holds a user, or a password"
            yield finding("DM118", map, (*path, "url"), text)
        host = getattr(connection, "host", "")
        if "@" in host:
            yield finding("DM118", map, (*path, "host"), f"{line}: the address holds a password")
        if isinstance(connection, Mqtt) and connection.tls is not None:
            for key, told in connection.tls:
                if told is not None and "PRIVATE KEY" in told:
                    text = f"{line}: {key} is said openly"
                    yield finding("DM118", map, (*path, "tls", key), text)


def _topics(map: DeviceMap) -> Iterator[Finding]:
    """By broker and topic; of a zone for each of its lights."""
    owners: dict[tuple[object, str], str] = {}
    for name, device in map.devices.items():
        connection = map.connections[device.connection]
        if not isinstance(connection, Mqtt):
            continue
        broker = (connection.host, connection.port)
        for where, topic, owner in _topics_of(name, device):
            first = owners.setdefault((broker, topic), owner)
            if first != owner:
                text = f"{owner}: topic {topic} is that of {first}"
                yield finding("DM119", map, where, text)


def _topics_of(name: str, device: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(path, topic, whose)"""
    path: tuple[str, ...]
    if isinstance(device, LightZone) and device.mqtt is not None:
        for field in ("command", "event", "state", "status"):
            topic: str = getattr(device.mqtt, field)
            path = ("devices", name, "mqtt", field)
            each = device.lights if "{light}" in topic else [""]
            for light in each if topic else ():
                owner = f"{name}.{field}" + (f" of {light}" if light else "")
                yield path, topic.replace("{light}", light), owner
    if isinstance(device, Fleet):
        told = device.vda5050
        root = f"{told.interface}/v{told.version.partition('.')[0]}/{told.manufacturer}"
        if told.serial is not None:
            yield ("devices", name, "vda5050", "serial"), f"{root}/{told.serial}", name
        for vehicle, one in device.vehicles.items():
            path = ("devices", name, "vehicles", vehicle, "serial")
            yield path, f"{root}/{one.serial}", f"{name}.{vehicle}"


def _client_ids(map: DeviceMap) -> Iterator[Finding]:
    known: dict[tuple[object, ...], str] = {}
    for line, connection in map.connections.items():
        if isinstance(connection, Mqtt):
            key = (connection.host, connection.port, connection.client_id)
            first = known.setdefault(key, line)
            if first != line:
                text = f"{line}: {first} says it is {connection.client_id} as well"
                yield finding("DM120", map, ("connections", line, "client_id"), text)


def _serial_ports(map: DeviceMap) -> Iterator[Finding]:
    users: dict[object, str] = {}
    for name, device in map.devices.items():
        connection = map.connections[device.connection]
        if not isinstance(connection, Serial):
            continue
        first = users.setdefault(port_of(connection), name)
        if first != name:
            text = f"{name}: {first} is on that serial port"
            yield finding("DM121", map, ("devices", name, "connection"), text)


def _same_place(map: DeviceMap) -> Iterator[Finding]:
    known: dict[object, str] = {}
    for line, connection in map.connections.items():
        if not isinstance(connection, Modbus):
            continue
        first = known.setdefault(endpoint(connection), line)
        if first != line:
            text = f"{line}: {first} goes to the same place"
            yield finding("DM132", map, ("connections", line), text)
