"""How one block is walked: s-shape, return, midpoint, largest gap.

Each rule gets the aisles with something to pick, in the order of the sweep, and the side where the
walker stands: at the FRONT of the block when it is the farthest one, at its BACK for all others.
It ends at the front, nearer to where the tour ends, as far as the aisles allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from routing.policies.areas import BACK, FRONT, Aisle
from routing.policies.walker import Walker

Rule = Callable[[Walker, Sequence[Aisle], int], None]
Split = Callable[[Walker, Aisle, Sequence[int]], list[int]]


def s_shape(walker: Walker, aisles: Sequence[Aisle], side: int) -> None:
    """Every aisle from one end to the other; only the last is left where it was entered, if needed.

    An aisle whose picks all lie at the end where the walker stands is not entered.
    """
    for number, aisle in enumerate(aisles):
        last = number == len(aisles) - 1
        at_hand = all(aisle.nodes[p] == aisle.mouth(side) for p in walker.places(aisle))
        two_way = all(aisle.walkable)
        back_out = two_way and (side == FRONT if last else bool(walker.others(aisle)))
        if all(aisle.opens) and not at_hand and not back_out:
            side = walker.through(aisle, side)
        side = walker.clear(aisle, side)


def return_(walker: Walker, aisles: Sequence[Aisle], side: int) -> None:
    """Every aisle entered and left at its front; the first one is the way down from the back."""
    if side == BACK and all(aisles[0].opens):
        walker.through(aisles[0], BACK)
    for aisle in aisles:
        if walker.places(aisle):
            walker.trip(aisle, FRONT, walker.places(aisle))


def midpoint(walker: Walker, aisles: Sequence[Aisle], side: int) -> None:
    """The first and the last aisle walked through; of the others each half from its own end."""
    _from_both_ends(walker, aisles, side, _behind_middle)


def largest_gap(walker: Walker, aisles: Sequence[Aisle], side: int) -> None:
    """As midpoint, but each aisle is left out where the gap to the next pick or end is widest."""
    _from_both_ends(walker, aisles, side, _behind_gap)


def _from_both_ends(walker: Walker, aisles: Sequence[Aisle], side: int, behind: Split) -> None:
    if side == FRONT and len(aisles) > 1 and all(aisles[0].opens):
        side = walker.through(aisles[0], FRONT)
    if side == BACK:
        for aisle in aisles[:-1]:
            _in_from_behind(walker, aisle, walker.places(aisle), behind)
        last = aisles[-1]
        if all(last.opens):
            _in_from_behind(walker, last, walker.others(last), behind)
            walker.through(last, BACK)
    for aisle in reversed(aisles):
        if walker.places(aisle):
            walker.trip(aisle, FRONT, walker.places(aisle))


def _in_from_behind(walker: Walker, aisle: Aisle, places: Sequence[int], behind: Split) -> None:
    deep = behind(walker, aisle, places) if aisle.opens[BACK] else []
    if deep:
        walker.trip(aisle, BACK, deep)


def _behind_middle(walker: Walker, aisle: Aisle, places: Sequence[int]) -> list[int]:
    """The places nearer to the back; the middle itself belongs to the front."""
    if not aisle.opens[FRONT]:
        return list(places)
    front, back = aisle.mouth(FRONT), aisle.mouth(BACK)
    mm = walker.ways.mm
    return [
        place for place in places if mm(front, aisle.nodes[place]) > mm(aisle.nodes[place], back)
    ]


def _behind_gap(walker: Walker, aisle: Aisle, places: Sequence[int]) -> list[int]:
    """The places behind the widest gap; of equal gaps the one nearest to the front."""
    if not aisle.opens[FRONT]:
        return list(places)
    stations = [0, *places, len(aisle.nodes) - 1]
    gaps = [
        walker.ways.mm(aisle.nodes[here], aisle.nodes[there]) for here, there in pairwise(stations)
    ]
    return list(places)[gaps.index(max(gaps)) :]
