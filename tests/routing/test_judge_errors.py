"""Refusals through `wedge route`: the right kind, every culprit named, and the stream goes on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.routing.judge import ROOT, told

FLOOR: dict[str, Any] = {
    "nodes": [{"id": n, "x": x, "y": 0} for x, n in enumerate("abcdefg")]
    + [{"id": "island", "x": 0, "y": 9}],
    "edges": [
        *({"u": u, "v": v, "length_m": 1.5} for u, v in ("ab", "bc", "cd", "da")),
        *({"u": u, "v": v, "length_m": 1, "oneway": True} for u, v in ("de", "df", "eg", "fg")),
    ],
}
FINE = {"start": "a", "end": "a", "picks": ["c"]}

REFUSED: list[tuple[dict[str, Any], str, list[str] | None]] = [
    ({"picks": ["x", "b", "y"]}, "unknown_node", ["x", "y"]),
    (
        {
            "start": "s",
            "end": "t",
            "picks": ["p"],
            "groups": [["a", "g1"], ["g2"]],
            "closed_nodes": ["c1"],
            "blocked_edges": [["a", "b1"]],
            "edge_factor": [["f1", "b", 2]],
        },
        "unknown_node",
        ["b1", "c1", "f1", "g1", "g2", "p", "s", "t"],
    ),
    ({"picks": ["island", "b", "e", "f"]}, "unreachable", ["e", "f", "island"]),
    ({"picks": ["b", "e"], "closed_nodes": ["b"]}, "unreachable", ["b", "e"]),
    ({"picks": ["b", "c"], "closed_nodes": ["a", "c"]}, "unreachable", ["a", "c"]),
    ({"end": "island", "picks": ["b"]}, "unreachable", ["island"]),
    ({"end": "g", "picks": ["e", "b", "f"]}, "unreachable", ["e", "f"]),
    (
        {"picks": ["c"], "blocked_edges": [["b", "c"], ["c", "d"]]},
        "unreachable",
        ["c"],
    ),
    ({"groups": [["island", "e"], ["b", "f"]]}, "unreachable", ["e", "island"]),
    (
        {"end": "g", "picks": ["d", "b"], "precedence": [[0, 1]], "blocked_edges": [["d", "a"]]},
        None,  # type: ignore[list-item]
        None,
    ),
    (
        {"picks": ["b", "c", "d"], "precedence": [[0, 1], [1, 0], [1, 2]]},
        "precedence_cycle",
        ["b", "c"],
    ),
    ({"picks": ["b", "c"], "precedence": [[1, 1]]}, "precedence_cycle", ["c"]),
    ({"picks": ["b", "c"], "precedence": [[0, 2]]}, "bad_request", None),
    ({"picks": ["b", "c"], "precedence": [[-1, 0]]}, "bad_request", None),
    ({"picks": ["b", "c"], "precedence": [[0]]}, "bad_request", None),
    ({"picks": ["b", "c"], "precedence": [[True, False]]}, "bad_request", None),
    ({"groups": [[]]}, "bad_request", None),
    ({"groups": ["b"]}, "bad_request", None),
    ({"edge_factor": [["a", "b", 0]]}, "bad_request", None),
    ({"edge_factor": [["a", "b", -1]]}, "bad_request", None),
    ({"edge_factor": [["a", "c", 2]]}, "bad_request", ["a", "c"]),
    ({"blocked_edges": [["a", "c"], ["b", "d"]]}, "bad_request", ["a", "b", "c", "d"]),
    ({"policy": "zigzag"}, "bad_request", None),
    ({"iterations": -1}, "bad_request", None),
    ({"iterations": "many"}, "bad_request", None),
    ({"deadline_ms": -5}, "bad_request", None),
    ({"objective": "fun"}, "bad_request", None),
    ({"picks": "b"}, "bad_request", None),
    ({"picks": [None]}, "bad_request", None),
    ({"start": None}, "bad_request", None),
    ({"picks": ["b"], "blocked": [["a", "b"]]}, "bad_request", None),
]


def test_each_refusal_has_its_kind_and_all_its_culprits(tmp_path: Path) -> None:
    asked = [{**FINE, **change} for change, _, _ in REFUSED]
    wrong = [
        (question, answer)
        for question, answer, (_, kind, nodes) in zip(
            asked, told(tmp_path, FLOOR, asked), REFUSED, strict=True
        )
        if answer.get("error") != kind or (nodes is not None and answer.get("nodes") != nodes)
    ]
    assert wrong == []


def test_one_way_edges_that_exclude_each_other_name_both(tmp_path: Path) -> None:
    torn = {"start": "a", "end": "g", "picks": ["f", "b", "e"]}
    late = {"start": "a", "end": "g", "picks": ["e", "b"], "precedence": [[0, 1]]}
    for answer in told(tmp_path, FLOOR, [torn, late]):
        assert answer["error"] == "unreachable"
        assert set(answer["nodes"]) >= {"e"}
        assert set(answer["nodes"]) <= {"b", "e", "f"}


NO_REQUEST = (
    *(b"", b"{", b"[]", b"null", b"7", b'"a"', b"{}", b'{"start": "a"}'),
    *(b"\xff\xfe", b"[" * 3000, b'{"start": "a", "end": "a", "picks": []} {}'),
)


def test_a_line_that_is_no_request_is_answered_and_the_next_one_too(tmp_path: Path) -> None:
    file, fine = tmp_path / "layout.json", json.dumps(FINE).encode()
    file.write_text(json.dumps(FLOOR))
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "route", str(file), "-"],
        cwd=ROOT,
        input=b"\n".join(part for line in NO_REQUEST for part in (line, fine)),
        capture_output=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["error"], one["nodes"]) for one in answers[::2]] == [("bad_request", [])] * 11
    assert [one["length_m"] for one in answers[1::2]] == [6.0] * 11
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("layout", "request_", "code"),
    [
        (FLOOR, FINE, 0),
        (FLOOR, {**FINE, "picks": ["island"]}, 1),
        (FLOOR, None, 2),
        (None, FINE, 2),
        ({"nodes": [{"id": "a", "x": 0, "y": 0}], "edges": [{"u": "a", "v": "b"}]}, FINE, 2),
    ],
)
def test_one_request_in_a_file_ends_with_a_meaning(
    layout: Any, request_: Any, code: int, tmp_path: Path
) -> None:
    for name, content in (("layout", layout), ("request", request_)):
        if content is not None:
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "gateway", "route"),
            *(str(tmp_path / f"{name}.json") for name in ("layout", "request")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == 2:
        assert done.stderr.startswith("wedge: ") and not done.stdout
    else:
        assert ("error" in json.loads(done.stdout)) == bool(code)
