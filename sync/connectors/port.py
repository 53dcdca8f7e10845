"""What a host can do, in a few verbs, and how it can fail: one class per reaction of the relay.

A connector holds no queue, no sleep and no retry; the relay reads its capabilities.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from wcs.observations import Observation


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`idempotency`: `key` = a repeat with the same key acts once, `natural` = the act itself is
    absolute, `none` = after an unknown outcome it must be asked for (`find`) before a repeat."""

    idempotency: Literal["none", "key", "natural"]
    parallel: int = 4
    """Requests at once."""
    batch: int = 1
    """Messages in one request."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row as a connector sees it; `id` is the idempotency key."""

    id: str
    host: str
    key: str
    kind: str
    body: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """The host has it. `observations`: what its answer tells us (a label and its number)."""

    receipt: str
    observations: Sequence[Observation] = field(default_factory=tuple)


class HostError(Exception):
    """In words for a person."""


class Later(HostError):
    """Not now, and surely nothing was done (429, 503): again after `after_s` seconds."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Unknown(HostError):
    """It was sent and no answer came: the host may have acted."""


class Rejected(HostError):
    """The host said no to this message; asking again would change nothing. A person decides."""


class Connector(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Delivered | HostError]:
        """One request. Gives what became of each message, in the order of the batch; raises
        HostError when it holds for all of them."""

    async def find(self, message: Outgoing) -> Delivered | None:
        """Whether the host already acted on it; None when it surely did not."""
