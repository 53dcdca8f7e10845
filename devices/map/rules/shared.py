"""What several rules ask of a map."""

from collections.abc import Iterator
from typing import Any, Final

from devices.map.schema import (
    CommandShake,
    DeviceMap,
    Door,
    EventShake,
    Heartbeat,
    Io,
    Merge,
    Modbus,
    ModbusRtu,
    ModbusRtuTcp,
    ModbusTcp,
    OpcUa,
    PulseShake,
    RegisterTag,
    Sorter,
    TargetShake,
    ToggleShake,
)

Tagged = Sorter | Merge | Door | Io
ROLES: Final[dict[Any, tuple[str, ...]]] = {
    Heartbeat: ("watch", "drive"), EventShake: ("seq", "data", "ack"),
    CommandShake: ("seq", "data", "ack", "result"), TargetShake: ("target", "actual", "busy"),
    PulseShake: ("signal",), ToggleShake: ("signal", "echo"),
}  # fmt: skip
"""The fields of a handshake that name tags."""


def tagged(map: DeviceMap) -> Iterator[tuple[str, Tagged]]:
    yield from ((n, one) for n, one in map.devices.items() if isinstance(one, Tagged))


def registers_of(device: Tagged) -> dict[str, RegisterTag]:
    return {name: tag for name, tag in device.tags.items() if isinstance(tag, RegisterTag)}


def tags_of(shake: Any) -> Iterator[tuple[str, str]]:
    """(role, tag) of a handshake."""
    for role in ROLES.get(type(shake), ()):
        told = getattr(shake, role)
        yield from ((role, tag) for tag in ([told] if isinstance(told, str) else told or ()))


def unit_of(map: DeviceMap, device: Any) -> int:
    connection = map.connections[device.connection]
    own: int | None = getattr(device, "unit", None)
    if own is not None:
        return own
    return connection.unit if isinstance(connection, Modbus) else 0


def endpoint(connection: Any) -> tuple[object, ...] | None:
    """Where a connection ends: two connections with the same one share a wire, or a server."""
    match connection:
        case ModbusTcp() | ModbusRtuTcp():
            return ("tcp", connection.host, connection.port)
        case ModbusRtu():
            return port_of(connection)
        case OpcUa():
            return ("opcua", connection.url)
        case _:
            return None


def port_of(connection: Any) -> tuple[object, ...] | None:
    """Which serial port: by its path, or by what is plugged in."""
    if connection.port is not None:
        return ("serial", connection.port)
    match = connection.match
    return None if match is None else ("usb", match.usb, match.serial)
