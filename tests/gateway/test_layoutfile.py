"""Layout files: what engineers and generators write, and every mistake at its place."""

import json
import random
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.layoutfile import read_layout, write_layout
from gateway.sitelayout import read_site_layout
from routing.errors import LayoutError, Unreachable
from routing.floor import Edge
from routing.layout import Layout, layout_from
from routing.pose import pick_pose
from routing.tour import tour
from tests.routing.layouts import layouts

HALL = """\
name: hall
nodes:
  - {id: DEPOT, x: 0, y: -2, kind: depot}
  - id: B1
    x: 2.0
    y: -2.0
    kind: bay
edges:
  - {u: DEPOT, v: B1}
locations:
  - {code: B1-1, node: B1, side: left}
"""


def problems(path: Path, text: str) -> list[str]:
    """What is said of this file, without its folder."""
    path.write_text(text)
    with pytest.raises(LayoutError) as refused:
        read_layout(path)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return [problem.removeprefix(f"{path.parent}/") for problem in refused.value.problems]


def test_the_same_hall_in_yaml_json_and_lif(tmp_path: Path) -> None:
    (tmp_path / "hall.yaml").write_text(HALL)
    layout = read_layout(tmp_path / "hall.yaml")
    assert layout.name == "hall"
    assert layout.edges == (Edge(u="DEPOT", v="B1", length_mm=2000),)
    for form in ("json", "lif"):
        file = tmp_path / f"again.{form}"
        file.write_text(write_layout(layout, form))
        assert read_layout(file).version == layout.version
    assert json.loads(write_layout(layout, "geojson"))["type"] == "FeatureCollection"
    noon = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=1)))
    assert '"exportTimestamp": "2026-11-22T11:00:00Z"' in write_layout(layout, "lif", noon)


def test_a_graph_of_a_stranger_as_the_issue_writes_it(tmp_path: Path) -> None:
    graph = {
        "nodes": [
            {"id": 0, "x": 0.0, "y": 0.0, "z": 0.0, "kind": "depot"},
            {"id": 1, "x": 3.0, "y": 0.0, "z": 0.0, "kind": "bay"},
            {"id": "up", "x": 3.0, "y": 0.0, "z": 4.5, "kind": "lift"},
        ],
        "edges": [
            {"u": 0, "v": 1, "length_m": 3.25, "oneway": True},
            {"u": 1, "v": 0, "length_m": 3.5, "oneway": True, "kind": "aisle"},
            {"u": 1, "v": "up", "length_m": 4.5, "kind": "lift"},
        ],
    }
    file = tmp_path / "graph.json"
    file.write_text("\ufeff" + json.dumps(graph).replace(",", ",\r\n"), encoding="utf-8")
    layout = read_layout(file)

    assert layout.name == "graph"
    assert [node.floor for node in layout.nodes.values()] == [0, 0, 1]
    assert [edge.length_mm for edge in layout.edges] == [3250, 3500, 4500]
    assert [edge.one_way for edge in layout.edges] == [True, True, False]


def test_every_mistake_of_a_yaml_file_at_once(tmp_path: Path) -> None:
    wrong = HALL.replace("DEPOT, v: B1", "DEPOT, v: B") + (
        "  - {code: X, nod: B1, level: -1}\n"
        "edges2: []\n"
        "blocks:\n"
    )  # fmt: skip
    assert problems(tmp_path / "hall.yaml", wrong.replace("kind: bay", "kind: bey")) == [
        "hall.yaml:7:5: nodes[1] B1: kind bey is not one of cross, bay, depot, lift, door, dock, "
        "charge, park, point (did you mean bay?)",
        "hall.yaml:9:16: edges[0] DEPOT-B: unknown node B (did you mean B1?)",
        "hall.yaml:12:5: locations[1] X: node is missing",
        "hall.yaml:12:15: locations[1] X: unknown key nod (did you mean node?)",
        "hall.yaml:12:24: locations[1] X: level must be a whole number of at least 0",
        "hall.yaml:13:1: unknown key edges2 (did you mean edges?)",
    ]


def test_what_yaml_hides_is_said_beside_what_the_layout_lacks(tmp_path: Path) -> None:
    assert problems(tmp_path / "hall.yaml", HALL.replace("y: -2.0", "y: yes").replace(
        "v: B1}", "v: B1, v: B1, length: -0.5}")) == [
        "hall.yaml:6:8: nodes.1.y: `yes` is text here: write true or false, or quote it",
        "hall.yaml:9:23: edges.0.v: duplicate key (the first is in line 9)",
        "hall.yaml:9:30: edges[0] DEPOT-B1: length -0.5 m is not above zero",
    ]  # fmt: skip


