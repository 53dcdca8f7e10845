"""DM138, DM139: what a scale may weigh, and when it counts as empty."""

from collections.abc import Iterator
from typing import Final

from devices.map.finding import Finding, finding
from devices.map.schema import DeviceMap, Scale

_GRAMS: Final = {"g": 1.0, "kg": 1000.0}


def scales(map: DeviceMap) -> Iterator[Finding]:
    for name, one in map.devices.items():
        if isinstance(one, Scale):
            yield from _empty(map, name, one)
            yield from _range(map, name, one)


def _empty(map: DeviceMap, name: str, one: Scale) -> Iterator[Finding]:
    if one.zero_within_g >= one.empty_below_g:
        text = (
            f"{name}: {one.zero_within_g:g} g count as zero, and from {one.empty_below_g:g} g on it"
            " is not empty"
        )
        yield finding("DM138", map, ("devices", name, "zero_within"), text)


def _range(map: DeviceMap, name: str, one: Scale) -> Iterator[Finding]:
    if one.range is None:
        return
    low, high = one.range
    if low >= high:
        text = f"{name}: {low:g} is not below {high:g}"
        yield finding("DM139", map, ("devices", name, "range"), text)
    elif high * _GRAMS[one.unit] <= one.empty_below_g:
        text = f"{name}: at most {high:g} {one.unit} are weighed, and all of that counts as empty"
        yield finding("DM138", map, ("devices", name, "range"), text)
