"""A PLC of a test: registers, and a program that answers each style of handshake as a real one
would. It knows nothing of our machines. Counters of what it did are the world's: a restart zeroes
its memory, not what has happened."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

LAST = 7
"""Numbers wrap early, so that wraps happen in every run."""
Fate = Literal["fine", "reply lost", "lost", "late"]
"""Late: the request itself arrives when nobody waits any more."""


@dataclass
class Plc:
    beat: int = 0
    # command: data first, number last
    cmd_data: int = 0
    cmd_seq: int = 0
    ack: int = 0
    acted: list[int] = field(default_factory=list)
    """Data of every command that it carried out."""
    # event: number, data, our acknowledgement
    evt_seq: int = 0
    evt_data: int = 0
    evt_ack: int = 0
    raised: deque[int] = field(default_factory=deque)
    # target: a carriage that goes one step per cycle
    target: int = 0
    place: int = 0
    # pulse and toggle: bits whose edges count
    button: bool = False
    pressed: int = 0
    flip: bool = False
    echo: bool = False
    flipped: int = 0
    slow: bool = False
    """It takes what was written only in its next cycle."""
    _acted_on: int = 0
    _button_was: bool = False

    def cycle(self) -> None:
        self.beat += 1
        self.scan()
        self.place += (self.target > self.place) - (self.target < self.place)

    def scan(self) -> None:
        if self.cmd_seq not in (0, self._acted_on):
            self._acted_on = self.ack = self.cmd_seq
            self.acted.append(self.cmd_data)
        if self.raised and self.evt_ack == self.evt_seq:
            self.evt_data = self.raised.popleft()
            self.evt_seq = self.evt_seq % LAST + 1
        self.pressed += self.button and not self._button_was
        self._button_was = self.button
        self.flipped += self.flip != self.echo
        self.echo = self.flip

    def write(self, **registers: int) -> None:
        for name, value in registers.items():
            setattr(self, name, value)
        if not self.slow:
            self.scan()

    def restart(self) -> None:
        """Every register zero, nothing remembered. Its carriage stands where it stands."""
        self.beat = self.cmd_data = self.cmd_seq = self.ack = self._acted_on = 0
        self.evt_seq = self.evt_data = self.evt_ack = self.target = 0
        self.button = self._button_was = self.flip = self.echo = False
        self.raised.clear()


@dataclass
class Line:
    """What can become of a request between the two."""

    plc: Plc
    in_order: bool = False
    """One stream: what is late arrives ahead of what was sent after it."""
    late: deque[Callable[[], None]] = field(default_factory=deque)

    def write(self, fate: Fate, **registers: int) -> bool:
        """Whether a reply came in time."""
        while self.in_order and fate != "late" and self.late:
            self.something_arrives_late()
        match fate:
            case "fine" | "reply lost":
                self.plc.write(**registers)
            case "late":
                self.late.append(lambda: self.plc.write(**registers))
            case "lost":
                pass
        return fate == "fine"

    def something_arrives_late(self) -> None:
        if self.late:
            self.late.popleft()()
