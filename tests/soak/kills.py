"""`kill -9` of the gateway at random moments of one run, through the demo's own break-it side."""

import asyncio
from pathlib import Path
from random import Random

from tests.flows.warehouse import Warehouse, until, warehouse
from tests.soak.late import late_at, zero_of_the_world
from tests.soak.result import Run

KILLS = 30
PAUSE_S = (0.0, 2.5)
DOWN_S = (0.0, 1.0)
HEALED_WITHIN_S = 90.0


async def run(folder: Path, seed: int, orders: int, speed: float) -> Run:
    made = Run(f"kills, seed {seed}, {orders} orders")
    async with warehouse(folder, orders=orders, seed=seed, speed=speed) as house:
        began = await zero_of_the_world(house)
        killing = asyncio.create_task(_kill_often(house, Random(f"{seed}:kills")))
        verdict = await house.ending.judged(after=killing)
        commands, late = await late_at(house, began)
        made.facts = {
            "kills": house.director.gateway.kills,
            "at work": killing.result(),
            "shipped": verdict.result["orders_shipped"],
            "messages": verdict.result["messages_delivered"],
            "commands at the PLC": commands,
            "late": len(late),
        }
        made.reasons = [*verdict.reasons, *late]
    return made


async def _kill_often(house: Warehouse, chance: Random) -> int:
    """How many times the power went while orders were open."""
    at_work = 0
    for n in range(1, KILLS + 1):
        await asyncio.sleep(chance.uniform(*PAUSE_S))
        at_work += await house.director.progress() < 1
        how = {"mode": "kill", "seconds": round(chance.uniform(*DOWN_S), 2)}
        await house.control("POST", "/break/gateway", how)
        await until(lambda n=n: _healed(house, n), HEALED_WITHIN_S, f"healed after kill {n}")  # type: ignore[misc]
    return at_work


async def _healed(house: Warehouse, kills: int) -> bool:
    return house.director.gateway.kills == kills and house.director.faults_over
