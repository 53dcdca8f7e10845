"""What a function (a sorter, a merge) needs of a device's tags, whatever protocol carries them."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Protocol

from devices.errors import DeviceError, Refused
from devices.tags.codec import Unwritable
from devices.tags.value import Plain, Value


class NoReply(DeviceError):
    """One request went unanswered: whether it was carried out is not known."""


class Denied(Refused):
    """The device answered a request with an error code of its protocol."""

    def __init__(self, device: str, problem: str, code: int) -> None:
        super().__init__(device, problem)
        self.code = code


class TooLate(Exception):
    """The deadline of a write had passed before its bytes could leave; nothing was sent."""


class NotAllowed(Unwritable):
    """The map says that this is not written; nothing was sent."""


class ReadOnly(NotAllowed):
    """The device is only observed; nothing was sent."""


class Tags(Protocol):
    """The tags of one open line, by the names of the map."""

    def value(self, name: str) -> Value:
        """The newest, from memory. Raises KeyError for a tag that was never read."""

    def view(self) -> dict[str, Value]:
        """All that were read, the old ones marked stale; for a page, not for a hot path."""

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        """Ahead of all reads, step after step; within a step neighbours go in one request.

        `before` is checked ahead of each request. Raises TooLate, NoReply, Denied, Unreachable,
        Unwritable (nothing was sent).
        """

    async def read(self, *names: str) -> dict[str, Value]:
        """Asks the device now, ahead of the polls. Raises NoReply, Denied, Unreachable."""

    async def together(self, *names: str) -> dict[str, Value]:
        """Values of one moment, no older than the newest change that was told.

        From memory when one response held them all, else asked for.
        """

    def changes(self) -> AsyncIterator[dict[str, Value]]:
        """Whatever changed since the last turn, beginning with everything; one reader."""


class OpenTags(Tags, Protocol):
    async def run(self) -> None:
        """Serves the line until it is dead, then raises Unreachable."""
