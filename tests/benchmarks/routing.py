"""Pick paths in 20 aisles of 50 bays, beside what a user would take instead, in the same run.

The floor of the first rows is scipy's bare distance matrix of the same stops: 41 rows from a ready
sparse graph, no walk, no order. Medians of alternating runs, all warm but for the plans, in seconds
of the processor: what else runs on the machine does not count.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median
from time import process_time

import networkx as nx
from scipy.sparse.csgraph import dijkstra

from routing.graph import Distances, csr
from routing.layout import Layout, layout_from
from routing.tour import tour
from tests.benchmarks.by_ortools import shortest

RUNS, REQUESTS, PICKS = 5, 20, 40
ALLOWED_S = (0.0, 0.1)  # of OR-Tools: its first solution; and some guided local search
SITE: dict[str, object] = {
    "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
    "edges": [{"u": "depot", "v": "A-x0-01"}],
}
COLD = """
from time import process_time
from routing.layout import layout_from
from routing.plan import plan_for
layout = layout_from({floor}, "cold")
layout.arcs
began = process_time()
plan_for(layout, layout.number["depot"], layout.number["depot"])
print(process_time() - began)
"""
Row = tuple[str, float, float, str]


@dataclass(frozen=True)
class Hall:
    """A layout with pick lists for it."""

    layout: Layout
    lists: Sequence[list[str]]

    def paths(self) -> None:
        for picks in self.lists:
            assert tour(self.layout, "depot", picks, "depot").optimal

    def lengths(self, lists: Iterable[list[str]]) -> list[int]:
        return [tour(self.layout, "depot", picks, "depot").length_mm for picks in lists]


def rows() -> Iterator[Row]:
    """(path, our seconds, the floor's seconds, the bar)."""
    halls = {blocks: hall(blocks) for blocks in (1, 2, 3)}
    for blocks, bar in ((1, "<= 0.5x"), (2, "<= 3x"), (3, "printed")):
        yield f"40 picks, {blocks} block(s); floor: their matrix", *matrix(halls[blocks]), bar
    wide, narrow = medians(halls[3].paths, halls[1].paths)
    yield "40 picks, 3 blocks; floor: 1 block", wide, narrow, "<= 60x"
    wide, narrow = (median(cold(blocks) for _ in range(3)) for blocks in (3, 1))
    yield "plan from nothing, 3 blocks; floor: 1 block", wide, narrow, "<= 250x"
    yield "40 picks after a change; floor: without", *changing(halls[1]), "<= 2x"
    yield from instead(halls[1])


def hall(blocks: int) -> Hall:
    layout = layout_from(floor(blocks), f"{blocks} blocks")
    bays = [node.id for node in layout.nodes.values() if node.kind == "bay"]
    chance = random.Random(40)
    return Hall(layout, [chance.sample(bays, PICKS) for _ in range(REQUESTS)])


def floor(blocks: int) -> dict[str, object]:
    return {"blocks": [{"id": "A", "aisles": 20, "bays": 50, "blocks": blocks}], **SITE}


def matrix(hall: Hall) -> tuple[float, float]:
    number, graph = hall.layout.number, csr(Distances(hall.layout).arcs)
    sources = [[number[node] for node in ("depot", *picks)] for picks in hall.lists]

    def matrices() -> None:
        for rows in sources:
            dijkstra(graph, indices=rows)

    return medians(hall.paths, matrices)


def cold(blocks: int) -> float:
    """Of the plan alone, in a process that has made none before."""
    asks = COLD.format(floor=floor(blocks))
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    return float(done.stdout)


def changing(hall: Hall) -> tuple[float, float]:
    """Another edge is blocked or crowded before each path, so no snapshot serves twice."""
    edges = random.Random(2).sample([(e.u, e.v) for e in hall.layout.edges], REQUESTS)

    def changed() -> None:
        for k, (picks, ends) in enumerate(zip(hall.lists, edges, strict=True)):
            blocked, factors = ((), {ends: 2.5}) if k % 3 == 0 else ((ends,), {})
            tour(hall.layout, "depot", picks, "depot", blocked=blocked, factors=factors)

    return medians(changed, hall.paths)


def instead(hall: Hall) -> Iterator[Row]:
    """What users take: its time, and how much longer its paths are."""
    ours, few = medians(hall.paths, hall.paths)[0], hall.lists[:3]
    theirs, more = by_networkx(hall, few)
    yield f"40 picks; floor: networkx TSP ({more}) / 5000", ours, theirs / 5000, "<= 1x"
    for allowed_s in ALLOWED_S:
        theirs, more = by_ortools(hall, hall.lists[:5], allowed_s)
        name = f"OR-Tools {allowed_s} s" if allowed_s else "OR-Tools"
        yield f"40 picks; floor: {name} with a matrix ({more})", ours, theirs, "printed"


def by_networkx(hall: Hall, lists: Sequence[list[str]]) -> tuple[float, str]:
    graph, solve = hall.layout.graph.to_undirected(), nx.approximation.traveling_salesman_problem
    began = process_time()
    walks = [solve(graph, weight="length_mm", nodes=["depot", *picks]) for picks in lists]
    took = (process_time() - began) / len(lists)
    lengths = [sum(graph.edges[step]["length_mm"] for step in pairwise(walk)) for walk in walks]
    return took, over(lengths, hall.lengths(lists))


def by_ortools(hall: Hall, lists: Sequence[list[str]], allowed_s: float) -> tuple[float, str]:
    lengths, took, known = list[int](), 0.0, Distances(hall.layout)
    for picks in lists:
        numbers = [hall.layout.number[node] for node in ("depot", *picks, "depot")]
        table = known.table(numbers, numbers)
        began = process_time()
        lengths.append(shortest(table, (), allowed_s))
        took += process_time() - began
    return took / len(lists), over(lengths, hall.lengths(lists))


def over(lengths: Iterable[int], best: Iterable[int]) -> str:
    return f"+{100 * mean(n / b for n, b in zip(lengths, best, strict=True)) - 100:.1f} %"


def medians(ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Seconds for one request each, of alternating runs; both warm."""
    seconds(ours), seconds(floor)
    pairs = [(seconds(ours), seconds(floor)) for _ in range(RUNS)]
    one, other = (median(run) / REQUESTS for run in zip(*pairs, strict=True))
    return one, other


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began
