"""What the program of a PLC does for each handshake that the map declares. Pure: time comes in,
acts go out."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from devices.map.schema import (
    CommandShake,
    EventShake,
    Handshake,
    Heartbeat,
    PulseShake,
    TargetShake,
    ToggleShake,
)
from simulators.io_memory import Memory

BEAT_S: Final = 0.25
MOVE_S: Final = 0.5
"""From one target to the next."""
LAST: Final = 65535
Act = Callable[..., None]


class Beating:
    def __init__(self, shake: Heartbeat, memory: Memory) -> None:
        self._shake, self._memory = shake, memory
        self._due = 0.0

    def scan(self, now: float) -> None:
        if now >= self._due:
            self._due = now + BEAT_S
            self._memory.put(self._shake.watch, self._memory.get(self._shake.watch) % LAST + 1)


class Answering:
    """A new command number is carried out once, and answered with the first good code."""

    def __init__(self, name: str, shake: CommandShake, memory: Memory, act: Act) -> None:
        self._name, self._shake, self._memory, self._act = name, shake, memory, act
        self._acted_on = 0

    def scan(self, now: float) -> None:
        seq = self._memory.get(self._shake.seq)
        if seq in (0, self._acted_on):
            return
        self._acted_on = seq
        data = [self._memory.get(name) for name in self._shake.data]
        self._act("acted", shake=self._name, data=data, seq=seq)
        self._memory.put(self._shake.result, self._shake.ok[0])
        self._memory.put(self._shake.ack, seq)


class Telling:
    """Events one by one, each until it is acknowledged."""

    def __init__(self, shake: EventShake, memory: Memory) -> None:
        self._shake, self._memory = shake, memory
        self.waiting: deque[list[Any]] = deque(maxlen=64)

    def scan(self, now: float) -> None:
        seq = self._memory.get(self._shake.seq)
        if not self.waiting or self._memory.get(self._shake.ack) != seq:
            return
        for name, value in zip(self._shake.data, self.waiting.popleft(), strict=True):
            self._memory.put(name, value)
        self._memory.put(self._shake.seq, seq % LAST + 1)


class Following:
    """Shows a while later what it was told, busy meanwhile."""

    def __init__(self, name: str, shake: TargetShake, memory: Memory, act: Act) -> None:
        self._name, self._shake, self._memory, self._act = name, shake, memory, act
        self._there_at: float | None = None

    def scan(self, now: float) -> None:
        target = self._memory.get(self._shake.target)
        if self._memory.get(self._shake.actual) == target:
            self._there_at = None
        elif self._there_at is None:
            self._there_at = now + MOVE_S
            self._act("acted", shake=self._name, data=[target])
        elif now >= self._there_at:
            self._memory.put(self._shake.actual, target)
            self._there_at = None
        if self._shake.busy is not None:
            self._memory.put(self._shake.busy, self._there_at is not None)


class Edges:
    """Every rising edge of a pulse, every edge of a toggle is one act."""

    def __init__(
        self, name: str, shake: PulseShake | ToggleShake, memory: Memory, act: Act
    ) -> None:
        self._name, self._shake, self._memory, self._act = name, shake, memory, act
        self._was = False

    def scan(self, now: float) -> None:
        on = self._memory.get(self._shake.signal)
        if on != self._was and (on or isinstance(self._shake, ToggleShake)):
            self._act("acted", shake=self._name, data=[on])
        self._was = on
        if isinstance(self._shake, ToggleShake):
            self._memory.put(self._shake.echo, on)


Part = Beating | Answering | Telling | Following | Edges


def part_of(name: str, shake: Handshake, memory: Memory, act: Act) -> Part:
    match shake:
        case Heartbeat():
            return Beating(shake, memory)
        case CommandShake():
            return Answering(name, shake, memory, act)
        case EventShake():
            return Telling(shake, memory)
        case TargetShake():
            return Following(name, shake, memory, act)
        case PulseShake() | ToggleShake():
            return Edges(name, shake, memory, act)
