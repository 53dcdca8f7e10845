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
        self.faults: dict[str, str] = {}
        """By light: `no_answer` when its module is not there, `stuck` when its key is held down."""
        self.lose: set[str] = set()
        """The next answer of these is lost."""
        self.lit = dict.fromkeys(lights, 0)
        """How often each began to show a task."""
        self._counted: dict[str, int] = {}
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
        if now > before or self.faults.get(light) == "no_answer":
            return False
        self.lit[light] += lamp.on and lamp.task != self.shows[light].task
        self.shows[light] = lamp
        self._counted.pop(light, None)
        return True

    def restart(self, light: str) -> None:
        """One module alone was without power for a moment."""
        self.shows[light] = DARK
        self._counted.pop(light, None)

    def state(self, light: str) -> dict[str, Any]:
        lamp = self.shows[light]
        fault = {"fault": self.faults[light]} if light in self.faults else {}
        return {"task": lamp.task, "on": lamp.on} | fault

    def digits(self, light: str) -> int:
        """What its digits show: what is asked for, or what a person has made of it."""
        return self._counted.get(light, self.shows[light].qty)

    def key(self, light: str, key: str) -> dict[str, Any]:
        """The event of `+`, `-`, or of `confirm` and `short` with what the digits show."""
        if key in ("+", "-"):
            self._counted[light] = max(0, self.digits(light) + (1 if key == "+" else -1))
            return self.press(light, "qty", self.digits(light))
        return self.press(light, key, self.digits(light))

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
