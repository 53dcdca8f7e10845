"""Tours: values on a small block, and the length of the best permutation on any layout."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import (
    BadRequest,
    PrecedenceCycle,
    UnknownEdge,
    UnknownNode,
    Unreachable,
)
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


def test_a_one_way_ring_is_walked_round() -> None:
    ring = layout_from(
        {
            "nodes": [{"id": i, "x": 0, "y": 0} for i in range(30)],
            "edges": [{"u": i, "v": (i + 1) % 30, "length": 1, "oneway": True} for i in range(30)],
        },
        "ring",
    )
    found = tour(ring, "0", [str(i) for i in range(29, 0, -1)], "0")

    assert (found.method, found.optimal) == ("sweep", True)  # as it would be walked either way
    assert found.length_mm == found.lower_bound_mm == 30_000
    assert found.order == tuple(str(i) for i in range(1, 30))


def test_a_pick_waits_for_what_goes_before_it(block: Layout) -> None:
    """The walk comes by 1 first and serves it on the way back; `order` is the order of service."""
    free = tour(block, "depot", ["A-01-001", "A-01-003"], "depot")
    found = tour(block, "depot", ["A-01-001", "A-01-003"], "depot", precedence=[(1, 0)])
    by_name = tour(
        block, "depot", ["A-01-001", "A-01-003"], "depot", precedence=[("A-01-003", "A-01-001")]
    )

    assert free.order == ("A-01-001", "A-01-003")
    assert found.order == by_name.order == ("A-01-003", "A-01-001")
    assert found.walk == free.walk
    assert found.optimal


def test_one_node_is_visited_twice_when_something_comes_between(block: Layout) -> None:
    picks = ["A-01-001", "A-02-001", "A-01-001"]
    found = tour(block, "depot", picks, "depot", precedence=[(0, 1), (1, 2)])

    assert found.order == ("A-01-001", "A-02-001", "A-01-001")
    assert found.length_mm == 3000 + (1000 + 3000 + 1000) * 2 + 3000


def test_two_faces_of_a_bay_are_one_stop_in_their_order(block: Layout) -> None:
    picks = ["A-01-002-1-L", "A-01-002-1-R", "A-01-002"]
    found = tour(block, "A-01-001-1-L", picks, "A-01-001", precedence=[(1, 0), (2, 1)])

    assert found.order == ("A-01-002", "A-01-002-1-R", "A-01-002-1-L")
    assert found.walk == ("A-01-001", "A-01-002", "A-01-001")
    assert found.method == "sweep"  # three picks, but nothing to be put in order


def test_the_nearest_of_several_locations_is_taken(block: Layout) -> None:
    groups = [["A-03-001", "A-01-004-1-L", "A-01-002"], ["A-03-002", "A-01-001"]]
    found = tour(block, "depot", ["A-01-002"], "depot", groups=groups)
    assert found.order == ("A-01-001", "A-01-002")
    assert (found.length_mm, found.method) == (8000, "sweep")

    shut = tour(block, "depot", ["A-01-002"], "depot", groups=groups, closed=["A-01-001"])
    assert shut.order == ("A-03-002", "A-01-002")


def test_groups_in_order_and_by_the_dozen(block: Layout) -> None:
    groups = [["A-02-001", "A-01-001"], ["A-02-002", "A-01-002"]]
    found = tour(block, "depot", [], "depot", groups=groups, precedence=[("A-01-002", "A-02-001")])
    assert found.order == ("A-01-002", "A-01-001")  # the second group's before the first one's

    many = [[f"A-{a:02}-{b:03}" for a in (1, 2, 3)] for b in (1, 2, 3, 4)] * 4
    found = tour(block, "depot", [], "depot", groups=many)
    assert set(found.order) == {f"A-01-{b:03}" for b in (1, 2, 3, 4)}
    assert found.length_mm == 12_000


def test_factors_stretch_what_is_minimised_and_not_what_is_walked(block: Layout) -> None:
    crowd = {("A-01-001", "A-01-002"): 20.0, ("A-02-002", "A-02-001"): 3}
    found = tour(block, "depot", ["A-01-002"], "depot", factors=crowd)

    assert found.walked_mm == 2 * (2000 + 3000 + 5000 + 3000 + 3000)
    assert found.length_mm == found.walked_mm + 2 * 2000
    assert found.lower_bound_mm == found.length_mm


def test_a_walking_rule_is_bounded_by_the_best_walk(block: Layout) -> None:
    picks = ["A-01-001", "A-02-001", "A-03-001-1-L"]
    best, rule = (tour(block, "depot", picks, "depot", policy=p) for p in (None, "s_shape"))

    assert (rule.method, rule.optimal) == ("s_shape", False)
    assert rule.lower_bound_mm == best.length_mm < rule.length_mm
    with pytest.raises(BadRequest, match="takes no precedence"):
        tour(block, "depot", picks, "depot", policy="s_shape", precedence=[(0, 1)])


def test_every_contradiction_is_said(block: Layout) -> None:
    picks = ["A-01-001", "A-01-002", "A-01-003", "A-01-004"]
    with pytest.raises(BadRequest) as wrong:
        tour(
            block,
            "depot",
            picks,
            "depot",
            precedence=[(0, 4), ("A-01-001", "A-02-001"), (-1, 2)],
            groups=[["A-02-002"], []],
        )
    assert wrong.value.reason == (
        "group 1 is empty; precedence names pick 4 of 4, the first is 0; "
        "precedence names A-02-001, which is not to be picked; "
        "precedence names pick -1 of 4, the first is 0"
    )
    with pytest.raises(PrecedenceCycle) as circle:
        tour(block, "depot", picks, "depot", precedence=[(0, 1), (1, 0), (1, 2), (3, 3)])
    assert circle.value.nodes == ("A-01-001", "A-01-002", "A-01-004")
    with pytest.raises(BadRequest, match="factor must be a number above zero: depot-A-x0-01"):
        tour(block, "depot", picks, "depot", factors={("depot", "A-x0-01"): 0})
    words: list[dict[str, Any]] = [{"objective": "miles"}, {"user": "dogs"}, {"policy": "random"}]
    for wrong_word in words:
        with pytest.raises(BadRequest):
            tour(block, "depot", picks, "depot", **wrong_word)
    with pytest.raises(UnknownNode) as unknown:
        tour(block, "depot", picks, "depot", groups=[["A-9", "A-01-001-9-L"]], closed=["B"])
    assert unknown.value.nodes == ("A-01-001-9-L", "A-9", "B")


def test_a_group_that_is_cut_off_is_named_whole(block: Layout) -> None:
    cut = [("A-02-003", "A-02-004"), ("A-02-006", "A-02-005"), ("A-02-004", "A-x1-02")]
    with pytest.raises(Unreachable) as lost:
        tour(
            block,
            "depot",
            ["A-01-001", "A-02-004-1-L"],
            "depot",
            groups=[["A-02-004", "A-03-001"], ["A-03-001", "A-03-002"], ["A-01-001", "A-03-001"]],
            blocked=[cut[0], cut[2]],
            closed=["A-03-001", "A-03-002"],
        )
    assert lost.value.nodes == ("A-02-004", "A-02-004-1-L", "A-03-001", "A-03-002")


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
