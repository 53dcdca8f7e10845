"""What must be served before what: the closure of such pairs, and the cycles that forbid them."""

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


def _reached(after: Mapping[Stop, set[Stop]], stop: Stop) -> set[Stop]:
    seen: set[Stop] = set()
    waiting = list(after[stop])
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += after.get(here, ())
    return seen
