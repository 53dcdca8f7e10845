"""DM108 to DM111, DM124, DM130, DM131: what handshakes write, wait for and need."""

from collections.abc import Iterator
from typing import Any, Final

from devices.map.finding import Finding, finding
from devices.map.rules.shared import Tagged, tagged, tags_of
from devices.map.schema import (
    CommandShake,
    DeviceMap,
    EventShake,
    Heartbeat,
    Merge,
    OpcUa,
    RegisterTag,
    Sorter,
)

NEEDS: Final[dict[Any, dict[str, type]]] = {
    Sorter: {
        "heartbeat": Heartbeat, "induct": EventShake, "decision": CommandShake,
        "confirm": EventShake,
    },
    Merge: {"heartbeat": Heartbeat},
}  # fmt: skip
DATA: Final = {"induct": 2, "decision": 2, "confirm": 3}
"""Track and length; track and lane; track, lane and result."""
FAST_S: Final = 0.1
WATCHED: Final = ("watch", "actual", "busy", "result", "echo")
POLLS_LOST, BEATS_LOST = 3, 2


def shakes(map: DeviceMap) -> Iterator[Finding]:
    for name, device in tagged(map):
        yield from _needed(map, name, device)
        for shake, declared in device.handshakes.items():
            yield from _reach(map, name, device, shake, declared)
            yield from _patience(map, name, device, shake, declared)


def _needed(map: DeviceMap, name: str, device: Tagged) -> Iterator[Finding]:
    path = ("devices", name, "handshakes")
    for shake, style in NEEDS.get(type(device), {}).items():
        declared = device.handshakes.get(shake)
        if not isinstance(declared, style):
            text = f"{name}: a {device.kind} needs the handshake {shake}"
            yield finding("DM108", map, (*path, shake), text)
        elif shake in DATA and len(declared.data) != DATA[shake]:  # type: ignore[union-attr]
            text = f"{name}: {shake} carries {DATA[shake]} values"
            yield finding("DM109", map, (*path, shake, "data"), text)


def _reach(
    map: DeviceMap, name: str, device: Tagged, shake: str, declared: Any
) -> Iterator[Finding]:
    """What we write must be writable, what we wait for must be read, and often."""
    command = isinstance(declared, CommandShake)
    ours = {"drive", "target", "signal"} | ({"seq", "data"} if command else {"ack"})
    awaited = {*WATCHED, "ack" if command else "seq"}
    for role, tag in tags_of(declared):
        one, path = device.tags.get(tag), ("devices", name, "handshakes", shake, role)
        if one is None:
            continue
        if role in ours and one.access == "r":
            text = f"{name}: {shake} writes {tag}, but its access is r"
            yield finding("DM110", map, path, text)
        if role not in ours and one.access == "w":
            text = f"{name}: {shake} reads {tag}, but its access is w"
            yield finding("DM124", map, path, text)
        elif role in awaited and not is_fast(one):
            often = f"every {FAST_S * 1000:g} ms"
            text = f"{name}: {shake} waits for {tag}, which is not polled {often}"
            yield finding("DM111", map, path, text)


def is_fast(tag: Any) -> bool:
    if isinstance(tag, RegisterTag):
        return tag.poll.every_s is not None and tag.poll.every_s <= FAST_S
    return True  # a subscription, or the connection's interval


def _patience(
    map: DeviceMap, name: str, device: Tagged, shake: str, declared: Any
) -> Iterator[Finding]:
    path = ("devices", name, "handshakes", shake)
    if isinstance(declared, Heartbeat):
        poll_s = _poll_s(map, device, declared.watch)
        need_s = max(BEATS_LOST * declared.every_s, POLLS_LOST * poll_s)
        if declared.lost_after_s < need_s:
            text = f"{name}: lost after {declared.lost_after_s:g} s, but a beat may take {need_s:g}"
            yield finding("DM130", map, (*path, "lost_after"), text)
    if isinstance(declared, CommandShake):
        poll_s = _poll_s(map, device, declared.ack)
        if declared.timeout_s <= poll_s:
            told = f"{declared.timeout_s * 1000:g} ms"
            text = f"{name}: {shake} waits {told}, its ack is read every {poll_s * 1000:g} ms"
            yield finding("DM131", map, (*path, "timeout"), text)


def _poll_s(map: DeviceMap, device: Tagged, tag: str) -> float:
    """How old what is read of it may be; 0 where nobody can say."""
    one, connection = device.tags.get(tag), map.connections[device.connection]
    if isinstance(one, RegisterTag):
        return one.poll.every_s or 0.0
    return connection.publishing_s if isinstance(connection, OpcUa) else 0.0
