"""LIF of other hands: directions, types of vehicles, levels, thetas, trajectories, stations."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.curve import curve_length, is_curve
from routing.errors import LayoutError
from routing.floor import Edge, Location, Place, User
from routing.layout import Layout
from routing.lif import layout_from_lif

Data = dict[str, Any]
AMR: frozenset[User] = frozenset({"amr"})


def node(name: str, x: float, y: float, theta: float | None = None, **more: Any) -> Data:
    types = [{"vehicleTypeId": "t", **({} if theta is None else {"theta": theta})}]
    place = {"nodePosition": {"x": x, "y": y}, "vehicleTypeNodeProperties": types}
    return {"nodeId": name, **place, **more}


def edge(start: str, end: str, *types: Data, name: str = "") -> Data:
    told = {"startNodeId": start, "endNodeId": end, "vehicleTypeEdgeProperties": list(types)}
    return {"edgeId": name or f"{start}{end}", **told}


def kind(name: str = "t", **more: Any) -> Data:
    return {"vehicleTypeId": name, **more}


def level(nodes: list[Data], edges: list[Data], stations: list[Data], **more: Any) -> Data:
    return {"nodes": nodes, "edges": edges, "stations": stations, **more}


def read(*levels: Data, vehicle: str | None = None) -> Layout:
    return layout_from_lif({"metaInformation": {}, "layouts": list(levels)}, "hall", vehicle)


SQUARE = [node("a", 0, 0), node("b", 3, 4), node("c", 3, 0)]


def test_opposite_edges_that_agree_are_one_edge() -> None:
    fast, slow = kind(maxSpeed=1.5), kind(maxSpeed=0.5)
    edges = [edge("a", "b", fast), edge("b", "a", fast), edge("a", "c", fast), edge("c", "a", slow)]
    assert read(level(SQUARE, edges, [])).edges == (
        Edge(u="a", v="b", length_mm=5000, speed_mm_s=1500, users=AMR),
        Edge(u="a", v="c", length_mm=3000, speed_mm_s=1500, users=AMR, one_way=True),
        Edge(u="c", v="a", length_mm=3000, speed_mm_s=500, users=AMR, one_way=True),
    )


def test_each_type_of_vehicle_has_its_own_floor() -> None:
    both = [kind("big", maxSpeed=1), kind("small", maxSpeed=2.5)]
    edges = [edge("a", "b", *both), edge("b", "c", kind("small"))]
    floor = level(SQUARE, edges, [])

    assert [e.speed_mm_s for e in read(floor).edges] == [1000, None]
    assert [(e.u, e.v) for e in read(floor, vehicle="big").edges] == [("a", "b")]
    assert read(floor, vehicle="small").edges[0].speed_mm_s == 2500


def test_of_parallel_edges_a_walk_takes_the_shorter() -> None:
    detour = {"degree": 1, "knotVector": [0, 0, 1, 2, 2]}
    points = [{"x": 0, "y": 0}, {"x": 0, "y": 4}, {"x": 3, "y": 4}]
    curved = kind(trajectory={**detour, "controlPoints": points})
    floor = level(SQUARE, [edge("a", "b", curved, name="1"), edge("a", "b", name="2")], [])
    assert [e.length_mm for e in read(floor).edges] == [5000]
    assert [e.length_mm for e in read(level(SQUARE, floor["edges"][:1], [])).edges] == [7000]


def test_levels_are_floors_and_the_way_between_them_a_lift() -> None:
    up = [edge("a", "a2", kind()), edge("a2", "a", kind())]
    ground = level([node("a", 0, 0, mapId="m0")], up[:1], [], layoutLevelId="ground")
    above = level([node("a2", 0, 0, mapId="m1")], up[1:], [], layoutLevelId="upper")
    layout = read(ground, above)
    assert layout.maps == {0: "m0", 1: "m1"}
    assert layout.edges == (Edge(u="a", v="a2", length_mm=4000, kind="lift", users=AMR),)
    numbered = read({**ground, "layoutLevelId": "-1"}, {**above, "layoutLevelId": "2"})
    assert [place.floor for place in numbered.nodes.values()] == [-1, 2]
    assert numbered.edges[0].length_mm == 12_000


@pytest.mark.parametrize(
    ("theta", "degrees"),
    [(0.0, 0), (math.pi, 180), (-math.pi / 2, -90), (3.1416, -179.999579), (90, 90), (270, -90)],
)
def test_a_theta_is_in_radians_unless_it_is_more_than_a_turn(theta: float, degrees: float) -> None:
    layout = read(level([node("a", 0, 0, theta)], [], []))
    assert layout.nodes["a"].heading_deg == pytest.approx(degrees, abs=1e-6)


def test_stations_are_locations() -> None:
    nodes = [node("a", 0, 0, 0.0), node("b", 2, 0)]
    ways = [edge("a", "b", kind()), edge("b", "a", kind())]
    stations: list[Data] = [
        {
            "stationId": "S",
            "interactionNodeIds": ["a", "b", "a"],
            "stationHeight": 1.2,
            "stationPosition": {"x": 0, "y": 1, "theta": math.pi / 2},
        },
        {"stationId": "T", "interactionNodeIds": ["b"], "stationPosition": {"x": 2, "y": -1}},
        {"stationId": "sign", "interactionNodeIds": []},
    ]
    here = Place(x_mm=0, y_mm=1000, z_mm=1200, heading_deg=90)
    there = Place(x_mm=2000, y_mm=-1000)
    assert read(level(nodes, ways, stations)).locations == {
        "S": Location(code="S", node="a", also=("b",), at=here),
        "T": Location(code="T", node="b", at=there, facing_deg=-90),  # no theta: it looks there
    }


def test_every_mistake_has_its_place_and_id() -> None:
    nodes = [node("a", 0, 0), node("b", 1, 0), {"nodeId": "b", "nodePosition": {"x": 1}}]
    edges = [
        edge("a", "b", kind(maxSpeed=0)),
        edge("a", "b1", name="ab"),
        edge("a", "a"),
        {"edgeId": "e"},
    ]
    stations = [{"stationId": "S", "interactionNodeIds": ["z"]}]
    with pytest.raises(LayoutError) as refused:
        read(level(nodes, edges, stations))
    assert [(str(p), getattr(p, "path", ())[2:]) for p in refused.value.problems] == [
        ("layouts[0].nodes[2].nodePosition b: y is missing", ("nodes", 2, "nodePosition", "y")),
        (
            "layouts[0].edges[0].vehicleTypeEdgeProperties[0] ab: maxSpeed must be above zero",
            ("edges", 0, "vehicleTypeEdgeProperties", 0, "maxSpeed"),
        ),
        (
            "layouts[0].edges[1] ab: duplicate edge (the first is layouts[0].edges[0])",
            ("edges", 1, "edgeId"),
        ),
        ("layouts[0].edges[3] e: startNodeId is missing", ("edges", 3, "startNodeId")),
        ("layouts[0].edges[3] e: endNodeId is missing", ("edges", 3, "endNodeId")),
        (
            "layouts[0].nodes[2] b: duplicate node (the first is layouts[0].nodes[1])",
            ("nodes", 2, "nodeId"),
        ),
        ("layouts[0].edges[1] ab: unknown node b1 (did you mean b?)", ("edges", 1, "endNodeId")),
        ("layouts[0].edges[2] aa: leads back to its own node", ("edges", 2, "endNodeId")),
        ("layouts[0].edges[2] aa: length 0 m is not above zero", ("edges", 2, "length")),
        ("layouts[0].stations[0] S: unknown node z", ("stations", 0, "interactionNodeIds")),
    ]


def test_the_published_example_is_read(reference: Path) -> None:
    text = (reference / "data/vda5050/lif/example.lif.json").read_text()
    layout = layout_from_lif(json.loads(text), "example")
    assert list(layout.nodes) == ["node-001", "node-002", "node-003"]
    assert layout.locations["station-001"].also == ("node-002",)
    assert layout.nodes["node-001"].heading_deg == 90
    assert [edge.speed_mm_s for edge in layout.edges] == [1500, 2000]


def test_a_quarter_circle_of_weighted_points_is_as_long_as_it_is() -> None:
    points = [(1.0, 0.0, 1.0), (1.0, 1.0, math.sqrt(0.5)), (0.0, 1.0, 1.0)]
    knots = [0, 0, 0, 1, 1, 1]
    assert is_curve(2, knots, points)
    assert curve_length(2, knots, points) == pytest.approx(math.pi / 2, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=7),
    st.integers(1, 3),
)
def test_a_curve_lies_between_its_ends_and_its_points(
    places: list[tuple[int, int]], degree: int
) -> None:
    points = [(float(x), float(y), 1.0) for x, y in places]
    spans = len(points) - degree
    knots = [0.0] * degree + [float(i) for i in range(spans + 1)] + [float(spans)] * degree
    assert is_curve(degree, knots, points)
    length = curve_length(degree, knots, points)
    way = sum(math.dist(here, there) for here, there in pairwise(places))
    assert math.dist(places[0], places[-1]) - 1e-9 <= length <= way + 1e-9
    if degree == 1:
        assert length == pytest.approx(way)


@pytest.mark.parametrize(
    ("degree", "knots"), [(3, [0, 1, 2]), (1, [0, 0, 1, 0]), (1, [1, 1, 1, 1]), (2, [0, 0, 1, 1])]
)
def test_what_is_no_curve_is_known(degree: int, knots: list[float]) -> None:
    assert not is_curve(degree, knots, [(0, 0, 1), (1, 0, 1)])
