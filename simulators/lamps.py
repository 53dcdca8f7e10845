"""The lamps of one pick-to-light zone: what each shows, and what its buttons say. No wire here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Lamp:
    task: str | None = None
    on: bool = False
    colour: str = ""
    qty: int = 0
    text: str = ""
    flash: bool = False


DARK = Lamp()


class Lamps:
    """Dark after every start, under a new `boot`; `seq` counts the presses of one boot."""

    def __init__(self, lights: list[str], boot: str) -> None:
        self.boot = boot
        self.shows = dict.fromkeys(lights, DARK)
        self._seq = 0

    def set(self, light: str, command: dict[str, Any], now: datetime) -> bool:
        """Whether the lamp obeyed: a command after its `before` is ignored, as is one that is
        none. Raises KeyError for a lamp that is not of this zone."""
        if light not in self.shows:
            raise KeyError(light)
        try:
            before = datetime.fromisoformat(command["before"])
            lamp = _lamp(command)
        except (KeyError, TypeError, ValueError):
            return False
        if now > before:
            return False
        self.shows[light] = lamp
        return True

    def state(self, light: str) -> dict[str, Any]:
        lamp = self.shows[light]
        return {"task": lamp.task, "on": lamp.on}

    def press(self, light: str, button: str, qty: int) -> dict[str, Any]:
        """The event a press makes. The lamp stays as it is."""
        self._seq += 1
        task = self.shows[light].task
        event = {"event": button, "qty": qty, "task": task, "seq": self._seq, "boot": self.boot}
        return event


def _lamp(command: dict[str, Any]) -> Lamp:
    if not command["on"]:
        return DARK
    return Lamp(
        task=command.get("task"),
        on=True,
        colour=str(command.get("colour", "")),
        qty=int(command.get("qty", 0)),
        text=str(command.get("text", "")),
        flash=bool(command.get("flash", False)),
    )
