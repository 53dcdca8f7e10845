"""Which reads are the one before once more: what stays in sight, or a trigger that bounced.

People count by scanning, so a hand scanner's second pull on the same code is a second read.
"""

from collections.abc import Hashable, Sequence
from typing import Literal, Protocol

from devices.map.schema import Scanner


class Dedupe(Protocol):
    def again(self, codes: Sequence[str], at_s: float, trigger: int | None = None) -> bool:
        """Says whether this read is nothing new, and remembers it. A no-read is always new.

        codes: as the scanner sent them; at_s: monotonic seconds of the frame's last byte.
        """


class Pulls:
    """Every pull of the trigger counts: only an unbroken run of one read is one, and a break is
    `window_s` of anything else."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._last: tuple[Hashable, float] = ((), 0.0)

    def again(self, codes: Sequence[str], at_s: float, trigger: int | None = None) -> bool:
        read = (trigger, *codes)
        before, seen_s = self._last
        self._last = (read, at_s)
        return bool(codes) and read == before and at_s - seen_s < self._window_s


class Presence:
    """What stays in sight counts once, also while other codes are read in between.

    A code is gone after `window_s` without a read of it; another trigger of the PLC is another
    carton, whatever is on it. At most `most` codes are remembered, the longest unseen go first.
    """

    def __init__(self, window_s: float, most: int = 256) -> None:
        self._window_s, self._most = window_s, most
        self._seen_s: dict[tuple[int | None, str], float] = {}

    def again(self, codes: Sequence[str], at_s: float, trigger: int | None = None) -> bool:
        known = [self._sees((trigger, code), at_s) for code in codes]
        return bool(known) and all(known)

    def _sees(self, code: tuple[int | None, str], at_s: float) -> bool:
        seen_s = self._seen_s.pop(code, None)
        self._seen_s[code] = at_s  # the longest unseen stand first
        if len(self._seen_s) > self._most:
            del self._seen_s[next(iter(self._seen_s))]
        return seen_s is not None and at_s - seen_s < self._window_s


def dedupe_of(config: Scanner, counts: Literal["pulls", "presence"]) -> Dedupe:
    """counts: what this kind of scanner counts, unless the map says."""
    if (config.counts or counts) == "pulls":
        return Pulls(config.dedupe_s)
    return Presence(config.dedupe_s)
