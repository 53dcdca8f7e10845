"""A visitor at a site whose own people are very slow: lights stay lit, so what a restart or a
cancellation does to them can be seen."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import NamedTuple

import pytest
import pytest_asyncio

from simulators.programs import HOSTS
from tests.flows.warehouse import Warehouse, until, warehouse

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ONLY = ("world", "broker", *HOSTS, "ptl_a", "hand1", "amr1")
SLOW = 0.2
WITHIN_S = 20.0
RELIT_WITHIN_S = 8.0
ANSWERED_WITHIN_S = 8.0
LINES = [{"sku": "SKU-001", "qty": 2}, {"sku": "SKU-003", "qty": 1}]
DISPLAY = "A-00"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Warehouse]:
    folder = tmp_path_factory.mktemp("visitor")
    async with warehouse(folder, speed=SLOW, only=ONLY) as made:
        await until(lambda: _up(made, "ptl_a"), WITHIN_S, "the lights are up")
        yield made


async def _up(house: Warehouse, device: str) -> bool:
    rows = {row["id"]: row for row in await house.get("/api/devices")}
    return rows[device]["health"] == "up"


async def _lamps(house: Warehouse) -> dict[str, object]:
    """What shows a light in the zone itself, without the order display."""
    lamps = (await house.director.ask("state"))["lamps"]
    return {light: shows for light, shows in lamps.items() if light != DISPLAY}


async def _lit(house: Warehouse, like: dict[str, object] | None = None) -> dict[str, object] | None:
    """All lines of the order, or just these lamps."""
    lamps = await _lamps(house)
    return lamps if len(lamps) == len(LINES) and like in (None, lamps) else None


class Picking(NamedTuple):
    """A visitor's order whose carton is bound, and its lamps."""

    order: str
    lamps: dict[str, object]


@pytest_asyncio.fixture(loop_scope="module")
async def picking(house: Warehouse) -> AsyncIterator[Picking]:
    """Cancelled when the test has not done it."""
    placed = (await house.control("POST", "/play/order", {"lines": LINES})).body["number"]
    await until(lambda: _task(house, placed), WITHIN_S, "the order is given to the zone")
    [plate] = (await house.director.ask("place", to="rack"))["lpns"]
    await house.control("POST", "/play/scan", {"scanner": "hand1", "code": plate})
    yield Picking(placed, await until(lambda: _lit(house), WITHIN_S, "its lines are lit"))
    await _cancel(house, placed)
    await until(lambda: _cancellation(house, placed), WITHIN_S, "the cancellation's answer")
    await until(lambda: _dark(house), WITHIN_S, "the lights are out")


async def _task(house: Warehouse, number: str) -> bool:
    task = (await house.get("/api/work/PICK-A"))["task"]
    return bool(task) and task["order"].endswith(f":{number}") and task["state"] == "carton"


async def _cancel(house: Warehouse, number: str) -> None:
    await house.control("POST", f"/play/cancel/{number}", {})


async def _cancellation(house: Warehouse, number: str) -> dict[str, object] | None:
    state = await house.director.breaks.control("shop", "GET", "state")
    found: dict[str, object] | None = state["orders"][number]["cancellation"]
    return found


async def _dark(house: Warehouse) -> bool:
    return not await _lamps(house)


@pytest.mark.parametrize("what", ["gateway", "ptl_a", "broker"])
async def test_lit_lines_are_lit_again_within_two_seconds_of_a_restart(
    house: Warehouse, picking: Picking, what: str
):
    if what == "gateway":
        await house.director.gateway.kill()
        await house.director.gateway.start()
    else:
        await house.sims.kill(what)
        await house.sims.start(what)
    whole = monotonic()
    await until(lambda: _lit(house, picking.lamps), WITHIN_S, f"{picking.lamps} lit again")

    assert monotonic() - whole < RELIT_WITHIN_S


async def test_cancelled_in_mid_pick_the_floor_and_the_shop_know_it_within_a_second(
    house: Warehouse, picking: Picking
):
    began = monotonic()

    await _cancel(house, picking.order)

    await until(lambda: _dark(house), WITHIN_S, "the lights are out")
    answer = await until(lambda: _cancellation(house, picking.order), WITHIN_S, "the answer")
    assert monotonic() - began < ANSWERED_WITHIN_S
    assert answer["result"] == "cancelled"
