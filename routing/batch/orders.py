"""What is to be batched, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from routing.request import Place
from routing.tour import Tour

OrderId = str
Unit = Literal["orders", "items", "volume", "weight", "positions"]
Method = Literal["search", "set_partitioning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order's lines and what it asks of the cart it rides on.

    picks: node ids or location codes, one for each line. items: pieces; None counts a piece for
    each line. due_s: seconds from now until its batch must be home. zone: orders of different
    zones never share a batch. positions: places that it takes on the cart. apart: orders that it
    may not share a batch with; said once holds for both.
    """

    id: OrderId
    picks: Sequence[Place]
    items: int | None = None
    volume_cm3: int = 0
    weight_g: int = 0
    due_s: float | None = None
    zone: str = ""
    positions: int = 1
    apart: Sequence[OrderId] = ()

    @property
    def pieces(self) -> int:
        return len(self.picks) if self.items is None else self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An order that no batch may hold, and why."""

    order: OrderId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """batches: every order that is not left out, once; tours: the path of each batch.

    length_mm: of all tours. No batching of these orders is shorter than lower_bound_mm; it is
    length_mm when the batching is proved `optimal`.
    """

    batches: tuple[tuple[OrderId, ...], ...]
    tours: tuple[Tour, ...]
    length_mm: int
    lower_bound_mm: int
    optimal: bool
    method: Method
    left_out: tuple[LeftOut, ...] = ()
