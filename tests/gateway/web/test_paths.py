"""The layout and pick paths over HTTP: the shapes of the command line, strict, in every role."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.inbox import Busy
from routing.layout import layout_from
from tests.gateway.web.bench import Bench

ASKED: dict[str, Any] = {"start": "STACK", "end": "HANDOVER", "picks": ["A-05-2", "B2"]}


async def test_a_path_as_the_command_line_answers_it(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/pick-paths", json=ASKED)
    found = answer.json()
    assert answer.status_code == 200, found
    assert found["walk"] == ["STACK", "B1", "B2", "B5", "B6", "HANDOVER"]
    assert found["visit_order"] == ["B2", "A-05-2"]
    assert (found["length_m"], found["optimal"]) == (11.0, True)


@pytest.mark.parametrize(
    ("body", "error", "nodes", "words"),
    [
        ({**ASKED, "picks": ["B9", "B8"]}, "unknown_node", ["B8", "B9"], "B8, B9"),
        ({**ASKED, "closed_nodes": ["B2"]}, "unreachable", ["B2"], "B2"),
        ({**ASKED, "precedence": [[0, 1], [1, 0]]}, "precedence_cycle", ["A-05-2", "B2"], "B2"),
        ({**ASKED, "speed": 1}, "bad_request", [], "unknown key speed"),
        ("nonsense", "bad_request", [], "not JSON"),
        ("", "bad_request", [], "empty"),
        ('{"start": NaN}', "bad_request", [], "start"),
    ],
)
async def test_what_cannot_be_walked_names_every_culprit(
    api: httpx.AsyncClient, body: Any, error: str, nodes: list[str], words: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = await api.post("/api/pick-paths", content=content)
    found = answer.json()
    assert answer.status_code == 422
    assert (found["error"], found["nodes"]) == (error, nodes)
    assert words in found["reason"] and found["detail"] == found["reason"]


async def test_too_many_questions_come_again_later(desk: Bench, api: httpx.AsyncClient) -> None:
    desk.busy = Busy(1)
    answer = await api.post("/api/pick-paths", json=ASKED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_the_layout_can_be_read_back(desk: Bench, api: httpx.AsyncClient) -> None:
    found = (await api.get("/api/layout")).json()
    version = found.pop("version")
    again = layout_from(found, "again")
    assert len(found["nodes"]) == 11 and len(found["locations"]) == 12
    assert sum(edge.length_mm for edge in again.edges) == 40_000
    path = (await api.post("/api/pick-paths", json=ASKED)).json()
    assert path["layout_version"] == version


def test_question_and_answers_are_described(app: FastAPI) -> None:
    route = app.openapi()["paths"]["/api/pick-paths"]["post"]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False and set(schema["required"]) == {
        "start",
        "end",
        "picks",
    }
    assert {"200", "401", "422", "503"} <= set(route["responses"])
