"""The port of everything with a plug: a driver makes sessions, a session lives while the line
does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, runtime_checkable

from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId


class Clock(Protocol):
    """The gateway's one clock; nobody else asks the system for the time."""

    def now(self) -> datetime: ...


class Session(Protocol):
    """One open line. It keeps no reconnect logic, no flags and no half-open state."""

    @property
    def has(self) -> tuple[str, ...]:
        """What the device shows already, read while opening, as `slot=task`; goes into
        `DeviceUp`."""

    def observations(self) -> AsyncIterator[Seen]:
        """Yields until the line drops, then raises DeviceError."""

    def post(self, posted: Posted) -> None:
        """Takes the command without waiting and checks `before` once more just ahead of the bytes.

        What becomes of it is one more observation (`DivertAnswered`, `CommandFailed`). Raises
        DeviceError when it is not sent: then `CommandFailed` says why.
        """

    def settled(self, seen: Seen, answer: Answer) -> None: ...


@runtime_checkable
class Parting(Protocol):
    """A session that holds commands or has something to say when it is taken away."""

    def last_words(self) -> list[Seen]:
        """Once, while the line is still open: what was not told yet, and `CommandFailed` for each
        command that has not ended. Later posts fail at once."""


class Driver(Protocol):
    @property
    def id(self) -> DeviceId: ...

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Connects, or raises DeviceError."""


Report = Callable[[Seen], Awaitable[None]]
"""Puts an observation into the inbox; waits while the floor lane is full."""
