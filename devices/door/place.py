"""Where a door is: what its switches say as one word, and one sentence for a person. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from wcs.names import DoorEnd as End
from wcs.names import DoorState

VERB: Final[dict[End, str]] = {"open": "open", "closed": "close"}


@dataclass(frozen=True, slots=True)
class Switches:
    """None: it cannot be read."""

    open: bool | None
    closed: bool | None
    blocked: bool | None = False
    occupied: bool | None = False
    busy: bool | None = False

    @property
    def end(self) -> End | None:
        """Where both switches agree that it is."""
        if self.open is None or self.closed is None or self.open == self.closed:
            return None
        return "open" if self.open else "closed"


@dataclass(frozen=True, slots=True)
class Place:
    """Since when it is between its ends, and since when it was asked to be at one.

    travel_s: longer than that it is not moving but stuck.
    """

    travel_s: float
    asked: End | None = None
    asked_s: float = 0.0
    left_s: float | None = None

    def ordered(self, to: End | None, now_s: float) -> "Place":
        """The same order again is no new one."""
        return self if to == self.asked else replace(self, asked=to, asked_s=now_s)

    def looked(self, switches: Switches, now_s: float) -> "Place":
        if switches.end is not None:
            return replace(self, left_s=None)
        return self if self.left_s is not None else replace(self, left_s=now_s)

    def says(self, switches: Switches, now_s: float) -> tuple[DoorState, str]:
        """The word and, where it is not one of the ends, the sentence."""
        if switches.open is None or switches.closed is None:
            which = "open" if switches.open is None else "closed"
            return "unknown", f"its {which} switch cannot be read"
        if switches.open and switches.closed:
            return "unknown", "it says open and closed at once: look at its switches"
        if switches.blocked is not False:
            seen = "something is in its way" if switches.blocked else "its guard cannot be read"
            return "blocked", seen
        return self._along(switches, now_s)

    def _along(self, switches: Switches, now_s: float) -> tuple[DoorState, str]:
        end, limit = switches.end, f"{self.travel_s:g} s"
        if self.asked and end != self.asked and now_s - self.asked_s > self.travel_s:
            still = f"still {end}" if end else "neither open nor closed"
            return "stuck", f"it was asked to {VERB[self.asked]} {limit} ago and is {still}"
        if end is None and self.left_s is not None and now_s - self.left_s > self.travel_s:
            return "stuck", f"it has been neither open nor closed for {limit}"
        if end is None or (end == "open" and switches.busy):
            return "moving", ""
        return end, ""
