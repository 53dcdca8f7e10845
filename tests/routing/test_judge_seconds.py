"""Seconds: what an answer says is what its walk takes, and `optimal` is the fewest there are."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.routing.judge import told, walk_faults
from tests.routing.reference_best import FAR, Asked
from tests.routing.reference_floors import SORTS, renamed
from tests.routing.reference_requests import request
from tests.routing.reference_seconds import fewest_seconds, seconds

REQUESTS = 15
PACES = [
    {
        "walk_mm_s": 1000,
        "aisle_entry_ms": 0,
        "turn_ms": 0,
        "stop_ms": 0,
        "pick_ms": 0,
        "lift_wait_ms": 0,
    },
    {
        "walk_mm_s": 1000,
        "aisle_entry_ms": 2000,
        "turn_ms": 3000,
        "stop_ms": 5000,
        "pick_ms": 700,
        "lift_wait_ms": 20_000,
    },
    {
        "walk_mm_s": 2000,
        "aisle_entry_ms": 9000,
        "turn_ms": 50,
        "stop_ms": 10,
        "pick_ms": 0,
        "lift_wait_ms": 500,
    },
]


def faults(data: dict[str, Any], asked: Asked, answer: dict[str, Any]) -> list[str]:
    pace = asked.more["pace"]
    if "error" in answer:
        none = answer["error"] in ("unreachable", "precedence_cycle")
        return [] if none else [str(answer)]
    found = [*walk_faults(data, asked, answer)]
    walked = seconds(data, asked, pace, answer)
    if abs(walked - answer["seconds"]) > 1e-6:
        found.append(f"says {answer['seconds']} s, walks {walked} s")
    if asked.groups or asked.more["objective"] == "metres":
        return found
    least, bound = fewest_seconds(data, asked, pace), answer["lower_bound_s"]
    if least >= FAR:
        return [*found, "an answer where there is none"]
    if bound > least + 1e-6:
        found.append(f"the lower bound {bound} s is above the optimum {least} s")
    if answer["optimal"] is not (abs(bound - walked) < 1e-6):
        found.append(f"optimal: {answer['optimal']}, bound {bound} s of {walked} s")
    return found


@pytest.mark.parametrize("sort", SORTS)
def test_seconds_are_those_of_the_walk_and_the_bound_is_honest(sort: str, tmp_path: Path) -> None:
    chance = Random(f"seconds on {sort}")
    data = renamed(chance, SORTS[sort](chance))
    for edge in data["edges"]:
        if chance.random() < 0.2:
            edge["speed"] = chance.choice((0.5, 2.0))
    asked = [
        replace(
            request(chance, data, most=5),
            more={"objective": objective, "pace": chance.choice(PACES)},
        )
        for objective in chance.choices(("seconds", "metres"), (2, 1), k=REQUESTS)
    ]
    answers = told(tmp_path, data, asked)
    wrong = [
        (fault, question.json(), answer)
        for question, answer in zip(asked, answers, strict=True)
        for fault in faults(data, question, answer)
    ]
    assert wrong == []
