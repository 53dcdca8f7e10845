"""Exact orders: the best of all permutations, and how many stops are few enough."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.held_karp import best_order, within_reach
from routing.orders import Ordered, Stops, ordered, plain
from routing.weights import SHUT
from tests.routing.order_questions import cheapest, cost, questions, serves
from tests.routing.reference_mip import by_subsets


def answer(stops: Stops) -> Ordered | None:
    """What any exact answer says of itself, checked."""
    found = ordered(stops)
    if found:
        assert found.method == "held_karp"
        assert found.cost == found.lower_bound == cost(stops, found.order)
        assert serves(stops, found.order)
    assert found == ordered(stops)
    return found


@settings(max_examples=100, deadline=None)
@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_the_best_of_all_permutations(
    data: st.DataObject, one_way: bool, alternatives: bool, precedence: bool
) -> None:
    most = 4 if alternatives else 6
    stops = data.draw(
        questions(most=most, one_way=one_way, alternatives=alternatives, precedence=precedence)
    )
    found, best = answer(stops), cheapest(stops)
    assert (found.cost if found else SHUT) == best


@settings(max_examples=60, deadline=None)
@given(questions(most=5, alternatives=False, orderly=False))
def test_precedence_in_circles_has_no_order(stops: Stops) -> None:
    found = answer(stops)
    assert (found.cost if found else SHUT) == cheapest(stops)


def test_nothing_to_order_and_one_stop() -> None:
    assert answer(plain([[0, 7], [7, 0]])) == Ordered((), 7, "held_karp", 7)
    assert answer(plain([[0, 3, 9], [4, 0, 5], [9, 5, 0]])) == Ordered((1,), 8, "held_karp", 8)
    assert answer(plain([[0, SHUT, 9], [4, 0, 5], [9, 5, 0]])) is None


def test_the_heavy_one_first_though_it_lies_farther() -> None:
    line = [[abs(a - b) for b in (0, 2, 5, 0)] for a in (0, 2, 5, 0)]
    free = answer(plain(line))
    heavy_first = answer(Stops(line, frozenset({(2, 1)}), ((1,), (2,))))
    assert free and heavy_first and free.cost == heavy_first.cost == 10
    assert heavy_first.order == (2, 1)


def test_of_many_alternatives_the_best_order_takes_one_each() -> None:
    chance = Random(3)
    table = [[chance.randint(1, 99) for _ in range(38)] for _ in range(38)]
    stops = Stops(table, frozenset(), tuple(tuple(range(k, k + 12)) for k in (1, 13, 25)))
    found = answer(stops)
    assert found and found.cost == cheapest(stops)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_thirteen_stops_equal_another_solver(share: float) -> None:
    chance = Random(f"{share}")
    table = [[chance.randint(1, 999) for _ in range(15)] for _ in range(15)]
    pairs = [(i, j) for i in range(1, 14) for j in range(i + 1, 14) if chance.random() < share]
    found = answer(Stops(table, frozenset(pairs), plain(table).groups))
    assert found and found.cost == by_subsets(table, pairs)


def test_twenty_five_stops_in_three_classes_of_weight_are_exact() -> None:
    """Class by class: a path from any of one class to any of the next, each class by itself."""
    chance = Random(4)
    table = [[chance.randint(1, 999) for _ in range(27)] for _ in range(27)]
    weight = {stop: stop % 3 for stop in range(1, 26)}
    pairs = frozenset((i, j) for i in weight for j in weight if weight[i] > weight[j])
    stops = Stops(table, pairs, plain(table).groups)
    found = answer(stops)
    assert found
    assert found.cost == min(_class_by_class(table, weight).values())


def _class_by_class(table: list[list[int]], weight: dict[int, int]) -> dict[int, int]:
    at = {0: 0}
    for heavy in (2, 1, 0):
        inner = [stop for stop in weight if weight[stop] == heavy]
        at = {
            last: min(
                price + _through(table, first, [s for s in inner if s != last], last)
                for first, price in at.items()
            )
            for last in inner
        }
    return {last: price + table[last][-1] for last, price in at.items()}


def _through(table: list[list[int]], first: int, inner: list[int], last: int) -> int:
    nodes = [first, *inner, last]
    best = best_order(
        [[table[a][b] for b in nodes] for a in nodes], plain([[]] * len(nodes)).groups
    )
    path = [first, *(nodes[k] for k in best or ()), last]
    return sum(table[a][b] for a, b in pairwise(path))


def test_what_is_few_depends_on_the_sets_that_may_be() -> None:
    each = [(stop,) for stop in range(1, 26)]
    chains = [(i, i + 1) for i in range(1, 25) if i % 5]
    assert within_reach(each[:16]) and not within_reach(each[:17])
    assert within_reach(each, chains) and not within_reach(each, chains[:10])
    assert within_reach([tuple(range(k, k + 12)) for k in range(1, 97, 12)])
    assert not within_reach([tuple(range(k, k + 50)) for k in range(1, 600, 50)])


def test_a_deadline_stops_it_between_layers() -> None:
    table = [[1] * 18 for _ in range(18)]
    calls = iter([False] * 3)
    assert best_order(table, plain(table).groups, (), lambda: next(calls, True)) is None
