"""Paths of 25 stops that no sweep can answer: heavy first, one-way aisles, both; after 50 ms each.

Beside OR-Tools' routing solver in the same time and the best known lengths in `BEST`, which
`python -m tests.benchmarks.routing_search 60` found with OR-Tools, CP-SAT and long runs of our own.
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
from tests.routing.reference_best import FAR, Asked, Data, miles, steps
from tests.routing.reference_floors import block, one_way_aisles, with_ramps
from tests.routing.reference_requests import nodes_of

STOPS, ALLOWED_S = 25, 0.05
SHARES = (0.01, 0.03, 0.1, 0.3)  # of all pairs that are in the partial order, before its closure
BEST: dict[str, int] = {}  # millimetres
Table = list[list[int]]
Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    for kind in (heavy_first, one_way, both):
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
    for number, share in enumerate((*SHARES, *SHARES, *SHARES, None, None)):
        chance = Random(f"heavy first {number}")
        data = block(chance, 1 + number % 3, 8, 6)
        yield _instance("heavy first", number, chance, data, share)


def one_way() -> Iterator[Instance]:
    for number in range(10):
        chance = Random(f"one way {number}")
        yield _instance("one way", number, chance, one_way_aisles(chance, 8 + 2 * number, 4), 0.0)


def both() -> Iterator[Instance]:
    """Some aisles one-way, some stretches longer in one direction, and a partial order."""
    for number, share in enumerate((*SHARES, *SHARES, *SHARES)):
        chance = Random(f"both {number}")
        data = block(chance, 2, 7, 6) if number % 2 else one_way_aisles(chance, 12, 4)
        yield _instance("both", number, chance, with_ramps(chance, data), share)


def _instance(kind: str, number: int, chance: Random, data: Data, share: float | None) -> Instance:
    nodes, far = nodes_of(data), miles(steps(data, Asked(start="", end="")))
    best = max(nodes, key=lambda n: sum(max(far(n, m), far(m, n)) < FAR for m in nodes))
    near = [n for n in nodes if n != best and max(far(best, n), far(n, best)) < FAR]
    picks = tuple(chance.sample(near, STOPS))
    asked = Asked(start=best, end=best, picks=picks, precedence=_order(chance, share))
    places = [best, *picks, best]
    table = [[far(u, v) for v in places] for u in places]
    return Instance(f"{kind} {number}", layout_from(data, kind), asked, table)


def _order(chance: Random, share: float | None) -> tuple[tuple[int, int], ...]:
    numbers = range(STOPS)
    if share is None:
        weight = [chance.choice((3, 2, 1)) for _ in numbers]
        return tuple((i, j) for i in numbers for j in numbers if weight[i] > weight[j])
    order = chance.sample(numbers, STOPS)
    pairs = ((i, j) for k, i in enumerate(order) for j in order[k + 1 :])
    return tuple(pair for pair in pairs if chance.random() < share)


def certify(seconds: float) -> None:
    """Prints the lines of BEST."""
    for instance in (*heavy_first(), *one_way(), *both()):
        known = min(instance.length(seconds), shortest(instance.table, instance.before, seconds))
        best, bound = proved(instance.table, instance.before, 2 * seconds, known)
        gap = "" if bound >= best else f"  # not below {bound}"
        print(f'    "{instance.name}": {best},{gap}', flush=True)


if __name__ == "__main__":
    certify(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
