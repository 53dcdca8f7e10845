"""DM170: how long a device may be gone before anybody can know it. Arithmetic of the map."""

from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

from devices.map.finding import Finding, finding
from devices.map.rules.shared import tagged
from devices.map.schema import (
    DeviceMap,
    Modbus,
    OpcUa,
    Printer,
    Scanner,
    TcpClient,
    TcpServer,
)
from devices.map.shakes import Heartbeat

AT_MOST_S: Final = 5.0
ANSWERS_S: Final = 2.0
"""What a printer may take for one answer."""
PROBES: Final = 3
"""Of TCP, after its first: `devices.streams`."""
INTERVALS: Final = 3
"""Without a word, and a subscription is asked about."""


Path = tuple[str, ...]


class Window(NamedTuple):
    seconds: float
    why: str
    at: Path


def windows(map: DeviceMap) -> Iterator[Finding]:
    for one in all_windows(map):
        if one.seconds > AT_MOST_S:
            text = f"{one.at[1]}: its loss is known after {one.seconds:g} s: {one.why}"
            yield finding("DM170", map, one.at, text)


def all_windows(map: DeviceMap) -> Iterator[Window]:
    for name, connection in map.connections.items():
        yield from _of_line(("connections", name), connection)
    for name, tags in tagged(map):
        for shake, one in tags.handshakes.items():
            if isinstance(one, Heartbeat):
                at = ("devices", name, "handshakes", shake, "lost_after")
                yield Window(one.lost_after_s, "`lost_after`", at)
    for name, device in map.devices.items():
        if isinstance(device, Scanner):
            yield from _of_scanner(("devices", name), device, map.connections[device.connection])
        elif isinstance(device, Printer):
            every_s, alive_s = device.status.every_s, _alive(map.connections[device.connection])
            why = f"asked every {every_s:g} s, and {ANSWERS_S:g} s for an answer"
            asked: Path = ("devices", name, "status", "every")
            yield Window(min(every_s + ANSWERS_S, alive_s), why, asked)


def _of_line(path: Path, connection: object) -> Iterator[Window]:
    if isinstance(connection, Modbus):
        times = connection.retries + 1
        why = f"{connection.timeout_s:g} s, {times} times"
        yield Window(connection.timeout_s * times, why, (*path, "timeout"))
    elif isinstance(connection, OpcUa):
        quiet_s, timeout_s = INTERVALS * connection.publishing_s, connection.timeout_s
        why = f"{quiet_s:g} s of silence, and {timeout_s:g} s for an answer"
        yield Window(quiet_s + timeout_s, why, (*path, "timeout"))


def _of_scanner(path: Path, scanner: Scanner, connection: object) -> Iterator[Window]:
    if scanner.heartbeat is not None:
        at = (*path, "heartbeat", "lost_after")
        yield Window(scanner.heartbeat.lost_after_s, "`lost_after`", at)
    elif isinstance(connection, TcpClient | TcpServer):
        yield Window(_alive(connection), "it has no `heartbeat`, only `keepalive`", path)


def _alive(connection: object) -> float:
    """After so long TCP itself knows that nobody is there."""
    every_s = connection.keepalive_s if isinstance(connection, TcpClient | TcpServer) else None
    return inf if every_s is None else (1 + PROBES) * every_s
