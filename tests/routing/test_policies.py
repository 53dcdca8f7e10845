"""Walking rules on small blocks, told by the nodes where the walker turns.

f, m, r: front, middle and rear cross-aisle; 2.7 is bay 7 of aisle 2. Aisles are 10 m long and 3 m
apart; the depot lies before aisle 1.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from routing.floor import Side
from routing.layout import Layout, layout_from
from routing.policies import Policy, PolicyUnfit, Sides, Stop, policy_walk
from routing.weights import weights

POLICIES: tuple[Policy, ...] = ("s_shape", "return", "midpoint", "largest_gap", "combined")
PICKS = ("1.3", "2.2", "2.8", "3.4", "4.6")
DEPOT: dict[str, Any] = {
    "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
    "edges": [{"u": "depot", "v": "A-x0-01"}],
}


def warehouse(blocks: int = 1, **more: Any) -> Layout:
    block = {"id": "A", "aisles": 4, "bays": 9, "blocks": blocks, **more}
    return layout_from({"blocks": [block], **DEPOT}, "small")


def crossings(layout: Layout) -> dict[str, str]:
    return {"f": "x0", "m": "x1", "r": "x2" if "A-x2-01" in layout.nodes else "x1"}


def node(layout: Layout, name: str) -> str:
    """The layout's id of a name used here."""
    aisle, dot, bay = name.partition(".")
    if dot:
        return f"A-{int(aisle):02d}-{int(bay):03d}"
    return f"A-{crossings(layout)[name[0]]}-{int(name[1:]):02d}" if name[0] in "fmr" else name


def name(layout: Layout, node: str) -> str:
    letters = {crossing: letter for letter, crossing in crossings(layout).items()}
    crossing, bay = re.fullmatch(r"A-(x\d)-0(\d)", node), re.fullmatch(r"A-0(\d)-00(\d)", node)
    if crossing:
        return letters[crossing[1]] + crossing[2]
    return f"{bay[1]}.{bay[2]}" if bay else node


def turns(layout: Layout, walk: Sequence[int]) -> str:
    """Where the walk changes its direction, its two ends included."""
    nodes = [list(layout.nodes.values())[i] for i in walk]
    ways = [math.atan2(v.y_mm - u.y_mm, v.x_mm - u.x_mm) for u, v in pairwise(nodes)]
    bends = [i + 1 for i, (a, b) in enumerate(pairwise(ways)) if abs(a - b) > 1e-6]
    return " ".join(name(layout, nodes[i].id) for i in (0, *bends, len(nodes) - 1))


def walked(
    layout: Layout,
    policy: Policy,
    picks: Sequence[str] = PICKS,
    *,
    start: str = "depot",
    end: str = "",
    sides: Sides = "both",
    blocked: Sequence[tuple[str, str]] = (),
    closed: Sequence[str] = (),
) -> str:
    """The turns of the walk. picks: "1.3L" and "1.3R" are faces."""
    cut = [(node(layout, u), node(layout, v)) for u, v in blocked]
    today = weights(layout, [node(layout, n) for n in closed], cut)
    faces: dict[str, Side] = {"L": "left", "R": "right"}
    stops = [
        Stop(
            layout.number[node(layout, pick.rstrip("LR"))],
            frozenset({faces.get(pick[-1], "ahead")}),
        )
        for pick in picks
    ]
    here, there = (layout.number[node(layout, place)] for place in (start, end or start))
    walk = policy_walk(layout, today, policy, sides, here, stops, there)
    assert {stop.node for stop in stops} <= set(walk)
    return turns(layout, walk)


def test_s_shape_walks_through_and_leaves_an_odd_last_aisle_where_it_came_in() -> None:
    assert walked(warehouse(), "s_shape") == "depot r1 r2 f2 f3 r3 r4 f4 f1 depot"
    assert walked(warehouse(), "s_shape", PICKS[:4]) == "depot r1 r2 f2 f3 3.4 f3 f1 depot"
    assert walked(warehouse(), "s_shape", ["3.4"]) == "depot f1 f3 3.4 f3 f1 depot"


def test_s_shape_does_not_enter_an_aisle_for_a_pick_at_its_end() -> None:
    assert walked(warehouse(), "s_shape", ["f2", "3.4"]) == "depot f1 f3 3.4 f3 f1 depot"
    assert walked(warehouse(), "s_shape", ["1.3", "r2", "3.4"]) == "depot r1 r3 f3 f1 depot"


