"""Layout files of a stranger: parametric YAML, plain JSON with odd numbers, and what is refused."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.routing.judge import told

YAML = """\
blocks:
  - {id: A, aisles: 20, bays: 50, blocks: 2}
nodes:
  - {id: depot, x: 0, y: -2, kind: depot}
  - {id: packing, x: 5.5, y: -2}
edges:
  - {u: depot, v: A-x0-01}
  - {u: depot, v: packing, oneway: true}
  - {u: packing, v: A-x0-03, length_m: 2.25, kind: path}
"""


def route(file: Path, *requests: object) -> Result:
    """The command, in this process."""
    lines = "".join(f"{json.dumps(request)}\n" for request in requests)
    return CliRunner().invoke(app, ["route", str(file), "-"], input=lines)


def test_blocks_and_free_nodes_in_yaml(tmp_path: Path) -> None:
    """Aisle pitch 3 m, bay pitch 1 m, and 1 m from each cross-aisle to the next bay."""
    file = tmp_path / "hall.yaml"
    file.write_text(YAML)
    done = route(
        file,
        {"start": "depot", "end": "depot", "picks": ["A-01-001"]},
        {"start": "depot", "end": "A-x0-03", "picks": ["packing"]},
        {"start": "depot", "end": "A-x2-20", "picks": []},
        {"start": "depot", "end": "depot", "picks": ["A-21-001", "A-20-050", "A-20-051"]},
    )
    there, packing, corner, unknown = map(json.loads, done.stdout.splitlines())
    assert there["walk"] == ["depot", "A-x0-01", "A-01-001", "A-x0-01", "depot"]
    assert there["length_m"] == 2 * (2 + 1)
    assert packing["length_m"] == 5.5 + 2.25
    assert corner["length_m"] == 5.5 + 2.25 + 17 * 3 + 2 * (1 + 24 + 1)
    assert unknown["nodes"] == ["A-20-051", "A-21-001"]


def test_ids_that_are_whole_numbers(tmp_path: Path) -> None:
    """Asked in numbers, answered in numbers; asked in text, answered in text."""
    data = {
        "nodes": [{"id": n, "x": n, "y": 0.5} for n in (0, 1, 2, 10)],
        "edges": [{"u": u, "v": v, "length_m": 1} for u, v in ((0, 1), (1, 2), (2, 10))],
    }
    blocked = {"blocked_edges": [[1, 2]], "picks": [10, 2]}
    number, text, cut, unknown = told(
        tmp_path,
        data,
        [
            {"start": 0, "end": 10, "picks": [2, 1]},
            {"start": "0", "end": "10", "picks": ["2", "1"]},
            {"start": 0, "end": 0, **blocked},
            {"start": 0, "end": 0, "picks": [7, 8]},
        ],
    )
    assert (number["walk"], number["visit_order"]) == ([0, 1, 2, 10], [1, 2])
    assert (text["walk"], text["visit_order"]) == (["0", "1", "2", "10"], ["1", "2"])
    assert (cut["nodes"], unknown["nodes"]) == ([10, 2], [7, 8])
    (batches,) = told(tmp_path, data, [{"depot": 0, "orders": [[10], [1]], "capacity": 2}], "batch")
    assert (batches["batches"], batches["orders_of_visit"]) == ([[0, 1]], [[1, 10]])


@pytest.mark.parametrize("decimals", [3, 4, 16])
def test_a_length_is_kept_to_a_millimetre(decimals: int, tmp_path: Path) -> None:
    """Finer lengths are rounded, each by half a millimetre at most: as much and no more is lost."""
    chance = Random(decimals)
    lengths = [round(chance.uniform(0.3, 3), decimals) for _ in range(40)]
    data = {
        "nodes": [{"id": str(n), "x": chance.random(), "y": chance.random()} for n in range(41)],
        "edges": [
            {"u": str(n), "v": str(n + 1), "length_m": metres} for n, metres in enumerate(lengths)
        ],
    }
    file = tmp_path / "line.json"
    file.write_text(json.dumps(data))
    answer = json.loads(route(file, {"start": "0", "end": "40", "picks": ["17"]}).stdout)
    lost = 0.0 if decimals == 3 else 0.0005 * len(lengths)
    assert answer["length_m"] == pytest.approx(sum(lengths), abs=lost + 1e-9)
    assert answer["lower_bound_m"] == answer["length_m"]


def test_without_lengths_a_straight_line_in_three_dimensions(tmp_path: Path) -> None:
    data = {
        "nodes": [{"id": "a", "x": 0, "y": 0, "z": 0}, {"id": "b", "x": 2, "y": 3, "z": 6}],
        "edges": [{"u": "b", "v": "a"}],
    }
    file = tmp_path / "stairs.json"
    file.write_text(json.dumps(data))
    assert json.loads(route(file, {"start": "a", "end": "b", "picks": []}).stdout)["length_m"] == 7


NODES: list[dict[str, Any]] = [
    {"id": "a", "x": 0, "y": 0, "z": 0, "kind": "depot"},
    {"id": "b", "x": 1, "y": 0},
    {"id": "c", "x": 2, "y": 0},
]
EDGE = {"u": "a", "v": "b", "length_m": 1.0}


@pytest.mark.parametrize(
    ("line", "data", "said"),
    [
        (9, {"edges": [EDGE, {"u": "b", "v": "ghost", "length_m": 1}]}, "ghost"),
        (9, {"edges": [EDGE, {"u": "b", "v": "a", "length_m": 1}]}, "duplicate edge"),
        (9, {"edges": [EDGE, {"u": "b", "v": "c", "length_m": 0}]}, "b-c"),
        (9, {"edges": [EDGE, {"u": "b", "v": "c", "length_m": -1.5}]}, "b-c"),
        (9, {"edges": [EDGE, {"u": "b", "v": "c", "length_m": "1"}]}, "b-c"),
        (9, {"edges": [EDGE, {"u": "c", "v": "c", "length_m": 1}]}, "c-c"),
        (9, {"edges": [EDGE, {"u": "b", "v": "c", "lenght_m": 1}]}, "lenght_m"),
        (6, {"nodes": [*NODES, {"id": "b", "x": 3, "y": 3}], "edges": [EDGE]}, "duplicate node"),
        (6, {"nodes": [*NODES, {"x": 3, "y": 3}], "edges": [EDGE]}, "id"),
        (6, {"nodes": [*NODES, {"id": "d", "x": None, "y": 3}], "edges": [EDGE]}, "d"),
        (11, {"edges": [EDGE], "locations": [{"code": "L7", "node": "c"}]}, "L7"),
        (11, {"edges": [EDGE], "locations": [{"code": "L7", "node": "x"}]}, "x"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_the_id(
    line: int, data: dict[str, Any], said: str, tmp_path: Path
) -> None:
    """One row per line, so that a line number says which."""
    file, rows = tmp_path / "wrong.json", {"nodes": NODES, **data}
    lists = [
        f'"{name}": [\n' + ",\n".join(map(json.dumps, members)) + "\n]"
        for name, members in rows.items()
    ]
    file.write_text("{\n" + ",\n".join(lists) + "\n}\n")
    done = route(file, {"start": "a", "end": "a", "picks": []})

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    told_lines = [row for row in done.stderr.splitlines() if f"wrong.json:{line}" in row]
    assert any(said in row for row in told_lines), done.stderr


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"a"', b"\xff\xfe\x00", b"nodes: [", b'{"nodes": {}}', b"\x00" * 50],
)
def test_what_is_no_layout_is_said_in_words(content: bytes, tmp_path: Path) -> None:
    for name in ("no.json", "no.yaml"):
        (tmp_path / name).write_bytes(content)
        done = route(tmp_path / name, {"start": "a", "end": "a", "picks": []})
        assert done.exit_code == 2 and done.stdout == ""
        assert done.stderr.startswith("wedge: ") and "Traceback" not in done.stderr


def test_locations_are_answered_as_they_were_named(tmp_path: Path) -> None:
    """Two shelf faces of one bay, the bay itself, and a bay by its code as the end of the walk."""
    data = {
        "nodes": [{"id": n, "x": x, "y": 0} for x, n in enumerate("abcd")],
        "edges": [{"u": u, "v": v, "length_m": 1, "kind": "aisle"} for u, v in ("ab", "bc", "cd")],
        "locations": [
            {"code": "C-left", "node": "c", "side": "left"},
            {"code": "C-right", "node": "c", "side": "right"},
            {"code": "D", "node": "d"},
        ],
    }
    picks = ["D", "C-right", "b", "C-left", "c", "C-right"]
    asked: list[dict[str, Any]] = [
        {"start": "a", "end": "D", "picks": picks},
        {"start": "a", "end": "a", "picks": picks, "precedence": [["D", "C-right"], [4, 2]]},
        {"start": "a", "end": "a", "picks": ["C-left", "E"], "groups": [["F", "D"]]},
    ]
    plain, ordered, unknown = told(tmp_path, data, asked)
    assert plain["walk"] == ["a", "b", "c", "d"]
    assert plain["visit_order"] == ["b", "C-right", "C-left", "c", "D"]
    assert ordered["length_m"] == 6
    place = {name: k for k, name in enumerate(ordered["visit_order"])}
    assert place.keys() == set(picks) and len(place) == len(ordered["visit_order"])
    assert place["D"] < place["C-right"] and place["c"] < place["b"]
    assert unknown["nodes"] == ["E", "F"]
