"""An observation on its way through the loop: where it came from, how it is known again, and
its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from wcs.messages import Command, Observation


@dataclass(frozen=True, slots=True)
class Answer:
    """`repeated` observations carry the answer of the first time."""

    outcome: Literal["accepted", "refused", "quarantined"]
    reason: str
    seq: int
    repeated: bool = False


class Source(Protocol):
    def settled(self, seen: "Seen", answer: Answer) -> None:
        """After the commit or the quarantine, on the loop, without waiting: PUBACK, PLC ack,
        tone, HTTP reply.

        A receipt belongs to its session: after a reconnect this does nothing.
        """


@dataclass(frozen=True, slots=True)
class Seen:
    observation: Observation
    source: Source
    key: str | None = None
    """Source key: the same one again is the same observation and gets the stored answer. None
    is never a repeat."""
    raw: str = ""
    """The frame or message as it came, for the life of a carton; at most 2,000 characters."""
    private: Mapping[str, str] = field(default_factory=dict)
    """Names and addresses kept beside the journal, by key."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A command after its commit. `epoch` is that of the owner; a device side may refuse an
    older one."""

    id: str
    epoch: int
    command: Command


class Nobody:
    """The source of observations for which nobody waits (timers, the supervisor)."""

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None
