"""Tags as a person at a laptop sees and sets them: every one of the map with its address, and one
written by hand, checked, read back and kept."""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from devices.errors import DeviceError
from devices.map.explain import hint
from devices.map.rules.shared import Tagged
from devices.map.schema import (
    AnyTag,
    CommandShake,
    DeviceMap,
    EventShake,
    Heartbeat,
    Merge,
    PulseShake,
    RegisterTag,
    TargetShake,
    ToggleShake,
)
from devices.mode import Mode, writes
from devices.tags.codec import Unwritable
from devices.tags.port import NoReply, Tags
from devices.tags.value import Plain, Value
from gateway.auth import ROLES, Actor, Role
from gateway.context import Gateway
from gateway.refusing import by_a_person
from wcs.names import DeviceId
from wcs.observations import TagWritten

NOT_YET: Final = "not read yet"
USUAL_ROLE: Final[Role] = "engineer"


class UnknownTag(Exception):
    """The map has no such device or tag; the words say which may have been meant."""


# --- what is there --------------------------------------------------------------------------------


def rows(gateway: Gateway, device: str | None = None, like: str = "") -> list[dict[str, Any]]:
    """Every tag of the map, and what devices show besides; `like` is a part of `device.tag`.

    Raises UnknownTag.
    """
    device_map = gateway.settings.map
    names = list(device_map.devices) if device is None else [_known(device_map, device)]
    found = (row for name in names for row in _of(gateway, name))
    return [row for row in found if like.lower() in f"{row['device']}.{row['tag']}".lower()]


def _of(gateway: Gateway, name: str) -> list[dict[str, Any]]:
    config, values = gateway.settings.map.devices[name], gateway.live.of(DeviceId(name))
    tags: dict[str, Any] = dict(config.tags) if isinstance(config, Tagged) else {}
    now = gateway.now()
    return [
        {"device": name, "tag": tag, **_shown(values.get(tag), now), **_told(tags.get(tag))}
        for tag in [*tags, *(tag for tag in values if tag not in tags)]
    ]


def _shown(value: Value | None, now: Any) -> dict[str, Any]:
    if value is None:
        return {"value": None, "quality": "bad", "reason": NOT_YET, "at": None, "age_s": None,
                "raw": []}  # fmt: skip
    age_s = round((now - value.at).total_seconds(), 3)
    return {"value": value.value, "quality": value.quality, "reason": value.reason,
            "at": value.at, "age_s": max(age_s, 0.0), "raw": list(value.raw)}  # fmt: skip


def _told(tag: AnyTag | None) -> dict[str, Any]:
    """What the map says of it."""
    if tag is None:
        return {"type": "", "unit": "", "access": "r", "address": "", "range": None, "poll": ""}
    register = isinstance(tag, RegisterTag)
    return {
        "type": tag.type,
        "unit": tag.unit,
        "access": tag.access,
        "address": str(tag.at) if register else tag.node,  # type: ignore[union-attr]
        "range": tag.range,
        "poll": tag.poll.name if register else "",  # type: ignore[union-attr]
    }


def _known(device_map: DeviceMap, device: str) -> str:
    if device not in device_map.devices:
        near = hint(device, device_map.devices)
        raise UnknownTag(f"there is no device {device!r}{near}")
    return device


def tag_of(device_map: DeviceMap, device: str, tag: str) -> tuple[Tagged, AnyTag]:
    """Raises UnknownTag."""
    config = device_map.devices[_known(device_map, device)]
    tags: dict[str, AnyTag] = dict(config.tags) if isinstance(config, Tagged) else {}
    if not isinstance(config, Tagged) or tag not in tags:
        raise UnknownTag(f"{device} has no tag {tag!r}{hint(tag, tags)}")
    return config, tags[tag]


# --- what may be written --------------------------------------------------------------------------


def refusal(config: Tagged, tag: str, mode: Mode, who: Actor) -> str | None:
    """Why this person does not write it now; None when they may."""
    one = config.tags[tag]
    role = role_for(one)
    if one.access == "r":
        return f"the map says that {tag} is only read (access: r)"
    if not who.may(role):
        needed = f" ({one.permission})" if one.permission else ""
        return f"{who.name} is a {who.role}; writing {tag} needs {role}{needed}"
    if not writes(mode):
        return f"the device is in {mode}: manual or automatic is needed"
    shake = driven(config, tag, mode)
    if shake is not None:
        told = "; in manual it may be set" if shake[1] else ""
        return f"{tag} is written by {shake[0]}{told}"
    return None


def role_for(tag: AnyTag) -> Role:
    """A permission that is called like a role asks for that role; every other one, and none, for
    an engineer."""
    return next((role for role in ROLES if role == tag.permission), USUAL_ROLE)


