"""The sweep of a plan, boiled down to the chains in which somebody may have to pick.

What the other chains cost is known beforehand, so their steps are folded into the next asked one.
Ways that join the same two states differ only in how they use the chain, so they become one: its
cost is the least of those uses (a `Kind`), and what the folded steps cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from routing.frontier import Table
from routing.plan import Plan
from routing.weights import SHUT

Use = tuple[int, int]  # (how the chain is used, bits of the ends it leaves untouched)
Kind = frozenset[Use]  # ways of which the cheapest counts
Column = tuple[Kind, int]  # with the millimetres of the folded steps
Way = tuple[int, Column]  # from which row before the stage, at which cost
Folded = dict[int, int]  # millimetres by row before


class Stage(NamedTuple):
    """One asked step. into: by row after it, the ways that lead there; rows with many first."""

    step: int
    into: list[list[Way]]


class Stages(NamedTuple):
    """end: millimetres from the rows after the last stage to the whole tour."""

    stages: list[Stage]
    end: Folded


def stages(
    plan: Plan, idle_mm: Sequence[int], must: Mapping[int, int], asked: Mapping[int, int]
) -> Stages:
    """idle_mm: by step, the length of its chain, SHUT when blocked. must: by step, bits of the
    ends that no tour leaves untouched. asked: by step, bits of the ends that some tours may not.
    """
    found: list[Stage] = []
    reached: dict[int, Folded] = {0: {0: 0}}  # by state: from which rows, at what cost
    for i, step in enumerate(plan.steps):
        bits = must.get(i, 0)
        if i not in asked:
            reached = _passed(step.table.ways(False, bits), reached, idle_mm[i])
            continue
        into = _into(step.table, bits, asked[i] & ~bits, reached)
        states = sorted(into, key=lambda state: -len(into[state]))
        found.append(Stage(i, [into[state] for state in states]))
        reached = {state: {row: 0} for row, state in enumerate(states)}
    return Stages(found, reached.get(plan.whole, {}))


def _passed(
    ways: Iterable[Iterable[tuple[int, int]]], reached: Mapping[int, Folded], mm: int
) -> dict[int, Folded]:
    """What is reached after a chain without picks, at `mm` for each time it is walked."""
    after: dict[int, Folded] = {}
    for state, into in enumerate(ways):
        found: Folded = {}
        for before, times in into:
            for row, cost in reached.get(before, {}).items():
                if (total := cost + times * mm) < found.get(row, SHUT):
                    found[row] = total
        if found:
            after[state] = found
    return after


def _into(
    table: Table, must: int, maybe: int, reached: Mapping[int, Folded]
) -> dict[int, list[Way]]:
    """By state after a chain that may have picks: the ways that no other makes superfluous."""
    after: dict[int, list[Way]] = {}
    for state, uses in enumerate(_uses(table, must, maybe)):
        found: dict[int, list[Column]] = {}
        for before, kind in uses.items():
            for row, cost in reached.get(before, {}).items():
                found.setdefault(row, []).append((kind, cost))
        if found:
            after[state] = [(row, c) for row, columns in found.items() for c in _needed(columns)]
    return after


def _needed(columns: Sequence[Column]) -> list[Column]:
    """Without those that another, with at least the same uses, undercuts."""
    kept: list[Column] = []
    for kind, cost in sorted(set(columns), key=lambda c: (c[1], -len(c[0]), sorted(c[0]))):
        if not any(kind <= other for other, _ in kept):
            kept.append((kind, cost))
    return kept


def _uses(table: Table, must: int, maybe: int) -> list[dict[int, Kind]]:
    """By state after, by state before: how the chain can be used between the two."""
    into = [dict.fromkeys(ways, 0) for ways in _allowed(table, must)]
    for bit in (1, 2):
        if maybe & bit:
            for untouched, ways in zip(into, _allowed(table, must | bit), strict=True):
                for way in untouched.keys() - ways:
                    untouched[way] |= bit
    return [_by_state(untouched) for untouched in into]


def _allowed(table: Table, must: int) -> list[set[tuple[int, int]]]:
    """With picks or without: a use that the picks do not allow has the cost SHUT."""
    pairs = zip(table.ways(True, must), table.ways(False, must), strict=True)
    return [{*picking, *idle} for picking, idle in pairs]


def _by_state(untouched: Mapping[tuple[int, int], int]) -> dict[int, Kind]:
    uses: dict[int, set[Use]] = {}
    for (before, use), bits in sorted(untouched.items()):
        uses.setdefault(before, set()).add((use, bits))
    return {before: frozenset(kind) for before, kind in uses.items()}
