"""A pick path of 40 stops in one block, beside scipy's distance matrix of the same stops.

Both warm, on the same 20 x 50 bays: the median of five alternating runs of twenty requests each.
The matrix is the bare call: 41 rows from a ready sparse graph, no walk, no order.
"""

import random
from collections.abc import Callable
from statistics import median
from time import perf_counter

from scipy.sparse.csgraph import dijkstra

from routing.graph import Distances, csr
from routing.layout import layout_from
from routing.tour import tour

RUNS, REQUESTS, PICKS = 5, 20, 40
SITE: dict[str, object] = {
    "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
    "edges": [{"u": "depot", "v": "A-x0-01"}],
}


def rows() -> list[tuple[str, float, float, str]]:
    """(path, our seconds, the floor's seconds, the bar) for one block, and for two and three."""
    bars = {1: "<= 0.5x", 2: "<= 3x", 3: "printed"}
    return [(f"pick path, 40 stops, {b} block(s)", *measured(b), bar) for b, bar in bars.items()]


def measured(blocks: int) -> tuple[float, float]:
    """Seconds for one pick path and for one matrix, medians of alternating runs."""
    block = {"id": "A", "aisles": 20, "bays": 50, "blocks": blocks}
    layout = layout_from({"blocks": [block], **SITE}, "benchmark")
    bays = [node.id for node in layout.nodes.values() if node.kind == "bay"]
    chance = random.Random(40)
    lists = [chance.sample(bays, PICKS) for _ in range(REQUESTS)]
    numbers = [[layout.number[n] for n in ("depot", *picks)] for picks in lists]
    graph = csr(Distances(layout).arcs)

    def ours() -> None:
        for picks in lists:
            assert tour(layout, "depot", picks, "depot").optimal

    def floor() -> None:
        for sources in numbers:
            dijkstra(graph, indices=sources)

    seconds(ours)  # warm: plan, tables, imports
    seconds(floor)
    pairs = [(seconds(ours), seconds(floor)) for _ in range(RUNS)]
    path, matrix = (median(run) / REQUESTS for run in zip(*pairs, strict=True))
    return path, matrix


def seconds(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def main() -> None:
    for path, ours, floor, bar in rows():
        ratio = ours / floor
        print(f"{path}: {ours * 1e3:.2f} ms, matrix {floor * 1e3:.2f} ms, {ratio:.2f}x ({bar})")


if __name__ == "__main__":
    main()
