"""Every set of orders that was ever priced, each once: what a search remembers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Whole, narrowed

Pricing = Callable[[Whole], Whole]
BESIDE_BYTES = 32 << 20


class Beside(NamedTuple):
    """What sets would cost with one order less or more, in mm; more than a batch holds included.

    less: (m, widest) by place in the row. more: (m, orders); a set's own orders add nothing.
    """

    less: Whole
    more: Whole


class Pool:
    """rows: (sets, widest) ascending order numbers, filled up with `nobody`; mm: (sets,).

    A set is known by its number here, which never changes.
    """

    def __init__(self, orders: int, widest: int, pricing: Pricing, further: Pricing) -> None:
        """pricing: millimetres of (m, any) sets. further: the same, of sets one order larger."""
        self.nobody, self.widest = orders, widest
        self._pricing, self._further = pricing, further
        self._rows = np.full((1024, widest), orders, dtype=np.int32)
        self._mm = np.zeros(1024, dtype=np.int64)
        self._number: dict[bytes, int] = {}
        self._beside: dict[int, tuple[Whole, Whole]] = {}
        self._kept = 1 + BESIDE_BYTES // (8 * (orders + widest))

    def __len__(self) -> int:
        return len(self._number)

    @property
    def rows(self) -> Whole:
        return self._rows[: len(self)]

    @property
    def mm(self) -> Whole:
        return self._mm[: len(self)]

    def numbers(self, sets: Whole) -> Whole:
        """Of (m, any) sets, each of at most `widest` orders; new ones are priced together."""
        rows = np.full((len(sets), max(self.widest, sets.shape[1])), self.nobody, dtype=np.int32)
        rows[:, : sets.shape[1]] = sets
        rows.sort(axis=1)
        rows = np.ascontiguousarray(rows[:, : self.widest])
        keys = rows.view(f"V{4 * self.widest}").ravel().tolist()
        new = {key: i for i, key in enumerate(keys) if key not in self._number}
        if new:
            self._add(rows[list(new.values())], list(new))
        return np.array([self._number[key] for key in keys], dtype=np.intp)

    def beside(self, numbers: Whole) -> Beside:
        """Of sets by number; kept for the next time."""
        asked = numbers.tolist()
        new = [number for number in dict.fromkeys(asked) if number not in self._beside]
        if new:
            while self._beside and len(self._beside) + len(new) > self._kept:
                self._beside.pop(next(iter(self._beside)))
            self._beside.update(zip(new, zip(*self._priced_beside(new), strict=True), strict=True))
        found = [self._beside[number] for number in asked]
        return Beside(np.stack([less for less, _ in found]), np.stack([more for _, more in found]))

    def members(self, number: int) -> list[int]:
        row: list[int] = self._rows[number].tolist()
        return [order for order in row if order != self.nobody]

    def _add(self, rows: Whole, keys: list[bytes]) -> None:
        size, more = len(self), len(rows)
        while size + more > len(self._mm):
            self._rows = np.concatenate([self._rows, np.full_like(self._rows, self.nobody)])
            self._mm = np.concatenate([self._mm, np.zeros_like(self._mm)])
        self._rows[size : size + more] = rows
        self._mm[size : size + more] = self._pricing(narrowed(rows, self.nobody))
        self._number.update(zip(keys, range(size, size + more), strict=True))

    def _priced_beside(self, numbers: list[int]) -> Beside:
        rows, n, widest = self._rows[numbers], self.nobody, self.widest
        m, size = len(rows), int((rows < n).sum(axis=1).max())
        sets = np.full((m, size + n, size + 1), n, dtype=np.int32)
        sets[:, :, :size] = rows[:, None, :size]
        sets[:, np.arange(size), np.arange(size)] = n
        sets[:, size:, size] = np.arange(n)
        mm = self._further(sets.reshape(m * (size + n), size + 1)).reshape(m, size + n)
        less = np.full((m, widest), 0, dtype=np.int64)
        less[:, :size] = mm[:, :size]
        return Beside(less, mm[:, size:])
