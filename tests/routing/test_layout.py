"""Layouts: what is read, what is refused, and the poses."""

import math
import pickle

import pytest

from routing.errors import LayoutError
from routing.layout import layout_from
from routing.reading import EDGE_KINDS, EDGE_WORDS, NODE_KINDS, NODE_WORDS

SITE = {
    "maps": {0: "hall-1"},
    "blocks": [
        {"id": "A", "aisles": 2, "bays": 5, "blocks": 2, "levels": 3, "reach": 0.4, "x_mm": 10_000}
    ],
    "nodes": [
        {"id": "depot", "x": 8, "y": 0, "kind": "depot", "heading_deg": 180},
        {"id": 7, "x_m": 8.0, "y_mm": -3000, "kind": "dock"},
    ],
    "edges": [
        {"u": "depot", "v": "A-x0-01"},
        {"u": "depot", "v": 7, "length_m": 3.5, "oneway": True},
        {"u": 7, "v": "depot", "oneway": True},
    ],
    "locations": [{"code": "D1", "node": 7}],
}


def test_a_site_is_read() -> None:
    layout = layout_from(SITE, "hall")

    assert len(layout.nodes) == 2 * (5 + 3) + 2
    assert [node for node in layout.ids if node.startswith("A-01")][:3] == [
        "A-01-001",
        "A-01-002",
        "A-01-003",
    ]
    assert layout.nodes["A-02-003"].x_mm == 13_000
    assert len(layout.locations) == 2 * 5 * 3 * 2 + 1
    assert layout.locations["A-02-003-2-R"].node == "A-02-003"
    assert layout.graph.edges["depot", "A-x0-01"]["length_mm"] == 2000
    assert layout.graph.edges["depot", "7"]["length_mm"] == 3500
    assert layout.graph.edges["7", "depot"]["length_mm"] == 3000


def test_a_version_is_the_content() -> None:
    layout = layout_from(SITE, "hall")
    other = layout_from(SITE | {"nodes": [*SITE["nodes"], {"id": "p", "x": 0, "y": 0}]}, "hall")

    assert layout.version == layout_from(SITE, "hall").version
    assert layout.version != other.version
    assert pickle.loads(pickle.dumps(layout)).version == layout.version


def test_every_mistake_is_listed_with_its_id() -> None:
    nodes = [{"id": n, "x": 0, "y": 0} for n in ("a", "b", "c", "b")]
    edges = [
        {"u": "a", "v": "b", "length": 1},
        {"u": "b", "v": "a", "length": 2},
        {"u": "a", "v": "ghost", "length": 1},
        {"u": "b", "v": "c", "length": 0},
        {"u": "c", "v": "a", "length": -5},
        {"u": "c", "v": "c", "length": 1, "onway": True},
        {"u": "a"},
    ]
    locations = [{"code": "L", "node": "nowhere"}, {"code": "M", "node": "a", "side": "up"}]
    with pytest.raises(LayoutError) as refused:
        layout_from({"nodes": nodes, "edges": edges, "locations": locations, "x": 1}, "bad")

    assert refused.value.problems == (
        "unknown key x",
        "edges[5] c-c: unknown key onway (did you mean oneway?)",
        "edges[6] a: v is missing",
        "locations[1] M: side up is not one of left, right, ahead",
        "nodes[3] b: duplicate node (the first is nodes[1])",
        "edges[2] a-ghost: unknown node ghost",
        "edges[3] b-c: length 0 m is not above zero",
        "edges[4] c-a: length -5 m is not above zero",
        "edges[5] c-c: leads back to its own node",
        "edges[1] b-a: duplicate edge (the first is edges[0])",
        "locations[0] L: unknown node nowhere",
    )
    assert [getattr(problem, "path", None) for problem in refused.value.problems][:5] == [
        ("x",),
        ("edges", 5, "onway"),
        ("edges", 6, "v"),
        ("locations", 1, "side"),
        ("nodes", 3, "id"),
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"nodes": {"a": 1}}, "nodes must be a list"),
        ({"nodes": ["a"]}, "nodes[0]: must be a mapping of keys"),
        ({"nodes": [{"id": "a", "x": math.nan, "y": 0}]}, "nodes[0] a: x must be a number"),
        ({"nodes": [{"id": "a", "x": True, "y": 0}]}, "nodes[0] a: x must be a number"),
        ({"nodes": [{"id": "a", "y": 0}]}, "nodes[0] a: x is missing"),
        (
            {"nodes": [{"id": "a", "x": 1, "x_mm": 1, "y": 0}]},
            "nodes[0] a: x is given twice, as x and x_mm",
        ),
        ({"nodes": [{"id": "a", "x_mm": 1.5, "y": 0}]}, "nodes[0] a: x_mm must be a whole number"),
        ({"blocks": [{"id": "A", "aisles": 2}]}, "blocks[0] A: bays is missing"),
        (
            {"blocks": [{"id": "A", "aisles": 0, "bays": 1}]},
            "blocks[0] A: aisles must be a whole number of at least 1",
        ),
        (
            {"blocks": [{"id": "A", "aisles": 1, "bays": 1, "cross": 0}]},
            "blocks[0] A: aisle_pitch, bay_pitch and cross must be above zero",
        ),
        ({"nodes": [{"id": "a", "x": 2e6, "y": 0}]}, "nodes[0] a: x is beyond 1000 km"),
        ({"maps": {"up": "hall"}}, "maps must give a map id for each floor number"),
    ],
)
def test_a_bad_value_is_refused(data: dict[str, object], problem: str) -> None:
    with pytest.raises(LayoutError) as refused:
        layout_from(data, "bad")
    assert refused.value.problems == (problem,)


