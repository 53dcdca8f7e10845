"""What a protocol lets be done rather than written: methods called, alarms acknowledged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from devices.tags.value import Plain


@runtime_checkable
class Alarms(Protocol):
    async def acknowledge(self, tag: str, comment: str) -> None:
        """The alarm of a tag, with what a person says of it.

        Raises Refused, Denied, NoReply, Unreachable.
        """


@runtime_checkable
class Methods(Protocol):
    async def call(
        self, name: str, given: Mapping[str, Plain], before: datetime | None = None
    ) -> dict[str, Plain]:
        """The results by the names of the map. Never repeated: without an answer it is not known
        whether it ran.

        Raises Unwritable (nothing was sent), TooLate, NoReply, Denied, Unreachable.
        """
