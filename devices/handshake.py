"""Handshakes with a PLC as pure state machines: what was read goes in, what to do comes out.

Sequence numbers run 1..last and wrap to 1; 0 is what a PLC shows after a restart: nothing yet.
"""

from collections.abc import Callable
from dataclasses import dataclass


class Restarted(Exception):
    """The PLC lost its memory: everything that was agreed with it is void."""


def following(number: int, first: int = 1, last: int = 65535) -> int:
    return number + 1 if first <= number < last else first


class Watch:
    """The device's heartbeat: a counter of `size` values that it keeps raising."""

    def __init__(self, lost_after_s: float, now_s: float, size: int = 65536) -> None:
        self._lost_after_s, self._size = lost_after_s, size
        self._value: int | None = None
        self._moved_s = now_s

    def seen(self, value: int, now_s: float) -> None:
        """Raises Restarted when it went backwards; a wrap is a small step forward."""
        if self._value is not None and (value - self._value) % self._size > self._size // 2:
            raise Restarted
        if value != self._value:
            self._moved_s = now_s
        self._value = value

    def lost(self, now_s: float) -> bool:
        return now_s - self._moved_s > self._lost_after_s


class Drive:
    """Our heartbeat: moves on only when the control loop did since the last beat."""

    def __init__(self, beat: Callable[[], int]) -> None:
        self._beat = beat
        self._last = beat()

    def moved(self) -> bool:
        """Whether the next beat may be written; says so once per move of the loop."""
        turn = self._beat()
        moved, self._last = turn != self._last, turn
        return moved


class Event:
    """seq + data + ack: the device puts up one event and waits for its acknowledgement.

    Each number is offered once per session; one that was acknowledged before is not offered again.
    """

    def __init__(self) -> None:
        self._offered = self._seq = self._ack = 0

    def read(self, seq: int, ack: int) -> int | None:
        """The number of a new event, if there is one. Raises Restarted when a register that was
        set reads 0 again."""
        if (seq == 0 and self._seq != 0) or (ack == 0 and self._ack != 0):
            raise Restarted
        self._seq, self._ack = seq, ack
        if seq in (0, self._offered, ack):
            return None
        self._offered = seq
        return seq

    def repair(self) -> int | None:
        """What to write into an ack register that holds a number of before a restart: the device
        would wait for ever."""
        if self._seq != 0 or self._ack == 0:
            return None
        self._ack = 0
        return 0


class Passing(Event):
    """An event handshake between the device and somebody else, only watched: an event may have been
    acknowledged before we have looked, and one that stood there when we came is not new."""

    def read(self, seq: int, ack: int) -> int | None:
        first, before = self._first, self._seq
        self._first, self._seq = False, seq
        if seq == 0 and before != 0:
            raise Restarted
        return None if seq in (0, before) or (first and seq == ack) else seq

    def repair(self) -> int | None:
        return None

    _first = True


@dataclass(slots=True)
class Command:
    """Data first, seq last, then the device's ack of that number; one command at a time.

    While a number stands that the device has not taken, the next data stay away from its registers:
    it would act on them under both numbers.
    """

    first: int = 1
    last: int = 65535
    retry: int = 0
    _sent: int = 0
    _tries: int = 0
    _stands: bool = False

    def resync(self, written: int, acked: int, *, remembers: bool = True) -> None:
        """Registers as read while opening: a number that was used is not used again. remembers: the
        device has its memory of before, so it may take the last one yet."""
        self._sent = written or acked
        self._stands = remembers and written not in (0, acked)

    @property
    def is_free(self) -> bool:
        return not self._stands

    def seen(self, written: int, acked: int) -> None:
        """Registers as read: a number that was taken, or never arrived, stands no more."""
        if written != self._sent or acked == self._sent:
            self._stands = False

    def next(self) -> int:
        return following(self._sent, self.first, self.last)

    def sent(self, seq: int) -> None:
        self._tries = self._tries + 1 if seq == self._sent else 1
        self._sent, self._stands = seq, True

    def taken(self) -> None:
        """The device's ack was seen."""
        self._stands = False

    def may_repeat(self) -> bool:
        """After the ack was read back and is not there: the same number once more, never a new
        one."""
        return self._tries <= self.retry
