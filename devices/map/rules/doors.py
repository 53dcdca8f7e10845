"""DM101, DM111, DM150, DM151, DM152, DM154: doors that can be moved, and trusted."""

from collections.abc import Iterator
from typing import Any, Final

from devices.map.explain import hint
from devices.map.finding import Finding, finding
from devices.map.rules.shakes import FAST_S, is_fast
from devices.map.schema import DeviceMap, Door, PulseShake, TargetShake, ToggleShake

SWITCHES: Final = ("open", "closed", "blocked", "occupied")
ENDS: Final = {"open", "closed"}


def doors(map: DeviceMap) -> Iterator[Finding]:
    for name, device in map.devices.items():
        if isinstance(device, Door):
            for role in SWITCHES:
                yield from _switch(map, name, device, role)
            yield from _ends(map, name, device)
            yield from _way(map, name, device)


def _switch(map: DeviceMap, name: str, door: Door, role: str) -> Iterator[Finding]:
    tag, path = getattr(door, role), ("devices", name, role)
    if tag is None:
        return
    one = door.tags.get(tag)
    if one is None:
        guess = hint(tag, door.tags).strip(" ()")
        yield finding("DM101", map, path, f"{name}: there is no tag {tag}", guess)
    elif one.type != "bool":
        yield finding("DM151", map, path, f"{name}: {tag} is {one.type}, not one bit")
    elif one.access == "w" or not is_fast(one):
        often = f"every {FAST_S * 1000:g} ms"
        yield finding("DM111", map, path, f"{name}: {role} is {tag}, which is not polled {often}")


def _ends(map: DeviceMap, name: str, door: Door) -> Iterator[Finding]:
    if door.open == door.closed:
        text = f"{name}: {door.open} says both open and closed"
        yield finding("DM152", map, ("devices", name, "closed"), text)


def _way(map: DeviceMap, name: str, door: Door) -> Iterator[Finding]:
    """A door with no handshake of these is only watched."""
    path, shakes = ("devices", name, "handshakes"), door.handshakes
    move, pulses = shakes.get("move"), [one for one in ("open", "close") if one in shakes]
    wrong = [one for one in pulses if not isinstance(shakes[one], PulseShake)]
    if move is not None and (pulses or not isinstance(move, (TargetShake, ToggleShake))):
        text = f"{name}: `move` is a target or a toggle, and then the only way to move it"
        yield finding("DM150", map, (*path, "move"), text)
    elif len(pulses) == 1 or wrong:
        text = f"{name}: `open` and `close` are pulses, and come together"
        yield finding("DM150", map, (*path, (wrong or pulses)[0]), text)
    elif isinstance(move, TargetShake):
        yield from _says_both(map, name, door, move.target)


def _says_both(map: DeviceMap, name: str, door: Door, tag: str) -> Iterator[Finding]:
    one: Any = door.tags.get(tag)
    if one is not None and one.type != "bool" and not set((one.enum or {}).values()) >= ENDS:
        path = ("devices", name, "handshakes", "move", "target")
        yield finding("DM154", map, path, f"{name}: {tag} has no names for open and closed")
