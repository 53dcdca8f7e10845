"""Paths of 25 stops that no sweep can answer: heavy first, and one-way aisles; after 50 ms each.

Beside OR-Tools' routing solver in the same time and the best known lengths in `BEST`, which
`python -m tests.benchmarks.routing_search` found with CP-SAT (10 minutes each) and many long runs.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from statistics import mean
from time import monotonic

from routing.layout import Layout, layout_from
from routing.tour import tour
from tests.benchmarks.by_ortools import proved, shortest
from tests.routing.reference_best import FAR, Asked, miles, steps
from tests.routing.reference_floors import block, one_way_aisles
from tests.routing.reference_requests import nodes_of, precedence

STOPS, ALLOWED_S = 25, 0.05
SHARES = (0.01, 0.03, 0.1, 0.3)  # of all pairs that are in the partial order, before its closure
BEST: dict[str, int] = {}  # millimetres
Table = list[list[int]]
Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    for kind in (heavy_first, one_way):
        instances = list(kind())
        best = [BEST[instance.name] for instance in instances]
        instances[0].length(ALLOWED_S)  # imports
        ours = [instance.length(ALLOWED_S) for instance in instances]
        theirs = [shortest(i.table, i.before, ALLOWED_S) for i in instances]
        name = f"{STOPS} stops, {kind.__name__.replace('_', ' ')}, 50 ms; floor: OR-Tools"
        yield f"{name}, mean", over(ours, best, mean), over(theirs, best, mean), "<= 1 %"
        yield f"{name}, worst", over(ours, best, max), over(theirs, best, max), "<= 3 %"


def over(lengths: list[int], best: list[int], of: Callable[[Iterable[float]], float]) -> str:
    found = of(length / known - 1 for length, known in zip(lengths, best, strict=True))
    return f"+{100 * found:.2f} %"


@dataclass(frozen=True)
class Instance:
    name: str
    layout: Layout
    asked: Asked
    table: Table

    @property
    def before(self) -> list[tuple[int, int]]:
        return [(i + 1, j + 1) for i, j in self.asked.precedence]

    def length(self, seconds: float) -> int:
        """Of our answer after so long."""
        until, asked = monotonic() + seconds, self.asked
        return tour(
            self.layout,
            asked.start,
            asked.picks,
            asked.end,
            precedence=asked.precedence,
            deadline=lambda: monotonic() >= until,
        ).length_mm


def heavy_first() -> Iterator[Instance]:
    """A random partial order; or three classes of weight, each to be picked before the next."""
    for number, share in enumerate((*SHARES, *SHARES, None, None)):
        chance = Random(f"heavy first {number}")
        data = block(chance, 1 + number % 3, 8, 6)
        picks = tuple(chance.sample([n for n in nodes_of(data) if n != "depot"], STOPS))
        if share is None:
            weight = [chance.choice((3, 2, 1)) for _ in picks]
            numbers = range(STOPS)
            order = tuple((i, j) for i in numbers for j in numbers if weight[i] > weight[j])
        else:
            order = _acyclic(precedence(chance, STOPS, share))
        asked = Asked(start="depot", end="depot", picks=picks, precedence=order)
        yield _instance(f"heavy first {number}", data, asked)


def one_way() -> Iterator[Instance]:
    for number in range(10):
        chance, fit = Random(f"one way {number}"), list[str]()
        while len(fit) <= STOPS:
            data = one_way_aisles(chance, 8, 6)
            nodes, far = nodes_of(data), miles(steps(data, Asked(start="", end="")))
            home = chance.choice(nodes)
            fit = [n for n in nodes if n != home and max(far(home, n), far(n, home)) < FAR]
        picks = tuple(chance.sample(fit, STOPS))
        yield _instance(f"one way {number}", data, Asked(start=home, end=home, picks=picks))


def _acyclic(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Without the one that `precedence` adds to make a circle now and then."""
    return pairs[:-1] if len(pairs) > 1 and pairs[-1] == pairs[0][::-1] else pairs


def _instance(name: str, data: dict[str, object], asked: Asked) -> Instance:
    nodes, far = [asked.start, *asked.picks, asked.end], miles(steps(data, asked))
    table = [[far(u, v) for v in nodes] for u in nodes]
    return Instance(name, layout_from(data, name), asked, table)


def certify(seconds: float) -> None:
    """Prints the lines of BEST."""
    for instance in (*heavy_first(), *one_way()):
        known = min(instance.length(5), shortest(instance.table, instance.before, 5) or FAR)
        best, bound = proved(instance.table, instance.before, seconds, known)
        gap = "" if bound >= best else f"  # not below {bound}"
        print(f'    "{instance.name}": {best},{gap}', flush=True)


if __name__ == "__main__":
    certify(float(sys.argv[1]) if len(sys.argv) > 1 else 600.0)