def test_a_location_that_no_walk_reaches_is_refused() -> None:
    nodes = [{"id": n, "x": 0, "y": 0} for n in ("a", "b", "c")]
    nodes[0]["kind"] = "depot"
    edges = [{"u": "a", "v": "b", "length": 1, "oneway": True}]
    locations = [{"code": f"L{n}", "node": n} for n in ("a", "b", "c")]
    with pytest.raises(LayoutError) as refused:
        layout_from({"nodes": nodes, "edges": edges, "locations": locations}, "bad")
    assert refused.value.problems == (
        "locations[1] Lb: location on node b is disconnected from a",
        "locations[2] Lc: location on node c is disconnected from a",
    )


def test_an_edge_may_have_a_speed_and_be_for_some_only() -> None:
    nodes = [{"id": n, "x": i, "y": 0} for i, n in enumerate("abc")]
    edges = [
        {"u": "a", "v": "b", "speed": 1.5, "users": ["amr"]},
        {"u": "b", "v": "c", "speed_mm_s": 800, "users": "people"},
        {"u": "c", "v": "a"},
    ]
    layout = layout_from({"nodes": nodes, "edges": edges}, "hall")

    assert [edge.speed_mm_s for edge in layout.edges] == [1500, 800, None]
    assert layout.barred == {"people": (0,), "amr": (1,)}
    wrong = [{"u": "a", "v": "b", "speed": 0}, {"u": "b", "v": "c", "users": ["dogs"]}]
    with pytest.raises(LayoutError) as refused:
        layout_from({"nodes": nodes, "edges": wrong}, "hall")
    assert refused.value.problems == (
        "edges[0] a-b: speed must be above zero",
        "edges[1] b-c: users dogs is not some of people, amr",
    )


def test_floors_come_from_heights_where_no_node_says_its_floor() -> None:
    heights = {
        "cellar": -4,
        "pit": -0.5,
        "hall": 0,
        "ramp": 1.5,
        "dock": 1.9,
        "upper": 4,
        "roof": 9,
    }
    nodes = [{"id": name, "x": 0, "y": 0, "z": z} for name, z in heights.items()]
    floors = [node.floor for node in layout_from({"nodes": nodes}, "hall").nodes.values()]
    assert floors == [-1, 0, 0, 0, 0, 1, 2]
    nodes[0]["floor"] = 0
    assert {node.floor for node in layout_from({"nodes": nodes}, "hall").nodes.values()} == {0}


