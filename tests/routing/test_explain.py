"""Why the path goes that way: sentences by value, and every aisle of every walk is told of."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import Unreachable
from routing.explain import explained
from routing.layout import Layout, layout_from
from routing.sections import Section, Use, sections, uses
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


def test_each_way_of_walking_an_aisle_is_explained(block: Layout) -> None:
    picks = ["A-01-001", "A-01-010", "A-02-001", "A-02-010", "A-03-002", "A-03-009", "A-04-009"]
    picks += ["A-x0-03", "A-04-002"]
    found = tour(block, "depot", picks, "depot")
    beside = tour(block, "depot", picks, "depot", policy="return")

    assert explained(block, found, beside=beside) == (
        "Aisle A-01 (A-x0-01 to A-x1-01) is walked through for 2 picks: 11.0 m in it; "
        "in and out from both ends it would be 4.0 m, but then the way around is longer.",
        "Aisle A-02 (A-x0-02 to A-x1-02) is walked in and out from both ends, to A-02-001 and "
        "A-02-010, without the 9.0 m between for 2 picks: 4.0 m in it, through it would be 11.0 m.",
        "Aisle A-03 (A-x0-03 to A-x1-03) is walked in and out from both ends, to A-03-002 and "
        "A-03-009, without the 7.0 m between for 2 picks: 8.0 m in it, through it would be 11.0 m.",
        "Aisle A-04 (A-x0-04 to A-x1-04) is walked through for 2 picks: 11.0 m in it; "
        "in and out from both ends it would be 8.0 m, but then the way around is longer.",
        "Picked in passing, outside of the aisles: A-x0-03.",
        "No path through all picks is shorter than this one: 56.0 m.",
        "By return it would be 98.0 m (+75.0%).",
    )


def test_a_blocked_aisle_is_served_from_both_ends_or_passed_by(block: Layout) -> None:
    blocked = [("A-02-005", "A-02-006"), ("A-03-001", "A-03-002")]
    picks = ["A-02-004", "A-02-007", "A-04-001"]
    found = tour(block, "depot", picks, "depot", blocked=blocked)

    assert explained(block, found, blocked=blocked) == (
        "Aisle A-01 (A-x0-01 to A-x1-01) is walked through to get to its other end.",
        "Aisle A-02 (A-x0-02 to A-x1-02) is walked in and out from both ends, to A-02-004 and "
        "A-02-007, without the 3.0 m between for 2 picks: 16.0 m in it, there is no other way; "
        "it is blocked between A-02-005 and A-02-006.",
        "Aisle A-04 (A-x0-04 to A-x1-04) is walked through for 1 pick: 11.0 m in it; "
        "in and out from A-x0-04 it would be 2.0 m, but then the way around is longer.",
        "Aisle A-03 (A-x0-03 to A-x1-03) is passed by: blocked between A-03-001 and A-03-002.",
        "No path through all picks is shorter than this one: 60.0 m.",
    )


def test_a_walk_that_is_not_known_to_be_best_says_what_could_be_saved(block: Layout) -> None:
    found = tour(block, "depot", ["A-01-001"], "depot")
    known = replace(found, length_mm=8000, lower_bound_mm=6000, optimal=False)
    timed = replace(known, seconds=10.0, lower_bound_s=10.0, optimal=True)

    words = "8.0 m; no path is shorter than 6.0 m: at most 25.0% of it could be saved."
    assert explained(block, known)[-1] == words
    words = "No path through all picks is quicker than this one: 10.0 s."
    assert explained(block, timed)[-1] == words


def test_turning_and_passing_in_a_ring_and_from_mid_aisle() -> None:
    section = Section((0, 1, 2, 3, 0), (0, 1, 2, 3, 4))

    assert uses([section], [0, 1, 2, 3, 0]) == {0: Use(through=1)}
    assert uses([section], [0, 3, 2, 3, 0]) == {0: Use(from_last=2)}
    assert uses([section], [0, 1, 0, 3, 0]) == {0: Use(from_first=1, from_last=3)}
    assert uses([section], [2, 1, 0]) == {0: Use(from_first=2)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_walk_on_every_floor_is_explained(data: st.DataObject) -> None:
    floor = data.draw(st.one_of(reference.grids(), reference.floors(one_way=True)))
    for edge in floor["edges"]:
        edge["kind"] = data.draw(st.sampled_from(["aisle", "aisle", "cross"]))
    layout = layout_from(floor, "any")
    asked: dict[str, Any] = data.draw(reference.requests(floor))
    try:
        found = tour(layout, **asked)
    except Unreachable:
        return
    told = explained(layout, found, blocked=asked["blocked"], beside=found)
    walk = {layout.number[node] for node in found.walk}
    entered = [s for s in sections(layout) if not walk.isdisjoint(s.nodes[1:-1])]
    assert sum(" is walked " in sentence for sentence in told) == len(entered)
    assert told[-2].startswith("No path through all picks is shorter")
    assert told[-1].endswith("(+0.0%).")
