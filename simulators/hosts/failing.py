"""How a host fails when it is told to: for the next n requests, or until it is told to stop."""

from typing import Literal, get_args

Mode = Literal["500", "429", "silent", "lost_answer", "down"]
MODES: tuple[str, ...] = get_args(Mode)


class Failing:
    """`429` asks for a second's patience; `silent` takes the request and says nothing;
    `lost_answer` acts and says nothing; `down` cuts every line."""

    def __init__(self) -> None:
        self.mode: str | None = None
        self.left: int | None = None
        self.failed = 0

    def set(self, mode: str | None, count: int | None = None) -> None:
        """Raises ValueError for a mode that no host has."""
        if mode is not None and mode not in MODES:
            raise ValueError(f"mode {mode!r} is none of {', '.join(MODES)}")
        if count is not None and count < 1:
            raise ValueError("count must be 1 or more")
        self.mode, self.left = mode, count if mode else None

    def take(self) -> str | None:
        """How to fail the request at hand; uses up one of the count."""
        mode = self.mode
        if mode is None:
            return None
        self.failed += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.mode, self.left = None, None
        return mode
