"""The words of a question about walking rules."""

from __future__ import annotations

from typing import Literal, NamedTuple

from routing.errors import BadRequest
from routing.floor import Side

Policy = Literal["s_shape", "return", "midpoint", "largest_gap", "combined"]
Sides = Literal["both", "one"]


class Stop(NamedTuple):
    """A node number, and the shelf faces to be picked there.

    sides: empty or "ahead" where any pass will do.
    """

    node: int
    sides: frozenset[Side] = frozenset()


class PolicyUnfit(BadRequest):
    """The floor has no aisles for this walking rule, or its one-way edges forbid it."""
