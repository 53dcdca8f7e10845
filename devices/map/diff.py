"""Two maps beside each other: what came, what went, and what is different, in the map's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel

from devices.map.base import key_of
from devices.map.schema import DeviceMap
from devices.map.units import Band, Poll

What = Literal["added", "removed", "changed"]
UNITS: Final = {"_m_s": "m/s", "_mm": "mm", "_g": "g", "_s": "s"}


@dataclass(frozen=True, slots=True)
class Change:
    what: What
    path: tuple[str, ...]
    before: object = None
    after: object = None

    def __str__(self) -> str:
        where = ".".join(self.path)
        if self.what == "changed":
            return f"{where}: {_text(self.before)} -> {_text(self.after)}"
        told = self.after if self.what == "added" else self.before
        return f"{where}: {self.what} ({_text(told)})"


def diff(before: DeviceMap, after: DeviceMap) -> list[Change]:
    """Resolved values: a poll class that changed is a change of each tag that names it."""
    return list(_between((), said(before), said(after)))


def devices_of(changes: list[Change], after: DeviceMap) -> list[str]:
    """Devices that a running gateway would swap: theirs, or their connection's."""
    lines = {one.path[1] for one in changes if one.path[0] == "connections"}
    theirs = {one.path[1] for one in changes if one.path[0] == "devices"}
    theirs |= {name for name, one in after.devices.items() if one.connection in lines}
    return sorted(theirs)


def _between(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        if before != after:
            yield Change("changed", path, before, after)
        return
    for key in [*before, *(key for key in after if key not in before)]:
        inner = (*path, str(key))
        if key not in after:
            yield Change("removed", inner, before[key])
        elif key not in before:
            yield Change("added", inner, None, after[key])
        else:
            yield from _between(inner, before[key], after[key])


def said(value: Any) -> Any:
    """As the map would say it, defaults left out: `timeout_s` 0.15 is `timeout: 0.15s`."""
    match value:
        case BaseModel():
            return dict(_fields(value))
        case Poll():
            every = "" if value.every_s is None else f" ({value.every_s:g}s)"
            return value.name + every
        case Band():
            return f"{value.width:g}%" if value.percent else value.width
        case Mapping():
            return {str(key): said(one) for key, one in value.items()}
        case tuple() if not hasattr(value, "_fields"):
            return [said(one) for one in value]
        case bool() | int() | float() | str() | None:
            return value
        case _:
            return str(value)


def _fields(model: BaseModel) -> Iterator[tuple[str, Any]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if not field.is_required() and value == field.get_default(call_default_factory=True):
            continue
        unit = next((unit for end, unit in UNITS.items() if name.endswith(end)), "")
        told = f"{value:g}{unit}" if unit and isinstance(value, float) else said(value)
        yield field.alias or key_of(name), told


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items())
    return str(value)
