"""Walking distances under one snapshot of weights: rows of Dijkstra searches, cached, exact.

A row holds distances only. The walk is read back from them (always the lowest-numbered neighbour
that lies on a shortest path), so it does not depend on which rows happened to be cached: the same
question has the same answer after any history of closures.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from routing.layout import Arc, Layout
from routing.weights import AS_BUILT, SHUT, Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Row: TypeAlias = "array[int]"  # distance in mm by node number; SHUT where there is no way
Arcs = Sequence[Sequence[Arc]]
SMALL = 5000  # nodes to visit for all rows asked at once: in Python up to here, at 0.7 us each
CACHED_BYTES = 32 << 20


class Rows:
    """Distances between numbered places, by what leaves and what enters each. Only ever filled."""

    def __init__(self, arcs: Arcs, arcs_in: Arcs) -> None:
        self.arcs, self.arcs_in = arcs, arcs_in
        self._rows: dict[int, Row] = {}
        self._csr: csr_matrix | None = None

    def rows(self, sources: Sequence[int]) -> list[Row]:
        """From each of these node numbers to all. A search for each row that is not cached."""
        known = {source: self._rows.get(source) for source in sources}
        missing = [source for source, row in known.items() if row is None]
        found = dict(zip(missing, self._searched(missing), strict=True))
        self._keep(found)
        return [known[source] or found[source] for source in sources]

    def table(self, sources: Sequence[int], targets: Sequence[int]) -> list[list[int]]:
        """(len(sources), len(targets)) millimetres, SHUT where there is no way."""
        return [[row[target] for target in targets] for row in self.rows(sources)]

    def walk(self, source: int, target: int) -> list[int]:
        """Node numbers of a shortest walk, both ends included. There must be a way."""
        (row,), back = self.rows([source]), [target]
        while back[-1] != source:
            here = back[-1]
            back.append(min(u for u, mm, _ in self.arcs_in[here] if row[u] + mm == row[here]))
        return back[::-1]

    def _keep(self, found: dict[int, Row]) -> None:
        self._rows |= found
        for source in list(self._rows)[: -max(1, CACHED_BYTES // (8 * len(self.arcs)))]:
            self._rows.pop(source, None)

    def _searched(self, sources: Sequence[int]) -> list[Row]:
        if len(self.arcs) * len(sources) <= SMALL:
            return [row_in_python(self.arcs, source) for source in sources]
        if self._csr is None:
            self._csr = csr(self.arcs)
        return rows_in_scipy(self._csr, sources)


class Distances(Rows):
    """Distances over a layout under one snapshot. Never changed after it was made, only filled."""

    def __init__(self, layout: Layout, weights: Weights = AS_BUILT) -> None:
        super().__init__(_weighed(layout.arcs, weights), _weighed(layout.arcs_in, weights))
        self.layout, self.weights = layout, weights

    def under(self, weights: Weights) -> Distances:
        """The same distances under other weights; rows that stay exact are taken along.

        A row stays unless a longer edge lay on one of its shortest paths or a shorter edge makes
        a new one. Cost: rows x changed edges. The old snapshot is left as it was, so whoever
        still computes on it sees one world.
        """
        fresh = Distances(self.layout, weights)
        changes = list(_changes(self.layout, self.weights, weights))
        fresh._rows = {s: row for s, row in list(self._rows.items()) if _stays(row, changes)}
        return fresh


def row_in_python(arcs: Arcs, source: int) -> Row:
    """Dijkstra 1959, doi:10.1007/BF01386390, with a heap."""
    row = array("q", [SHUT]) * len(arcs)
    row[source] = 0
    heap = [(0, source)]
    while heap:
        far, here = heappop(heap)
        if far > row[here]:
            continue
        for node, mm, _ in arcs[here]:
            if far + mm < row[node]:
                row[node] = far + mm
                heappush(heap, (far + mm, node))
    return row


def rows_in_scipy(csr: csr_matrix, sources: Sequence[int]) -> list[Row]:
    """The same rows by scipy's csgraph: floats, exact for sums of whole numbers below 2**53."""
    import numpy as np
    from scipy.sparse.csgraph import dijkstra

    found = np.minimum(dijkstra(csr, indices=list(sources)), SHUT).astype(np.int64)
    return [array("q", row.tobytes()) for row in found]


def csr(arcs: Arcs) -> csr_matrix:
    """(nodes, nodes) millimetres from row to column, as scipy wants them."""
    import numpy as np
    from scipy.sparse import csr_matrix

    lengths = np.array([mm for out in arcs for _, mm, _ in out], dtype=np.float64)
    ends = np.array([node for out in arcs for node, _, _ in out], dtype=np.int32)
    starts = np.cumsum([0, *map(len, arcs)], dtype=np.int32)
    return csr_matrix((lengths, ends, starts), shape=(len(arcs), len(arcs)))


def _weighed(arcs: Arcs, weights: Weights) -> Arcs:
    """The arcs at today's lengths, without the shut ones."""
    changed = weights.changed
    if not changed:
        return arcs
    return [
        [
            (node, changed.get(edge, mm), edge)
            for node, mm, edge in out
            if changed.get(edge, mm) < SHUT
        ]
        if any(edge in changed for _, _, edge in out)
        else out
        for out in arcs
    ]


Change = tuple[int, int, int, int]  # from node, to node, length before, length after


def _changes(layout: Layout, old: Weights, new: Weights) -> Iterable[Change]:
    for number in {*old.changed, *new.changed}:
        edge = layout.edges[number]
        before = old.changed.get(number, edge.length_mm)
        after = new.changed.get(number, edge.length_mm)
        u, v = layout.number[edge.u], layout.number[edge.v]
        if before != after:
            yield u, v, before, after
            if not edge.one_way:
                yield v, u, before, after


def _stays(row: Row, changes: Iterable[Change]) -> bool:
    """Whether no change lengthens an edge that the row uses or opens a shorter way."""
    return all(
        row[u] + after >= row[v] if after < before else row[u] + before > row[v] or row[u] == SHUT
        for u, v, before, after in changes
    )


_latest: dict[Layout, Distances] = {}
LAYOUTS_KEPT = 3


def distances(layout: Layout, weights: Weights) -> Distances:
    """The layout's distances under these weights, sharing what the last snapshot still knows."""
    known = _latest.get(layout)
    if known is None or known.weights != weights:
        known = known.under(weights) if known else Distances(layout, weights)
        _latest[layout] = known
        for old in list(_latest)[:-LAYOUTS_KEPT]:
            _latest.pop(old, None)
    return known
