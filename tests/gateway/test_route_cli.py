"""`wedge route` as its users meet it: a command that reads files, or a pipe to talk through."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LAYOUT = """
blocks:
  - {id: A, aisles: 4, bays: 10, blocks: 2}
nodes: [{id: 1, x: -2, y: 0, kind: depot}]
edges: [{u: 1, v: A-x0-01}]
"""
PLAIN: dict[str, Any] = {"start": 1, "end": "1", "picks": ["A-01-003", "A-03-007"]}
WRONG = [
    ("", "bad_request", [], "empty line"),
    ("{nope", "bad_request", [], "not JSON"),
    ("\xff", "bad_request", [], "not JSON"),
    ("[1]", "bad_request", [], "JSON object"),
    ('{"start": 1, "picks": []}', "bad_request", [], "end is missing"),
    ({**PLAIN, "pick": []}, "bad_request", [], "unknown key pick; there are"),
    ({**PLAIN, "picks": "A-01-003"}, "bad_request", [], "picks: input should be a valid array"),
    ({**PLAIN, "picks": [1.5]}, "bad_request", [], "picks[0]:"),
    ({**PLAIN, "iterations": "9"}, "bad_request", [], "iterations:"),
    ({**PLAIN, "iterations": True}, "bad_request", [], "iterations:"),
    ({**PLAIN, "deadline_ms": -1}, "bad_request", [], "deadline_ms:"),
    ({**PLAIN, "policy": "zigzag"}, "bad_request", [], "policy:"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", float("nan")]]}, "bad_request", [], "finite"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", 0]]}, "bad_request", [], "greater than 0"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01"]]}, "bad_request", [], "edge_factor[0][2]"),
    ({**PLAIN, "picks": ["B-9", "A-01-003", "B-8"]}, "unknown_node", ["B-8", "B-9"], "B-8, B-9"),
    ({**PLAIN, "closed_nodes": ["B-7"]}, "unknown_node", ["B-7"], "B-7"),
    (
        {**PLAIN, "blocked_edges": [["A-01-003", "A-03-007"]]},
        "bad_request",
        ["A-01-003", "A-03-007"],
        "no edge between A-01-003 and A-03-007",
    ),
    ({**PLAIN, "blocked_edges": [["1", "A-x0-01"]]}, "unreachable", ["A-01-003", "A-03-007"], "no"),
    ({**PLAIN, "closed_nodes": ["A-03-007"]}, "unreachable", ["A-03-007"], "closed"),
]


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


def wedge(*arguments: str, stdin: bytes = b"") -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        timeout=30,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("layout") / "hall.yaml"
    path.write_text(LAYOUT)
    return str(path)


def line(request: Any) -> bytes:
    text = request if isinstance(request, str) else json.dumps(request)
    return text.encode("latin-1") + b"\n"


def test_one_request_in_a_file(layout: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(PLAIN, indent=1))
    said = wedge("route", layout, str(tmp_path / "one.json"))
    assert (said.code, said.err) == (0, "")
    answer = said.answer
    assert answer["walk"][0] == answer["walk"][-1] == "1"
    assert set(answer["visit_order"]) == set(PLAIN["picks"])
    assert (answer["length_m"], answer["lower_bound_m"]) == (32.0, 32.0)
    assert (answer["optimal"], answer["method"]) == (True, "sweep")


def test_an_error_is_an_answer_and_the_code_says_so(layout: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({**PLAIN, "picks": ["B-9"]}))
    said = wedge("route", layout, str(tmp_path / "one.json"))
    assert (said.code, said.err, said.answer["error"]) == (1, "", "unknown_node")


def test_a_stream_of_fifty_with_errors_in_the_middle(layout: str) -> None:
    requests = [WRONG[n - 15][0] if 15 <= n < 15 + len(WRONG) else PLAIN for n in range(50)]
    said = wedge("route", layout, "-", stdin=b"".join(map(line, requests)))
    answers = [json.loads(row) for row in said.out.splitlines()]
    assert (said.code, said.err, len(answers)) == (0, "", 50)
    for answer, request in zip(answers, requests, strict=True):
        assert ("error" in answer) == (request is not PLAIN)
    for answer, (_, error, nodes, reason) in zip(answers[15:], WRONG, strict=False):
        assert (answer["error"], answer["nodes"]) == (error, nodes), answer
        assert reason in answer["reason"]


@pytest.fixture
def talking(layout: str) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "route", layout, "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process
        process.kill()


def test_a_program_may_wait_for_each_answer(talking: "subprocess.Popen[bytes]") -> None:
    ask, hear = talking.stdin, talking.stdout
    assert ask is not None and hear is not None
    for picks in (["A-01-003"], ["A-0"], ["A-02-001"]):
        _tell(ask, line({**PLAIN, "picks": picks}))
        answer = json.loads(hear.readline())
        assert answer.get("visit_order") == picks or answer["nodes"] == picks
    ask.close()
    assert talking.wait(10) == 0


def _tell(ask: IO[bytes], text: bytes) -> None:
    ask.write(text)
    ask.flush()


@pytest.mark.parametrize(
    ("layout_text", "request_file", "words"),
    [
        (LAYOUT, "nowhere.json", "nowhere.json: No such file or directory"),
        (None, "one.json", "No such file or directory"),
        (LAYOUT.replace("A-x0-01", "A-x0-99"), "one.json", "unknown node A-x0-99"),
        ("blocks: [{id: A", "one.json", "hall.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_once_in_words(
    tmp_path: Path, layout_text: str | None, request_file: str, words: str
) -> None:
    (tmp_path / "one.json").write_text(json.dumps(PLAIN))
    if layout_text is not None:
        (tmp_path / "hall.yaml").write_text(layout_text)
    said = wedge("route", str(tmp_path / "hall.yaml"), str(tmp_path / request_file))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("wedge: ") and words in said.err and "Traceback" not in said.err
