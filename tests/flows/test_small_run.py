"""A small demo from the first order to the last message, left alone."""

from pathlib import Path

import pytest

from tests.flows.warehouse import warehouse

pytestmark = pytest.mark.slow
ORDERS, SPEED = 8, 30.0


async def test_every_order_ends_as_the_seed_says(tmp_path: Path):
    async with warehouse(tmp_path, orders=ORDERS, seed=5, speed=SPEED) as house:
        verdict = await house.ending.judged()

    assert verdict.reasons == []
    assert verdict.result["orders_total"] == ORDERS
    assert verdict.result["books_balance"] and verdict.result["replay_identical"]
    assert verdict.result["wrong_lanes"] == verdict.result["unexplained_hospital"] == 0
    assert verdict.result["messages_delivered"] > 2 * ORDERS
