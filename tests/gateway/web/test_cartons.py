"""Acts on one carton: each path reaches its own observation."""

from typing import Any

import httpx
import pytest

from tests.gateway.web.bench import Bench


@pytest.mark.parametrize(
    ("act", "body", "kind", "said"),
    [
        ("plate", {"new": "L00000002"}, "Rebound", {"new": "L00000002"}),
        ("label", {"there": "yes"}, "LabelJudged", {"there": True}),
        ("label", {"there": "no"}, "LabelJudged", {"there": False}),
        ("pulled", {}, "CartonPulled", {}),
        ("found", {}, "CartonFound", {}),
        ("lost", {}, "CartonLost", {}),
        ("reprint", {}, "ReprintAsked", {}),
    ],
)
async def test_each_path_is_its_own_act(
    desk: Bench, api: httpx.AsyncClient, act: str, body: Any, kind: str, said: dict[str, Any]
) -> None:
    answer = await api.post(f"/api/cartons/L00000001/{act}", json=body)
    assert answer.status_code == 200, answer.text
    (seen,) = (seen.observation for seen in desk.asked)
    told: Any = seen
    assert (type(seen).__name__, told.lpn, told.by) == (kind, "L00000001", "a-operator")
    assert {name: getattr(seen, name) for name in said} == said


async def test_an_act_that_is_none_is_refused(desk: Bench, api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/cartons/L00000001/burnt", json={})).status_code == 422
    assert desk.asked == []
