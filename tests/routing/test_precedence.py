"""What follows from what comes before what, against every subset and every path."""

from itertools import product

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.precedence import closure, on_cycles, servable_sets

PAIRS = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)


@settings(deadline=None)
@given(PAIRS)
def test_the_closure_is_what_can_be_reached(before: set[tuple[int, int]]) -> None:
    graph = nx.DiGraph(before)
    found = closure(before)
    reached = {
        stop: {j for i, j in nx.transitive_closure(graph, reflexive=False).edges if i == stop}
        for stop in graph
    }
    assert {stop: set(after) for stop, after in found.items()} == {
        stop: after for stop, after in reached.items() if after
    }


@settings(deadline=None)
@given(PAIRS)
def test_all_stops_on_cycles_are_named(before: set[tuple[int, int]]) -> None:
    parts = nx.strongly_connected_components(nx.DiGraph(before))
    circles = {stop for part in parts if len(part) > 1 for stop in part}
    assert on_cycles(before) == circles | {i for i, j in before if i == j}


def test_names_do_as_well_as_numbers() -> None:
    assert on_cycles([("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")]) == {"b", "c"}
    assert on_cycles([]) == set()


@settings(deadline=None)
@given(PAIRS)
def test_the_sets_that_can_have_been_served_are_counted(pairs: set[tuple[int, int]]) -> None:
    before = {(i, j) for i, j in pairs if i < j}
    sets = product((False, True), repeat=7)
    allowed = sum(all(served[i] or not served[j] for i, j in before) for served in sets)
    assert servable_sets(7, before, 1000) == allowed


def test_counting_stops_beyond_what_is_asked() -> None:
    pairs = [(i, j) for i in range(0, 40, 2) for j in range(1, 40, 2) if (i + j) % 5 == 0]
    assert servable_sets(40, pairs, 5000) > 5000
    assert servable_sets(3, [(0, 1), (1, 2)], 1000) == 4
