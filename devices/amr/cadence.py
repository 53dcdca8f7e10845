"""How often a vehicle speaks, and when its silence is odd. Pure: the time is given.

VDA 5050 asks for a state every half minute at least; most speak every second. One that is later
than it uses to be is asked, and one that does not answer has fallen silent.
"""

from collections import deque
from typing import Final

LEAST_S: Final = 2.0
"""Radio that roams is quiet for so long."""
LATER: Final = 1.5
"""Times its longest pause lately."""
ANSWERS_WITHIN_S: Final = 2.0
PAUSES: Final = 8


class Cadence:
    def __init__(self) -> None:
        self._pauses: deque[float] = deque(maxlen=PAUSES)
        self._heard_at: float | None = None
        self._asked_at: float | None = None

    def heard(self, now_s: float) -> None:
        if self._heard_at is not None:
            self._pauses.append(now_s - self._heard_at)
        self._heard_at, self._asked_at = now_s, None

    def asked(self, now_s: float) -> None:
        self._asked_at = now_s

    @property
    def next_at(self) -> float | None:
        """When it is to be asked, or silent once it was. None until it has spoken twice."""
        if self._asked_at is not None:
            return self._asked_at + ANSWERS_WITHIN_S
        if self._heard_at is None or not self._pauses:
            return None
        return self._heard_at + max(LEAST_S, LATER * max(self._pauses))

    def late(self, now_s: float) -> bool:
        """It is time to ask."""
        return self._asked_at is None and self._over(now_s)

    def silent(self, now_s: float) -> bool:
        """It was asked, and says nothing."""
        return self._asked_at is not None and self._over(now_s)

    def _over(self, now_s: float) -> bool:
        return self.next_at is not None and now_s >= self.next_at
