"""Small orders at random, and their answers by every permutation."""

from itertools import pairwise, permutations, product

from hypothesis import strategies as st

from routing.orders import Stops
from routing.weights import SHUT


@st.composite
def questions(
    draw: st.DrawFn,
    *,
    most: int = 6,
    one_way: bool = True,
    alternatives: bool = True,
    precedence: bool = True,
    orderly: bool = True,
) -> Stops:
    """Ways through a random graph, so that SHUT is transitive; `orderly`: without circles."""
    groups = _groups(
        draw(st.lists(st.integers(1, 3 if alternatives else 1), min_size=1, max_size=most))
    )
    n = sum(map(len, groups))
    home = {stop: number for number, group in enumerate(groups) for stop in group}
    pairs = st.tuples(st.integers(1, n), st.integers(1, n))
    before = draw(st.sets(pairs, max_size=4)) if precedence else set()
    if orderly:
        before = {pair for pair in before if home[pair[0]] < home[pair[1]]}
    before = {(i, j) for i, j in before if home[i] != home[j]}
    return Stops(_table(draw, n + 2, one_way), frozenset(before), groups)


def cheapest(stops: Stops) -> int:
    """The cost of the best permutation; SHUT when there is none."""
    home = {stop: number for number, group in enumerate(stops.groups) for stop in group}
    before = {(home[i], home[j]) for i, j in stops.before}
    orders = (order for chosen in product(*stops.groups) for order in permutations(chosen))
    return min((cost(stops, o) for o in orders if obeys(o, home, before)), default=SHUT)


def cost(stops: Stops, order: tuple[int, ...]) -> int:
    path = (0, *order, len(stops.table) - 1)
    return min(SHUT, sum(stops.table[a][b] for a, b in pairwise(path)))


def serves(stops: Stops, order: tuple[int, ...]) -> bool:
    """One stop of each group, all in order."""
    home = {stop: number for number, group in enumerate(stops.groups) for stop in group}
    before = {(home[i], home[j]) for i, j in stops.before}
    return sorted(home[i] for i in order) == [*range(len(stops.groups))] and obeys(
        order, home, before
    )


def obeys(order: tuple[int, ...], home: dict[int, int], before: set[tuple[int, int]]) -> bool:
    at = {home[stop]: place for place, stop in enumerate(order)}
    return all(at[i] < at[j] for i, j in before)


def _groups(sizes: list[int]) -> tuple[tuple[int, ...], ...]:
    first = [1 + sum(sizes[:k]) for k in range(len(sizes))]
    return tuple(tuple(range(i, i + size)) for i, size in zip(first, sizes, strict=True))


def _table(draw: st.DrawFn, n: int, one_way: bool) -> list[list[int]]:
    lengths = st.one_of(st.integers(0, 30), st.just(SHUT)) if one_way else st.integers(1, 30)
    row = st.lists(lengths, min_size=n, max_size=n)
    table = draw(st.lists(row, min_size=n, max_size=n))
    for i in range(n):
        for j in range(i + 1):
            table[i][j] = 0 if i == j else table[i][j] if one_way else table[j][i]
    for via, i, j in product(range(n), repeat=3):
        table[i][j] = min(table[i][j], table[i][via] + table[via][j])
    return table
