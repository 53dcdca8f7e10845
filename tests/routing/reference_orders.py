"""The certified optimum of 25 stops with precedence: cuts over HiGHS, or every set that may be.

A way is what every minimum cut leaves whole: into a stop from the start without what comes after
it, on from it to the end without what comes before it, and between two in order without what
cannot be between them (Balas, Fischetti and Pulleyblank 1995, doi:10.1007/BF01585767). Where that
leaves too much to branch, all sets that the precedence allows are walked through. Knows nothing
of `routing`.

`python -m tests.routing.reference_orders` prints the lines of `order_instances.BEST`.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from tests.routing.order_instances import instances

FAR = 1 << 40
FINE = 10**6
Table = list[list[int]]
Pairs = Iterable[tuple[int, int]]


def certified(table: Table, before: Pairs, seconds: float) -> int | None:
    """The cost of the cheapest way from 0 through all to the last; None when it takes too long."""
    return Cuts(table, before).solved(seconds)


def by_sets(table: Table, before: Pairs, most: int) -> int | None:
    """The same by Held and Karp 1962; None beyond `most` sets of one size with a last stop."""
    n = len(table) - 2
    needs = [sum({1 << i for i, k in before if k == j}) for j in range(n + 1)]
    ways = {(1, 0): 0}  # bit 0 is the start
    for _ in range(n):
        further: dict[tuple[int, int], int] = {}
        for (seen, last), cost in ways.items():
            for j in range(1, n + 1):
                if not seen >> j & 1 and needs[j] & ~seen == 0:
                    key, price = (seen | 1 << j, j), cost + table[last][j]
                    if price < further.get(key, FAR):
                        further[key] = price
        ways = further
        if len(ways) > most:
            return None
    return min(cost + table[last][-1] for (_, last), cost in ways.items())


class Cuts:
    """Arcs that are used or not, and the cuts found so far."""

    def __init__(self, table: Table, before: Pairs) -> None:
        self.n = len(table)
        order = _closure(self.n, before)
        between = (order.astype(int) @ order.astype(int)) > 0
        arcs = np.argwhere(~order.T & ~(order & between) & ~np.eye(self.n, dtype=bool))
        self.u, self.v = np.array([(i, j) for i, j in arcs if table[i][j] < FAR]).T
        self.costs = np.array([table[i][j] for i, j in zip(self.u, self.v, strict=True)], float)
        self.rows = [self.u == i for i in range(self.n - 1)]
        self.rows += [self.v == j for j in range(1, self.n)]
        self.degrees, self.questions = len(self.rows), list(_questions(order))

    def solved(self, seconds: float) -> int | None:
        until = monotonic() + seconds
        if self._settled(False, until) is None:
            return None
        x = self._settled(True, until)
        return None if x is None else round(float(self.costs @ np.rint(x)))

    def _settled(self, whole: bool, until: float) -> NDArray[Any] | None:
        """What is used when there is nothing left to cut; None when it takes too long."""
        while (x := self._used(whole, until - monotonic())) is not None:
            if not self._cut(np.rint(x) if whole else x):
                break
        return x

    def _used(self, whole: bool, seconds: float) -> NDArray[Any] | None:
        most = np.where(np.arange(len(self.rows)) < self.degrees, 1, np.inf)
        found: Any = milp(
            self.costs,
            integrality=np.full(len(self.costs), int(whole)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(csr_array(np.array(self.rows, float)), 1, most),
            options={"mip_rel_gap": 0.0, "time_limit": max(1.0, seconds)},
        )
        return np.asarray(found.x) if found.status == 0 else None

    def _cut(self, x: NDArray[Any]) -> bool:
        """Whether any question has an answer of less than one, now forbidden."""
        known = len(self.rows)
        amount = np.zeros((self.n, self.n), dtype=np.int32)
        amount[self.u, self.v] = np.rint(x * FINE)
        for source, sink, without in self.questions:
            left = amount.copy()
            left[without] = left[:, without] = 0
            graph = csr_array(left)
            flow = maximum_flow(graph, source, sink)
            if flow.flow_value < FINE - 1000:
                rest = csr_array(np.maximum(left - flow.flow.toarray(), 0))
                near = np.zeros(self.n, dtype=bool)
                near[breadth_first_order(rest, source, return_predecessors=False)] = True
                open_ = ~np.isin(self.u, without) & ~np.isin(self.v, without)
                self.rows.append(near[self.u] & ~near[self.v] & open_)
        return len(self.rows) > known


def _closure(n: int, before: Pairs) -> NDArray[np.bool_]:
    order = np.zeros((n, n), dtype=bool)
    order[0, 1:] = order[:-1, -1] = True
    for i, j in before:
        order[i, j] = True
    for k in range(n):
        order |= order[:, k : k + 1] & order[k]
    return order


def _questions(order: NDArray[np.bool_]) -> Iterator[tuple[int, int, list[int]]]:
    """(from, to, without): one unit must flow."""
    n = len(order)
    for k in range(1, n - 1):
        yield 0, k, np.flatnonzero(order[k]).tolist()
        yield k, n - 1, np.flatnonzero(order[:, k]).tolist()
    for i, j in product(range(1, n - 1), repeat=2):
        if order[i, j]:
            yield i, j, np.flatnonzero(order[:, i] | order[j]).tolist()


def main() -> None:
    for instance in instances():
        stops = instance.stops()
        table = [[*row] for row in stops.table]
        best = certified(table, stops.before, 60) or by_sets(table, stops.before, 600_000)
        print(f'    "{instance}": {best},' if best else f"    # {instance}", flush=True)


if __name__ == "__main__":
    main()
