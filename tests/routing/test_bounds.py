"""Bounds: never above the best order, and what they are made of."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.arborescence import parents
from routing.bounds import LowerBound
from routing.orders import Stops, plain
from routing.terms import terms_of
from routing.weights import SHUT
from tests.routing.order_questions import cheapest, questions


@settings(max_examples=80, deadline=None)
@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_a_bound_rises_and_never_beyond_the_best_order(
    data: st.DataObject, one_way: bool, alternatives: bool, precedence: bool
) -> None:
    stops = data.draw(
        questions(most=4, one_way=one_way, alternatives=alternatives, precedence=precedence)
    )
    best, terms = cheapest(stops), terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        assert best == SHUT
        return
    bound, told = LowerBound(terms), data.draw(st.sampled_from([best, best + 5, SHUT]))
    for _ in range(30):
        before = bound.least
        bound.lift(told)
        assert before <= bound.least <= best


def _ring(n: int) -> Stops:
    return plain([[(j - i) % n * 1000 for j in range(n)] for i in range(n)])


def test_a_one_way_ring_is_proved_at_once() -> None:
    terms = terms_of(_ring(20).table, _ring(20).groups, ())
    assert terms
    bound = LowerBound(terms)
    bound.lift(19_000)
    assert bound.least == 19_000


def test_precedence_lifts_the_bound() -> None:
    """On a line from the left end to the right, going right to left takes three times."""
    at = [0, *range(1, 10), 10]
    table = [[abs(a - b) for b in at] for a in at]
    backwards = [(i + 1, i) for i in range(1, 9)]
    terms = terms_of(table, plain(table).groups, backwards)
    assert terms
    bound = LowerBound(terms)
    bound.lift(26)
    assert bound.least == 26


def test_no_way_round_is_no_order() -> None:
    fork = [[0, 1, 1, 2], [SHUT, 0, SHUT, 1], [SHUT, SHUT, 0, 1], [SHUT, SHUT, SHUT, 0]]
    assert terms_of(fork, ((1,), (2,)), ()) is None
    assert terms_of(fork, ((1, 2),), ()) is not None


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(2, 5))
def test_the_cheapest_arborescence_of_all(data: st.DataObject, n: int) -> None:
    costs = st.lists(st.integers(0, 9), min_size=n, max_size=n)
    cost = np.array(data.draw(st.lists(costs, min_size=n, max_size=n)))
    every = product(range(n), repeat=n - 1)
    best = min(_total(cost, tree) for tree in every if _is_tree(tree))
    found = tuple(parents(cost).tolist())
    assert _is_tree(found)
    assert _total(cost, found) == best


def _total(cost: np.ndarray, tree: tuple[int, ...]) -> int:
    return sum(int(cost[parent, node]) for node, parent in enumerate(tree, 1))


def _is_tree(tree: tuple[int, ...]) -> bool:
    """Whether everybody comes from 0 in the end."""

    def root(node: int, steps: int = 0) -> int:
        return node if node == 0 or steps > len(tree) else root(tree[node - 1], steps + 1)

    return all(root(node) == 0 for node in range(1, len(tree) + 1))


@pytest.mark.parametrize("sign", [1, -1])
def test_circles_within_circles_are_opened_at_the_cheapest_place(sign: int) -> None:
    far = 100
    cost = np.full((6, 6), far)
    for u, v in ((1, 2), (2, 1), (3, 4), (4, 3), (2, 3), (4, 1), (4, 5)):
        cost[u, v] = 1
    cost[0, 3 if sign > 0 else 2] = 10
    tree = parents(cost)
    assert _total(cost, tuple(tree.tolist())) == 14
