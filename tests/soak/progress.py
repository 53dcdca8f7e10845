"""A bar for whoever watches; nothing where nobody does."""

import sys
from time import monotonic
from typing import Final

WIDE: Final = 40


class Bar:
    def __init__(self, name: str, total: int) -> None:
        self._name, self._total, self._began = name, total, monotonic()
        self._watched = sys.stderr.isatty()

    def at(self, done: int) -> None:
        if not self._watched:
            return
        filled = "#" * (WIDE * done // self._total)
        rate = done / max(monotonic() - self._began, 0.001)
        shown = f"\r{self._name:>12} [{filled:<{WIDE}}] {done}/{self._total} {rate:.0f}/s "
        sys.stderr.write(shown if done < self._total else "\r" + " " * len(shown) + "\r")
        sys.stderr.flush()
