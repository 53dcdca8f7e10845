"""Every sort of floor through `wedge route`: a stream of requests, each answer the certified best.

Blocked edges, closed nodes, factors, precedence and alternatives change from line to line.
"""

from pathlib import Path
from random import Random

import pytest

from tests.routing.judge import faults, told
from tests.routing.reference_floors import SORTS, renamed
from tests.routing.reference_requests import request

REQUESTS = 40


@pytest.mark.parametrize("sort", SORTS)
def test_every_answer_is_the_best_one(sort: str, tmp_path: Path) -> None:
    chance = Random(f"paths on {sort}")
    data = renamed(chance, SORTS[sort](chance))
    asked = [request(chance, data) for _ in range(REQUESTS)]
    answers = told(tmp_path, data, asked)
    wrong = [
        (fault, question.json(), answer)
        for question, answer in zip(asked, answers, strict=True)
        for fault in faults(data, question, answer)
    ]
    assert wrong == []
    assert any("walk" in answer for answer in answers)