def test_return_leaves_every_aisle_where_it_came_in() -> None:
    there_and_back = "depot 1.3 f1 f2 2.8 f2 f3 3.4 f3 f4 4.6 f4 f1 depot"
    assert walked(warehouse(), "return") == there_and_back


def test_midpoint_serves_each_half_from_its_own_end() -> None:
    halves = "depot r1 r2 2.8 r2 r4 f4 f3 3.4 f3 f2 2.2 f2 f1 depot"
    assert walked(warehouse(), "midpoint") == halves
    assert (
        walked(warehouse(), "midpoint", ["1.3", "2.5", "3.1"])
        == "depot r1 r3 f3 f2 2.5 f2 f1 depot"
    )
    assert walked(warehouse(), "midpoint", ["1.3"]) == "depot 1.3 depot"


def test_largest_gap_leaves_out_the_widest_stretch() -> None:
    picks = ("1.3", "2.2", "2.8", "3.3", "3.6", "4.6")
    gaps = "depot r1 r2 2.8 r2 r4 f4 f3 3.6 f3 f2 2.2 f2 f1 depot"
    assert walked(warehouse(), "largest_gap", picks) == gaps
    halves = "depot r1 r2 2.8 r2 r3 3.6 r3 r4 f4 f3 3.3 f3 f2 2.2 f2 f1 depot"
    assert walked(warehouse(), "midpoint", picks) == halves


def test_combined_takes_the_better_of_both_in_every_aisle() -> None:
    picks = ("1.1", "2.7", "3.9", "4.3")  # 2 + 10 + 2 + 10 m in the aisles; s-shape 40, return 48
    best = "depot 1.1 f1 f2 r2 r3 3.9 r3 r4 f4 f1 depot"
    assert walked(warehouse(), "combined", picks) == best


@pytest.mark.parametrize(
    ("policy", "way"),
    [
        ("s_shape", "depot m1 m2 r2 r3 f3 f2 2.3 f2 f1 depot"),
        ("return", "depot m1 m2 2.6 m2 m3 3.7 f3 f2 2.3 f2 f1 depot"),
        ("midpoint", "depot m1 m2 r2 r3 3.3 m3 m2 f2 f1 depot"),
        ("largest_gap", "depot m1 m2 r2 r3 3.3 m3 m2 f2 f1 depot"),
        ("combined", "depot m1 m2 2.6 m2 m3 3.7 3.3 m3 m2 f2 f1 depot"),
    ],
)
def test_two_blocks_are_walked_from_the_farthest_one_home(policy: Policy, way: str) -> None:
    """Up the first aisle with a pick, 1.2 on the way; the near block begins where it is nearest."""
    layout = warehouse(2, bays=8)
    assert walked(layout, policy, ("1.2", "2.6", "3.7", "2.3", "3.3")) == way


def test_the_way_up_is_the_first_aisle_with_a_pick() -> None:
    picks = ("4.2", "3.7", "2.6")
    found = walked(warehouse(2, bays=8), "s_shape", picks, start="f4")
    assert found == "f4 m4 m3 r3 r2 f2 f4"


def test_one_side_at_a_time_walks_up_one_face_and_down_the_other() -> None:
    picks = ("1.3L", "1.6R", "2.4L", "3.5R", "4.4L")
    once = "depot r1 r2 f2 f3 r3 r4 f4 f1 depot"
    assert walked(warehouse(), "s_shape", picks) == once
    singly = "depot 1.6 f1 f2 r2 r3 f3 f4 4.4 f4 f1 depot"
    assert walked(warehouse(), "s_shape", picks, sides="one") == singly


def test_one_side_at_a_time_fetches_the_other_face_by_trips() -> None:
    picks = ("1.2L", "1.3L", "1.7R", "4.5L", "4.6L", "4.2R", "4.9R")
    assert walked(warehouse(), "largest_gap", picks) == "depot r1 r4 f4 f1 depot"
    singly = "depot r1 1.7 r1 r4 4.9 r4 f4 4.2 f4 f1 depot"
    assert walked(warehouse(), "largest_gap", picks, sides="one") == singly


def test_a_trip_picks_both_faces_so_return_is_the_same_for_one_side() -> None:
    picks = ("1.2L", "1.6R", "3.3R", "3.9L")
    assert walked(warehouse(), "return", picks, sides="one") == walked(warehouse(), "return", picks)


