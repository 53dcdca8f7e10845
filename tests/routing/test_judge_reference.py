"""The judge itself: its optimum is the best permutation, and it sees each kind of wrong answer."""

from random import Random
from typing import Any

import pytest

from tests.routing.judge import faults
from tests.routing.reference_best import FAR, Asked, best, best_by_permutation, miles, steps
from tests.routing.reference_floors import SORTS, renamed
from tests.routing.reference_mip import by_subsets, certified
from tests.routing.reference_requests import request

LINE = {
    "nodes": [{"id": n, "x": x, "y": 0} for x, n in enumerate("abcd")],
    "edges": [{"u": u, "v": v, "length_m": 1.0} for u, v in ("ab", "bc", "cd")],
}
ASKED = Asked(start="a", end="a", picks=("c", "b"))
RIGHT: dict[str, Any] = {
    "walk": ["a", "b", "c", "b", "a"],
    "visit_order": ["b", "c"],
    "length_m": 4.0,
    "seconds": 4.0,
    "optimal": True,
    "lower_bound_m": 4.0,
    "method": "sweep",
}
REFUSED = {"error": "unreachable", "nodes": ["c"], "reason": "cut off"}


@pytest.mark.parametrize("sort", SORTS)
def test_three_references_agree(sort: str) -> None:
    chance = Random(sort)
    for _ in range(6):
        data = renamed(chance, SORTS[sort](chance))
        asked = request(chance, data, most=5)
        if asked.groups or asked.closed_nodes:
            continue
        stops = list(dict.fromkeys(asked.picks))
        nodes, far = [asked.start, *stops, asked.end], miles(steps(data, asked))
        table = [[far(u, v) for v in nodes] for u in nodes]
        if len(stops) == len(asked.picks):
            before = [(i + 1, j + 1) for i, j in asked.precedence]
            shortest = min(FAR, best(data, asked))
            assert certified(table, FAR, before) == by_subsets(table, before) == shortest
        if not asked.precedence:
            shortest = best_by_permutation(far, asked.start, stops, asked.end)
            assert certified(table, FAR) == min(FAR, shortest) == min(FAR, best(data, asked))


def test_a_right_answer_has_no_faults() -> None:
    assert faults(LINE, ASKED, RIGHT) == []
    cut = Asked(start="a", end="a", picks=("c", "b"), blocked_edges=(("c", "b"),))
    assert faults(LINE, cut, REFUSED) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"walk": ["a", "c", "b", "a"]},
        {"walk": ["a", "b", "c", "b"]},
        {"walk": ["a", "b", "a"]},
        {"visit_order": ["c", "b"]},
        {"visit_order": ["b"]},
        {"visit_order": ["b", "c", "d"]},
        {"length_m": 3.0},
        {"lower_bound_m": 4.001},
        {"lower_bound_m": 3.0},
        {"optimal": False},
        {"seconds": None},
        {"walk": ["a", "b", "c", "d", "c", "b", "a"], "length_m": 6.0, "lower_bound_m": 6.0},
        {"error": "unreachable", "nodes": ["b"], "reason": "no way"},
    ],
)
def test_a_wrong_answer_has_some(wrong: dict[str, Any]) -> None:
    assert faults(LINE, ASKED, RIGHT | wrong)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"blocked_edges": (("a", "b"),)}, REFUSED),
        ({"blocked_edges": (("b", "c"),)}, RIGHT),
        ({"closed_nodes": ("b", "c")}, REFUSED),
        ({"precedence": ((0, 1), (1, 0))}, REFUSED),
        ({"precedence": ((0, 1),)}, RIGHT),
        ({"picks": ("c", "x", "y")}, {"error": "unknown_node", "nodes": ["x"], "reason": "?"}),
        ({"groups": (("d",),)}, RIGHT),
        ({"edge_factor": (("a", "b", 2.0),)}, RIGHT),
    ],
)
def test_an_answer_to_another_question_is_wrong(change: dict[str, Any], answer: Any) -> None:
    asked = Asked(**{"start": "a", "end": "a", "picks": ("c", "b"), **change})
    assert faults(LINE, asked, answer)
