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
    ({**PLAIN, "pick": []}, "bad_request", [], "unknown key pick (did you mean picks?)"),
    ({**PLAIN, "picks": "A-01-003"}, "bad_request", [], "picks must be a list"),
    ({**PLAIN, "picks": [1.5]}, "bad_request", [], "picks[0] must be an id"),
    ({**PLAIN, "iterations": "9"}, "bad_request", [], "iterations:"),
    ({**PLAIN, "iterations": True}, "bad_request", [], "iterations:"),
    ({**PLAIN, "deadline_ms": -1}, "bad_request", [], "deadline_ms:"),
    ({**PLAIN, "policy": "zigzag"}, "bad_request", [], "policy:"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", float("nan")]]}, "bad_request", [], "finite"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", 0]]}, "bad_request", [], "greater than 0"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01"]]}, "bad_request", [], "edge_factor[0][2]"),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", 2], ["1", "A-x0-01", 3]]}, "bad_request", [], "2 "),
    ({**PLAIN, "edge_factor": [["1", "A-x0-01", 2], ["A-x0-01", 1, 3]]}, "bad_request", [], "same"),
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
    assert answer["walk"][0] == answer["walk"][-1] == 1
    assert set(answer["visit_order"]) == set(PLAIN["picks"])
    assert (answer["length_m"], answer["lower_bound_m"]) == (32.0, 32.0)
    assert (answer["optimal"], answer["method"]) == (True, "sweep")


def test_everything_that_may_be_asked(layout: str, tmp_path: Path) -> None:
    asked = {
        **PLAIN,
        "picks": ["A-01-003", "A-03-007-1-R", "A-04-002"],
        "precedence": [[0, 2]],
        "groups": [["A-02-001", "A-04-003"]],
        "blocked_edges": [["A-02-002", "A-02-003"]],
        "closed_nodes": ["A-x2-04"],
        "edge_factor": [["A-01-001", "A-01-002", 2.5]],
        "iterations": 50,
        "deadline_ms": 500,
        "objective": "seconds",
        "pace": {"walk_mm_s": 1300, "turn_ms": 0},
        "policy": None,
        "explain": True,
    }
    (tmp_path / "all.json").write_text(json.dumps(asked))
    said = wedge("route", layout, str(tmp_path / "all.json"))
    assert said.code == 0, said
    answer = said.answer
    assert set(answer) == {
        *("walk", "visit_order", "length_m", "seconds", "optimal", "lower_bound_m", "method"),
        *("walked_m", "lower_bound_s", "layout_version", "explanation"),
    }
    assert any("blocked between A-02-002 and A-02-003" in why for why in answer["explanation"])
    order = answer["visit_order"]
    assert order.index("A-01-003") < order.index("A-04-002") and "A-03-007-1-R" in order
    assert len({"A-02-001", "A-04-003"} & set(order)) == 1 and len(order) == 4
    assert answer["seconds"] == answer["lower_bound_s"]


def test_under_way_the_order_changes_only_for_a_real_gain(layout: str) -> None:
    left = ["A-01-003", "A-01-008", "A-03-007"]
    muddled = ["A-04-008", "A-02-008", "A-03-008", "A-01-008"]
    asked: list[dict[str, Any]] = [
        {**PLAIN, "start": "A-01-002", "picks": left, "replan": True},
        {**PLAIN, "start": "A-01-002", "picks": muddled, "replan": True},
        {**PLAIN, "picks": left, "replan": True, "closed_nodes": ["A-01-008"]},
        {**PLAIN, "picks": left, "replan": True, "precedence": [[2, 0]]},
        {**PLAIN, "picks": left, "replan": True, "precedence": [[3, 0]]},
        {**PLAIN, "picks": left, "replan": True, "policy": "return"},
    ]
    said = wedge("route", layout, "-", stdin=b"".join(map(line, asked)))
    kept, better, lost, heavy, wrong, rule = [json.loads(row) for row in said.out.splitlines()]
    assert kept["kept"] and kept["visit_order"] == left and kept["unreachable"] == []
    assert not better["kept"] and better["reason"].startswith("changed: saves")
    assert better["visit_order"] != muddled and set(better["visit_order"]) == set(muddled)
    assert lost["unreachable"] == ["A-01-008"] and "cannot be reached: A-01-008" in lost["reason"]
    assert heavy["visit_order"].index("A-03-007") < heavy["visit_order"].index("A-01-003")
    assert wrong["error"] == "bad_request" and "pick 3 of 3" in wrong["reason"]
    assert rule["error"] == "bad_request" and "replan" in rule["reason"]


def test_an_explanation_says_what_a_walking_rule_would_cost(layout: str) -> None:
    picks = ["A-01-003", "A-03-007", "A-02-009"]
    asked = [{**PLAIN, "picks": picks, "explain": True}, {**PLAIN, "picks": picks}]
    asked[1]["policy"] = "s_shape"
    said = wedge("route", layout, "-", stdin=b"".join(map(line, asked)))
    best, rule = [json.loads(row) for row in said.out.splitlines()]
    assert f"By s_shape it would be {rule['length_m']:.1f} m" in best["explanation"][-1]


def test_the_site_s_own_walking_rules(layout: str) -> None:
    rules = ["s_shape", "return", "midpoint", "largest_gap", "combined"]
    asked = [{**PLAIN, "policy": rule, "sides": "one"} for rule in rules]
    said = wedge("route", layout, "-", stdin=b"".join(map(line, asked)))
    answers = [json.loads(row) for row in said.out.splitlines()]
    assert [answer["method"] for answer in answers] == rules
    assert all(answer["length_m"] >= 32.0 for answer in answers)


