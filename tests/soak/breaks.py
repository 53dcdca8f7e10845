"""Everything that the break-it panel can break, in every way, while orders run: all of it heals."""

import asyncio
from pathlib import Path
from random import Random

from simulators.director.breaks import Broken
from simulators.director.parts import Thing
from tests.flows.warehouse import Warehouse, warehouse
from tests.soak.late import late_at, zero_of_the_world
from tests.soak.result import Run

AT_ONCE = 2
FOR_S = (0.3, 1.5)


async def run(folder: Path, seed: int, orders: int, speed: float) -> Run:
    made = Run(f"breaks, seed {seed}, {orders} orders")
    async with warehouse(folder, orders=orders, seed=seed, speed=speed) as house:
        began = await zero_of_the_world(house)
        breaking = asyncio.create_task(_break_all(house, Random(f"{seed}:breaks")))
        verdict = await house.ending.judged(after=breaking)
        commands, late = await late_at(house, began)
        broken = breaking.result()
        made.facts = {
            "breaks": len(broken),
            "shipped": verdict.result["orders_shipped"],
            "messages": verdict.result["messages_delivered"],
            "commands at the PLC": commands,
            "late": len(late),
        }
        made.reasons = [*verdict.reasons, *late, *_unhealed(broken)]
    return made


async def _break_all(house: Warehouse, chance: Random) -> list[Broken]:
    every = [(thing, mode) for thing in house.director.things.values() for mode in thing.modes]
    chance.shuffle(every)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Thing, mode: str) -> Broken:
        async with turns:
            seconds = round(chance.uniform(*FOR_S), 2)
            return await house.director.break_it(thing, mode, seconds=seconds)

    return await asyncio.gather(*(one(thing, mode) for thing, mode in every))


def _unhealed(broken: list[Broken]) -> list[str]:
    return [f"{one.text}: {one.healed}" for one in broken if not one.healed.startswith("the gate")]
