"""The gateway's one clock: UTC as it was at the start, carried on by the machine's own clock.

The wall clock is followed by at most 500 ppm; a jump of it is reported, never adopted, so time
here neither stops nor runs backwards.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)
FASTEST = 500e-6  # as NTP slews: RFC 5905
JUMP_S = 0.5
CATCH_UP_S = 60.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Jumped = Callable[[float], None]


def boot_s() -> float:
    """Seconds since boot, time asleep included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e9


class GatewayClock:
    """`follow` is called about once a second by whoever keeps time; `now` by everybody."""

    def __init__(
        self,
        jumped: Jumped = lambda seconds: log.warning("the wall clock jumped by %.1f s", seconds),
        wall: Callable[[], float] = time.time,
        boot: Callable[[], float] = boot_s,
    ) -> None:
        self._jumped, self._wall, self._boot = jumped, wall, boot
        self._utc_s, self._boot_s, self._rate = wall(), boot(), 0.0
        self.ahead_s = 0.0
        """How far the wall clock is ahead by its jumps, none of which was adopted."""

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._now_s(self._boot()))

    def follow(self) -> None:
        boot = self._boot()
        self._utc_s, self._boot_s = self._now_s(boot), boot
        off_s = self._wall() - self._utc_s - self.ahead_s
        if abs(off_s) > JUMP_S:
            self.ahead_s += off_s
            self._jumped(off_s)
            off_s = 0.0
        self._rate = max(-FASTEST, min(FASTEST, off_s / CATCH_UP_S))

    def _now_s(self, boot: float) -> float:
        return self._utc_s + (boot - self._boot_s) * (1.0 + self._rate)
