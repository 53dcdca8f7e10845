"""DM101, DM140 to DM143: conditions, methods and certificates of OPC UA."""

from collections.abc import Iterator

from devices.map.explain import hint
from devices.map.finding import Finding, finding
from devices.map.rules.shared import Tagged
from devices.map.schema import DeviceMap, Merge, OpcUa


def opcua(map: DeviceMap) -> Iterator[Finding]:
    for name, device in map.devices.items():
        if isinstance(device, Tagged):
            yield from _conditions(map, name, device)
            yield from _methods(map, name, device)
        if isinstance(device, Merge):
            yield from _releases(map, name, device)


def _conditions(map: DeviceMap, name: str, device: Tagged) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    for tag, one in device.tags.items():
        alarm, path = one.alarm, ("devices", name, "tags", tag, "alarm")
        if alarm is None or alarm.source is None:
            continue
        if not isinstance(connection, OpcUa):
            text = f"{name}.{tag}: {connection.type} tells no conditions"
            yield finding("DM140", map, (*path, "from"), text)
        elif alarm.node is None:
            text = f"{name}.{tag}: which condition of the server it is, is not said"
            yield finding("DM141", map, path, text)
        else:
            yield from _space(map, (*path, "node"), alarm.node, connection)


def _methods(map: DeviceMap, name: str, device: Tagged) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    for method, one in device.methods.items():
        path = ("devices", name, "methods", method)
        if not isinstance(connection, OpcUa):
            text = f"{name}: {connection.type} has no methods"
            yield finding("DM142", map, path, text)
            continue
        yield from _space(map, (*path, "object"), one.object, connection)
        yield from _space(map, (*path, "method"), one.method, connection)


def _releases(map: DeviceMap, name: str, device: Merge) -> Iterator[Finding]:
    for lane, one in device.lanes.items():
        path = ("devices", name, "lanes", lane, "release")
        if one.release is None:
            continue
        if one.release not in device.methods:
            text = f"{name}: there is no method {one.release}"
            yield finding("DM101", map, path, text, hint(one.release, device.methods).strip(" ()"))
        elif len(device.methods[one.release].takes) != 1 or not lane.isdecimal():
            text = f"{name}: {one.release} is called with the number of lane {lane} alone"
            yield finding("DM143", map, path, text)


def _space(
    map: DeviceMap, path: tuple[str, ...], node: str, connection: OpcUa
) -> Iterator[Finding]:
    alias = node.partition(";")[0]
    if alias not in connection.namespaces:
        text = f"{path[1]}: there is no namespace {alias}"
        yield finding("DM101", map, path, text, hint(alias, connection.namespaces).strip(" ()"))
