"""The battery: falls with the way, charges when the vehicle rests. Percent, metres, seconds."""

USED_PER_M = 0.05
USED_PER_S = 0.001
CHARGED_PER_S = 0.2
RESTED_S = 10.0
FULL, CHARGE_BELOW, EMPTY = 100.0, 95.0, 5.0
TINY = 1e-9


class Battery:
    def __init__(self, charge: float = 80.0) -> None:
        self.charge = charge
        self.charging = False
        self._idle_s = 0.0

    def work(self) -> None:
        """An order begins: off the charger."""
        self._idle_s, self.charging = 0.0, False

    def drive(self, metres: float) -> None:
        self._change(-USED_PER_M * metres)

    def due_in(self) -> float | None:
        """Seconds of rest until charging begins or ends; None: neither."""
        if self.charging:
            return (FULL - self.charge) / CHARGED_PER_S
        if self.charge < CHARGE_BELOW:
            return max(0.0, RESTED_S - self._idle_s)
        return None

    def live(self, seconds: float, *, active: bool) -> None:
        self._change((CHARGED_PER_S if self.charging else -USED_PER_S) * seconds)
        self._idle_s = 0.0 if active else self._idle_s + seconds
        rested = self._idle_s >= RESTED_S - TINY
        until = FULL - TINY if self.charging else CHARGE_BELOW
        self.charging = rested and self.charge < until

    def _change(self, by: float) -> None:
        self.charge = min(FULL, max(EMPTY, self.charge + by))
