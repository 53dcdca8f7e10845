"""docs/routing.md: its examples are run as they stand, in order."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "routing.md"
BLOCKS = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
COMMANDS = {"request": "route", "batch": "batch"}
ASKED = [
    pytest.param(COMMANDS[what], text, BLOCKS[k + 1][2], id=f"{what}-{k}")
    for k, (language, what, text) in enumerate(BLOCKS)
    if language == "json" and what in COMMANDS
]


@pytest.mark.parametrize(("command", "question", "answer"), ASKED)
def test_a_question_of_the_page_has_its_answer(
    command: str, question: str, answer: str, tmp_path: Path
) -> None:
    (layout,) = (text for language, _, text in BLOCKS if language == "yaml")
    (tmp_path / "hall.yaml").write_text(layout)
    line = json.dumps(json.loads(question))
    done = CliRunner().invoke(app, [command, str(tmp_path / "hall.yaml"), "-"], input=line)
    told, expected = json.loads(done.stdout), json.loads(answer)
    assert {key: told.get(key) for key in expected} == expected


def test_the_python_of_the_page_runs() -> None:
    (code,) = (text for language, _, text in BLOCKS if language == "python")
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["found"].method == "sweep"


def test_every_question_is_tried() -> None:
    assert len(ASKED) == sum(what == "answer" for _, what, _ in BLOCKS) >= 7
