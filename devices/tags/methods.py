"""Methods of a device: what a protocol lets be called rather than written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from devices.tags.value import Plain


@runtime_checkable
class Methods(Protocol):
    async def call(
        self, name: str, given: Mapping[str, Plain], before: datetime | None = None
    ) -> dict[str, Plain]:
        """The results by the names of the map. Never repeated: without an answer it is not known
        whether it ran.

        Raises Unwritable (nothing was sent), TooLate, NoReply, Denied, Unreachable.
        """
