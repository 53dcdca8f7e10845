"""Layouts written and read again: JSON, LIF, networkx; and what others read of them."""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import networkx as nx
import pytest
from hypothesis import given, settings

from routing.errors import LayoutError
from routing.floor import Edge
from routing.geojson import to_geojson
from routing.layout import Layout, layout_from
from routing.lif import layout_from_lif, to_lif
from routing.networks import layout_from_graph
from routing.writing import to_json
from tests.routing.layouts import layouts

HALL: dict[str, object] = {
    "name": "hall",
    "blocks": [{"id": "A", "aisles": 3, "bays": 6, "blocks": 2, "levels": 2, "reach": 0.4}],
    "nodes": [{"id": "DEPOT", "x": 0, "y": -3, "kind": "depot"}],
    "edges": [{"u": "DEPOT", "v": "A-x0-01", "speed": 1.5}],
}


def again(data: dict[str, Any]) -> dict[str, Any]:
    """Through text, as a file would."""
    read: dict[str, Any] = json.loads(json.dumps(data))
    return read


def edges_of(layout: Layout) -> Counter[Edge]:
    """A two-way edge from the smaller id."""
    swapped = (e if e.one_way or e.u < e.v else replace(e, u=e.v, v=e.u) for e in layout.edges)
    return Counter(swapped)


@settings(max_examples=40, deadline=None)
@given(layouts())
def test_json_gives_the_same_version(layout: Layout) -> None:
    read = layout_from(again(to_json(layout)), layout.name)
    assert (read.version, read.name) == (layout.version, layout.name)
    assert read.nodes == layout.nodes
    assert read.edges == layout.edges
    assert read.locations == layout.locations


@settings(max_examples=40, deadline=None)
@given(layouts())
def test_lif_gives_the_same_floor(layout: Layout) -> None:
    read = layout_from_lif(again(to_lif(layout)), layout.name)
    assert read.name == layout.name
    assert read.nodes == layout.nodes
    assert edges_of(read) == edges_of(layout)
    assert read.locations == layout.locations
    assert read.maps == layout.maps


@settings(max_examples=40, deadline=None)
@given(layouts())
def test_networkx_gives_the_same_floor(layout: Layout) -> None:
    rows = to_json(layout)
    read = layout_from_graph(layout.graph, locations=rows["locations"], maps=rows["maps"])
    assert {node.id: replace(node, map_id="") for node in layout.nodes.values()} == read.nodes
    assert edges_of(read) == edges_of(layout)
    assert read.locations == layout.locations


def test_blocks_are_spelt_out_and_keep_the_version() -> None:
    layout = layout_from(HALL, "hall")
    assert layout_from(again(to_json(layout)), "hall").version == layout.version
    assert layout_from_lif(again(to_lif(layout)), "hall").version == layout.version


@settings(max_examples=20, deadline=None)
@given(layouts())
def test_lif_fits_the_published_schema(reference: Path, layout: Layout) -> None:
    schema = json.loads((reference / "data/vda5050/lif/lif-schema.json").read_text())
    jsonschema.validate(again(to_lif(layout)), schema)


def test_a_node_has_a_theta_only_where_it_is_the_same_for_all_its_locations() -> None:
    one = {**HALL, "locations": [{"code": "D", "node": "DEPOT", "facing_deg": -90}]}
    nodes = {n["nodeId"]: n for n in to_lif(layout_from(one, "hall"))["layouts"][0]["nodes"]}
    theta = {
        name: node["vehicleTypeNodeProperties"][0].get("theta") for name, node in nodes.items()
    }
    assert theta["DEPOT"] == round(-math.pi / 2, 6)
    assert theta["A-01-001"] is None  # a shelf on either side


def test_geojson_is_a_graph_of_numbers_in_metres() -> None:
    layout = layout_from(HALL, "hall")
    made = again(to_geojson(layout))

    points = [f for f in made["features"] if f["geometry"]["type"] == "Point"]
    lines = [f for f in made["features"] if f["geometry"]["type"] == "LineString"]
    numbers = [feature["properties"]["id"] for feature in made["features"]]
    assert (len(points), len(lines)) == (len(layout.nodes), 2 * len(layout.edges))
    assert len(set(numbers)) == len(numbers)
    assert "longitude" in made["coordinates"]

    at = {f["properties"]["id"]: f["geometry"]["coordinates"] for f in points}
    for line in lines:
        told = line["properties"]
        assert line["geometry"]["coordinates"] == [at[told["startid"]], at[told["endid"]]]
        assert told["cost"] == math.dist(at[told["startid"]], at[told["endid"]])
    depot = points[layout.number["DEPOT"]]
    assert depot["properties"]["metadata"]["kind"] == "depot"
    assert depot["properties"]["frame"] == "hall-0"
    assert [f["properties"]["metadata"].get("abs_speed_limit") for f in lines].count(1.5) == 2


def test_geojson_of_one_floor_has_no_way_out_of_it() -> None:
    nodes = [{"id": f"{n}{f}", "x": f, "y": 0, "floor": f} for f in (0, 1) for n in "ab"]
    edges = [{"u": u, "v": v, "length": 1} for u, v in (("a0", "b0"), ("b0", "b1"), ("b1", "a1"))]
    made = to_geojson(layout_from({"nodes": nodes, "edges": edges}, "hall"), floor=1)
    ids = [feature["properties"]["id"] for feature in made["features"]]
    assert len(made["features"]) == 2 + 2
    assert len(set(ids)) == 4


def test_a_graph_of_somebody_else_is_read_with_the_same_checks() -> None:
    graph: nx.Graph[int] = nx.Graph(name="theirs")
    graph.add_nodes_from([(1, {"x": 0, "y": 0, "kind": "depot"}), (2, {"x": 3.0, "y": 4.0})])
    graph.add_edge(1, 2)
    layout = layout_from_graph(graph, locations=[{"code": "L", "node": 2}])

    assert layout.name == "theirs"
    assert layout.edges == (Edge(u="1", v="2", length_mm=5000),)
    graph.add_edge(2, 3, lenght_m=4, length_m=0)
    with pytest.raises(LayoutError) as refused:
        layout_from_graph(graph)
    assert refused.value.problems == (
        "nodes[2] 3: x is missing",
        "nodes[2] 3: y is missing",
        "edges[1] 2-3: unknown key lenght_m (did you mean length_m?)",
        "edges[1] 2-3: length 0 m is not above zero",
    )


def test_an_arc_without_its_opposite_is_one_way() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((name, {"x": i, "y": 0}) for i, name in enumerate("abc"))
    graph.add_edges_from([("a", "b"), ("b", "a"), ("b", "c")], length_m=2)
    layout = layout_from_graph(graph)
    assert [(e.u, e.v, e.one_way) for e in layout.edges] == [("a", "b", False), ("b", "c", True)]


def test_the_graph_face_has_what_a_planner_asks() -> None:
    graph = layout_from(HALL, "hall").graph
    assert graph.nodes["A-02-003"]["kind"] == "bay"
    assert graph.edges["A-x0-01", "DEPOT"] == {
        "length_mm": 3000,
        "oneway": False,
        "kind": "path",
        "speed_mm_s": 1500,
        "users": ("amr", "people"),
    }
    assert nx.is_frozen(graph)
