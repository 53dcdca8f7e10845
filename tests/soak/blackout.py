"""Everything loses its power at once, hands move cartons in the dark, and all of it is started
again in random order.

Only the world goes on (it is the goods and the belts), and the people in it. The gateway's WAL
loses what had not reached the disk (`power.py`), the PLC starts with zeroed registers, lamps are
dark, the vehicle reboots with what lies on it.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from random import Random

from simulators.director.judge import Verdict
from simulators.director.parts import GATEWAY
from simulators.programs import PEOPLE, WORLD
from tests.flows.warehouse import Warehouse, warehouse
from tests.soak.hands import Moved, meddle
from tests.soak.late import late_at, zero_of_the_world
from tests.soak.power import cut_unsynced
from tests.soak.result import Run

BLACKOUTS = 3
PAUSE_S = (4.0, 15.0)
BETWEEN_S = 0.5
STAYS = (WORLD, PEOPLE)
NO_CAUSE = "was in the hospital without a cause"
"""After hands and darkness a carton may well be looked at by a person."""


async def run(folder: Path, seed: int, orders: int, speed: float) -> Run:
    made, chance = Run(f"power, seed {seed}, {orders} orders"), Random(f"{seed}:power")
    async with warehouse(folder, orders=orders, seed=seed, speed=speed) as house:
        began = await zero_of_the_world(house)
        dark = asyncio.create_task(_blackouts(house, chance))
        verdict = await house.ending.judged(after=dark)
        commands, late = await late_at(house, began)
        lost, moved = dark.result()
        made.facts = {
            "WAL frames cut": lost,
            "moved": " ".join(f"{one.lpn}:{one.found}>{one.to}" for one in moved),
            "shipped": verdict.result["orders_shipped"],
            "commands at the PLC": commands,
            "late": len(late),
        }
        made.reasons = [*_but_hospital(verdict), *late]
    return made


async def _blackouts(house: Warehouse, chance: Random) -> tuple[list[int], list[Moved]]:
    lost: list[int] = []
    moved: list[Moved] = []
    for _ in range(BLACKOUTS):
        await asyncio.sleep(chance.uniform(*PAUSE_S))
        if await house.director.progress() == 1:
            break
        await _power_off(house)
        lost.append(cut_unsynced(house.data / "wedge.db", chance))
        moved += await _hands(house, chance)
        await _power_on(house, chance)
    return lost, moved


async def _power_off(house: Warehouse) -> None:
    ids = [id for id in house.sims.children if id not in STAYS]
    await asyncio.gather(house.director.gateway.kill(), *(house.sims.kill(id) for id in ids))


async def _hands(house: Warehouse, chance: Random) -> list[Moved]:
    """What somebody has in hand by then stays there."""
    moved: list[Moved] = []
    for one in meddle((await house.director.ask("books"))["cartons"], chance):
        what, fields = one.ask
        with suppress(LookupError):
            await house.director.ask(what, **fields)
            moved.append(one)
    return moved


async def _power_on(house: Warehouse, chance: Random) -> None:
    """In random order; who needs another waits for it."""
    ids = [GATEWAY, *(id for id in house.sims.children if id not in STAYS)]
    chance.shuffle(ids)
    async with asyncio.TaskGroup() as starting:
        for id in ids:
            gateway = id == GATEWAY
            starting.create_task(house.director.gateway.start() if gateway else _start(house, id))
            await asyncio.sleep(chance.uniform(0.0, BETWEEN_S))


async def _start(house: Warehouse, id: str) -> None:
    await house.sims.start(id)


def _but_hospital(verdict: Verdict) -> list[str]:
    return [reason for reason in verdict.reasons if NO_CAUSE not in reason]