def test_the_sweep_begins_at_the_outermost_aisle_nearer_to_the_start() -> None:
    odd = ("1.3", "2.2", "3.4")
    assert walked(warehouse(), "s_shape", odd, start="f4") == "f4 f3 r3 r2 f2 f1 1.3 f1 f4"
    assert walked(warehouse(), "s_shape", odd, start="r4") == "r4 r3 f3 f2 r2 r1 1.3 r1 r4"


def test_the_front_is_where_the_tour_ends() -> None:
    assert walked(warehouse(), "s_shape", ("1.3", "2.5", "4.4"), start="f1", end="r4") == (
        "f1 r1 r2 f2 f4 r4"
    )


def test_a_blocked_aisle_is_served_from_both_ends() -> None:
    cut = [("2.4", "2.5")]
    gap = "depot r1 r2 2.8 r2 r4 f4 f2 2.2 f2 f1 depot"
    assert walked(warehouse(), "largest_gap", ("1.3", "2.2", "2.8", "4.6"), blocked=cut) == gap
    for policy in POLICIES:
        assert "2.8 r2" in walked(warehouse(), policy, blocked=cut)
        assert "2.2 f2" in walked(warehouse(), policy, blocked=cut)


def test_a_closed_crossing_is_walked_round() -> None:
    """So the rear is nearer to the depot than the rest of the front, and the rules begin there."""
    asked: dict[str, Any] = {"picks": ("2.2", "4.9"), "closed": ["f2"]}
    through = "depot r1 r2 2.2 r2 r3 f3 f4 r4 r1 depot"
    assert walked(warehouse(), "s_shape", **asked) == through
    trips = "depot r1 r2 2.2 r2 r4 4.9 r4 r1 depot"
    assert walked(warehouse(), "return", **asked) == trips
    assert walked(warehouse(), "combined", **asked) == trips


def one_way(aisles: int = 4) -> Layout:
    """Aisles 1 and 3 lead up, 2 and 4 down."""
    ends = [(f"A-x0-0{a}", f"A-x1-0{a}") for a in range(1, aisles + 1)]
    nodes = [{"id": f, "x": 3 * i, "y": 0} for i, (f, _) in enumerate(ends)]
    nodes += [{"id": r, "x": 3 * i, "y": 10} for i, (_, r) in enumerate(ends)]
    edges: list[dict[str, Any]] = [
        {"u": u, "v": v} for row in zip(*ends, strict=True) for u, v in pairwise(row)
    ]
    for i, (front, rear) in enumerate(ends):
        bays = [f"A-0{i + 1}-00{bay}" for bay in range(1, 10)]
        nodes += [{"id": b, "x": 3 * i, "y": y + 1, "kind": "bay"} for y, b in enumerate(bays)]
        up = [front, *bays, rear]
        edges += [
            {"u": u, "v": v, "oneway": True} for u, v in pairwise(up if i % 2 == 0 else up[::-1])
        ]
    return layout_from(
        {"nodes": [*DEPOT["nodes"], *nodes], "edges": [*DEPOT["edges"], *edges]}, "one-way"
    )


@pytest.mark.parametrize("policy", ["s_shape", "combined"])
def test_one_way_aisles_are_walked_their_way_through_empty_ones_if_need_be(policy: Policy) -> None:
    layout = one_way()
    assert walked(layout, policy, ("1.3", "2.2", "3.4")) == "depot r1 r2 f2 f3 r3 r2 f2 f1 depot"
    assert walked(layout, policy, ("2.2", "4.4")) == "depot r1 r2 f2 f3 r3 r4 f4 f1 depot"


@pytest.mark.parametrize("policy", ["return", "midpoint", "largest_gap"])
def test_nobody_turns_round_in_a_one_way_aisle(policy: Policy) -> None:
    with pytest.raises(PolicyUnfit, match=r"turn round in the aisle from A-x0-0. to A-x1-0."):
        walked(one_way(), policy, ("1.3", "2.2", "3.4"))


def test_nothing_to_pick_is_the_way_from_start_to_end() -> None:
    for policy in POLICIES:
        assert walked(warehouse(), policy, [], end="r1") == "depot r1"
        assert walked(warehouse(), policy, ["depot"]) == "depot depot"
