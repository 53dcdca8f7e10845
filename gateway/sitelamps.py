"""What a site file says of lamps: that they are there, and whose they are where operators share
them."""

from collections.abc import Iterator
from itertools import combinations

from devices.map.explain import hint
from devices.map.schema import DeviceMap, LightZone
from gateway.sitefile import SiteFile, ZoneConfig


def lamps(file: SiteFile, device_map: DeviceMap) -> Iterator[str]:
    for zone in file.zones:
        yield from _there(zone, device_map)
    for one, other in combinations(file.zones, 2):
        if one.lights == other.lights:
            yield from _told_apart(one, other)


def _there(zone: ZoneConfig, device_map: DeviceMap) -> Iterator[str]:
    known = device_map.devices.get(zone.lights)
    if not isinstance(known, LightZone):
        return
    for light in dict.fromkeys([zone.display, *zone.light_of.values()]):
        if light not in known.lights:
            told = f"zones.{zone.station}: {zone.lights} has no light {light!r}"
            yield told + hint(light, known.lights)
    colours = known.pick_iq.colours if known.pick_iq is not None else {}
    if colours and zone.colour not in colours:
        there = ", ".join(colours)
        yield f"zones.{zone.station}.colour: {zone.colour} has no number there ({there})"


def _told_apart(one: ZoneConfig, other: ZoneConfig) -> Iterator[str]:
    """Operators at the same lamps see whose a lamp is by its colour alone."""
    for what in ("colour", "display", "scanner"):
        if getattr(one, what) == getattr(other, what):
            told = f"zones.{other.station}.{what}: {getattr(other, what)!r} is that of"
            yield f"{told} {one.station}, who picks by the same lamps"
    for zone in (one, other):
        if zone.batch > 1:
            yield f"zones.{zone.station}.batch: who shares lamps picks one order after the other"
