"""Tours: values on a small block, and the length of the best permutation on any layout."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import UnknownEdge, UnknownNode, Unreachable
from routing.layout import Layout, layout_from
from routing.tour import tour
from tests.routing import reference


@pytest.fixture
def block() -> Layout:
    """Three aisles of four bays, 1 m apart, 3 m between aisles; the depot before aisle 1."""
    return layout_from(
        {
            "blocks": [{"id": "A", "aisles": 3, "bays": 4}],
            "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
            "edges": [{"u": "depot", "v": "A-x0-01"}],
        },
        "small",
    )


def test_one_pick_is_there_and_back(block: Layout) -> None:
    found = tour(block, "depot", ["A-01-002"], "depot")

    assert found.walk == (
        "depot",
        "A-x0-01",
        "A-01-001",
        "A-01-002",
        "A-01-001",
        "A-x0-01",
        "depot",
    )
    assert (found.length_mm, found.order, found.optimal) == (8000, ("A-01-002",), True)
    assert found.layout_version == block.version


def test_nothing_to_pick_is_the_way_from_start_to_end(block: Layout) -> None:
    assert tour(block, "depot", [], "depot").walk == ("depot",)
    assert tour(block, "depot", [], "A-x0-02").walk == ("depot", "A-x0-01", "A-x0-02")
    assert tour(block, "depot", ["depot", "depot"], "depot").order == ("depot",)


def test_two_whole_aisles_are_walked_through(block: Layout) -> None:
    picks = ["A-01-004", "A-02-001", "A-01-001", "A-02-004", "A-01-001"]
    found = tour(block, "depot", picks, "depot")

    assert found.length_mm == 2 * 2000 + 2 * 5000 + 2 * 3000
    assert sorted(found.order) == sorted(set(picks))


def test_a_blocked_edge_and_a_closed_node_are_walked_round(block: Layout) -> None:
    free = tour(block, "depot", ["A-01-003"], "depot")
    round_ = tour(block, "depot", ["A-01-003"], "depot", blocked=[("A-01-002", "A-01-001")])
    closed = tour(block, "depot", ["A-01-003"], "depot", closed=["A-01-001"])

    assert free.length_mm == 10000
    assert round_.length_mm == closed.length_mm == 2 * (2000 + 3000 + 5000 + 3000 + 2000)
    assert "A-02-001" in round_.walk


def test_every_culprit_is_named(block: Layout) -> None:
    with pytest.raises(UnknownNode) as unknown:
        tour(
            block,
            "depot",
            ["A-9", "A-01-001", "B"],
            "home",
            closed=["Z"],
            blocked=[("X", "Y")],
        )
    assert unknown.value.nodes == ("A-9", "B", "X", "Y", "Z", "home")
    with pytest.raises(UnknownEdge) as edge:
        tour(block, "depot", [], "depot", blocked=[("A-x0-01", "A-x1-01"), ("depot", "A-x0-02")])
    assert edge.value.edges == (("A-x0-01", "A-x1-01"), ("depot", "A-x0-02"))
    with pytest.raises(Unreachable) as closed:
        tour(block, "depot", ["A-01-001", "A-02-002"], "depot", closed=["A-02-002", "depot"])
    assert closed.value.nodes == ("A-02-002", "depot")
    around = [("A-02-001", "A-x0-02"), ("A-02-002", "A-02-003"), ("A-03-001", "A-03-002")]
    with pytest.raises(Unreachable) as cut:
        tour(block, "depot", ["A-02-001", "A-02-002", "A-02-003"], "depot", blocked=around)
    assert cut.value.nodes == ("A-02-001", "A-02-002")


def test_two_stops_that_exclude_each_other_are_named() -> None:
    fork = layout_from(
        {
            "nodes": [{"id": n, "x": 0, "y": 0} for n in "abcd"],
            "edges": [
                {"u": u, "v": v, "length": 1, "oneway": True} for u, v in ("ab", "ac", "bd", "cd")
            ],
        },
        "fork",
    )

    assert tour(fork, "a", ["c"], "d").walk == ("a", "c", "d")
    with pytest.raises(Unreachable) as torn:
        tour(fork, "a", ["c", "b"], "d")
    assert torn.value.nodes == ("b", "c")


def test_many_stops_come_with_an_honest_bound() -> None:
    ring = layout_from(
        {
            "nodes": [{"id": i, "x": 0, "y": 0} for i in range(30)],
            "edges": [{"u": i, "v": (i + 1) % 30, "length": 1, "oneway": True} for i in range(30)],
        },
        "ring",
    )
    found = tour(ring, "0", [str(i) for i in range(29, 0, -1)], "0")

    assert (found.method, found.optimal) == ("local_search", True)  # the bound proves it
    assert found.length_mm == found.lower_bound_mm == 30_000
    assert found.order == tuple(str(i) for i in range(1, 30))


def check(floor: reference.Floor, asked: dict[str, Any]) -> None:
    layout = layout_from(floor, "any")
    mm = reference.distances(floor, blocked=asked["blocked"])
    best = reference.shortest(mm, asked["start"], asked["picks"], asked["end"])
    if best >= reference.FAR:
        with pytest.raises(Unreachable):
            tour(layout, **asked)
        return
    found = tour(layout, **asked)
    assert found.length_mm == best == found.lower_bound_mm
    assert found.optimal
    assert reference.walked(floor, found.walk, asked["blocked"]) == best
    assert (found.walk[0], found.walk[-1]) == (asked["start"], asked["end"])
    assert found.order == tuple(n for n in dict.fromkeys(found.walk) if n in asked["picks"])
    assert set(found.order) == set(asked["picks"])
    assert tour(layout, **asked) == found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_undirected_layout_gets_the_best_permutation(data: st.DataObject) -> None:
    floor = data.draw(reference.floors())
    check(floor, data.draw(reference.requests(floor)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_one_way_layout_gets_the_best_permutation(data: st.DataObject) -> None:
    floor = data.draw(reference.floors(one_way=True))
    check(floor, data.draw(reference.requests(floor)))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_small_warehouse_gets_the_best_permutation(data: st.DataObject) -> None:
    floor = data.draw(reference.grids())
    check(floor, data.draw(reference.requests(floor)))
