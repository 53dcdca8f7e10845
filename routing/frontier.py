"""What a tour can look like at the edge of a sweep over the junctions: a table of states and moves.

Exact for every undirected floor: Ratliff and Rosenthal 1983, doi:10.1287/opre.31.3.507 (one block),
Roodbergen and de Koster 2001, doi:10.1016/S0377-2217(00)00177-6 (two), Cambazard and Catusse 2018,
arXiv:1512.06649 (any number of lines), here without any notion of aisle or block.

A shortest tour uses each chain in one of six ways. The part of it behind the sweep is summed up by
the frontier, the junctions with chains on both sides: which of them it touches, which of these hang
together, and at which an odd number of steps ends. The table knows no lengths, picks or closures,
so it is shared by every tour, and by every place of every floor that looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

UNUSED, ONCE, TWICE, FROM_U, FROM_V, BOTH = range(6)
IDLE, PICKING = (UNUSED, ONCE, TWICE), (ONCE, TWICE, FROM_U, FROM_V, BOTH)

Mark = tuple[int, int]  # (part of the tour, 0 when untouched; 1 when an odd number of steps ends)
State = tuple[Mark, ...]  # by place in the frontier
WHOLE: State = ((-1, 0),)  # the tour is complete; nothing may be added
Way = tuple[int, int]  # (number of the state before, how the chain is used)
Move = tuple[int, int, int, int]  # (state before, use, state after, which ends were left untouched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One chain of the sweep, by places in the frontier.

    u, v: its ends; width: how many places there are with those that begin here. gone: places whose
    last chain this is, u's before v's, each with the parity that it must end on.
    """

    u: int
    v: int
    width: int
    gone: tuple[Mark, ...]


class Table:
    """states: what can be after the turn, in order; `ways` leads to them."""

    def __init__(self, states: tuple[State, ...], moves: tuple[Move, ...]) -> None:
        self.states, self._moves = states, moves
        self._ways: dict[tuple[bool, int], list[list[Way]]] = {}

    def ways(self, picking: bool, must: int) -> list[list[Way]]:
        """By state after: the ways into it, on a chain with picks or without.

        must: bits of the gone ends that the tour may not leave untouched.
        """
        if (picking, must) not in self._ways:
            into: list[list[Way]] = [[] for _ in self.states]
            for before, use, after, skipped in self._moves:
                if use in (PICKING if picking else IDLE) and not skipped & must:
                    into[after].append((before, use))
            self._ways[picking, must] = into
        return self._ways[picking, must]


@lru_cache(maxsize=1024)
def table(states: tuple[State, ...], turn: Turn) -> Table:
    """Every state that can follow one of `states`, and how."""
    found: dict[State, list[tuple[int, int, int]]] = {}
    for number, state in enumerate(states):
        for use in range(6):
            for after, skipped in _after(state, turn, use):
                found.setdefault(after, []).append((number, use, skipped))
    after_states = tuple(sorted(found))
    moves = (
        (before, use, i, skipped)
        for i, state in enumerate(after_states)
        for before, use, skipped in found[state]
    )
    return Table(after_states, tuple(moves))


def _after(state: State, turn: Turn, use: int) -> list[tuple[State, int]]:
    """The state after, with the skipped ends; nothing when this use is not allowed."""
    if state == WHOLE:
        loose = use != UNUSED or any(parity for _, parity in turn.gone)
        return [] if loose else [(WHOLE, (1 << len(turn.gone)) - 1)]
    marks = [*state, *[(0, 0)] * (turn.width - len(state))]
    if use in (ONCE, TWICE, FROM_U, BOTH):
        _touch(marks, turn.u, use == ONCE)
    if use in (ONCE, TWICE, FROM_V, BOTH):
        _touch(marks, turn.v, use == ONCE)
    if use in (ONCE, TWICE):
        parts = {marks[turn.u][0], marks[turn.v][0]}
        marks = [(min(parts) if part in parts else part, odd) for part, odd in marks]
    return _without(marks, turn.gone)


def _touch(marks: list[Mark], place: int, toggle: bool) -> None:
    part, odd = marks[place]
    marks[place] = (part or 1 + max(part for part, _ in marks), odd ^ toggle)


def _without(marks: list[Mark], gone: Sequence[Mark]) -> list[tuple[State, int]]:
    left, skipped, whole = dict(enumerate(marks)), 0, False
    for bit, (place, parity) in enumerate(gone):
        part, odd = left.pop(place)
        others = {other for other, _ in left.values()}
        if odd != parity or (part and part not in others and others - {0}):
            return []  # left for good with a loose end, or cut off from the rest of the tour
        whole |= part > 0 and part not in others
        skipped |= (part == 0) << bit
    if whole:
        return [(WHOLE, skipped)]
    names = {0: 0}
    return [(tuple((names.setdefault(p, len(names)), odd) for p, odd in left.values()), skipped)]
