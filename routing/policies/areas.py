"""Rack areas as values: blocks of parallel aisles between cross-aisles, seen from their front."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from routing.policies.lines import Line, Reach, Step

FRONT, BACK = 0, 1


@dataclass(frozen=True, slots=True)
class Aisle:
    """One piece of an aisle, between two cross-aisles or in front of a wall.

    nodes: from the front to the back, both ends included. opens: whether one can come in at the
    front and at the back. walkable: whether its edges lead from front to back, and from back to
    front. column: its place from left to right; block: from the front to the back. number: of all
    pieces of the floor, the same from whichever side one looks.
    """

    number: int
    nodes: Line
    opens: tuple[bool, bool]
    walkable: tuple[bool, bool]
    column: int
    block: int

    def side(self, wanted: int) -> int:
        """FRONT or BACK: where one comes in who would like to at this end."""
        if self.opens[wanted]:
            return wanted
        return 1 - wanted if self.opens[1 - wanted] else FRONT

    def mouth(self, wanted: int) -> int:
        """The node of that end."""
        return self.nodes[-1 if self.side(wanted) == BACK else 0]

    def turned(self, blocks: int) -> Aisle:
        """As seen from the back of an area of so many blocks, left still left."""
        return replace(
            self,
            nodes=self.nodes[::-1],
            opens=self.opens[::-1],
            walkable=self.walkable[::-1],
            block=blocks - 1 - self.block,
        )


@dataclass(frozen=True, slots=True)
class Area:
    """aisles: all pieces. blocks: how many lie between the outermost cross-aisles."""

    aisles: tuple[Aisle, ...]
    blocks: int


@dataclass(frozen=True)
class Floor:
    """lines: all straight lines of the floor; reach: as built, by line. areas: of aisles.

    beside: the node that a shelf drawn as a node of its own lies beside.
    """

    lines: tuple[Line, ...]
    reach: tuple[Reach, ...]
    areas: tuple[Area, ...]
    beside: Mapping[int, int]

    @cached_property
    def on_lines(self) -> dict[int, dict[int, int]]:
        """By node: its place on each line that it lies on."""
        found: dict[int, dict[int, int]] = {}
        for number, line in enumerate(self.lines):
            for place, node in enumerate(line):
                found.setdefault(node, {})[number] = place
        return found

    @cached_property
    def line_of(self) -> dict[Step, int]:
        """The line that a step from one node to the next is on."""
        lines = enumerate(self.lines)
        found = {step: number for number, line in lines for step in pairwise(line)}
        return found | {(v, u): number for (u, v), number in found.items()}

    @cached_property
    def aisle_of(self) -> dict[int, int]:
        """Aisle number by node; a crossing belongs to the first aisle of more than two nodes."""
        aisles = [aisle for area in self.areas for aisle in area.aisles]
        found: dict[int, int] = {}
        for aisle in sorted(aisles, key=lambda aisle: (len(aisle.nodes) == 2, aisle.number)):
            for node in aisle.nodes:
                found.setdefault(node, aisle.number)
        return found

    @cached_property
    def sided(self) -> frozenset[int]:
        """Nodes with a left and a right: within an aisle, or at its blind end."""
        aisles = [aisle for area in self.areas for aisle in area.aisles]
        open_ends = {aisle.nodes[-side] for aisle in aisles for side in (0, 1) if aisle.opens[side]}
        return frozenset(node for aisle in aisles for node in aisle.nodes) - open_ends

    @property
    def regular(self) -> bool:
        """Whether cross-aisles join aisles somewhere, or one aisle is all there is."""
        widths = [len({aisle.column for aisle in area.aisles}) for area in self.areas]
        return any(width > 1 for width in widths) or len(widths) == 1
