"""What a pick-to-light zone and we say to each other: topics and JSON (`docs/wires.md`, 8)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from devices.lights.wire import Fault, LampState, Press
from devices.map.lights import LightTopics
from wcs.commands import SetLight
from wcs.names import LightId, TaskId


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class Status(_Said):
    """Retained; the last will of the zone is `online: false`."""

    online: bool
    boot: str | None = None


class _Lamp(_Said):
    task: str | None
    on: bool
    fault: Fault | None = None


class _Press(_Said):
    event: Literal["confirm", "short", "qty"]
    qty: NonNegativeInt
    task: str | None
    seq: NonNegativeInt
    boot: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A person changed the quantity with the + or - key and has not confirmed it yet."""

    light: LightId
    qty: int


class ZoneCodec:
    def __init__(self, topics: LightTopics) -> None:
        self._topics = topics
        self.events = topics.event.replace("{light}", "+")
        self.states = topics.state.replace("{light}", "+")
        self.status = topics.status

    def command(self, command: SetLight) -> tuple[str, bytes]:
        """Topic and payload; the zone ignores it after `before`."""
        topic = self._topics.command.replace("{light}", command.light)
        body: dict[str, object] = {"task": command.task, "on": command.task is not None}
        if command.task is not None:
            body |= {"colour": command.colour, "qty": command.qty}
            body |= {"text": command.text, "flash": command.flash}
        return topic, json.dumps(body | {"before": instant(command.before)}).encode()

    def read(self, topic: str, payload: bytes) -> LampState | Press | Counted | Status | None:
        """None: not one of ours, or not understood."""
        try:
            if topic == self._topics.status:
                return Status.model_validate_json(payload)
            if light := light_of(self._topics.state, topic):
                lamp = _Lamp.model_validate_json(payload)
                task = TaskId(lamp.task) if lamp.on and lamp.task else None
                return LampState(light, task, lamp.fault)
            if light := light_of(self._topics.event, topic):
                return _press(light, _Press.model_validate_json(payload))
        except ValidationError:
            return None
        return None


def _press(light: LightId, press: _Press) -> Press | Counted:
    if press.event == "qty":
        return Counted(light, press.qty)
    task = TaskId(press.task) if press.task else None
    return Press(light, task, press.event, press.qty, f"{press.boot}:{press.seq}")


def light_of(template: str, topic: str) -> LightId | None:
    """The light that `wh1/ptl/A/{light}/state` stands for in a topic."""
    before, _, after = template.partition("{light}")
    light = topic.removeprefix(before).removesuffix(after)
    fits = topic == before + light + after and light and "/" not in light
    return LightId(light) if fits else None


def instant(at: datetime) -> str:
    """`2026-11-21T10:00:00.000Z`"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
