"""Every set of orders that was ever priced, each once: what a search remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from routing.batch.arrays import Flags, Whole, narrowed
from routing.weights import SHUT

Pricing = Callable[[Whole], Whole]  # millimetres of (m, any) sets
Late = Callable[[Sequence[int], int], bool]  # whether a tour of orders, so long, ends too late
BESIDE_BYTES = 64 << 20
UNKNOWN = -1


class Beside(NamedTuple):
    """What sets would cost with one order less or more, in mm; more than a batch holds included.

    less: (m, widest) by place in the row. more: (m, orders); a set's own orders add nothing.
    """

    less: Whole
    more: Whole


class Pool:
    """rows: (sets, widest) ascending order numbers, filled up with `nobody`; mm: (sets,).

    A set is known by its number here, which never changes. The empty set costs nothing.
    """

    def __init__(
        self, orders: int, widest: int, pricing: Pricing, late: Late | None = None
    ) -> None:
        self.nobody, self.widest = orders, widest
        self._pricing, self._late = pricing, late
        self._rows: Whole = np.full((1024, widest), orders, dtype=np.int32)
        self._mm: Whole = np.zeros(1024, dtype=np.int64)
        self._number: dict[bytes, int] = {}
        self._confirmed: set[int] = set()
        self._less: dict[int, Whole] = {}
        self._more: dict[int, Whole] = {}
        self._kept = 1 + BESIDE_BYTES // (8 * (orders + widest))

    def __len__(self) -> int:
        return len(self._number)

    @property
    def rows(self) -> Whole:
        return self._rows[: len(self)]

    @property
    def mm(self) -> Whole:
        return self._mm[: len(self)]

    def members(self, number: int) -> list[int]:
        row: list[int] = self._rows[number].tolist()
        return [order for order in row if order != self.nobody]

    def alone(self) -> Whole:
        """The numbers of the sets of one order each."""
        return self.numbers(np.arange(self.nobody, dtype=np.int32)[:, None])

    def numbers(self, sets: Whole) -> Whole:
        """Of (m, any) sets, each of at most `widest` orders; new ones are priced together."""
        rows = np.full((len(sets), max(self.widest, sets.shape[1])), self.nobody, dtype=np.int32)
        rows[:, : sets.shape[1]] = sets
        rows.sort(axis=1)
        rows = np.ascontiguousarray(rows[:, : self.widest])
        keys: list[bytes] = rows.view(f"V{4 * self.widest}").ravel().tolist()
        new = {key: i for i, key in enumerate(keys) if key not in self._number}
        if new:
            self._add(rows[list(new.values())], list(new))
        return np.array([self._number[key] for key in keys], dtype=np.intp)

    def confirm(self, numbers: Whole) -> None:
        """Sets that are to be used are priced SHUT when their tour turns out to end too late."""
        if self._late is None:
            return
        for number in set(numbers.tolist()) - self._confirmed:
            if self._late(self.members(number), int(self._mm[number])):
                self._mm[number] = SHUT
            self._confirmed.add(number)

    def beside(self, numbers: Whole, orders: Flags | None = None) -> Beside:
        """Of sets by number; kept for the next time. orders: (n,) for whom `more` is wanted."""
        asked = numbers.tolist()
        distinct = list(dict.fromkeys(asked))
        self._begin([number for number in distinct if number not in self._less])
        self._complete(distinct, orders)
        less = np.stack([self._less[number] for number in asked])
        more = np.stack([self._more[number] for number in asked])
        for number in list(self._less)[: -self._kept]:
            del self._less[number], self._more[number]
        return Beside(less, more[:, :-1])

    def _add(self, rows: Whole, keys: list[bytes]) -> None:
        size, more = len(self), len(rows)
        while size + more > len(self._mm):
            self._rows = np.concatenate([self._rows, np.full_like(self._rows, self.nobody)])
            self._mm = np.concatenate([self._mm, np.zeros_like(self._mm)])
        self._rows[size : size + more] = rows
        self._mm[size : size + more] = self._priced(rows)
        self._number.update(zip(keys, range(size, size + more), strict=True))

    def _priced(self, rows: Whole) -> Whole:
        mm = self._pricing(narrowed(rows, self.nobody))
        return np.where((rows < self.nobody).any(axis=1), mm, 0)

    def _begin(self, numbers: list[int]) -> None:
        """What they cost with one order less, and with one of their own."""
        rows, n = self._rows[numbers], self.nobody
        for number, row, mm in zip(numbers, rows, self._mm[numbers].tolist(), strict=True):
            self._less[number] = np.full(self.widest, mm, dtype=np.int64)
            self._more[number] = np.full(n + 1, UNKNOWN, dtype=np.int64)
            self._more[number][row] = mm
        of, place = np.nonzero(rows < n)
        sets = rows[of]
        sets[np.arange(len(sets)), place] = n
        sets.sort(axis=1)
        mm = self._priced(sets)
        for i, number in enumerate(numbers):
            self._less[number][place[of == i]] = mm[of == i]

    def _complete(self, numbers: list[int], orders: Flags | None) -> None:
        """What they cost with each of the orders that is not known yet."""
        known = np.stack([self._more[number][:-1] for number in numbers])
        wanted = (known == UNKNOWN) if orders is None else (known == UNKNOWN) & orders
        of, order = np.nonzero(wanted)
        if len(of):
            rows = narrowed(self._rows[numbers], self.nobody)[of]
            mm = self._pricing(np.append(rows, order[:, None], axis=1))
            for i, number in enumerate(numbers):
                self._more[number][order[of == i]] = mm[of == i]
