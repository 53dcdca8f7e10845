"""The exact length of the tours of thousands of pick sets at once: the sweep of routing.round
over all of them together, in numpy.

Orders are numbers here. A set of orders is a row of `members`, filled up with the number of no
order (`Sweep.nobody`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from routing.batch.ways import Kind, Ways, ways
from routing.frontier import BOTH, FROM_U, FROM_V, ONCE, TWICE, UNUSED
from routing.layout import Layout
from routing.plan import Plan
from routing.weights import SHUT, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Narrow = NDArray[np.int32] | NDArray[np.int64]

AT_ONCE = 1024  # sets: the rows of a step stay in the processor's cache
SMALL_SHUT = 1 << 29  # for floors whose whole length is far below it, lengths are 32 bits wide


class Sweep:
    """Prices sets of orders by one sweep over the floor for all of them."""

    def __init__(
        self, layout: Layout, plan: Plan, weights: Weights, depot: int, picks: Sequence[set[int]]
    ) -> None:
        """picks: node numbers by order number; each node must be in the plan."""
        import numpy as np

        self.nobody = len(picks)
        changed = {plan.step_of[edge] for edge in weights.changed}
        open_mm = [_open_mm(layout, plan, weights, i, i in changed) for i in range(len(plan.steps))]
        floor_mm = 4 * sum(mm for step in open_mm for mm in step if mm < SHUT)
        self._shut = SMALL_SHUT if floor_mm < SMALL_SHUT else SHUT
        self._type = np.int32 if self._shut == SMALL_SHUT else np.int64
        at_mm = [
            list(accumulate((mm if mm < SHUT else self._shut for mm in step), initial=0))
            for step in open_mm
        ]
        self._length = [min(at[-1], self._shut) for at in at_mm]
        self._read_picks(plan, at_mm, picks)
        self._compile(plan, depot)

    def lengths(self, members: Whole) -> Whole:
        """(n,) millimetres of the shortest tour of each set, SHUT where there is none.

        members: (n, any) order numbers, filled up with `nobody`; an order may be repeated.
        """
        import numpy as np

        parts = [self._lengths(members[i : i + AT_ONCE]) for i in range(0, len(members), AT_ONCE)]
        found = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        found[found >= self._shut] = SHUT
        return found

    def _read_picks(
        self, plan: Plan, at_mm: Sequence[Sequence[int]], picks: Sequence[set[int]]
    ) -> None:
        """Each pick in a chain is a key: the chain's number, then how far in it is."""
        import numpy as np

        walked = sorted({plan.inside[n][0] for n in chain(*picks) if n in plan.inside})
        self._chains = {step: i for i, step in enumerate(walked)}
        self._span = 1 + max((at_mm[step][-1] for step in walked), default=0)
        self._chain_mm = np.array([at_mm[step][-1] for step in walked], dtype=np.int64)
        keys = [
            sorted(self._key(plan, at_mm, n) for n in set_ if n in plan.inside) for set_ in picks
        ]
        self._keys = np.array(list(chain(*keys)), dtype=np.int64)
        self._count = np.array([*map(len, keys), 0], dtype=np.int64)
        self._first = np.cumsum(self._count) - self._count
        junctions = sorted({n for n in chain(*picks) if n in plan.last})
        self._junctions = {plan.last[n]: i for i, n in enumerate(junctions)}
        self._needs = np.zeros((len(picks) + 1, len(junctions)), dtype=bool)
        for order, set_ in enumerate(picks):
            self._needs[order, [i for i, n in enumerate(junctions) if n in set_]] = True

    def _key(self, plan: Plan, at_mm: Sequence[Sequence[int]], node: int) -> int:
        step, place = plan.inside[node]
        return self._chains[step] * self._span + at_mm[step][place]

    def _compile(self, plan: Plan, depot: int) -> None:
        """The ways of every step, and which kinds the chains with picks need."""
        self._steps: list[tuple[int, int, Ways, bool]] = []
        maybe = [0] * len(plan.steps)
        for step, bit in self._junctions:
            maybe[step] |= bit
        last, home = plan.last[depot]
        rows: tuple[int, ...] = (0,)
        kinds: dict[Kind, int] = {}
        for i, step in enumerate(plan.steps):
            must = home if i == last else 0
            found = ways(step.table, must, maybe[i] & ~must, rows)
            if i in self._chains and not maybe[i] & ~must:
                for kind in found.kinds:
                    kinds.setdefault(kind, len(kinds))
            self._steps.append((i, self._chains.get(i, -1), found, bool(maybe[i] & ~must)))
            rows = found.states
        self._kinds = kinds
        self._whole = rows.index(plan.whole)
        import numpy as np

        self._columns = [
            np.array([kinds.get(kind, 0) for kind in found.kinds]) for _, _, found, _ in self._steps
        ]

    def _lengths(self, members: Whole) -> Whole:
        import numpy as np

        n = len(members)
        costs = self._costs(members)
        need = self._needs[members].any(axis=1)
        shared = self._shared(costs, n)
        lengths = np.zeros((1, n), dtype=self._type)
        for number, chain_, found, touchy in self._steps:
            if chain_ >= 0 and not touchy:
                columns = shared[chain_].take(self._columns[number], axis=0)
            else:
                columns = self._own(number, chain_, found, costs, need)
            first, *more = found.ranks
            after = lengths.take(first.before, axis=0)
            after += columns.take(first.kind, axis=0)
            for rank in more:
                way = lengths.take(rank.before, axis=0)
                way += columns.take(rank.kind, axis=0)
                into = after[: len(way)]
                np.minimum(into, way, out=into)
            np.minimum(after, self._shut, out=after)
            lengths = after
        return lengths[self._whole].astype(np.int64)

    def _costs(self, members: Whole) -> Narrow:
        """(uses, chains with picks, n) millimetres."""
        import numpy as np

        n, chains = len(members), len(self._chains)
        costs = np.empty((6, chains, n), dtype=self._type)
        costs[UNUSED] = 0
        lengths = np.minimum(self._chain_mm, self._shut)[:, None]
        costs[ONCE] = lengths
        costs[TWICE] = np.minimum(2 * lengths, self._shut)
        costs[FROM_U:] = self._shut
        counts = self._count[members]
        total = counts.sum(axis=1)
        flat = counts.ravel()
        ends = np.cumsum(flat)
        if not len(ends) or not ends[-1]:
            return costs
        shift = np.repeat(self._first[members].ravel() - (ends - flat), flat)
        keys = self._keys[np.arange(ends[-1]) + shift]
        keys += np.repeat(np.arange(n) * (chains * self._span), total)
        keys.sort()
        cell, at = np.divmod(keys, self._span)
        starts = np.flatnonzero(np.diff(cell, prepend=-1))
        stops = np.append(starts[1:], len(keys)) - 1
        row, chain_ = np.divmod(cell[starts], chains)
        gaps = np.diff(at, prepend=0)
        gaps[starts] = 0
        widest = np.maximum.reduceat(gaps, starts)
        mm = self._chain_mm[chain_]
        two = np.where(stops > starts, 2 * (mm - widest), self._shut)
        flat_at = chain_ * n + row
        costs[UNUSED].reshape(-1)[flat_at] = self._shut
        for use, cost in ((FROM_U, 2 * at[stops]), (FROM_V, 2 * (mm - at[starts])), (BOTH, two)):
            costs[use].reshape(-1)[flat_at] = np.minimum(cost, self._shut)
        return costs

    def _shared(self, costs: Narrow, n: int) -> Narrow:
        """(chains with picks, kinds, n): the cheapest use of each kind."""
        import numpy as np

        shared = np.empty((len(self._chains), len(self._kinds), n), dtype=self._type)
        for kind, i in self._kinds.items():
            first, *more = sorted(use for use, _ in kind)
            shared[:, i] = costs[first]
            for use in more:
                np.minimum(shared[:, i], costs[use], out=shared[:, i])
        return shared

    def _own(
        self, number: int, chain_: int, found: Ways, costs: Narrow, need: NDArray[np.bool_]
    ) -> Narrow:
        """(kinds, 1 or n): of a chain without picks, or with picks on junctions that end in it."""
        import numpy as np

        mm = self._length[number]
        idle = [0, mm, min(2 * mm, self._shut), self._shut, self._shut, self._shut]
        columns = []
        for kind in found.kinds:
            best = None
            for use, untouched in sorted(kind):
                cost = costs[use, chain_] if chain_ >= 0 else np.array([idle[use]], self._type)
                for bit in (1, 2):
                    if untouched & bit:
                        missed = need[:, self._junctions[number, bit]]
                        cost = np.where(missed, self._type(self._shut), cost)
                best = cost if best is None else np.minimum(best, cost)
            columns.append(best)
        return np.stack(np.broadcast_arrays(*columns))


def _open_mm(layout: Layout, plan: Plan, weights: Weights, step: int, changed: bool) -> list[int]:
    """Today's lengths of the chain's edges, SHUT for a blocked one."""
    edges = plan.steps[step].chain.edges
    return [weights.changed.get(edge, layout.edges[edge].length_mm) for edge in edges]
