"""DM180 to DM186: lines of scanners that belong to one, what a scanner can be told, and which reads
are of one carton."""

from collections.abc import Iterator

from devices.map.explain import hint
from devices.map.finding import Finding, finding
from devices.map.rules.shared import port_of
from devices.map.schema import DeviceMap, EventShake, Hid, Scanner, Sorter, TcpServer

NUMBERS = "induct"
"""The event of a sorter by which cartons get their number."""
NUMBER = "trigger"
"""The field of a frame that says which carton."""
EVERYWHERE = ("0.0.0.0", "::")


def scanners(map: DeviceMap) -> Iterator[Finding]:
    yield from _listeners(map)
    lines: dict[object, str] = {}
    for name, device in map.devices.items():
        if not isinstance(device, Scanner):
            continue
        yield from _line(map, name, device, lines)
        yield from _feedback(map, name, device)
        yield from _head(map, name, device)
        yield from _eye(map, name, device)
        yield from _guess(map, name, device)


def _listeners(map: DeviceMap) -> Iterator[Finding]:
    """One that listens everywhere leaves no place for another."""
    known: dict[int, tuple[str, str]] = {}
    for line, one in map.connections.items():
        if isinstance(one, TcpServer):
            first, host = known.setdefault(one.port, (line, one.host))
            if one.host != host and (host in EVERYWHERE or one.host in EVERYWHERE):
                text = f"{line}: {first} listens at port {one.port} of {host} already"
                yield finding("DM186", map, ("connections", line, "host"), text)


def _line(
    map: DeviceMap, name: str, device: Scanner, lines: dict[object, str]
) -> Iterator[Finding]:
    connection = map.connections[device.connection]
    if isinstance(connection, TcpServer):
        place: object = ("tcp-server", connection.port, connection.peer)
    elif isinstance(connection, Hid):
        place = port_of(connection)
    else:
        return
    first = lines.setdefault(place, name)
    if first != name:
        yield finding("DM180", map, ("devices", name, "connection"), f"{name}: that is {first}")


def _feedback(map: DeviceMap, name: str, device: Scanner) -> Iterator[Finding]:
    style, path = device.feedback.style, ("devices", name, "feedback", "style")
    if style != "none" and isinstance(map.connections[device.connection], Hid):
        yield finding("DM181", map, path, f"{name}: a scanner on USB hears nothing of us")
    elif style != "none" and (style == "zebra-ssi") != (device.framing.packets == "zebra-ssi"):
        how = "packets" if device.framing.packets else "text"
        yield finding("DM182", map, path, f"{name}: {style} on a line of {how}")


def _head(map: DeviceMap, name: str, device: Scanner) -> Iterator[Finding]:
    if device.tunnel is None or (
        device.tunnel in map.declared and device.tunnel not in map.devices
    ):
        return
    path, to = ("devices", name, "tunnel"), map.devices.get(device.tunnel)
    if to is None:
        text = f"{name}: there is no device {device.tunnel}"
        yield finding("DM101", map, path, text, hint(device.tunnel, map.declared).strip(" ()"))
    elif not isinstance(to, Scanner) or to.associate is None:
        yield finding("DM183", map, path, f"{name}: {device.tunnel} is no tunnel")
    elif device.associate is not None:
        yield finding("DM183", map, path, f"{name}: it is a tunnel itself")
    elif to.associate.device is None and NUMBER in to.fields and NUMBER not in device.fields:
        text = f"{name}: its frames have no number, and those of {device.tunnel} are joined by it"
        yield finding("DM183", map, ("devices", name, "fields"), text)


def _eye(map: DeviceMap, name: str, device: Scanner) -> Iterator[Finding]:
    told = device.associate
    eye = map.devices.get(told.device) if told and told.device else None
    if told is None or eye is None:
        return
    path = ("devices", name, "associate", "event")
    numbers = isinstance(eye, Sorter) and told.event == NUMBERS
    shakes = getattr(eye, "handshakes", {})
    if told.event in shakes and not (numbers and isinstance(shakes[NUMBERS], EventShake)):
        text = f"{name}: {told.event} of {told.device} numbers no cartons"
        yield finding("DM184", map, path, text)


def _guess(map: DeviceMap, name: str, device: Scanner) -> Iterator[Finding]:
    rule = device.multi_read
    if rule is not None and rule.keep == "first" and rule.conflict == "keep":
        text = f"{name}: of two plates the one read first would be believed"
        yield finding("DM185", map, ("devices", name, "multi_read"), text)
