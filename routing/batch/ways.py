"""A table of the sweep as index arrays: what a step does to the lengths of many tours at once.

Ways that join the same two states differ only in how they use the chain, so they become one: its
cost is the least of those uses (a `Kind`). What is left is sorted into ranks: the first way into
every state, the second into every state that has two, and so on; states with many ways come first,
so that each rank is one addition and one minimum over whole rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from routing.frontier import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.intp]

Use = tuple[int, int]  # (how the chain is used, bits of the ends it leaves untouched)
Kind = frozenset[Use]  # ways of which the cheapest counts


class Rank(NamedTuple):
    """The next way into each of the first len(before) states: from which state, of which kind."""

    before: Numbers
    kind: Numbers


class Ways(NamedTuple):
    """states: those that can be reached, by their numbers, in the order of the rows after."""

    kinds: tuple[Kind, ...]
    ranks: tuple[Rank, ...]
    states: tuple[int, ...]


@lru_cache(maxsize=4096)
def ways(table: Table, must: int, maybe: int, before: tuple[int, ...]) -> Ways:
    """must: bits of the ends that no tour leaves untouched; maybe: that some tours may not.

    before: the states before the step, in the order of their rows.
    """
    import numpy as np

    row = {state: i for i, state in enumerate(before)}
    into = [_kinds(uses, row) for uses in _uses(table, must, maybe)]
    reached = [state for state, found in enumerate(into) if found]
    states = sorted(reached, key=lambda state: -len(into[state]))
    kinds = tuple(dict.fromkeys(kind for state in states for kind in into[state].values()))
    number = {kind: i for i, kind in enumerate(kinds)}
    ranks = []
    for rank in range(max(map(len, into))):
        found = [list(into[state].items())[rank] for state in states if len(into[state]) > rank]
        ranks.append(
            Rank(
                np.array([before for before, _ in found]),
                np.array([number[kind] for _, kind in found]),
            )
        )
    return Ways(kinds, tuple(ranks), tuple(states))


def _uses(table: Table, must: int, maybe: int) -> list[dict[tuple[int, int], int]]:
    """By state after, by way into it: which of the `maybe` ends it leaves untouched."""
    into = [dict.fromkeys(found, 0) for found in _allowed(table, must)]
    for bit in (1, 2):
        if maybe & bit:
            for state, found in enumerate(_allowed(table, must | bit)):
                for way in into[state].keys() - found:
                    into[state][way] |= bit
    return into


def _allowed(table: Table, must: int) -> list[set[tuple[int, int]]]:
    """With picks or without: what a chain of picks may not do has the cost SHUT."""
    pairs = zip(table.ways(True, must), table.ways(False, must), strict=True)
    return [{*picking, *idle} for picking, idle in pairs]


def _kinds(uses: dict[tuple[int, int], int], row: dict[int, int]) -> dict[int, Kind]:
    """By row before: the uses of the chain that lead from there."""
    found: dict[int, set[Use]] = {}
    for (state, use), untouched in sorted(uses.items()):
        if state in row:
            found.setdefault(row[state], set()).add((use, untouched))
    return {before: frozenset(kind) for before, kind in found.items()}
