"""Time of the world: what happens next, and people who wait for it. A discrete-event model.

Nothing here asks a clock. Tests call `run_until`; the process calls it with the real time.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any

Call = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Until:
    """A person waits until `true()`, at most so long; gets True, or False when it took too long."""

    true: Callable[[], bool]
    at_most_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Ask:
    """A person asks the gateway; gets an `Answer` when it comes."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 0: nobody there."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def why(self) -> str:
        return str(self.body.get("reason") or "")

    @property
    def final(self) -> bool:
        """Asking the same again would change nothing."""
        return self.status in (200, 404, 409, 422)


Act = Generator[float | Until | Ask, Any, Any]
"""What a person does: yields seconds to let pass, a wait, or a question; returns what it is for."""
Phone = Callable[[Ask, Callable[[Answer], None]], None]
"""Carries a question to the gateway and calls back with the answer."""


class Stage:
    def __init__(self, phone: Phone) -> None:
        self.now = 0.0
        self._phone = phone
        self._coming: list[tuple[float, int, Call]] = []
        self._ordinal = count()
        self._waiting: dict[int, tuple[Until, Act]] = {}

    def after(self, seconds: float, call: Call) -> None:
        """Equal times keep their order: the same calls, the same world."""
        heappush(self._coming, (self.now + seconds, next(self._ordinal), call))

    def play(self, act: Act) -> None:
        self.after(0.0, lambda: self._go_on(act, None))

    @property
    def next_at(self) -> float | None:
        return self._coming[0][0] if self._coming else None

    def run_until(self, time: float) -> None:
        """Lets everything happen up to that time, and makes it the present."""
        while self._coming and self._coming[0][0] <= time:
            self.now, _, call = heappop(self._coming)
            call()
            self.look_up()
        self.now = max(self.now, time)

    def look_up(self) -> None:
        """Everybody who waits for something looks whether it is there."""
        for ordinal, (wait, act) in list(self._waiting.items()):
            if wait.true():
                self._resume(ordinal, act, True)

    def _resume(self, ordinal: int, act: Act, value: bool) -> None:
        if self._waiting.pop(ordinal, None) is not None:
            self._go_on(act, value)

    def _go_on(self, act: Act, value: Any) -> None:
        try:
            wish = act.send(value)
        except StopIteration:
            return
        match wish:
            case Until():
                self._wait(wish, act)
            case Ask():
                self._phone(wish, lambda answer: self.after(0.0, lambda: self._go_on(act, answer)))
            case seconds:
                self.after(seconds, lambda: self._go_on(act, None))

    def _wait(self, wait: Until, act: Act) -> None:
        if wait.true():
            self.after(0.0, lambda: self._go_on(act, True))
            return
        ordinal = next(self._ordinal)
        self._waiting[ordinal] = (wait, act)
        if wait.at_most_s != float("inf"):
            self.after(wait.at_most_s, lambda: self._resume(ordinal, act, False))