def test_every_mistake_of_a_json_file_at_once(tmp_path: Path) -> None:
    text = """{
 "nodes": [
  {"id": "a", "x": 0, "y": 0},
  {"id": "a", "x": 1, "y": 0},
  {"id": "c", "x": "1", "y": 0, "knd": "bay"}
 ],
 "edges": [
  {"u": "a", "v": "d", "length_m": 1},
  {"u": "a", "v": "c", "length_m": 0},
  {"u": "c", "v": "a", "length_m": 2, "length_m": 3},
  {"u": "c", "v": "c", "length_m": 1}
 ]
}"""
    assert problems(tmp_path / "g.json", text) == [
        "g.json:4:4: nodes[1] a: duplicate node (the first is nodes[0])",
        "g.json:5:15: nodes[2] c: x must be a number",
        "g.json:5:33: nodes[2] c: unknown key knd (did you mean kind?)",
        "g.json:8:14: edges[0] a-d: unknown node d",
        "g.json:9:3: edges[1] a-c: length 0 m is not above zero",
        "g.json:10:4: edges[2] c-a: duplicate edge (the first is edges[1])",
        "g.json:10:39: edges.2.length_m: duplicate key (the first is in line 10)",
        "g.json:11:14: edges[3] c-c: leads back to its own node",
    ]


def test_a_disconnected_location_is_named_with_its_line(tmp_path: Path) -> None:
    text = HALL.replace("  - {u: DEPOT, v: B1}\n", "  - {u: DEPOT, v: B1, oneway: true}\n")
    assert problems(tmp_path / "hall.yaml", text) == [
        "hall.yaml:11:5: locations[0] B1-1: location on node B1 is disconnected from DEPOT"
    ]


def test_a_mistake_in_lif_stands_where_lif_says_it(tmp_path: Path) -> None:
    layout = layout_from({"nodes": [{"id": n, "x": i, "y": 0} for i, n in enumerate("ab")],
                          "edges": [{"u": "a", "v": "b"}]}, "hall")  # fmt: skip
    text = write_layout(layout, "lif").replace('"endNodeId": "b"', '"endNodeId": "bb"')
    line = text[: text.index('"bb"')].count("\n") + 1
    assert problems(tmp_path / "hall.lif.json", text) == [
        f"hall.lif.json:{line}:6: layouts[0].edges[0] a->b: unknown node bb (did you mean b?)"
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{"nodes": [}', "a.json:1:12: not JSON: Expecting value"),
        ("a.json", "[]", "a.json:1:1: nodes, edges and blocks are needed, each under its key"),
        ("a.yaml", "nodes:\n\t- a", "a.yaml:2:1: a tab: use spaces"),
        ("a.yaml", "", "a.yaml:1:1: the file is empty"),
        ("a.yaml", "{nodes: [}", "a.yaml:1:10: not YAML: "),
        ("a.json", '{"layouts": []}', "a.json:1:1: layouts is missing or empty"),
        ("a.json", '{"nodes": [[]]}', "a.json:1:12: nodes[0]: must be a mapping of keys"),
        ("a.json", '{"type": "FeatureCollection"}', "a.json:1:2: unknown key type"),
    ],
)
def test_a_file_that_is_no_layout_is_said_in_one_line(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (found,) = problems(tmp_path / name, text)
    assert found.startswith(told)


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"name": "\xff"}')
    with pytest.raises(LayoutError, match=r"a\.json:1:1: not text in UTF-8: .* at byte 10"):
        read_layout(tmp_path / "a.json")
    with pytest.raises(OSError, match="absent"):
        read_layout(tmp_path / "absent.json")


def test_locations_of_a_site_come_from_csv_too(tmp_path: Path) -> None:
    layout, places = tmp_path / "hall.yaml", tmp_path / "locations.csv"
    layout.write_text(HALL)
    places.write_text("code,node\nC1,DEPOT\nB1-1,B1\nC3,B9\n")
    with pytest.raises(LayoutError) as refused:
        read_site_layout(layout, places)
    assert refused.value.problems == (
        f"{places}:3:1: location B1-1: duplicate location (the first is locations[0])",
        f"{places}:4:1: location C3: unknown node B9",
    )
    places.write_text("code,node\nC1,DEPOT\n")
    text, read = read_site_layout(layout, places)
    assert list(read.locations) == ["B1-1", "C1"]
    assert layout_from(json.loads(text), "site").version == read.version


