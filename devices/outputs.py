"""Handshakes that drive one output, as pure state machines: a state and what was read go in, the
next state and what to do come out.

A target is a level, written whenever the device does not hold it. A pulse and a toggle are acts:
one write each, whatever becomes of it; who wants another one asks again.
"""

from dataclasses import dataclass, replace
from typing import Literal

from devices.tags.value import Plain

Sent = Literal["answered", "no reply", "not sent"]
"""What became of a write; without a reply it may have been carried out, or may be yet."""
Ended = Literal["given", "unsure", "not sent"]
"""What became of an act. Unsure: perhaps carried out, never tried again."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the device shall show: `phase` says how far that is."""

    timeout_s: float
    wanted: Plain | None = None
    phase: Literal["idle", "under way", "shown", "late"] = "idle"
    since_s: float = 0.0

    def want(self, value: Plain, now_s: float) -> "Target":
        """The same again changes nothing while it is shown or under way."""
        if value == self.wanted and self.phase in ("shown", "under way"):
            return self
        return replace(self, wanted=value, phase="under way", since_s=now_s)

    def withdrawn(self) -> "Target":
        return replace(self, wanted=None, phase="idle")

    def read(
        self, held: Plain | None, actual: Plain | None, busy: bool, now_s: float
    ) -> tuple["Target", bool]:
        """held: the target as the device has it now, None where it cannot be read; actual: its
        feedback. Returns whether the target is to be written."""
        if self.wanted is None:
            return self, False
        there = held == self.wanted == actual and not busy
        return self._moved(there, now_s), held is not None and held != self.wanted

    def _moved(self, there: bool, now_s: float) -> "Target":
        if there:
            return replace(self, phase="shown")
        if self.phase == "shown":
            return replace(self, phase="under way", since_s=now_s)
        if self.phase == "under way" and now_s - self.since_s > self.timeout_s:
            return replace(self, phase="late")
        return self


@dataclass(frozen=True, slots=True)
class Pulse:
    """An output that is on for a moment: on once per act, off as often as it takes.

    `unknown` before the first look: what was on when the line dropped is switched off, which is no
    act.
    """

    width_s: float
    phase: Literal["unknown", "off", "rising", "on", "falling"] = "unknown"
    since_s: float = 0.0

    @property
    def is_free(self) -> bool:
        return self.phase == "off"

    @property
    def falls(self) -> bool:
        """Off is to be written now."""
        return self.phase == "falling"

    def ask(self) -> tuple["Pulse", bool]:
        """Returns whether on is to be written: now and never again for this act."""
        return (replace(self, phase="rising"), True) if self.is_free else (self, False)

    def rose(self, sent: Sent, now_s: float) -> tuple["Pulse", Ended]:
        """What became of writing on."""
        match sent:
            case "answered":
                return replace(self, phase="on", since_s=now_s), "given"
            case "no reply":
                return replace(self, phase="falling"), "unsure"
            case "not sent":
                return replace(self, phase="off"), "not sent"

    def fell(self, sent: Sent) -> "Pulse":
        """What became of writing off."""
        return replace(self, phase="off") if sent == "answered" else self

    def tick(self, now_s: float) -> "Pulse":
        over = self.phase == "on" and now_s - self.since_s >= self.width_s
        return replace(self, phase="falling") if over else self

    def read(self, signal: bool) -> "Pulse":
        """On where nothing is under way: left over, or a write that came late."""
        if self.phase not in ("unknown", "off"):
            return self
        return replace(self, phase="falling" if signal else "off")


@dataclass(frozen=True, slots=True)
class Toggle:
    """A bit whose every change is one act; the device copies it into `echo` when it has acted."""

    timeout_s: float
    level: bool | None = None
    """As the device has it; None before the first look."""
    taken: bool = False
    """The echo agrees."""
    to: bool | None = None
    """The level of the act under way."""
    since_s: float = 0.0

    @property
    def is_free(self) -> bool:
        return self.taken and self.to is None

    def ask(self, signal: bool, echo: bool, now_s: float) -> tuple["Toggle", bool | None]:
        """Both read just now: an edge counted from an old look may be none. Returns the level to
        write, once; None while the device has not taken the last one."""
        fresh = self if self.to is not None else self._seen(signal, echo)
        if not fresh.is_free:
            return fresh, None
        return replace(fresh, to=not signal, taken=False, since_s=now_s), not signal

    def not_sent(self) -> "Toggle":
        """Nothing left. The next look says whether it is free."""
        return replace(self, to=None)

    def read(self, signal: bool, echo: bool, now_s: float) -> tuple["Toggle", Ended | None]:
        """Both of one moment. Returns the end of the act under way."""
        if self.to is not None and signal == echo == self.to:
            return self._seen(signal, echo), "given"
        if self.to is not None and now_s - self.since_s <= self.timeout_s:
            return self, None
        return self._seen(signal, echo), None if self.to is None else "unsure"

    def restarted(self) -> tuple["Toggle", Ended | None]:
        """The device lost its memory: levels of before prove nothing."""
        return Toggle(self.timeout_s), None if self.to is None else "unsure"

    def _seen(self, signal: bool, echo: bool) -> "Toggle":
        return replace(self, level=signal, taken=signal == echo, to=None)
