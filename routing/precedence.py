"""What must be served before what: everything that follows from it, and what forbids itself."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Stop = TypeVar("Stop", bound=Hashable)


def closure(before: Iterable[tuple[Stop, Stop]]) -> dict[Stop, frozenset[Stop]]:
    """By stop that comes before another: all that come after it, through others too.

    A stop that comes after itself lies on a cycle.
    """
    after: dict[Stop, set[Stop]] = {}
    for i, j in before:
        after.setdefault(i, set()).add(j)
    return {stop: frozenset(_reached(after, stop)) for stop in after}


def on_cycles(before: Iterable[tuple[Stop, Stop]]) -> set[Stop]:
    """Every stop that would have to be served before itself; empty when there is an order of all.

    These are the stops of the strongly connected components of more than one stop, and the stops
    that are before themselves.
    """
    return {stop for stop, after in closure(before).items() if stop in after}


def servable_sets(stops: int, before: Iterable[tuple[int, int]], at_most: int) -> int:
    """How many sets of the stops 0 .. stops - 1 can have been served on the way, the empty and the
    full one included; counted no further than somewhat above `at_most`.

    before: without cycles. A stop is served (and all before it), or it is not (and none after it).
    """
    after, earlier = [0] * stops, [0] * stops
    for i, later in closure(before).items():
        for j in later:
            after[i] |= 1 << j
            earlier[j] |= 1 << i
    related = [later | first for later, first in zip(after, earlier, strict=True)]
    order = sorted(range(stops), key=lambda stop: -related[stop].bit_count())
    known: dict[int, int] = {}

    def count(open_: int) -> int:
        if open_ not in known:
            stop = next((s for s in order if open_ >> s & 1 and open_ & related[s]), None)
            if stop is None:
                return 1 << open_.bit_count()
            known[open_] = count(open_ & ~(after[stop] | 1 << stop))
            if known[open_] <= at_most:
                known[open_] += count(open_ & ~(earlier[stop] | 1 << stop))
        return known[open_]

    return count((1 << stops) - 1)


def _reached(after: Mapping[Stop, set[Stop]], stop: Stop) -> set[Stop]:
    seen: set[Stop] = set()
    waiting = list(after[stop])
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += after.get(here, ())
    return seen
