"""Planned anew under way: kept or changed for a reason, nothing skipped in silence."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import BadRequest, Unreachable
from routing.layout import Layout, layout_from
from routing.midway import OnEdge
from routing.question import Objective
from routing.replan import Gain, replanned
from routing.tour import tour
from tests.routing import reference


@pytest.fixture
def block() -> Layout:
    """Four aisles of ten bays, 1 m apart, 3 m between aisles; the depot before aisle 1."""
    return layout_from(
        {
            "blocks": [{"id": "A", "aisles": 4, "bays": 10}],
            "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
            "edges": [{"u": "depot", "v": "A-x0-01"}],
        },
        "small",
    )


def test_a_good_order_is_kept(block: Layout) -> None:
    first = tour(block, "depot", ["A-01-003", "A-03-004", "A-04-006"], "depot")
    now = replanned(block, "A-01-003", first.order[1:], "depot")

    assert (now.kept, now.unreachable) == (True, ())
    assert now.reason == "kept: no other order is known to be shorter"
    assert now.tour.order == first.order[1:]
    assert now.tour.layout_version == block.version


def test_a_small_gain_changes_nothing_and_says_so(block: Layout) -> None:
    """From the front of aisle 2 it is 2 m shorter to pick there first."""
    left = ["A-03-001", "A-02-001"]
    now = replanned(block, "A-x0-02", left, "A-x0-04", gain=Gain(mm=7000))
    assert now.reason == "kept: the new way saves only 6.0 m of 16.0 m"
    assert now.tour.order == ("A-03-001", "A-02-001")
    assert not now.tour.optimal
    bold = replanned(block, "A-x0-02", left, "A-x0-04", gain=Gain(mm=6000))
    assert bold.reason == "changed: saves 6.0 m of 16.0 m"
    assert bold.tour.order == ("A-02-001", "A-03-001")
    stubborn = replanned(block, "A-x0-02", left, "A-x0-04", gain=Gain(mm=0, share=0.4))
    assert stubborn.kept


def test_a_real_gain_changes_the_order(block: Layout) -> None:
    now = replanned(block, "A-x0-01", ["A-04-002", "A-01-002", "A-03-002"], "depot")

    assert not now.kept
    assert now.reason.startswith("changed: saves ")
    assert now.tour.optimal


def test_a_block_ahead_turns_the_picker_round(block: Layout) -> None:
    """Between bay 4 and 5 of aisle 2, 0.3 m in, the way ahead is found blocked."""
    at = OnEdge(behind="A-02-004", ahead="A-02-005", far_mm=300)
    free = replanned(block, at, ["A-02-008", "A-01-002"], "depot")
    shut = replanned(
        block, at, ["A-02-008", "A-01-002"], "depot", blocked=[("A-02-005", "A-02-004")]
    )

    assert free.tour.walk[:2] == ("A-02-005", "A-02-006")
    assert free.tour.length_mm == 3700 + 8000 + 3000 + 4000 + 2000
    assert free.kept
    assert shut.tour.walk[:2] == ("A-02-004", "A-02-003")
    assert shut.tour.length_mm == 4300 + 3000 + 11_000 + 3000 + 2 * 3000 + 3000 + 11_000 + 2000
    assert "(here)" not in (*free.tour.walk, *shut.tour.walk)


def test_what_is_cut_off_is_named_and_the_rest_is_walked(block: Layout) -> None:
    cut = [("A-02-003", "A-02-004"), ("A-02-006", "A-02-005")]
    left = ["A-02-002", "A-02-004", "A-02-005", "A-02-008"]
    now = replanned(block, "A-x0-02", left, "depot", blocked=cut)

    assert now.unreachable == ("A-02-004", "A-02-005")
    assert now.reason.endswith("; cannot be reached: A-02-004, A-02-005")
    assert now.tour.order == ("A-02-002", "A-02-008")


def test_an_end_that_is_cut_off_is_refused(block: Layout) -> None:
    with pytest.raises(Unreachable) as cut:
        replanned(block, "A-02-002", ["A-03-001"], "depot", blocked=[("depot", "A-x0-01")])
    assert cut.value.nodes == ("depot",)
    with pytest.raises(BadRequest, match="1000 mm is not between A-02-002 and A-02-003"):
        at = OnEdge(behind="A-02-002", ahead="A-02-003", far_mm=1000)
        replanned(block, at, [], "depot")


def test_another_alternative_takes_over(block: Layout) -> None:
    groups = [["A-01-004", "A-04-001"]]
    now = replanned(block, "A-x0-01", ["A-01-004"], "depot", groups=groups, closed=["A-01-004"])

    assert (now.kept, now.unreachable, now.tour.order) == (False, (), ("A-04-001",))
    assert now.reason == "changed: the present order cannot be walked any more"


def test_of_two_that_exclude_each_other_one_is_still_served() -> None:
    fork = layout_from(
        {
            "nodes": [{"id": n, "x": 0, "y": 0} for n in "abcd"],
            "edges": [
                {"u": u, "v": v, "length": 1, "oneway": True} for u, v in ("ab", "ac", "bd", "cd")
            ],
        },
        "fork",
    )
    now = replanned(fork, "a", ["c", "b"], "d")
    assert (now.tour.order, now.unreachable) == (("c",), ("b",))


def test_one_may_go_back_out_of_a_blocked_one_way_aisle() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "a")]
    ring = layout_from(
        {
            "nodes": [{"id": n, "x": i, "y": i * i} for i, n in enumerate("abc")],
            "edges": [{"u": u, "v": v, "length": 2, "oneway": True} for u, v in edges],
        },
        "ring",
    )
    at = OnEdge(behind="b", ahead="c", far_mm=500)
    assert replanned(ring, at, ["c"], "a").tour.length_mm == 1500 + 2000
    now = replanned(ring, at, ["c"], "b", blocked=[("b", "c")])
    assert (now.tour.walk, now.tour.length_mm, now.unreachable) == (("b",), 500, ("c",))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_replan_loses_nothing_and_never_walks_further_than_before(data: st.DataObject) -> None:
    floor = data.draw(reference.floors(one_way=data.draw(st.booleans())))
    layout = layout_from(floor, "any")
    asked: dict[str, Any] = data.draw(reference.requests(floor))
    left = asked["picks"]
    objective: Objective = data.draw(st.sampled_from(["metres", "seconds"]))
    where = [asked["start"], asked["end"]]
    try:
        now = replanned(
            layout, where[0], left, where[1], blocked=asked["blocked"], objective=objective
        )
    except Unreachable as cut:
        assert not {*where}.isdisjoint(cut.nodes)
        return
    served = [name for name in left if name not in now.unreachable]
    assert set(now.tour.order) == set(served)
    best = tour(layout, where[0], served, where[1], blocked=asked["blocked"], objective=objective)
    assert now.kept or best.walk == now.tour.walk
    if objective == "metres":
        assert best.length_mm <= now.tour.length_mm
    for name in now.unreachable:  # nothing more could have been served
        with pytest.raises(Unreachable):
            tour(layout, where[0], [*served, name], where[1], blocked=asked["blocked"])
