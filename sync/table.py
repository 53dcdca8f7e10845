"""Rows in key order, in memory: all there is for the twin of the store, what one rule has changed
for the store itself."""

from bisect import bisect_left, bisect_right, insort
from typing import Generic, TypeVar

R = TypeVar("R")


class Table(Generic[R]):
    """`rows` by key; change them by `put` and `drop` only. `changes` counts how often."""

    def __init__(self) -> None:
        self.rows: dict[str, R] = {}
        self.changes = 0
        self._keys: list[str] = []

    def put(self, key: str, row: R) -> None:
        if key not in self.rows:
            insort(self._keys, key)
        self.rows[key] = row
        self.changes += 1

    def drop(self, key: str) -> None:
        if self.rows.pop(key, None) is not None:
            del self._keys[bisect_left(self._keys, key)]
            self.changes += 1

    def after(self, key: str | None) -> str | None:
        """The next key, the first one after None; None at the end."""
        at = 0 if key is None else bisect_right(self._keys, key)
        return self._keys[at] if at < len(self._keys) else None
