"""What no order can cost less than."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routing.weights import SHUT

Table = Sequence[Sequence[int]]  # (n + 2, n + 2) cost from row to column; 0 start, n + 1 end


def lower_bound(
    table: Table,
    groups: Sequence[Sequence[int]] | None = None,
    before: Iterable[tuple[int, int]] = (),
) -> int:
    """No order can be shorter than this: the larger of two relaxations.

    A way is a spanning tree of its stops (Prim 1957), and it leaves and enters each of them once;
    with a stop between them it never goes straight from the start to the end.
    """
    cost = [list(row) for row in table] if groups is None else _between_groups(table, groups)
    last = len(cost) - 1
    cost[0][last] = cost[last][0] = SHUT
    leave = sum(min(cost[i][j] for j in range(1, last + 1) if j != i) for i in range(last))
    enter = sum(min(cost[i][j] for i in range(last) if i != j) for j in range(1, last + 1))
    return max(leave, enter, _tree(cost))


def _between_groups(table: Table, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    sets = [(0,), *groups, (len(table) - 1,)]
    return [[min(table[i][j] for i in a for j in b) for b in sets] for a in sets]


def _tree(table: Table) -> int:
    """The length of a shortest spanning tree, each pair at its shorter direction (Prim 1957)."""
    near = {j: min(table[0][j], table[j][0]) for j in range(1, len(table))}
    total = 0
    while near:
        here = min(near, key=lambda j: near[j])
        total += near.pop(here)
        near = {j: min(mm, table[here][j], table[j][here]) for j, mm in near.items()}
    return total
