"""What publishers say that nobody may take: counted by topic, and an alarm while it is fresh."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

FRESH_S: Final = 600.0
AT_MOST: Final = 256
"""Topics; beyond them the one that was longest silent is forgotten."""


@dataclass(frozen=True, slots=True)
class Drop:
    count: int
    why: str
    at_s: float


class Drops:
    """Counted by the threads of the lines, read by the loop."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s, self._lock = now_s, Lock()
        self._drops: dict[tuple[str, str], Drop] = {}

    def add(self, device: str, topic: str, why: str) -> bool:
        """True for the first one of a topic, so that it is said once."""
        with self._lock:
            before = self._drops.pop((device, topic), None)
            count = before.count + 1 if before else 1
            self._drops[device, topic] = Drop(count, why, self._now_s())
            if len(self._drops) > AT_MOST:
                del self._drops[next(iter(self._drops))]
        return before is None

    def counts(self) -> dict[tuple[str, str], int]:
        """(device, topic) -> messages since the start."""
        with self._lock:
            return {key: drop.count for key, drop in self._drops.items()}

    def alarms(self) -> dict[str, str]:
        """Device -> a sentence, as long as something came lately."""
        with self._lock:
            drops, since = dict(self._drops), self._now_s() - FRESH_S
        return {
            device: f"{drop.count} messages on {topic} were not taken: {drop.why}"
            for (device, topic), drop in drops.items()
            if drop.at_s >= since
        }
