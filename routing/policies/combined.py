"""The combined rule: each aisle walked through, or left where it was entered, whichever is best.

By dynamic programming over the aisles of a block: of all ways that have served the aisles so far,
the shortest that stands at the front, and the shortest that stands at the back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from routing.policies.areas import BACK, FRONT, Aisle
from routing.policies.walker import Walker
from routing.weights import SHUT

Visit = tuple[int, bool]  # the side where an aisle is entered, and whether it is walked through


class Way(NamedTuple):
    """visits: of the aisles so far. here: the node where it stands, at the front or at the back."""

    mm: int
    visits: tuple[Visit, ...]
    here: int


def combined(walker: Walker, aisles: Sequence[Aisle], side: int) -> None:
    """Of all ways that serve the aisles in this order, each in one visit, and end, the shortest."""
    ways = {side: Way(0, (), walker.here)}
    for aisle in aisles:
        found: dict[int, Way] = {}
        for at, way in _ways_on(walker, aisle, ways):
            if at not in found or way < found[at]:
                found[at] = way
        ways = found
    best = min(ways.values(), key=lambda way: way.mm + walker.ways.mm(way.here, walker.end))
    for aisle, (at, through) in zip(aisles, best.visits, strict=True):
        if through and walker.places(aisle):
            at = walker.through(aisle, at)
        walker.clear(aisle, at)


def _ways_on(walker: Walker, aisle: Aisle, ways: dict[int, Way]) -> Iterator[tuple[int, Way]]:
    """Every way through one more aisle, with the side where it comes out."""
    ends = aisle.mouth(FRONT), aisle.mouth(BACK)
    regular = walker.ways.straight(*ends) and walker.ways.straight(*ends[::-1])
    for at, (mm, visits, here) in ways.items():
        for side in sorted({aisle.side(FRONT), aisle.side(BACK)}):
            if side != at and regular and all(aisle.opens):
                continue  # only an aisle that is one-way or shut somewhere is worth going round
            mouth, out = aisle.mouth(side), aisle.mouth(1 - side)
            before = mm + walker.ways.mm(here, mouth)
            yield side, Way(before + _trip_mm(walker, aisle, side), (*visits, (side, False)), mouth)
            if all(aisle.opens) and aisle.walkable[side]:
                through = before + _through_mm(walker, aisle, side)
                yield 1 - side, Way(through, (*visits, (side, True)), out)


def _trip_mm(walker: Walker, aisle: Aisle, side: int) -> int:
    mouth, places = aisle.mouth(side), walker.places(aisle)
    nodes = walker.stations(aisle, side, places)
    if not all(aisle.walkable) and nodes != [mouth]:
        return SHUT
    return _length(walker, [mouth, *nodes, mouth])


def _through_mm(walker: Walker, aisle: Aisle, side: int) -> int:
    """With the trip for the other face from where one comes out, if faces are picked singly."""
    out, left = aisle.mouth(1 - side), walker.others(aisle)
    nodes = walker.stations(aisle, side, walker.places(aisle))
    trip = [out, *walker.stations(aisle, 1 - side, left), out]
    return _length(walker, [aisle.mouth(side), *nodes, out]) + _length(walker, trip)


def _length(walker: Walker, nodes: Sequence[int]) -> int:
    return sum(walker.ways.mm(here, there) for here, there in pairwise(nodes))
