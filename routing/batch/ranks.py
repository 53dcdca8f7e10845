"""A stage of the boiled-down sweep as index arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.ways import Kind, Stage


class Ranked(NamedTuple):
    """The first sizes[0] ways are the first ones into each row after the stage, the next sizes[1]
    the second ones into the rows that have two, and so on: each rank is one addition and one
    minimum over whole rows.

    before, column: by way, from which row, at the cost of which column. kind, top: by column, its
    place among `kinds` and what the folded steps cost.
    """

    step: int
    before: Whole
    column: Whole
    kind: Whole
    top: Whole
    kinds: tuple[Kind, ...]
    sizes: tuple[int, ...]


def ranked(stage: Stage, width: type[np.signedinteger[Any]]) -> Ranked:
    most = max(map(len, stage.into))
    ranks = [[into[rank] for into in stage.into if len(into) > rank] for rank in range(most)]
    ways = [way for rank in ranks for way in rank]
    columns = {column: i for i, column in enumerate(dict.fromkeys(column for _, column in ways))}
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys(kind for kind, _ in columns))}
    return Ranked(
        step=stage.step,
        before=np.array([row for row, _ in ways]),
        column=np.array([columns[column] for _, column in ways]),
        kind=np.array([kinds[kind] for kind, _ in columns]),
        top=np.array([[top] for _, top in columns], dtype=width),
        kinds=tuple(kinds),
        sizes=tuple(map(len, ranks)),
    )


def passed(stage: Ranked, lengths: Whole, columns: Whole, shut: int) -> Whole:
    """(rows after, n) from (rows before, n). columns: (kinds, n), without what is on top."""
    costs = columns.take(stage.kind, axis=0)
    costs += stage.top
    np.minimum(costs, shut, out=costs)
    ways = lengths.take(stage.before, axis=0)
    ways += costs.take(stage.column, axis=0)
    first, *more = stage.sizes
    after, done = ways[:first], first
    for size in more:
        np.minimum(after[:size], ways[done : done + size], out=after[:size])
        done += size
    return np.minimum(after, shut, out=after)
