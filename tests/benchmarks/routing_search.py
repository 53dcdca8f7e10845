"""Paths of 25 stops that no sweep can answer: heavy first, one-way aisles, both; after 50 ms each.

Beside OR-Tools' routing solver in the same time and the best known lengths in `BEST`, which
`python -m tests.benchmarks.routing_search 60` found with OR-Tools, CP-SAT and long runs of our own.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from statistics import mean

from routing.layout import Layout, layout_from
from routing.tour import tour, warm
from tests.benchmarks.by_ortools import proved, shortest
from tests.benchmarks.processor import time_is_up
from tests.routing.reference_best import FAR, Asked, Data, miles, steps
from tests.routing.reference_floors import block, one_way_aisles, with_ramps
from tests.routing.reference_requests import nodes_of

STOPS, ALLOWED_S = 25, 0.05
SHARES = (0.01, 0.03, 0.1, 0.3)  # of all pairs that are in the partial order, before its closure
BEST: dict[str, int] = {  # millimetres; proved: nothing is shorter
    "heavy first 0": 84_020,
    "heavy first 1": 117_080,
    "heavy first 2": 150_520,
    "heavy first 3": 170_000,  # proved
    "heavy first 4": 104_080,
    "heavy first 5": 136_600,
    "heavy first 6": 103_620,
    "heavy first 7": 164_720,  # proved
    "heavy first 8": 112_440,
    "heavy first 9": 76_000,
    "heavy first 10": 122_800,
    "heavy first 11": 216_820,
    "heavy first 12": 155_040,  # proved
    "heavy first 13": 164_140,  # proved
    "one way 0": 99_600,  # proved
    "one way 1": 110_400,  # proved
    "one way 2": 126_000,  # proved
    "one way 3": 100_800,  # proved
    "one way 4": 166_800,  # proved
    "one way 5": 170_400,  # proved
    "one way 6": 117_600,  # proved
    "one way 7": 146_400,  # proved
    "one way 8": 246_000,  # proved
    "one way 9": 252_000,  # proved
    "both 0": 156_200,
    "both 1": 115_000,
    "both 2": 239_200,
    "both 3": 191_200,  # proved
    "both 4": 133_400,  # proved
    "both 5": 103_740,
    "both 6": 220_800,
    "both 7": 213_780,
    "both 8": 139_000,
    "both 9": 109_700,
    "both 10": 212_000,
    "both 11": 188_360,  # proved
}
Table = list[list[int]]
Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    for kind in (heavy_first, one_way, both):
        instances = list(kind())
        best = [BEST[instance.name] for instance in instances]
        for instance in instances:
            warm(instance.layout, instance.asked.start)
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
        """Of our answer after so much time of the processor."""
        asked = self.asked
        return tour(
            self.layout,
            asked.start,
            asked.picks,
            asked.end,
            precedence=asked.precedence,
            deadline=time_is_up(seconds),
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
