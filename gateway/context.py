"""What the pages and the API may touch of the running gateway, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, Protocol

from devices.live import Live
from gateway.auth import Auth
from gateway.settings import Settings
from wcs.envelope import Answer
from wcs.observations import Observation

if TYPE_CHECKING:
    from gateway.plant import Equipment
    from gateway.ready import Ready
    from gateway.reload import Reload
    from gateway.telemetry import Telemetry


class Ask(Protocol):
    """Puts an observation into the inbox and waits for its answer.

    Raises Busy (with `retry_after_s`) while its lane is full.
    """

    def __call__(
        self,
        observation: Observation,
        *,
        key: str | None = None,
        raw: str = "",
        private: Mapping[str, str] | None = None,
    ) -> Awaitable[Answer]: ...


class Stats(Protocol):
    """What the loop counts of itself, in memory."""

    def decision_ms(self) -> Mapping[str, float]:
        """`p50`, `p99` and `max` of taken to committed, in milliseconds; empty before the first."""

    def waiting(self) -> Mapping[str, int]:
        """Observations that wait now, by lane: `floor`, `host`."""


class Path(Protocol):
    """Answers a `PathQuestion` as JSON on the site's layout, in a process of its own.

    Raises Busy while too many wait, NoAnswer.
    """

    def __call__(self, question: str) -> Awaitable[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Gateway:
    known: Callable[[], Settings]
    auth: Auth
    live: Live
    now: Callable[[], datetime]
    ask: Ask
    path: Path
    reader: Callable[[], Connection]
    """A read-only connection with a time limit; the caller closes it."""
    connected: Callable[[], frozenset[str]]
    """Devices whose line is open now."""
    hosts_down: Callable[[], Mapping[str, str]]
    """Hosts that do not answer, and why."""
    secrets: Mapping[str, str]
    stats: Stats
    retry: Callable[[str, str], Awaitable[bool]]
    """Sends a parked message of the outbox again; False when it is not parked."""
    trouble: Callable[[], str | None]
    """Why nothing is written any more; None while all is well."""
    days_left: Callable[[], float | None]
    """Days until the disk is full at the present rate; None while nobody can say. Reads the disk.
    """
    equipment: "Equipment"
    """What people set of devices."""
    reload: "Reload"
    """Takes the files as they are now."""
    readiness: "Ready"
    """What is looked at before a shift."""
    telemetry: "Telemetry | None" = None
    """None where nothing is published of what is polled."""
    data: FilePath | None = None
    """Its folder; None where nothing is kept beside the journal."""

    @property
    def settings(self) -> Settings:
        """The site's files as they were last taken."""
        return self.known()

    def alarms(self) -> dict[str, str]:
        """What a person should know and no device or host says by itself: subject -> a sentence."""
        return self.live.drops.alarms() | (self.telemetry.trouble() if self.telemetry else {})
