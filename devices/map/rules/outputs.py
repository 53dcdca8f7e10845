"""DM151, DM153, DM155, DM156: outputs that handshakes drive."""

from collections.abc import Iterator
from typing import Any

from devices.map.finding import Finding, finding
from devices.map.rules.shared import Tagged, tagged
from devices.map.schema import DeviceMap, Heartbeat, PulseShake, TargetShake, ToggleShake


def outputs(map: DeviceMap) -> Iterator[Finding]:
    for name, device in tagged(map):
        for shake, declared in device.handshakes.items():
            path = ("devices", name, "handshakes", shake)
            match declared:
                case TargetShake():
                    yield from _kept(map, name, device, (*path, "target"), declared.target)
                case PulseShake():
                    yield from _bit(map, name, device, (*path, "signal"), declared.signal)
                    yield from _pulsed_once(map, name, device, path, declared)
                case ToggleShake():
                    yield from _bit(map, name, device, (*path, "signal"), declared.signal)
                    yield from _bit(map, name, device, (*path, "echo"), declared.echo)
                    yield from _kept(map, name, device, (*path, "signal"), declared.signal)
                    yield from _beats(map, name, device, path)
                case _:
                    continue


def _bit(
    map: DeviceMap, name: str, device: Tagged, path: tuple[str, ...], tag: str
) -> Iterator[Finding]:
    one = device.tags.get(tag)
    if one is not None and one.type != "bool":
        yield finding("DM151", map, path, f"{name}: {tag} is {one.type}, not one bit")


def _kept(
    map: DeviceMap, name: str, device: Tagged, path: tuple[str, ...], tag: str
) -> Iterator[Finding]:
    one = device.tags.get(tag)
    if one is not None and one.access == "w":
        yield finding("DM153", map, path, f"{name}: {tag} is only written")


def _pulsed_once(
    map: DeviceMap, name: str, device: Tagged, path: tuple[str, ...], shake: PulseShake
) -> Iterator[Finding]:
    one: Any = device.tags.get(shake.signal)
    if getattr(one, "pulse_s", None) is not None:
        text = f"{name}: {shake.signal} falls back by itself and by the handshake {path[-1]}"
        yield finding("DM155", map, (*path, "signal"), text)


def _beats(map: DeviceMap, name: str, device: Tagged, path: tuple[str, ...]) -> Iterator[Finding]:
    if not any(isinstance(one, Heartbeat) for one in device.handshakes.values()):
        yield finding("DM156", map, path, f"{name}: {path[-1]} is a toggle, and nothing beats")