def test_blocks_stand_apart_and_are_joined_by_edges() -> None:
    blocks = [
        {"id": "A", "aisles": 2, "bays": 2, "sides": ["left"]},
        {"id": "B", "aisles": 1, "bays": 3, "x": 20, "z": 4, "floor": 1, "levels": 0 + 2},
    ]
    edges = [{"u": "A-x1-02", "v": "B-x0-01", "kind": "stairs", "length_m": 18}]
    layout = layout_from({"blocks": blocks, "edges": edges}, "hall")

    assert len(layout.locations) == 2 * 2 + 3 * 2 * 2
    assert layout.nodes["B-01-002"].z_mm == 4000
    assert layout.edges[-1].kind == "stairs"
    del edges[0]
    with pytest.raises(LayoutError) as refused:
        layout_from({"blocks": blocks, "edges": edges}, "hall")
    assert refused.value.problems == (
        "blocks[1] B-01-001-1-L: location on node B-01-001 is disconnected from A-01-001"
        " (and 11 more of this block)",
    )


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        (
            [{"id": "A", "aisles": 1, "bays": 1}, {"id": "A", "aisles": 1, "bays": 1}],
            "blocks[1] A: duplicate block (the first is blocks[0])",
        ),
        (
            [{"id": "A", "aisles": 20, "bays": 10**7}],
            "blocks[0] A: 600000040 bays, ends and locations are more than 1000000",
        ),
        (
            [{"id": "A", "aisles": 2, "bays": 2, "sides": ["left", "left"]}],
            "blocks[0] A: sides must be some of left, right, each once",
        ),
    ],
)
def test_a_bad_block_is_refused_once(blocks: list[dict[str, object]], problem: str) -> None:
    with pytest.raises(LayoutError) as refused:
        layout_from({"blocks": blocks}, "bad")
    assert refused.value.problems == (problem,)


def test_a_location_needs_one_sort_of_user_that_gets_there_and_back() -> None:
    nodes = [{"id": n, "x": i, "y": 0} for i, n in enumerate("abc")]
    edges: list[dict[str, object]] = [
        {"u": "a", "v": "b", "users": "people"},
        {"u": "b", "v": "c", "users": "amr"},
    ]
    floor: dict[str, object] = {"nodes": nodes, "edges": edges}
    near, far, home = ({"code": name, "node": name} for name in "bca")
    layout_from({**floor, "locations": [home, near]}, "hall")
    with pytest.raises(LayoutError, match="location on node c is disconnected from a"):
        layout_from({**floor, "locations": [home, far]}, "hall")


def test_null_is_the_same_as_absent() -> None:
    rows = [{"id": 1, "x": 0, "y": 0, "z": None, "kind": None, "floor": None, "map": None}]
    assert layout_from({"nodes": rows, "edges": None, "maps": None}, "hall").nodes["1"].z_mm == 0


def test_only_the_first_unknown_names_are_compared_with_all_others() -> None:
    nodes = [{"id": f"N{i}", "x": i, "y": 0} for i in range(50)]
    edges = [{"u": f"N{i}", "v": f"M{i}", "length": 1} for i in range(50)]
    with pytest.raises(LayoutError) as refused:
        layout_from({"nodes": nodes, "edges": edges}, "hall")
    assert len(refused.value.problems) == 50
    assert [("did you mean" in problem) for problem in refused.value.problems].count(True) <= 20


def test_kinds_may_be_called_as_others_call_them() -> None:
    kinds = {"a": "junction", "b": "rack", "c": "elevator", "d": "waypoint"}
    nodes = [{"id": name, "x": i, "y": 0, "kind": kinds[name]} for i, name in enumerate(kinds)]
    edges = [{"u": "a", "v": "b", "kind": "cross-aisle"}, {"u": "b", "v": "c", "kind": "elevator"}]
    layout = layout_from({"nodes": nodes, "edges": edges}, "hall")
    assert [node.kind for node in layout.nodes.values()] == ["cross", "bay", "lift", "point"]
    assert [edge.kind for edge in layout.edges] == ["cross", "lift"]
    assert set(NODE_WORDS.values()) <= set(NODE_KINDS)
    assert set(EDGE_WORDS.values()) <= set(EDGE_KINDS)
