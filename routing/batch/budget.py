"""How long a search may go on."""

from __future__ import annotations

from routing.orders import Deadline

STEPS = 60  # where nobody says how long: a few seconds for a hundred orders


class Budget:
    """Asked before each step of a search: so many steps (the same answer anywhere), or until the
    deadline says that time is up, whichever comes first."""

    def __init__(self, iterations: int | None, deadline: Deadline | None) -> None:
        unlimited = iterations is None and deadline is not None
        self._left = float("inf") if unlimited else STEPS if iterations is None else iterations
        self._deadline = deadline

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0 or (self._deadline is not None and self._deadline())
