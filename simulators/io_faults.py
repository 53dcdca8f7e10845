"""What goes wrong on the line of a device, whatever it speaks: lines are `unplugged`, left `silent`
without answers, or reset once (`reset_lines`); of the next write the answer is lost
(`lost_answer`), or itself (`lost_request`), or it arrives when nobody waits any more
(`late_request`).
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from simulators.bus import Message

LATE_S: Final = 1.0
ONCE: Final = ("lost_answer", "lost_request", "late_request")


class Hanging(Protocol):
    def abort(self) -> None: ...


class Faults:
    """Of one device. `plug` is told when its cable goes out (False) and in (True)."""

    def __init__(self, plug: Callable[[bool], None] = lambda _: None) -> None:
        self._plug = plug
        self._lines: set[Hanging] = set()
        self._unplugged = False
        self._next_write = ""
        self.talks = asyncio.Event()
        """Not set while it is silent."""
        self.talks.set()

    def told(self, fact: Message) -> bool:
        """Whether it was a fault of the wire."""
        match fact:
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self._unplugged = on
                self._plug(not on)
                self.hang_up() if on else None
            case {"fact": "fault", "fault": "silent", "on": on}:
                self.talks.clear() if on else self.talks.set()
            case {"fact": "fault", "fault": "reset_lines", "on": True}:
                self.hang_up()
            case {"fact": "fault", "fault": fault, "on": on} if fault in ONCE:
                self._next_write = fault if on else ""
            case _:
                return False
        return True

    def fate(self, *, writes: bool) -> str:
        """What becomes of this request; a fault of writes is used up by one."""
        if not self.talks.is_set():
            return "lost_request"
        if not writes:
            return ""
        fate, self._next_write = self._next_write, ""
        return fate

    def opened(self, line: Hanging) -> None:
        """While it is unplugged nobody gets a line."""
        if self._unplugged:
            line.abort()
        else:
            self._lines.add(line)

    def closed(self, line: Hanging) -> None:
        self._lines.discard(line)

    def hang_up(self) -> None:
        for line in list(self._lines):
            line.abort()
