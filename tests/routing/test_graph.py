"""Distances: equal to Floyd's, by either search, after any history of weights."""

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import graph
from routing.errors import BadRequest
from routing.graph import Distances
from routing.layout import layout_from
from routing.weights import SHUT, weights
from tests.routing import reference


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_rows_that_survive_new_weights_equal_fresh_ones(data: st.DataObject) -> None:
    floor = data.draw(reference.floors(one_way=True))
    layout = layout_from(floor, "any")
    ends = st.sampled_from([(edge["u"], edge["v"]) for edge in floor["edges"]])
    known = Distances(layout)
    for _ in range(3):
        known.rows(data.draw(st.lists(st.integers(0, len(layout.ids) - 1))))
        factors = data.draw(
            st.dictionaries(ends, st.sampled_from([0.3, 0.5, 2.0, 7.0]), max_size=2)
        )
        blocked = data.draw(st.sets(ends, max_size=2)) - set(factors)
        closed = data.draw(st.sets(st.sampled_from(layout.ids), max_size=1))
        today = weights(layout, closed, blocked, factors)
        known, fresh = known.under(today), Distances(layout, today)
        every = range(len(layout.ids))
        assert known.table(every, every) == fresh.table(every, every)
        for u in every:
            for v in every:
                if fresh.table([u], [v]) < [[SHUT]]:
                    assert known.walk(u, v) == fresh.walk(u, v)


def test_a_row_that_a_change_does_not_touch_is_kept() -> None:
    nodes = [{"id": n, "x": 0, "y": 0} for n in "abcd"]
    edges = [{"u": u, "v": v, "length": mm} for u, v, mm in (("a", "b", 1), ("b", "c", 1))]
    layout = layout_from({"nodes": nodes, "edges": [*edges, {"u": "a", "v": "c", "length": 3}]}, "")
    known = Distances(layout)
    (row,) = known.rows([0])

    assert known.under(weights(layout, blocked=[("a", "c")])).rows([0])[0] is row
    assert known.under(weights(layout, factors={("a", "c"): 0.9})).rows([0])[0] is row
    assert known.under(weights(layout, blocked=[("a", "b")])).rows([0])[0] is not row
    assert known.under(weights(layout, factors={("a", "c"): 0.5})).rows([0])[0][2] == 1500


def test_a_factor_counts_for_the_named_direction_where_each_is_an_edge_of_its_own() -> None:
    nodes = [{"id": n, "x": 0, "y": 0} for n in "abc"]
    own = [{"u": u, "v": v, "length": 1, "oneway": True} for u, v in ("ab", "ba")]
    layout = layout_from({"nodes": nodes, "edges": [*own, {"u": "b", "v": "c", "length": 1}]}, "")
    slow = Distances(layout, weights(layout, factors={("b", "a"): 3, ("c", "b"): 2}))

    assert slow.table([0, 1, 2], [0, 1, 2]) == [[0, 1000, 3000], [3000, 0, 2000], [5000, 2000, 0]]
    with pytest.raises(BadRequest, match=r"above zero: a-b, b-c"):
        weights(layout, factors={("a", "b"): -1, ("b", "c"): math.nan, ("b", "a"): 1})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_both_searches_equal_floyd(data: st.DataObject) -> None:
    floor = data.draw(reference.floors(one_way=True))
    layout = layout_from(floor, "any")
    blocked = data.draw(reference.requests(floor))["blocked"]
    known = Distances(layout, weights(layout, blocked=blocked))
    sources = range(len(layout.ids))
    mm = reference.distances(floor, blocked=blocked)

    rows = known.rows(sources)
    assert graph.rows_in_scipy(graph.csr(known.arcs), sources) == rows
    for u in sources:
        for v in sources:
            far = mm[layout.ids[u], layout.ids[v]]
            assert rows[u][v] == (SHUT if far >= reference.FAR else far)


def test_an_ordinary_pick_path_imports_neither_numpy_nor_scipy_nor_networkx() -> None:
    asks = """
import sys
from routing.layout import layout_from
from routing.tour import tour
block = layout_from({"blocks": [{"id": "A", "aisles": 20, "bays": 50}]}, "large")
small = layout_from({"blocks": [{"id": "A", "aisles": 3, "bays": 9}]}, "small")
for floor in (block, small):
    tour(floor, "A-x0-01", ["A-02-005", "A-03-001"], "A-x0-01")
    tour(floor, "A-x0-01", [], "A-02-004")
print([m for m in ("numpy", "scipy", "networkx") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
