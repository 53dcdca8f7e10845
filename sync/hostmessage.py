"""What one event means to one host: a row of the outbox before it is written."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wcs.messages import Event


class HostMessage(NamedTuple):
    """Ordered per host and `key`; one message per host and event, whose id is the idempotency
    key."""

    host: str
    key: str
    kind: str
    body: str | None = None
    """None tells the event as it is, which is not written a second time."""
    newest_wins: bool = False
    """An older message of the same key that still waits is superseded by this one."""


Mapping_ = Callable[[Event], Sequence[HostMessage]]
"""Pure: the same event always gives the same messages."""


def to_nobody(event: Event) -> Sequence[HostMessage]:
    """The mapping of a replay, of a test, of a site without hosts."""
    return ()