def driven(config: Tagged, tag: str, mode: Mode) -> tuple[str, bool] | None:
    """What of us owns it, and whether a person may set it where no rule does."""
    for name, shake in config.handshakes.items():
        match shake:
            case Heartbeat() if tag == shake.drive:
                return f"the handshake {name}", False
            case EventShake() if tag == shake.ack:
                return f"the handshake {name}", False
            case CommandShake() if tag == shake.seq:
                return f"the handshake {name}", False
            case CommandShake() if tag in shake.data and mode == "automatic":
                return f"the handshake {name}", True
            case TargetShake() if tag == shake.target and mode == "automatic":
                return f"the handshake {name}", True
            case PulseShake() | ToggleShake() if tag == shake.signal and mode == "automatic":
                return f"the handshake {name}", True
            case _:
                continue
    if mode == "automatic" and isinstance(config, Merge) and tag in _steered(config):
        return "the rules of its lanes", True
    return None


def _steered(config: Merge) -> set[str]:
    return {tag for lane in config.lanes.values() for tag in (lane.hold, lane.priority)}


def meant(tag: AnyTag, given: object) -> Plain:
    """A value from JSON or from a command line, where everything is text. Raises Unwritable."""
    if isinstance(given, list):
        return tuple(_scalar(tag, one) for one in given)
    if isinstance(given, str) and given.lstrip().startswith("[") and tag.type != "string":
        return meant(tag, _json(given))
    return _scalar(tag, given)


def _scalar(tag: AnyTag, given: object) -> bool | int | float | str:
    if isinstance(given, str) and tag.type not in ("string", "enum") and tag.enum is None:
        given = _json(given)
    if not isinstance(given, (bool, int, float, str)):
        raise Unwritable(f"{given!r} is no value")
    return given


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Unwritable(f"{text!r} is neither a number nor true or false") from None


# --- writing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """`outcome` as in `TagWritten`; `shown` is what the device said afterwards."""

    outcome: Any
    reason: str = ""
    shown: Value | None = None


async def write(gateway: Gateway, device: str, tag: str, given: object, who: Actor) -> Done:
    """Asked for by a person, kept before and after. Raises UnknownTag."""
    config, one = tag_of(gateway.settings.map, device, tag)
    known = gateway.live.of(DeviceId(device)).get(tag)
    before = _text(known.value) if known is not None and known.value is not None else ""
    done = await _write(gateway, DeviceId(device), config, tag, one, given, who, before)
    await _keep(gateway, device, tag, given, who, done, before)
    return done


async def _write(
    gateway: Gateway,
    device: DeviceId,
    config: Tagged,
    tag: str,
    one: AnyTag,
    given: object,
    who: Actor,
    before: str,
) -> Done:
    effective = gateway.equipment.wanted.get(device)
    no = refusal(config, tag, effective.mode if effective else "off", who)
    tags = gateway.live.tags(device)
    if no is None and tags is None:
        no = f"{device} is not connected"
    if no is not None or tags is None:
        return Done("refused", no or "")
    try:
        value = meant(one, given)
    except Unwritable as err:
        return Done("refused", str(err))
    await _keep(gateway, device, tag, given, who, Done("asked"), before)
    with by_a_person():
        return await _sent(tags, tag, one, value)


async def _sent(tags: Tags, tag: str, one: AnyTag, value: Plain) -> Done:
    try:
        await tags.write({tag: value})
    except Unwritable as err:
        return Done("refused", str(err))
    except NoReply as err:
        return Done("unknown", f"{err.problem}: perhaps it was carried out, look at the device")
    except DeviceError as err:
        return Done("refused", err.problem)
    if one.access == "w" or getattr(one, "pulse_s", None):
        return Done("written", "it cannot be read back")
    return await _read_back(tags, tag, value)


async def _read_back(tags: Tags, tag: str, value: Plain) -> Done:
    try:
        shown = (await tags.read(tag))[tag]
    except DeviceError as err:
        return Done("written", f"it could not be read back: {err.problem}")
    if is_same(value, shown.value):
        return Done("written", "", shown)
    return Done("differs", f"written, but it reads back as {shown.value}", shown)


def is_same(written: Any, read: Any) -> bool:
    """As far as the steps of a scaled value and 32-bit floats allow."""
    if isinstance(written, tuple) and isinstance(read, tuple):
        pairs = zip(written, read, strict=False)
        return len(written) == len(read) and all(is_same(a, b) for a, b in pairs)
    numbers = isinstance(written, (int, float)) and isinstance(read, (int, float))
    if numbers and not isinstance(read, bool):
        return math.isclose(written, read, rel_tol=1e-6, abs_tol=1e-9)
    return bool(written == read)


def _text(value: object) -> str:
    return (value if isinstance(value, str) else json.dumps(value))[:200]


async def _keep(
    gateway: Gateway, device: str, tag: str, given: object, who: Actor, done: Done, before: str
) -> None:
    seen = TagWritten(device=DeviceId(device), tag=tag, value=_text(given), outcome=done.outcome,
                      reason=done.reason, before=before, by=who.name,
                      at=gateway.now())  # fmt: skip
    await gateway.ask(seen)
