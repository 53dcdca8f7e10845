"""A small demo whose gateway, broker and PLC line break on the way."""

from pathlib import Path

import pytest

from tests.flows.warehouse import Warehouse, until, warehouse

pytestmark = pytest.mark.slow
ORDERS, SPEED = 8, 30.0
WITHIN_S = 60.0


async def test_breaks_change_nothing_of_how_orders_end(tmp_path: Path):
    async with warehouse(tmp_path, orders=ORDERS, seed=6, speed=SPEED) as house:
        await until(lambda: _is_at(house, 0.1), WITHIN_S, "the first picks")
        killed = await house.breaks("gateway", "kill", seconds=0.2)
        restarted = await house.breaks("broker", "restart")
        await until(lambda: _is_at(house, 0.4), WITHIN_S, "cartons on the belt")
        reset = await house.breaks("sorter1", "reset")
        verdict = await house.ending.judged()

    assert [one.healed_at is not None for one in (killed, restarted, reset)] == [True] * 3
    assert house.director.gateway.starts == 2
    assert verdict.reasons == []
    assert verdict.result["books_balance"] and verdict.result["replay_identical"]
    assert verdict.result["duplicates_at_host"] == 0


async def _is_at(house: Warehouse, progress: float) -> bool:
    return await house.director.progress() >= progress
