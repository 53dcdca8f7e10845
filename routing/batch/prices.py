"""What a batch costs: the length of its shortest tour, asked once for each set of orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from routing.batch.pricing import Sweep
from routing.batch.rules import members
from routing.errors import Unreachable
from routing.floor import NodeId
from routing.graph import distances
from routing.layout import Layout
from routing.plan import plan_for
from routing.tour import Tour
from routing.weights import SHUT, Weights

Touring = Callable[[Sequence[NodeId]], Tour]


class Prices:
    """Sets of orders (bit i: order number i) and the millimetres of their tours, remembered."""

    def __init__(
        self,
        layout: Layout,
        weights: Weights,
        depot: int,
        picks: Sequence[Sequence[int]],
        touring: Touring,
    ) -> None:
        """picks: node numbers by order number. touring: the tour through picks, by node id."""
        self._layout, self._weights, self._depot = layout, weights, depot
        self._picks, self._touring = picks, touring
        self._walking = sum(1 << i for i, nodes in enumerate(picks) if {*nodes} - {depot})
        self.known: dict[int, int] = {0: 0}

    def of(self, batches: Iterable[int]) -> list[int]:
        """Millimetres of each; those not known yet are computed together.

        An order that is picked at the depot alone makes no tour longer.
        """
        asked = [batch & self._walking for batch in batches]
        new = [batch for batch in dict.fromkeys(asked) if batch not in self.known]
        if new:
            self.known.update(zip(new, self._computed(new), strict=True))
        return [self.known[batch] for batch in asked]

    def tour(self, batch: int) -> Tour:
        picks = dict.fromkeys(n for order in members(batch) for n in self._picks[order])
        return self._touring([self._layout.ids[n] for n in picks])

    def _computed(self, batches: Sequence[int]) -> list[int]:
        if self._sweep is None:
            return [self.tour(batch).length_mm for batch in batches]
        import numpy as np

        rows = [list(members(batch)) for batch in batches]
        longest = max(map(len, rows))
        nobody = self._sweep.nobody
        filled = [row + [nobody] * (longest - len(row)) for row in rows]
        found: list[int] = self._sweep.lengths(np.array(filled)).tolist()
        return found

    @cached_property
    def _sweep(self) -> Sweep | None:
        """None on floors that are directed or too wide for a sweep."""
        plan = None if self._layout.directed else plan_for(self._layout, self._depot, self._depot)
        if plan is None:
            return None
        picks = [set(nodes) - {self._depot} for nodes in self._picks]
        if any(n not in plan.inside and n not in plan.last for n in set().union(*picks)):
            return None
        return Sweep(self._layout, plan, self._weights, self._depot, picks)


def check_reachable(layout: Layout, weights: Weights, depot: int, nodes: Iterable[int]) -> None:
    """Raises Unreachable with every one of `nodes` from which there is no round trip."""
    wanted = [depot, *dict.fromkeys(nodes)]
    shut = {n for n in wanted if layout.ids[n] in weights.closed}
    if depot in shut:
        raise Unreachable((layout.ids[n] for n in shut), "closed")
    known = distances(layout, weights)
    (there,) = known.rows([depot])
    cut_off = shut | {n for n in wanted if there[n] >= SHUT}
    if layout.directed:
        cut_off |= {n for n in wanted if known.table([n], [depot])[0][0] >= SHUT}
    if cut_off:
        home = layout.ids[depot]
        raise Unreachable((layout.ids[n] for n in cut_off), f"no way from {home} and back")
