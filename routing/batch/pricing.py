"""The exact length of the tours of thousands of pick sets at once: the sweep of routing.round
over all of them together, in numpy.

Orders are numbers here. A set of orders is a row of `members`, filled up with `nobody`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple

from routing.batch.lines import Lines, Place
from routing.batch.ways import Kind, Stage, stages
from routing.frontier import ONCE, TWICE, UNUSED
from routing.layout import Layout
from routing.plan import Plan
from routing.weights import SHUT, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.signedinteger]

AT_ONCE = 1 << 19  # bytes: the ways of a stage should stay in the processor's cache


class Ranked(NamedTuple):
    """A stage as index arrays. The first sizes[0] ways are the first ones into each row after it,
    the next sizes[1] the second ones into the rows that have two, and so on.

    column: by way, its cost among the columns: of which kind, and how many millimetres on top.
    """

    step: int
    chain: int
    touchy: bool
    before: Whole
    column: Whole
    kind: Whole
    top: Whole
    kinds: tuple[Kind, ...]
    sizes: tuple[int, ...]


class Sweep:
    """Prices sets of orders by one sweep over the floor for all of them."""

    def __init__(
        self, layout: Layout, plan: Plan, weights: Weights, depot: int, picks: Sequence[set[int]]
    ) -> None:
        """picks: node numbers by order number; each node is in the plan, none is the depot."""

        self.nobody = len(picks)
        open_mm = _open_mm(layout, plan, weights)
        self._unit_mm, self._shut, self._type = _width([mm for step in open_mm for mm in step])
        at = [list(accumulate(map(self._units, step), initial=0)) for step in open_mm]
        self._read_picks(plan, at, picks)
        self._compile(plan, at, depot)

    def lengths(self, members: Whole) -> Whole:
        """(n,) millimetres of the shortest tour of each set, SHUT where there is none.

        members: (n, any) order numbers, filled up with `nobody`; an order may be repeated.
        """
        import numpy as np

        rows = max(64, AT_ONCE // (self._widest * np.dtype(self._type).itemsize))
        parts = [self._lengths(members[i : i + rows]) for i in range(0, len(members), rows)]
        found = np.concatenate(parts) if parts else np.zeros(0, dtype=self._type)
        return np.where(found < self._shut, found * np.int64(self._unit_mm), SHUT)

    def _units(self, mm: int) -> int:
        return mm // self._unit_mm if mm < SHUT else self._shut

    def _read_picks(
        self, plan: Plan, at: Sequence[Sequence[int]], picks: Sequence[set[int]]
    ) -> None:
        import numpy as np

        walked = sorted({plan.inside[n][0] for n in chain(*picks) if n in plan.inside})
        self._chains = {step: i for i, step in enumerate(walked)}

        def place(node: int) -> Place:
            step, number = plan.inside[node]
            return self._chains[step], at[step][number]

        places = [[place(n) for n in nodes if n in plan.inside] for nodes in picks]
        chain_length = [at[step][-1] for step in walked]
        self._lines = Lines(places, chain_length, self._shut, self._type)
        self._chain_length = np.minimum(np.array(chain_length, dtype=np.int64), self._shut)
        junctions = sorted({plan.last[n] for n in chain(*picks) if n in plan.last})
        self._junctions = {where: i for i, where in enumerate(junctions)}
        self._needs = np.zeros((len(picks) + 1, len(junctions)), dtype=np.bool_)
        for order, nodes in enumerate(picks):
            needed = [self._junctions[plan.last[n]] for n in nodes if n in plan.last]
            self._needs[order, needed] = True

    def _compile(self, plan: Plan, at: Sequence[Sequence[int]], depot: int) -> None:
        import numpy as np

        last, home = plan.last[depot]
        asked = dict.fromkeys(self._chains, 0)
        for step, bit in self._junctions:
            asked[step] = asked.get(step, 0) | bit
        self._idle = [places[-1] if places[-1] < self._shut else SHUT for places in at]
        found = stages(plan, self._idle, {last: home}, asked)
        self._stages = [
            _ranked(stage, self._chains.get(stage.step, -1), asked[stage.step] > 0, self._type)
            for stage in found.stages
        ]
        self._end_rows = np.array(list(found.end), dtype=np.intp)
        self._end = np.array(list(found.end.values()), dtype=np.int64)[:, None]
        kinds = dict.fromkeys(
            kind for stage in self._stages if not stage.touchy for kind in stage.kinds
        )
        self._kinds = {kind: i for i, kind in enumerate(kinds)}
        self._shared_kind = [
            np.array([self._kinds.get(kind, 0) for kind in stage.kinds])[stage.kind]
            for stage in self._stages
        ]
        self._widest = max((sum(stage.sizes) for stage in self._stages), default=1)

    def _lengths(self, members: Whole) -> Whole:
        import numpy as np

        n = len(members)
        uses = self._lines.costs(members)
        mm = self._chain_length[:, None].astype(self._type)
        uses |= {ONCE: mm, TWICE: np.minimum(2 * mm, self._shut)}
        shared = self._shared(uses, n)
        need = np.asarray(self._needs[members].any(axis=1))
        lengths = np.zeros((1, n), dtype=self._type)
        for stage, kind in zip(self._stages, self._shared_kind, strict=True):
            if stage.touchy:
                columns = self._touchy(stage, uses, need)[stage.kind]
            else:
                columns = shared[stage.chain].take(kind, axis=0)
            columns += stage.top
            np.minimum(columns, self._shut, out=columns)
            ways = lengths.take(stage.before, axis=0)
            ways += columns.take(stage.column, axis=0)
            after, taken = ways[: stage.sizes[0]], stage.sizes[0]
            for size in stage.sizes[1:]:
                np.minimum(after[:size], ways[taken : taken + size], out=after[:size])
                taken += size
            lengths = np.minimum(after, self._shut, out=after)
        ended = lengths[self._end_rows] + self._end
        return np.asarray(ended.min(axis=0, initial=self._shut))

    def _shared(self, uses: dict[int, Whole], n: int) -> Whole:
        """(chains with picks, kinds, n): the cheapest use of each kind."""
        import numpy as np

        shared = np.empty((len(self._chains), len(self._kinds), n), dtype=self._type)
        for kind, i in self._kinds.items():
            first, *more = sorted(use for use, _ in kind)
            shared[:, i] = uses[first]
            for use in more:
                np.minimum(shared[:, i], uses[use], out=shared[:, i])
        return shared

    def _touchy(self, stage: Ranked, uses: dict[int, Whole], need: NDArray[np.bool_]) -> Whole:
        """(kinds, n), where orders may pick at the junctions that end in the stage."""
        import numpy as np

        idle_mm = min(self._idle[stage.step], self._shut)
        idle = {UNUSED: 0, ONCE: idle_mm, TWICE: min(2 * idle_mm, self._shut)}
        missed = {
            bits: np.int64(self._shut) * need[:, list(self._ending(stage.step, bits))].any(axis=1)
            for bits in range(4)
        }

        def cost(use: int, bits: int) -> Whole:
            if stage.chain < 0:
                return np.asarray(missed[bits] + idle.get(use, self._shut))
            return np.asarray(missed[bits] + uses[use][stage.chain])

        rows = [np.minimum.reduce([cost(*use) for use in sorted(kind)]) for kind in stage.kinds]
        return np.asarray(np.minimum(np.stack(rows), self._shut), dtype=self._type)

    def _ending(self, step: int, bits: int) -> list[int]:
        """The junctions behind these bits, where somebody picks."""
        ends = ((step, bit) for bit in (1, 2) if bits & bit)
        return [self._junctions[end] for end in ends if end in self._junctions]


def _width(edges_mm: Sequence[int]) -> tuple[int, int, type[np.signedinteger[Any]]]:
    """The unit of all lengths, what counts as shut in it, and the narrowest numbers that do.

    No walk is longer than twice the floor; two shut ones may be added without overflow.
    """
    import numpy as np

    lengths = [mm for mm in edges_mm if mm < SHUT]
    unit = gcd(*lengths) or 1
    longest = 2 * sum(lengths) // unit
    for shut, width in (((1 << 14) - 1, np.int16), (1 << 29, np.int32)):
        if longest < shut:
            return unit, shut, width
    return unit, SHUT, np.int64


def _open_mm(layout: Layout, plan: Plan, weights: Weights) -> list[list[int]]:
    """By step: today's length of each edge of its chain, SHUT when blocked."""
    now = weights.changed
    return [[now.get(e, layout.edges[e].length_mm) for e in s.chain.edges] for s in plan.steps]


def _ranked(
    stage: Stage, chain: int, touchy: bool, kind_of_number: type[np.signedinteger[Any]]
) -> Ranked:
    import numpy as np

    most = max(map(len, stage.into))
    ranks = [[into[rank] for into in stage.into if len(into) > rank] for rank in range(most)]
    ways = [way for rank in ranks for way in rank]
    columns = {column: i for i, column in enumerate(dict.fromkeys(column for _, column in ways))}
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys(kind for kind, _ in columns))}
    return Ranked(
        step=stage.step,
        chain=chain,
        touchy=touchy,
        before=np.array([row for row, _ in ways]),
        column=np.array([columns[column] for _, column in ways]),
        kind=np.array([kinds[kind] for kind, _ in columns]),
        top=np.array([[top] for _, top in columns], dtype=kind_of_number),
        kinds=tuple(kinds),
        sizes=tuple(map(len, ranks)),
    )
