"""How one unit of a shared line answers: how long to wait for it, and when it is left alone. Pure:
the time is given."""

import random
from typing import Final

FLOOR_S: Final = 0.1
"""A PLC may take this much longer than it usually does when its cycle is busy."""
TWICE_AT_MOST: Final = 2
"""Each miss doubles what the next answer is given (RFC 6298, 5.5), so often."""
PROBE_S: Final = (0.02, 0.1)
"""A unit that may not be there is given four times what its slowest neighbour needs, within
these."""
LONG_PROBE_S: Final = 0.5
LONG_EVERY: Final = 16
"""Where late replies cannot be told apart, every so many probes wait longer: the unit may be
slow."""
BACK_OFF_S: Final = (1.0, 2.0, 3.0)
"""Between two probes; a local unit that is back is heard within five seconds."""
JITTER: Final = 0.2


class Health:
    """`timeout_s` is the map's: nothing waits longer. So many `misses` in a row, and it is
    silent."""

    def __init__(self, timeout_s: float, misses: int) -> None:
        self._timeout_s, self._at_most = timeout_s, misses
        self._round_trip_s: float | None = None
        self._spread_s = 0.0
        self._probes = 0
        self.misses = 0
        self.probe_at = 0.0
        """A silent unit is not asked before."""

    @property
    def doubtful(self) -> bool:
        return self.misses > 0

    @property
    def silent(self) -> bool:
        return self.misses >= self._at_most

    @property
    def steady(self) -> bool:
        """It has answered and is not silent: it needs what it needs."""
        return self._round_trip_s is not None and not self.silent

    @property
    def round_trip_s(self) -> float | None:
        """Smoothed (RFC 6298); None until it has answered once."""
        return self._round_trip_s

    @property
    def usual_s(self) -> float:
        """What it needs by all that is known (RFC 6298, 2.3); half a second for one never heard."""
        if self._round_trip_s is None:
            return min(self._timeout_s, LONG_PROBE_S)
        needs_s = self._round_trip_s + max(FLOOR_S, 4 * self._spread_s)
        return min(self._timeout_s, needs_s * 2.0 ** min(self.misses, TWICE_AT_MOST))

    def probe_s(self, neighbours_s: float, late_replies: bool) -> float:
        """How long a request to a unit that may not be there may wait while others want their turn.

        neighbours_s: the round trip of the slowest that answers. late_replies: they are known for
        what they are, and tell `late` how slow the unit is.
        """
        known_s = (self._round_trip_s or 0.0) + 4 * self._spread_s
        if not late_replies and self._probes % LONG_EVERY == 1:
            return min(self._timeout_s, max(LONG_PROBE_S, known_s))
        least_s, most_s = PROBE_S
        return min(self._timeout_s, max(least_s, min(most_s, 4 * neighbours_s), known_s))

    def answered(self, seconds: float) -> None:
        self.misses = self._probes = 0
        if self._round_trip_s is None:
            self._round_trip_s, self._spread_s = seconds, seconds / 2
            return
        self._spread_s += (abs(seconds - self._round_trip_s) - self._spread_s) / 4
        self._round_trip_s += (seconds - self._round_trip_s) / 8

    def missed(self, now_s: float) -> None:
        self.misses += 1
        if self.silent:
            wait_s = BACK_OFF_S[min(self._probes, len(BACK_OFF_S) - 1)]
            self._probes += 1
            self.probe_at = now_s + wait_s * random.uniform(1 - JITTER, 1)

    def late(self, seconds: float) -> None:
        """Its answer came after all: it is slow, not silent."""
        self._round_trip_s, self._spread_s = seconds, seconds / 4
        self.probe_at = 0.0
