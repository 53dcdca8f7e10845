"""Twenty-five stops on a floor of twenty aisles: one-way aisles, precedence, and both; by seed.

Nothing of `routing` finds the distances or the optima; those in `BEST` are certified, by
`python -m tests.routing.reference_orders` (an hour).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from random import Random

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.orders import Stops
from routing.weights import SHUT

STOPS, AISLES = 25, 20
ONE_WAY = ("turn about", "at random", "some", "crosses too")
PARTIAL = ("pairs 3", "pairs 8", "pairs 15", "pairs 40", "classes 2", "classes 3", "first 5")
CHAINS = ("chains 3", "chains 5")
BOTH = ("pairs 8", "pairs 20", "classes 3", "chains 4", "first 3")
Pairs = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Instance:
    """blocks: between cross-aisles. aisles: which are one-way. order: what comes before what."""

    blocks: int
    aisles: str
    order: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.blocks} blocks, aisles {self.aisles}, order {self.order}, {self.number}"

    def stops(self) -> Stops:
        chance = Random(str(self))
        arcs, ends = _floor(chance, self.blocks, self.aisles)
        bays = sorted({u for u, _ in arcs if len(u) == 3})
        home = [ends[0], *chance.sample(bays, STOPS), chance.choice((ends[0], *ends))]
        order = _order(chance, self.order)
        return Stops(_table(arcs, home), order, tuple((i,) for i in range(1, STOPS + 1)))


def instances() -> Iterator[Instance]:
    for blocks in (1, 2, 3):
        yield from (Instance(blocks, ways, "free", n) for ways in ONE_WAY for n in (1, 2))
        yield from (Instance(blocks, "two-way", order) for order in (*PARTIAL, *CHAINS))
        yield from (Instance(blocks, *both) for both in product(("turn about", "some"), BOTH))


Node = tuple[int, ...]  # (cross-aisle, aisle) or (block, aisle, bay)
Arcs = dict[tuple[Node, Node], int]


def _floor(chance: Random, blocks: int, ways: str) -> tuple[Arcs, tuple[Node, Node]]:
    """Lengths in mm; and the two front corners."""
    arcs: Arcs = {}
    for aisle, block in product(range(AISLES), range(blocks)):
        bays = [(block, aisle, bay) for bay in range(12 // blocks)]
        chain: list[Node] = [(block, aisle), *bays, (block + 1, aisle)]
        _lay(arcs, chain, 1000, _way(chance, ways, aisle, aisle in (0, AISLES - 1)))
    for cross in range(blocks + 1):
        whole = [(cross, aisle) for aisle in range(AISLES)]
        _lay(arcs, whole, 3000, (-1) ** cross if ways == "crosses too" else 0)
    return arcs, ((0, 0), (0, AISLES - 1))


def _way(chance: Random, ways: str, aisle: int, outer: bool) -> int:
    """1 up, -1 down, 0 both."""
    if ways == "two-way" or outer:
        return 0
    if ways == "at random":
        return chance.choice((1, -1))
    if ways == "some":
        return chance.choice((0, 0, 1, -1))
    return (-1) ** aisle


def _lay(arcs: Arcs, chain: Sequence[Node], mm: int, way: int) -> None:
    for u, v in pairwise(chain):
        if way >= 0:
            arcs[u, v] = mm
        if way <= 0:
            arcs[v, u] = mm


def _order(chance: Random, name: str) -> Pairs:
    kind, _, size = name.partition(" ")
    stops = [*range(1, STOPS + 1)]
    chance.shuffle(stops)
    some = int(size or 0)
    if kind == "pairs":
        sorts = [sorted(chance.sample(range(STOPS), 2)) for _ in range(some)]
        return frozenset((stops[i], stops[j]) for i, j in sorts)
    if kind == "first":
        return frozenset(product(stops[:some], stops[some:]))
    if kind == "chains":
        return frozenset(p for k, p in enumerate(pairwise(stops), 1) if k % some)
    weight = {stop: chance.randrange(some or 1) for stop in stops}
    return frozenset((i, j) for i, j in product(stops, stops) if weight[i] > weight[j])


def _table(arcs: Arcs, nodes: list[Node]) -> list[list[int]]:
    number = {node: k for k, node in enumerate(sorted({*(u for u, _ in arcs), *nodes}))}
    ends = [(number[u], number[v]) for u, v in arcs]
    graph = csr_array((np.array([*arcs.values()], dtype=float), np.array(ends).T))
    places = [number[node] for node in nodes]
    far = dijkstra(graph, indices=places)[:, places]
    return [[int(mm) for mm in row] for row in np.minimum(far, SHUT).tolist()]


BEST: dict[str, int] = {  # mm
    "1 blocks, aisles turn about, order free, 1": 310000,
    "1 blocks, aisles turn about, order free, 2": 316000,
    "1 blocks, aisles at random, order free, 1": 342000,
    "1 blocks, aisles at random, order free, 2": 354000,
    "1 blocks, aisles some, order free, 1": 284000,
    "1 blocks, aisles some, order free, 2": 314000,
    "1 blocks, aisles crosses too, order free, 1": 319000,
    "1 blocks, aisles crosses too, order free, 2": 400000,
    "1 blocks, aisles two-way, order pairs 8, 0": 270000,
    "1 blocks, aisles two-way, order pairs 40, 0": 436000,
    "1 blocks, aisles two-way, order classes 2, 0": 298000,
    "1 blocks, aisles two-way, order classes 3, 0": 418000,
    "1 blocks, aisles two-way, order first 5, 0": 287000,
    "1 blocks, aisles two-way, order chains 3, 0": 334000,
    "1 blocks, aisles two-way, order chains 5, 0": 351000,
    "1 blocks, aisles turn about, order pairs 8, 0": 346000,
    "1 blocks, aisles turn about, order pairs 20, 0": 329000,
    "1 blocks, aisles turn about, order classes 3, 0": 437000,
    "1 blocks, aisles turn about, order chains 4, 0": 444000,
    "1 blocks, aisles turn about, order first 3, 0": 407000,
    "1 blocks, aisles some, order pairs 8, 0": 358000,
    "1 blocks, aisles some, order pairs 20, 0": 377000,
    "1 blocks, aisles some, order classes 3, 0": 464000,
    "1 blocks, aisles some, order chains 4, 0": 430000,
    "1 blocks, aisles some, order first 3, 0": 290000,
    "2 blocks, aisles turn about, order free, 1": 280000,
    "2 blocks, aisles turn about, order free, 2": 282000,
    "2 blocks, aisles at random, order free, 1": 332000,
    "2 blocks, aisles at random, order free, 2": 278000,
    "2 blocks, aisles some, order free, 1": 238000,
    "2 blocks, aisles some, order free, 2": 228000,
    "2 blocks, aisles crosses too, order free, 1": 273000,
    "2 blocks, aisles crosses too, order free, 2": 342000,
    "2 blocks, aisles two-way, order pairs 3, 0": 198000,
    "2 blocks, aisles two-way, order pairs 8, 0": 229000,
    "2 blocks, aisles two-way, order pairs 15, 0": 267000,
    "2 blocks, aisles two-way, order pairs 40, 0": 357000,
    "2 blocks, aisles two-way, order classes 2, 0": 270000,
    "2 blocks, aisles two-way, order classes 3, 0": 307000,
    "2 blocks, aisles two-way, order first 5, 0": 283000,
    "2 blocks, aisles two-way, order chains 3, 0": 316000,
    "2 blocks, aisles two-way, order chains 5, 0": 362000,
    "2 blocks, aisles turn about, order pairs 8, 0": 296000,
    "2 blocks, aisles turn about, order classes 3, 0": 428000,
    "2 blocks, aisles turn about, order chains 4, 0": 349000,
    "2 blocks, aisles turn about, order first 3, 0": 340000,
    "2 blocks, aisles some, order pairs 8, 0": 252000,
    "2 blocks, aisles some, order pairs 20, 0": 270000,
    "2 blocks, aisles some, order classes 3, 0": 370000,
    "2 blocks, aisles some, order chains 4, 0": 328000,
    "2 blocks, aisles some, order first 3, 0": 290000,
    "3 blocks, aisles turn about, order free, 1": 225000,
    "3 blocks, aisles turn about, order free, 2": 211000,
    "3 blocks, aisles at random, order free, 1": 302000,
    "3 blocks, aisles at random, order free, 2": 326000,
    "3 blocks, aisles some, order free, 1": 217000,
    "3 blocks, aisles some, order free, 2": 218000,
    "3 blocks, aisles crosses too, order free, 1": 301000,
    "3 blocks, aisles crosses too, order free, 2": 304000,
    "3 blocks, aisles two-way, order pairs 3, 0": 171000,
    "3 blocks, aisles two-way, order pairs 8, 0": 216000,
    "3 blocks, aisles two-way, order pairs 15, 0": 236000,
    "3 blocks, aisles two-way, order pairs 40, 0": 377000,
    "3 blocks, aisles two-way, order classes 2, 0": 240000,
    "3 blocks, aisles two-way, order classes 3, 0": 305000,
    "3 blocks, aisles two-way, order first 5, 0": 228000,
    "3 blocks, aisles two-way, order chains 3, 0": 253000,
    "3 blocks, aisles two-way, order chains 5, 0": 364000,
    "3 blocks, aisles turn about, order pairs 8, 0": 303000,
    "3 blocks, aisles turn about, order pairs 20, 0": 378000,
    "3 blocks, aisles turn about, order classes 3, 0": 398000,
    "3 blocks, aisles turn about, order chains 4, 0": 370000,
    "3 blocks, aisles turn about, order first 3, 0": 286000,
    "3 blocks, aisles some, order pairs 8, 0": 246000,
    "3 blocks, aisles some, order pairs 20, 0": 304000,
    "3 blocks, aisles some, order classes 3, 0": 369000,
    "3 blocks, aisles some, order chains 4, 0": 397000,
    "3 blocks, aisles some, order first 3, 0": 272000,
}
