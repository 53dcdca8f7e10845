"""The certified optimum of larger requests: subtour cuts over HiGHS, until one tour is left.

Dantzig, Fulkerson and Johnson 1954, doi:10.1287/opre.2.4.393, on the table of distances. The plain
subtour relaxation is already tight on most warehouse floors; branch and bound closes the rest.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

Table = Sequence[Sequence[int]]
Pair = tuple[int, int]
Vector = NDArray[Any]
FAR = 10**15
FINE = 10**6  # parts of one, for the whole capacities of a cut


def certified(table: Table, known: int, before: Sequence[Pair] = ()) -> int:
    """The length of the shortest way from 0 through all of 1 .. n to n + 1; FAR when there is none.

    table: (n + 2, n + 2) whole numbers from row to column. before: (i, j), i is visited before j.
    known: a length that somebody claims: as soon as a relaxation reaches it, it is proved.
    """
    if len(table) == 2:
        return min(table[0][1], FAR)
    grain = int(np.gcd.reduce([mm for row in table for mm in row if mm < FAR])) or 1
    tours, length = Tours(table, before), 0.0
    for solve in (tours.relaxed, tours.whole):
        while True:
            length, x = solve()
            if length >= FAR:
                return FAR
            if grain * ceil(length / grain - 1e-6) >= known:
                return known
            if not tours.cut(x):
                break
    return round(length)


def by_subsets(table: Table, before: Sequence[Pair]) -> int:
    """The same for up to 18 stops, where precedence makes cuts weak: Held and Karp 1962 in numpy.

    By how many are served, every set with each stop where one may stand.
    """
    n, cost = len(table) - 2, np.minimum(np.array(table, dtype=np.int64), FAR)
    needs = [sum(1 << (i - 1) for i, k in before if k == j) for j in range(1, n + 1)]
    sets = np.arange(1 << n)
    size = sum((sets >> j & 1 for j in range(n)), start=np.zeros_like(sets))
    length = np.full((1 << n, n), FAR)
    for j in range(n):
        if not needs[j]:
            length[1 << j, j] = cost[0, j + 1]
    for k in range(1, n):
        layer = sets[size == k]
        for j in range(n):
            fit = layer[(layer >> j & 1 == 0) & (needs[j] & ~layer == 0)]
            length[fit | 1 << j, j] = (length[fit] + cost[1:-1, j + 1]).min(axis=1, initial=FAR)
    return int(min((length[-1] + cost[1:-1, -1]).min(initial=FAR) if n else cost[0, 1], FAR))


class Tours:
    """Closed tours over all places, by the pairs that they use; from n + 1 one goes home to 0."""

    def __init__(self, table: Table, before: Sequence[Pair] = ()) -> None:
        self.n, self.before = len(table), tuple(before)
        self.one_way = bool(before) or any(
            table[i][j] != table[j][i] for i, j in combinations(range(self.n), 2)
        )
        ways = permutations if self.one_way else combinations
        home = (self.n - 1, 0) if self.one_way else (0, self.n - 1)
        pairs = [(i, j) for i, j in ways(range(self.n), 2) if table[i][j] < FAR]
        pairs = [home, *(p for p in pairs if p not in (home, home[::-1]))]
        self.costs = np.array([0.0, *(table[i][j] for i, j in pairs[1:])])
        self.used = np.array([1.0, *[0.0] * (len(pairs) - 1)])  # the way home always is
        self.u, self.v = np.array(pairs).T
        self.equal: list[Vector] = []
        self.least: list[Vector] = []
        for i in range(self.n):
            for row in (
                [self.u == i, self.v == i] if self.one_way else [(self.u == i) | (self.v == i)]
            ):
                self.equal.append(row.astype(float))
        self.degree = 1 if self.one_way else 2
        self.at_least: list[float] = []

    def relaxed(self) -> tuple[float, Vector]:
        unless: Any = None  # no row yet
        found: Any = linprog(
            self.costs,
            A_ub=-np.array(self.least) if self.least else unless,
            b_ub=-np.array(self.at_least) if self.least else unless,
            A_eq=np.array(self.equal),
            b_eq=np.full(len(self.equal), self.degree),
            bounds=[(low, 1.0) for low in self.used.tolist()],
        )
        return (float(found.fun), found.x) if found.success else (FAR, self.costs)

    def whole(self) -> tuple[float, Vector]:
        rows = csr_array(np.array([*self.equal, *self.least]))
        degrees = [self.degree] * len(self.equal)
        most = [*degrees, *[np.inf] * len(self.least)]
        found: Any = milp(
            self.costs,
            integrality=np.ones(len(self.costs), dtype=np.int8),
            bounds=Bounds(self.used, np.ones(len(self.costs))),
            constraints=LinearConstraint(rows, [*degrees, *self.at_least], most),
            options={"mip_rel_gap": 0.0},
        )
        return (float(found.fun), found.x) if found.x is not None else (FAR, self.costs)

    def cut(self, x: Vector) -> bool:
        """Adds what x violates; whether there was anything."""
        loose = sorted({tuple(places) for places in self._loose(x)})
        for out_of in loose:
            inside_u, inside_v = np.isin(self.u, out_of), np.isin(self.v, out_of)
            out = inside_u & ~inside_v if self.one_way else inside_u != inside_v
            self._add(out, self.degree)
        whole = not loose and np.abs(x - np.rint(x)).max() < 1e-6
        hasty = list(self._hasty(x)) if self.before and whole else []
        for places in hasty:
            inside_u, inside_v = np.isin(self.u, places), np.isin(self.v, places)
            self._add(-(inside_v & (inside_u | (self.u == 0))).astype(float), 1 - len(places))
        return bool(loose or hasty)

    def _add(self, row: NDArray[np.generic], at_least: float) -> None:
        self.least.append(row.astype(float))
        self.at_least.append(at_least)

    def _loose(self, x: Vector) -> Iterator[list[int]]:
        """Places that x does not leave often enough: parts of its own, else minimum cuts."""
        taken = x > 1e-6
        amount = np.rint(x[taken] * FINE).astype(np.int32)
        graph = csr_array((amount, (self.u[taken], self.v[taken])), shape=(self.n, self.n))
        if not self.one_way:
            graph = csr_array(graph + graph.T)
        count, part = connected_components(graph, directed=False)
        if count > 1:
            yield from (np.flatnonzero(part == p).tolist() for p in range(count))
            return
        for place in range(1, self.n):
            flow = maximum_flow(graph, 0, place)
            if flow.flow_value < self.degree * FINE - 100 * self.n:
                left = csr_array(graph - flow.flow)
                left.eliminate_zeros()
                near = set(breadth_first_order(left, 0, return_predecessors=False).tolist())
                yield [p for p in range(self.n) if p not in near]

    def _hasty(self, x: Vector) -> Iterator[list[int]]:
        """Of a whole tour: what it visits up to a place that should follow one still to come.

        A way from 0 through these alone is forbidden: whoever has been there was too early.
        """
        following = dict(zip(self.u[x > 0.5].tolist(), self.v[x > 0.5].tolist(), strict=True))
        order = [0]
        while len(order) < self.n:
            order.append(following[order[-1]])
        at = {place: k for k, place in enumerate(order)}
        for i, j in self.before:
            if at[j] < at[i]:
                yield order[1 : at[j] + 1]
