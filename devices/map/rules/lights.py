"""DM101, DM160 to DM163: lamps that are modules on a Modbus line."""

from collections.abc import Iterator

from devices.lights.pick_iq import holds
from devices.map.finding import Finding, finding
from devices.map.rules.shared import tagged, unit_of
from devices.map.schema import DeviceMap, LightZone, Modbus


def lights(map: DeviceMap) -> Iterator[Finding]:
    for name, zone in map.devices.items():
        if isinstance(zone, LightZone):
            yield from _display(map, name, zone)
            connection = map.connections[zone.connection]
            if zone.pick_iq is not None and isinstance(connection, Modbus):
                yield from _units(map, name, zone)
                yield from _allowed(map, name, zone, connection)
                yield from _colours(map, name, zone)


def _display(map: DeviceMap, name: str, zone: LightZone) -> Iterator[Finding]:
    if zone.display is not None and zone.display not in zone.lights:
        text = f"{name}: its display {zone.display} is none of its lights"
        yield finding("DM101", map, ("devices", name, "display"), text)


def _units(map: DeviceMap, name: str, zone: LightZone) -> Iterator[Finding]:
    """Each its own: whoever else is on the line has one too."""
    others = {
        unit_of(map, device): other
        for other, device in tagged(map)
        if device.connection == zone.connection
    }
    for other, before in map.devices.items():
        if other == name:
            break
        if isinstance(before, LightZone) and before.connection == zone.connection:
            others |= {one.unit: other for one in before.lights.values() if one.unit is not None}
    for light, one in zone.lights.items():
        path = ("devices", name, "lights", light)
        if one.unit is None:
            yield finding("DM160", map, path, f"{name}: {light} does not say which unit it is")
        elif one.unit in others:
            text = f"{name}: unit {one.unit} of {light} is that of {others[one.unit]}"
            yield finding("DM161", map, (*path, "unit"), text)
        else:
            others[one.unit] = light


def _allowed(map: DeviceMap, name: str, zone: LightZone, line: Modbus) -> Iterator[Finding]:
    assert zone.pick_iq is not None
    for role in ("job", "display", "colour", "animation"):
        at, path = getattr(zone.pick_iq, role), ("devices", name, "pick_iq", role)
        if at is None:
            continue
        if at.table not in ("co", "hr"):
            text = f"{name}: {role} is written, and {at} cannot be"
            yield finding("DM162", map, path, text)
        elif line.writable is not None and not holds(line.writable, at):
            text = f"{name}: {at} is not in the list of what may be written on {zone.connection}"
            yield finding("DM162", map, path, text)


def _colours(map: DeviceMap, name: str, zone: LightZone) -> Iterator[Finding]:
    assert zone.pick_iq is not None
    known = zone.pick_iq.colours
    if (zone.pick_iq.colour is None) != (not known):
        text = f"{name}: `colour` and `colours` belong together"
        yield finding("DM163", map, ("devices", name, "pick_iq"), text)
    for light, one in zone.lights.items():
        for colour in [colour for colour in one.colours if known and colour not in known]:
            text = f"{name}: {light} is to show {colour}, which has no number"
            yield finding("DM163", map, ("devices", name, "lights", light, "colours"), text)
