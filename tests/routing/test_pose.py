"""Where a picker or a vehicle stands: to the millimetre, on the right map, from the right side."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import UnknownNode
from routing.layout import Layout, layout_from
from routing.pose import Pose, node_pose, pick_pose
from tests.routing.layouts import layouts

SITE = {
    "maps": {0: "hall-1"},
    "blocks": [{"id": "A", "aisles": 2, "bays": 5, "levels": 3, "reach": 0.4, "x_mm": 10_000}],
    "nodes": [
        {"id": "depot", "x": 8, "y": 0, "kind": "depot", "heading_deg": 180},
        {"id": "gate", "x": 8, "y": -3, "map": "yard"},
    ],
    "edges": [{"u": "depot", "v": "A-x0-01"}, {"u": "depot", "v": "gate", "users": "people"}],
    "locations": [
        {"code": "G", "node": "gate", "facing_deg": 45, "reach": 1, "also": ["depot"]},
    ],
}


def test_both_faces_of_a_bay_share_the_node_and_never_the_pose() -> None:
    layout = layout_from(SITE, "hall")
    left, right = pick_pose(layout, "A-02-003-1-L"), pick_pose(layout, "A-02-003-3-R")
    y = layout.nodes["A-02-003"].y_mm / 1000

    assert left.node == right.node == "A-02-003"
    assert left.pose == Pose(12.6, y, round(math.pi, 6), 0, "hall-1")
    assert right.pose == Pose(13.4, y, 0.0, 0, "hall-1")
    assert (right.side, right.level, right.reach_mm) == ("right", 3, 400)


def test_a_location_may_say_itself_which_way_one_looks_and_be_served_from_elsewhere() -> None:
    layout = layout_from(SITE, "hall")
    near, far = pick_pose(layout, "G"), pick_pose(layout, "G", "depot")

    assert near.pose == Pose(8.707, -2.293, round(math.pi / 4, 6), 0, "yard")
    assert far.pose == Pose(8.707, 0.707, round(math.pi / 4, 6), 0, "hall-1")
    assert near.approach is None  # only people come here
    assert far.approach == ("A-x0-01", "depot")


def test_a_vehicle_comes_along_the_aisle() -> None:
    layout = layout_from(SITE, "hall")
    assert pick_pose(layout, "A-02-003-1-L").approach == ("A-02-002", "A-02-003")
    assert pick_pose(layout, "A-02-001-1-L").approach == ("A-x0-02", "A-02-001")


def test_who_is_unknown_is_named() -> None:
    layout = layout_from(SITE, "hall")
    for ask, name in (
        (lambda: pick_pose(layout, "A-99-001-1-L"), "A-99-001-1-L"),
        (lambda: pick_pose(layout, "G", "A-x0-01"), "A-x0-01"),
        (lambda: node_pose(layout, "G"), "G"),
    ):
        with pytest.raises(UnknownNode) as unknown:
            ask()
        assert unknown.value.nodes == (name,)


def test_a_pose_without_a_map_names_the_floor() -> None:
    layout = layout_from({"nodes": [{"id": "a", "x": 0, "y": 0, "floor": 2}]}, "hall")
    assert node_pose(layout, "a").map_id == "hall-2"


@settings(max_examples=40, deadline=None)
@given(layouts(), st.data())
def test_a_pose_is_at_its_reach_from_the_node_and_looks_there(
    layout: Layout, data: st.DataObject
) -> None:
    for code, location in layout.locations.items():
        node = data.draw(st.sampled_from((location.node, *location.also)))
        found = pick_pose(layout, code, node)
        place, pose = layout.nodes[node], found.pose
        far = (pose.x_m - place.x_mm / 1000, pose.y_m - place.y_mm / 1000)
        assert math.hypot(*far) == pytest.approx(abs(location.reach_mm) / 1000, abs=0.001)
        assert -math.pi < pose.theta_rad <= math.pi + 1e-6
        if location.reach_mm > 10:
            towards = math.remainder(math.atan2(far[1], far[0]) - pose.theta_rad, math.tau)
            assert abs(towards) * location.reach_mm <= 1  # a millimetre of rounding
        if found.approach:
            edges = [layout.edges[i] for i in layout.edges_between[found.approach]]
            assert any("amr" in edge.users for edge in edges)