def test_batches_are_orders_by_their_place_in_the_request(layout: str, tmp_path: Path) -> None:
    orders = [["A-01-003", "A-01-005"], ["A-04-002-1-L"], ["A-01-004"], ["A-04-001", "A-04-003"]]
    asked = {"depot": 1, "orders": orders, "capacity": 2, "capacity_unit": "orders"}
    pictured = tmp_path / "batches.svg"
    (tmp_path / "batch.json").write_text(json.dumps(asked))
    said = wedge("batch", layout, str(tmp_path / "batch.json"), "--svg", str(pictured))
    assert said.code == 0, said
    answer = said.answer
    assert sorted(map(sorted, answer["batches"])) == [[0, 2], [1, 3]]
    visited = [sorted(visit) for visit in answer["orders_of_visit"]]
    assert visited == [
        sorted(pick for n in batch for pick in orders[n]) for batch in answer["batches"]
    ]
    assert answer["lower_bound_m"] <= answer["length_m"] == 14.0 + 28.0
    assert "batch 2" in pictured.read_text()


NOT_BATCHED: list[tuple[dict[str, Any], str, list[str], str]] = [
    ({"orders": [["A-01-003"], ["B-9"]]}, "unknown_node", ["B-9"], "B-9"),
    ({"capacity": 0}, "bad_request", [], "capacity:"),
    ({"capacity_unit": "boxes"}, "bad_request", [], "capacity_unit:"),
    ({"capacity_unit": "items"}, "bad_request", [], "order 1"),
    ({"depot": None}, "bad_request", [], "depot is missing"),
    ({"closed_nodes": ["A-04-002"]}, "unreachable", ["A-04-002"], "A-04-002"),
    ({"batches": 2}, "bad_request", [], "unknown key batches (there are"),
]


def test_what_cannot_be_batched_is_said(layout: str) -> None:
    asked = {"depot": 1, "orders": [["A-01-003"], ["A-04-002", "A-04-003"]], "capacity": 1}
    requests = [line({**asked, **change}) for change, *_ in NOT_BATCHED]
    said = wedge("batch", layout, "-", stdin=b"".join(requests))
    for row, (_, error, nodes, words) in zip(said.out.splitlines(), NOT_BATCHED, strict=True):
        answer = json.loads(row)
        assert (answer.get("error"), answer.get("nodes")) == (error, nodes), answer
        assert words in answer["reason"]


def test_a_picture_of_one_answer_and_never_of_a_stream(layout: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(PLAIN))
    pictured = tmp_path / "one.svg"
    assert wedge("route", layout, str(tmp_path / "one.json"), "--svg", str(pictured)).code == 0
    assert "<title>stop 2: " in pictured.read_text()
    said = wedge("route", layout, "-", "--svg", str(tmp_path / "two.svg"))
    assert said.code == 2 and "not a stream" in said.err


SLIPS = """
import sys
from gateway.routing import answers
real = answers.path
answers.path = lambda layout, text: 1 / 0 if b"slip" in text else real(layout, text)
from gateway.cli import main
main()
"""


def test_a_mistake_of_ours_costs_one_answer_and_is_told(layout: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLIPS, "route", layout, "-"],
        cwd=ROOT,
        input=line(PLAIN) + b"slip\n" + line(PLAIN),
        capture_output=True,
        timeout=30,
    )
    first, slipped, last = map(json.loads, done.stdout.splitlines())
    assert first == last and slipped["error"] == "failed"
    assert done.returncode == 1 and b"ZeroDivisionError" in done.stderr


def test_layouts_are_checked_and_written_anew(layout: str, tmp_path: Path) -> None:
    checked = wedge("layout", "check", layout, "--json")
    assert (checked.code, checked.answer["nodes"], checked.answer["problems"]) == (0, 53, [])
    for form in ("json", "lif"):
        again = tmp_path / f"again.{form}"
        assert wedge("layout", "convert", layout, "--to", form, "--out", str(again)).code == 0
        answer = wedge("route", str(again), "-", stdin=line(PLAIN)).answer
        assert (answer["length_m"], answer["visit_order"]) == (32.0, ["A-01-003", "A-03-007"])
    geo = wedge("layout", "convert", layout, "--to", "geojson")
    assert json.loads(geo.out)["type"] == "FeatureCollection"


def test_every_mistake_of_a_layout_has_its_place(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(LAYOUT.replace("A-x0-01", "A-x0-99").replace("bays: 10", "bays: ten"))
    said = wedge("layout", "check", str(wrong))
    assert said.code == 1 and said.err == ""
    assert f"{wrong}:3:" in said.out and "bays" in said.out
    assert wedge("layout", "check", str(tmp_path / "nowhere.yaml")).code == 2


def test_an_error_is_an_answer_and_the_code_says_so(layout: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({**PLAIN, "picks": ["B-9"]}))
    said = wedge("route", layout, str(tmp_path / "one.json"))
    assert (said.code, said.err, said.answer["error"]) == (1, "", "unknown_node")


HEAVY = {"fastapi", "uvicorn", "httpx", "argon2", "networkx", "numpy", "scipy", "wcs.events"}


def test_it_starts_without_what_it_does_not_need(layout: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "gateway", "route", layout, "-"]
    done = subprocess.run(command, cwd=ROOT, input=line(PLAIN), capture_output=True, timeout=30)
    imported = {row.rpartition("|")[2].strip() for row in done.stderr.decode().splitlines()}
    assert done.returncode == 0 and "routing.tour" in imported
    assert imported & HEAVY == set()


def test_a_stream_of_fifty_with_errors_in_the_middle(layout: str) -> None:
    requests: list[Any] = [
        WRONG[n - 15][0] if 15 <= n < 15 + len(WRONG) else PLAIN for n in range(50)
    ]
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
