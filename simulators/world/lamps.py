"""The lights of the zone as a person sees them."""

from dataclasses import dataclass, field
from typing import Any

ASKS_FOR_CARTON = "SCAN"
CANCELLED = "CANCEL"


@dataclass(frozen=True, slots=True)
class Lamp:
    on: bool = False
    task: str | None = None
    qty: int = 0
    text: str = ""
    flash: bool = False


@dataclass(slots=True)
class Lamps:
    display: str
    shown: dict[str, Lamp] = field(default_factory=dict)
    powered: bool = False
    powered_at: float = 0.0

    def set(self, act: dict[str, Any]) -> None:
        self.shown[act["light"]] = Lamp(
            on=bool(act["on"]),
            task=act.get("task"),
            qty=act.get("qty") or 0,
            text=act.get("text") or "",
            flash=bool(act.get("flash")),
        )

    def power(self, on: bool, at: float) -> None:
        self.powered, self.powered_at = on, at
        self.shown.clear()

    def at(self, light: str) -> Lamp:
        return self.shown.get(light, Lamp())

    @property
    def asks(self) -> str | None:
        """The task for which the display asks for a carton."""
        lamp = self.at(self.display)
        return (lamp.task or "") if lamp.on and ASKS_FOR_CARTON in lamp.text.upper() else None

    @property
    def shows_order(self) -> bool:
        """The display names the carton that is being picked into."""
        return self.at(self.display).on and self.asks is None and not self.says_cancelled

    @property
    def order(self) -> str | None:
        """The task of the display."""
        return self.at(self.display).task

    @property
    def dark(self) -> bool:
        """Nothing shows anything, as in a zone without power."""
        return not any(lamp.on for lamp in self.shown.values())

    @property
    def says_cancelled(self) -> bool:
        lamp = self.at(self.display)
        return lamp.on and CANCELLED in lamp.text.upper()

    @property
    def lit(self) -> list[str]:
        """Lit lights of locations, the flashing ones first."""
        lights = [n for n, lamp in self.shown.items() if lamp.on and n != self.display]
        return sorted(lights, key=lambda name: (not self.shown[name].flash, name))
