"""The exact length of the tours of thousands of pick sets at once: the sweep of routing.round
over all of them together, in numpy.

Orders are numbers here. A set of orders is a row of `members`, filled up with `nobody`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from math import gcd
from typing import Any

import numpy as np

from routing.batch.arrays import Flags, Whole
from routing.batch.lines import Lines, Place
from routing.batch.ranks import Ranked, passed, ranked
from routing.batch.ways import Kind, stages
from routing.frontier import ONCE, TWICE, UNUSED
from routing.layout import Layout
from routing.plan import Plan
from routing.weights import SHUT, Weights

AT_ONCE = 1 << 19  # bytes: the ways of a stage should stay in the processor's cache
Width = type[np.signedinteger[Any]]


class Sweep:
    """Prices sets of orders by one sweep over the floor for all of them."""

    def __init__(
        self,
        layout: Layout,
        plan: Plan,
        weights: Weights,
        ends: tuple[int, int],
        picks: Sequence[set[int]],
    ) -> None:
        """ends: the plan's start and end. picks: node numbers by order number, each in the plan."""
        self.nobody = len(picks)
        now = weights.changed
        edges_mm = [
            [now.get(e, layout.edges[e].length_mm) for e in step.chain.edges] for step in plan.steps
        ]
        self._unit_mm, self._shut, self._width = _unit([mm for step in edges_mm for mm in step])
        at = [list(accumulate(map(self._units, step), initial=0)) for step in edges_mm]
        wanted = [nodes - set(ends) for nodes in picks]
        self._read_chains(plan, at, wanted)
        self._read_junctions(plan, wanted)
        self._boil_down(plan, at, ends)

    def lengths(self, members: Whole) -> Whole:
        """(n,) millimetres of the shortest tour of each set, SHUT where there is none.

        members: (n, any) order numbers, filled up with `nobody`; an order may be repeated.
        """
        parts = [
            self._lengths(members[i : i + self._rows]) for i in range(0, len(members), self._rows)
        ]
        found = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        return np.where(found < self._shut, found * self._unit_mm, SHUT)

    def _units(self, mm: int) -> int:
        return mm // self._unit_mm if mm < SHUT else self._shut

    def _read_chains(
        self, plan: Plan, at: Sequence[Sequence[int]], picks: Sequence[set[int]]
    ) -> None:
        walked = sorted({plan.inside[n][0] for n in chain(*picks) if n in plan.inside})
        self._chains = {step: i for i, step in enumerate(walked)}

        def place(node: int) -> Place:
            step, number = plan.inside[node]
            return self._chains[step], at[step][number]

        places = [[place(n) for n in nodes if n in plan.inside] for nodes in picks]
        lengths = [at[step][-1] for step in walked]
        self._lines = Lines(places, lengths, self._shut, self._width)
        once = np.minimum(np.array(lengths, dtype=np.int64), self._shut)[:, None]
        twice = np.minimum(2 * once, self._shut)
        self._through = {ONCE: once.astype(self._width), TWICE: twice.astype(self._width)}

    def _read_junctions(self, plan: Plan, picks: Sequence[set[int]]) -> None:
        picked = sorted({plan.last[n] for n in chain(*picks) if n in plan.last})
        self._junctions = {where: i for i, where in enumerate(picked)}
        self._needs = np.zeros((len(picks) + 1, len(picked)), dtype=np.bool_)
        for order, nodes in enumerate(picks):
            needed = [self._junctions[plan.last[n]] for n in nodes if n in plan.last]
            self._needs[order, needed] = True

    def _boil_down(self, plan: Plan, at: Sequence[Sequence[int]], ends: tuple[int, int]) -> None:
        must, asked = dict[int, int](), dict.fromkeys(self._chains, 0)
        for step, bit in (plan.last[node] for node in set(ends)):
            must[step] = must.get(step, 0) | bit
        for step, bit in self._junctions:
            asked[step] = asked.get(step, 0) | bit
        self._idle = [places[-1] if places[-1] < self._shut else SHUT for places in at]
        found = stages(plan, self._idle, must, asked)
        self._touchy = {step for step, bits in asked.items() if bits}
        self._stages = [ranked(stage, self._width) for stage in found.stages]
        self._end_rows = np.array(list(found.end), dtype=np.intp)
        self._end = np.array(list(found.end.values()), dtype=np.int64)[:, None]
        shared = [stage.kinds for stage in self._stages if stage.step not in self._touchy]
        self._kinds = {kind: i for i, kind in enumerate(dict.fromkeys(chain(*shared)))}
        self._stages = [self._sharing(stage) for stage in self._stages]
        widest = max((sum(stage.sizes) for stage in self._stages), default=1)
        self._rows = max(64, AT_ONCE // (widest * np.dtype(self._width).itemsize))

    def _lengths(self, members: Whole) -> Whole:
        n = len(members)
        uses = self._lines.costs(members) | self._through
        shared = self._shared(uses, n)
        need = np.asarray(self._needs[members].any(axis=1))
        lengths: Whole = np.zeros((1, n), dtype=self._width)
        for stage in self._stages:
            if stage.step in self._touchy:
                columns = self._own(stage, uses, need)
            else:
                columns = shared[self._chains[stage.step]]
            lengths = passed(stage, lengths, columns, self._shut)
        ends = lengths[self._end_rows] + self._end
        return np.asarray(ends.min(axis=0, initial=self._shut))

    def _sharing(self, stage: Ranked) -> Ranked:
        """With its kinds by their number among the shared ones."""
        if stage.step in self._touchy:
            return stage
        number = np.array([self._kinds[kind] for kind in stage.kinds])
        return stage._replace(kind=number[stage.kind])

    def _shared(self, uses: dict[int, Whole], n: int) -> Whole:
        """(chains with picks, kinds, n): the cheapest use of each kind."""
        shared: Whole = np.empty((len(self._chains), len(self._kinds), n), dtype=self._width)
        for kind, i in self._kinds.items():
            first, *more = sorted(use for use, _ in kind)
            shared[:, i] = uses[first]
            for use in more:
                np.minimum(shared[:, i], uses[use], out=shared[:, i])
        return shared

    def _own(self, stage: Ranked, uses: dict[int, Whole], need: Flags) -> Whole:
        """(kinds, n), where orders pick at the junctions that end in the stage.

        need: (n, junctions) which of those the sets touch.
        """
        once = min(self._idle[stage.step], self._shut)
        idle = {UNUSED: 0, ONCE: once, TWICE: min(2 * once, self._shut)}
        number = self._chains.get(stage.step)

        def cost(kind: Kind) -> Whole:
            return np.asarray(
                np.minimum.reduce(
                    [
                        self._missed(stage.step, untouched, need)
                        + (idle.get(use, self._shut) if number is None else uses[use][number])
                        for use, untouched in sorted(kind)
                    ]
                )
            )

        costs = np.stack([cost(kind) for kind in stage.kinds])
        return np.minimum(costs, self._shut).astype(self._width)

    def _missed(self, step: int, untouched: int, need: Flags) -> Whole:
        """(n,) SHUT where a set needs an end that is left untouched."""
        ends = [(step, bit) for bit in (1, 2) if untouched & bit]
        places = [self._junctions[end] for end in ends if end in self._junctions]
        return np.asarray(np.int64(self._shut) * need[:, places].any(axis=1))


def _unit(edges_mm: Sequence[int]) -> tuple[int, int, Width]:
    """The unit of all lengths, what counts as shut in it, and the narrowest numbers that do.

    No walk is longer than twice the floor, and two shut ones may be added without overflow.
    """
    lengths = [mm for mm in edges_mm if mm < SHUT]
    unit = gcd(*lengths) or 1
    longest = 2 * sum(lengths) // unit
    if longest < (1 << 14) - 1:
        return unit, (1 << 14) - 1, np.int16
    if longest < 1 << 29:
        return unit, 1 << 29, np.int32
    return unit, SHUT, np.int64
