"""Scattered storage: which of several places, and when."""

from itertools import islice
from random import Random

import pytest

from routing.orders import Stops, ordered
from routing.search import cost_of, paths
from routing.terms import terms_of
from tests.routing.order_questions import cost, serves


def hall(groups: int, alternatives: int, seed: int, picks: int = 0) -> Stops:
    """Places on a field, rectilinear ways in mm; `picks` of one place each besides."""
    chance = Random(seed)
    n = groups * alternatives + picks
    spots = [(chance.randrange(60), chance.randrange(40)) for _ in range(n)]
    spots = [(0, 0), *spots, (0, 0)]
    table = [[1000 * (abs(a - c) + abs(b - d)) for c, d in spots] for a, b in spots]
    sets = [tuple(range(k, k + alternatives)) for k in range(1, n - picks + 1, alternatives)]
    return Stops(table, frozenset(), (*sets, *((k,) for k in range(n - picks + 1, n + 1))))


@pytest.mark.parametrize(("groups", "alternatives"), [(8, 12), (11, 5), (12, 2)])
def test_few_groups_are_exact_and_not_worse_than_any_search(groups: int, alternatives: int) -> None:
    stops = hall(groups, alternatives, 1)
    exact = ordered(stops)
    assert exact and exact.method == "held_karp" and exact.cost == cost(stops, exact.order)
    chance = Random(2)
    for _ in range(200):
        order = [chance.choice(group) for group in stops.groups]
        chance.shuffle(order)
        assert exact.cost <= cost(stops, tuple(order))


def test_the_nearer_of_two_places_is_taken() -> None:
    at = [0, 5, 50, 7, 0]
    table = [[abs(a - b) for b in at] for a in at]
    found = ordered(Stops(table, frozenset(), ((1, 2), (3,))))
    assert found and (found.cost, set(found.order)) == (14, {1, 3})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_groups_are_searched_together_with_their_order(seed: int) -> None:
    """Better than the exact order of what was chosen first, and better than any single swap."""
    stops = hall(20, 4, seed, picks=5)
    quick, found = ordered(stops, iterations=0), ordered(stops, iterations=60)
    assert quick and found and found.method == "local_search"
    assert serves(stops, found.order)
    assert found.lower_bound <= found.cost == cost(stops, found.order) < quick.cost
    for group in stops.groups:
        (taken,) = set(group) & set(found.order)
        for other in group:
            swapped = tuple(other if stop == taken else stop for stop in found.order)
            assert cost(stops, swapped) >= found.cost


def test_a_search_among_alternatives_reaches_the_exact_answer() -> None:
    gaps = []
    for seed in range(6):
        stops = hall(11, 4, seed)
        exact, terms = ordered(stops), terms_of(stops.table, stops.groups, stops.before)
        assert exact and terms
        *_, path = islice(paths(terms), 60)
        gaps.append(cost_of(terms, path) / exact.cost - 1)
    assert min(gaps) == 0 and max(gaps) < 0.03
