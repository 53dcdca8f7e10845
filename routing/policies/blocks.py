"""The way through a whole area: up to the farthest block, then block by block to the front.

Roodbergen and de Koster 2001, "Routing methods for warehouses with multiple cross aisles",
doi:10.1080/00207540110028128: along the first aisle with a pick to the front of the farthest block
with a pick; that block from its front, every nearer one from its back, beginning with its first or
last aisle with a pick, whichever is closer. What is passed on the way is picked on the way. With
one block this is the textbook rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routing.policies.areas import BACK, FRONT, Aisle, Area
from routing.policies.rules import Rule
from routing.policies.walker import Walker


def walk_area(walker: Walker, area: Area, rule: Rule, end: int) -> None:
    """Serves what is to be picked in the area; `end` is where the walker will go afterwards."""
    if not walker.picked(area.aisles):
        return  # all of it was passed on the way to another area
    aisles = _mirrored(walker, _faced(walker, area, end), end)
    blocks = sorted({aisle.block for aisle in walker.picked(aisles)}, reverse=True)
    _go_up(walker, aisles, blocks[0])
    side = FRONT
    for block in blocks:
        pieces = [aisle for aisle in aisles if aisle.block == block]
        due = walker.picked(pieces)
        if due and side == BACK and _mm(walker, due[-1], BACK) < _mm(walker, due[0], BACK):
            pieces.reverse()
            due.reverse()
        if due and any(due[0].opens) and due[0].walkable[side]:
            walker.by(due[0].mouth(side))  # from mid-aisle, this passes picks of other aisles
        if due := walker.picked(pieces):
            rule(walker, due, side)
        side = BACK


def _mm(walker: Walker, aisle: Aisle, side: int) -> int:
    return walker.ways.mm(walker.here, aisle.mouth(side))


def _faced(walker: Walker, area: Area, end: int) -> list[Aisle]:
    """The area's aisles, its front where `end` is nearer."""
    aisles = walker.picked(area.aisles)
    blocks = [aisle.block for aisle in aisles]
    lowest = [aisle.mouth(FRONT) for aisle in aisles if aisle.block == min(blocks)]
    highest = [aisle.mouth(BACK) for aisle in aisles if aisle.block == max(blocks)]
    front, back = (min(walker.ways.mm(m, end) for m in mouths) for mouths in (lowest, highest))
    turned = back < front
    return [aisle.turned(area.blocks) for aisle in area.aisles] if turned else [*area.aisles]


def _mirrored(walker: Walker, aisles: list[Aisle], end: int) -> list[Aisle]:
    """From left to right, or from right to left where that ends nearer, or begins nearer."""
    aisles.sort(key=lambda aisle: (aisle.column, aisle.block))
    due, mm = walker.picked(aisles), walker.ways.mm
    left, right = due[0].mouth(FRONT), due[-1].mouth(FRONT)
    begin, begin_right = mm(walker.here, left), mm(walker.here, right)
    if (begin + mm(right, end), begin) <= (begin_right + mm(left, end), begin_right):
        return aisles
    mirrored = (replace(aisle, column=-aisle.column) for aisle in aisles)
    return sorted(mirrored, key=lambda aisle: (aisle.column, aisle.block))


def _go_up(walker: Walker, aisles: Sequence[Aisle], block: int) -> None:
    """Along the first aisle with a pick to the front of this block, if we are below it."""
    first = walker.picked(aisles)[0]
    top = next((a for a in aisles if a.column == first.column and a.block == block), first)
    if first.block < block and _mm(walker, first, FRONT) <= _mm(walker, top, FRONT):
        walker.by(first.mouth(FRONT))
        walker.by(top.mouth(FRONT))