@settings(max_examples=25, deadline=None)
@given(layouts(), st.data())
def test_a_file_with_any_line_damaged_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, layout: Layout, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "hall.json"
    lines = write_layout(layout, data.draw(st.sampled_from(("json", "lif")))).split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.sampled_from(("", '"x": null,', '"id": [],', "{", '"x": 1e999')))
    file.write_text("\n".join(lines))
    try:
        read_layout(file)
    except LayoutError as err:
        assert all(problem.startswith(f"{file}:") for problem in err.problems)


def big(rows: int) -> dict[str, list[dict[str, Any]]]:
    chance = random.Random(rows)
    nodes = [{"id": f"N{i}", "x": i % 100, "y": i // 100 + 0.5, "kind": "bay"} for i in range(rows)]
    edges = [
        {"u": f"N{chance.randrange(i)}", "v": f"N{i}", "length_m": 1.5} for i in range(1, rows)
    ]
    return {
        "nodes": nodes,
        "edges": edges,
        "locations": [{"code": f"L-{i}", "node": f"N{i}", "side": "left"} for i in range(rows)],
    }


def as_yaml(data: dict[str, list[dict[str, Any]]]) -> str:
    rows = (
        (key, ", ".join(f"{k}: {v}" for k, v in row.items())) for key in data for row in data[key]
    )
    text = {key: f"{key}:\n" for key in data}
    for key, row in rows:
        text[key] += f"  - {{{row}}}\n"
    return "".join(text.values())


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_ten_thousand_locations_load_soon(tmp_path: Path, suffix: str) -> None:
    file, data = tmp_path / f"big.{suffix}", big(10_000)
    file.write_text(json.dumps(data) if suffix == "json" else as_yaml(data))
    begun = process_time()  # the machine may be busy with other tests
    layout = read_layout(file)
    assert (len(layout.version), len(layout.arcs)) == (12, 10_000)
    assert process_time() - begun < 10  # a bench says how fast; here, that it is not quadratic
    assert len(layout.locations) == 10_000


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_mistakes_among_ten_thousand_locations_are_found_as_soon(
    tmp_path: Path, suffix: str
) -> None:
    file, data = tmp_path / f"big.{suffix}", big(10_000)
    data["edges"][7000]["v"] = "M7001"
    data["locations"][9999]["sid"] = "left"
    file.write_text(json.dumps(data, indent=0) if suffix == "json" else as_yaml(data))
    begun = process_time()
    found = problems(file, file.read_text())
    assert process_time() - begun < 30
    assert [problem.split(": ", 1)[1] for problem in found] == [
        f"edges[7000] {data['edges'][7000]['u']}-M7001: unknown node M7001 (did you mean N7001?)",
        "locations[9999] L-9999: unknown key sid (did you mean side?)",
    ]


def test_a_vehicles_layout_is_asked_for_vehicles_without_saying_so(tmp_path: Path) -> None:
    nodes = [{"id": n, "x": i, "y": 0} for i, n in enumerate("ab")]
    edges = [{"u": "a", "v": "b", "users": ["amr"]}]
    file = tmp_path / "amr.lif.json"
    file.write_text(write_layout(layout_from({"nodes": nodes, "edges": edges}, "amr"), "lif"))
    assert tour(read_layout(file), "a", ["b"], "a").walk == ("a", "b", "a")
    with pytest.raises(Unreachable):
        tour(read_layout(file), "a", ["b"], "a", user="people")


def test_the_guide_shows_what_is_so(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "layout.md").read_text()
    hall, wrong = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (graph,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "hall.yaml").write_text(hall)
    (tmp_path / "graph.json").write_text(graph)

    layout = read_layout(tmp_path / "hall.yaml")
    assert f"{len(layout.nodes)} nodes and {len(layout.locations)} locations" in guide
    assert len(hall.splitlines()) <= 15
    pose = repr(pick_pose(layout, "A-02-007-3-R"))
    assert pose in re.sub(r",\n +", ", ", guide)
    assert len(read_layout(tmp_path / "graph.json").edges) == 1
    assert "\n".join(problems(tmp_path / "wrong.yaml", wrong)) in guide
