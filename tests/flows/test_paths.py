"""A running gateway is asked for paths on its floor, by many at once, and goes on deciding."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.flows.warehouse import Warehouse, warehouse

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ONLY = ("world", "broker", "shop", "erp", "carrier")
ASKED: dict[str, Any] = {"start": "STACK", "end": "HANDOVER", "picks": ["A-05-2", "B2"]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Warehouse]:
    async with warehouse(tmp_path_factory.mktemp("paths"), only=ONLY) as made:
        yield made


async def test_a_path_comes_from_the_process_of_its_own(house: Warehouse) -> None:
    found = await house.ask("POST", "/api/pick-paths", ASKED)
    layout = await house.get("/api/layout")
    assert found.status == 200 and found.body["length_m"] == 11.0
    assert found.body["layout_version"] == layout["version"]
    wrong = await house.ask("POST", "/api/pick-paths", {**ASKED, "closed_nodes": ["B5"]})
    assert (wrong.status, wrong.body["error"], wrong.body["nodes"]) == (
        422,
        "unreachable",
        ["A-05-2"],
    )


async def test_too_many_at_once_are_told_to_come_again(house: Warehouse) -> None:
    answers = await asyncio.gather(
        *(house.ask("POST", "/api/pick-paths", ASKED) for _ in range(40))
    )
    assert {answer.status for answer in answers} <= {200, 503}
    assert any(answer.status == 200 for answer in answers)
    assert (await house.ask("POST", "/api/pick-paths", ASKED)).status == 200
