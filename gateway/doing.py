"""What a person lets a device do: an alarm acknowledged, a method called; kept before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from devices.errors import DeviceError
from devices.map.explain import hint
from devices.map.rules.shared import Tagged
from devices.map.schema import Method
from devices.mode import writes
from devices.tags.codec import Unwritable
from devices.tags.methods import Alarms, Methods
from devices.tags.port import NoReply, TooLate
from devices.tags.value import Plain
from gateway.auth import Actor
from gateway.context import Gateway
from gateway.refusing import by_a_person
from gateway.tagging import UnknownTag, tag_of
from wcs.names import DeviceId
from wcs.observations import ConditionAcknowledged, MethodCalled

PERHAPS: Final = "perhaps it was carried out, look at the device"
ALARM: Final = ".alarm"


@dataclass(frozen=True, slots=True)
class Done:
    """outcome: as in `ConditionAcknowledged` and `MethodCalled`. gave: results by name."""

    outcome: Any
    reason: str = ""
    gave: Mapping[str, Plain] = field(default_factory=dict)


# --- alarms ---------------------------------------------------------------------------------------


def conditions(gateway: Gateway) -> list[dict[str, Any]]:
    """Every alarm that a device has told of, in its own words."""
    return [
        {
            "device": device,
            "tag": name.removesuffix(ALARM),
            "state": value.value,
            "text": value.reason,
            "at": value.at,
        }
        for device in gateway.settings.map.devices
        for name, value in gateway.live.of(DeviceId(device)).items()
        if name.endswith(ALARM)
    ]


async def acknowledge(gateway: Gateway, device: str, tag: str, comment: str, who: Actor) -> Done:
    """Raises UnknownTag."""
    tag_of(gateway.settings.map, device, tag)
    id = DeviceId(device)

    async def keep(done: Done) -> Done:
        said = ConditionAcknowledged(device=id, tag=tag, comment=comment, outcome=done.outcome,
                                     reason=done.reason, by=who.name,
                                     at=gateway.now())  # fmt: skip
        await gateway.ask(said)
        return done

    tags = gateway.live.tags(id)
    if (no := _refusal(gateway, id)) or tags is None:
        return await keep(Done("refused", no or f"{device} is not connected"))
    if not isinstance(tags, Alarms):
        return await keep(Done("refused", f"{device} has no alarms of its own"))
    await keep(Done("asked"))
    return await keep(await _acknowledged(tags, tag, comment))


async def _acknowledged(tags: Alarms, tag: str, comment: str) -> Done:
    try:
        with by_a_person():
            await tags.acknowledge(tag, comment)
    except NoReply as err:
        return Done("unknown", f"{err.problem}: {PERHAPS}")
    except Unwritable as err:
        return Done("refused", str(err))
    except DeviceError as err:
        return Done("refused", err.problem)
    return Done("acknowledged")


# --- methods --------------------------------------------------------------------------------------


def method_of(gateway: Gateway, device: str, method: str) -> Method:
    """Raises UnknownTag."""
    devices = gateway.settings.map.devices
    if device not in devices:
        raise UnknownTag(f"there is no device {device!r}{hint(device, devices)}")
    config = devices[device]
    known: dict[str, Method] = dict(config.methods) if isinstance(config, Tagged) else {}
    if method not in known:
        raise UnknownTag(f"{device} has no method {method!r}{hint(method, known)}")
    return known[method]


async def call(
    gateway: Gateway, device: str, method: str, given: Mapping[str, Any], who: Actor
) -> Done:
    """Never repeated. A text is read as the argument's type asks for. Raises UnknownTag."""
    takes, id = method_of(gateway, device, method).takes, DeviceId(device)

    async def keep(done: Done) -> Done:
        said = MethodCalled(device=id, method=method, given=_json(given), outcome=done.outcome,
                            gave=_json(done.gave) if done.gave else "", reason=done.reason,
                            by=who.name, at=gateway.now())  # fmt: skip
        await gateway.ask(said)
        return done

    tags = gateway.live.tags(id)
    if (no := _refusal(gateway, id)) or tags is None:
        return await keep(Done("refused", no or f"{device} is not connected"))
    if not isinstance(tags, Methods):
        return await keep(Done("refused", f"{device} has no methods"))
    try:
        values = {name: _meant(name, takes.get(name, ""), value) for name, value in given.items()}
    except Unwritable as err:
        return await keep(Done("refused", str(err)))
    await keep(Done("asked"))
    return await keep(await _called(tags, method, values))


async def _called(tags: Methods, method: str, values: Mapping[str, Plain]) -> Done:
    try:
        with by_a_person():
            return Done("done", gave=await tags.call(method, values))
    except NoReply as err:
        return Done("unknown", f"{err.problem}: {PERHAPS}")
    except (Unwritable, TooLate) as err:
        return Done("refused", str(err))
    except DeviceError as err:
        return Done("refused", err.problem)


def _meant(name: str, type: str, value: Any) -> Plain:
    if isinstance(value, str) and type not in ("", "string"):
        try:
            value = json.loads(value)
        except ValueError:
            raise Unwritable(f"{name}: {value!r} is no {type}") from None
    if not isinstance(value, (bool, int, float, str)):
        raise Unwritable(f"{name}: {value!r} is no value")
    return value


def _refusal(gateway: Gateway, device: DeviceId) -> str | None:
    effective = gateway.equipment.wanted.get(device)
    mode = effective.mode if effective else "off"
    return None if writes(mode) else f"the device is in {mode}: manual or automatic is needed"


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)[:500]
