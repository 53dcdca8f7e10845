"""A module that fails on a real line: its pick stands on `/work` and is confirmed there exactly
once, whatever the lamp does afterwards."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from devices.lights.zone import LightZoneDriver
from devices.links import Links
from devices.live import Live
from devices.map.schema import LightZone, ModbusRtuTcp
from devices.supervise import supervise
from gateway.web.app import make_app
from simulators.pick_iq import Rack, on_tcp
from sync.mapping import Routes
from sync.store import Store
from tests.contract.zones import MODULES, until
from tests.gateway.web.bench import T0, _bench, settings
from tests.rules.site import ACME, SHOP, placed
from wcs import decide
from wcs.envelope import Answer, Nobody, Seen
from wcs.names import DeviceId, LocationCode, Sku
from wcs.observations import ItemDefined, LightPressed, SiteChanged, StockOpened

PTL = DeviceId("ptl_a")
LIGHTS = {f"A-{n:02}": {"unit": n + 1} for n in range(13)}


class Clock:
    def now(self) -> datetime:
        return T0


class Zone:
    """The zone of the demo site with modules on a line, the rules, and the pages."""

    def __init__(self, store: Store, folder: Path) -> None:
        bench = _bench(store, folder, {}, settings(None))
        self._store, self._links = store, Links(self.report, Clock())
        self.site = bench.known.site
        gateway = dataclasses.replace(bench.gateway, ask=self._ask)
        self.headers = bench.bearer("operator")
        self.app = make_app(gateway)
        kind = {"kind": "pick-to-light-zone", "connection": "line", "lights": LIGHTS}
        self.config = LightZone.model_validate(kind | {"pick_iq": MODULES, "ack_timeout": "5s"})
        self.rack = Rack(self.config)

    async def report(self, seen: Seen) -> None:
        await self.decided(seen)

    async def decided(self, seen: Seen) -> Answer:
        (outcome,) = await self._store.transact([seen])
        for posted in outcome.commands:
            if posted.command.device == PTL:
                self._links.post(posted)
        seen.source.settled(seen, outcome.answer)
        return outcome.answer

    async def tells(self, observation: Any, key: str | None = None) -> Answer:
        return await self.decided(Seen(observation, Nobody(), key))

    async def _ask(self, observation: Any, **how: Any) -> Answer:
        return await self.tells(observation, how.get("key"))

    def events(self, kind: str) -> int:
        with self._store.reader() as conn:
            (count,) = conn.execute("SELECT count(*) FROM events WHERE kind = ?", [kind]).fetchone()
        return int(count)

    @asynccontextmanager
    async def powered(self) -> AsyncIterator[None]:
        async with on_tcp(self.rack) as port:
            line = {"type": "modbus-rtu-tcp", "host": "127.0.0.1", "port": port, "retries": 3}
            connection = ModbusRtuTcp.model_validate(line)
            driver = LightZoneDriver(PTL, self.config, connection, clock=Clock(), live=Live())
            tasks = [
                asyncio.create_task(supervise(driver, self._links, self.report, Clock())),
                asyncio.create_task(self._links.run()),
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def zone(tmp_path: Path) -> AsyncIterator[Zone]:
    """Order 1 of three mugs and two cups is picked into a carton; both lamps are lit."""
    routes = Routes({SHOP: ACME})
    with Store.open(
        tmp_path / "wedge.db", decide=decide.rule, mapping=routes, release="t"
    ) as store:
        one = Zone(store, tmp_path)
        await one.tells(SiteChanged(site=one.site, by="test", at=T0))
        for sku, place in (("MUG", "A-01-1"), ("CUP", "A-05-1")):
            await one.tells(item(sku))
            await one.tells(
                StockOpened(
                    location=LocationCode(place),
                    owner=ACME,
                    sku=Sku(sku),
                    qty=10,
                    by="anna",
                    at=T0,
                )
            )
        async with one.powered():
            await one.tells(placed("1", ("MUG", 3), ("CUP", 2)))
            yield one


def item(sku: str) -> ItemDefined:
    return ItemDefined(
        sku=Sku(sku),
        owner=ACME,
        name=f"The {sku}",
        barcodes=(),
        weight_g=100,
        case_size=1,
        by="anna",
        at=T0,
    )


@pytest.fixture
async def api(zone: Zone) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(zone.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://wedge", headers=zone.headers
    ) as client:
        yield client


async def work(api: httpx.AsyncClient, until: Callable[[Any], Any]) -> Any:
    """What stands on the page once it is so."""
    async with asyncio.timeout(20):
        while True:
            found = (await api.get("/api/work/PICK-A")).json()
            if until(found):
                return found
            await asyncio.sleep(0.02)


def is_lit(zone: Zone, light: str) -> Callable[[], bool]:
    return lambda: zone.rack.modules[light].on


async def test_the_pick_of_a_dead_module_is_told_by_hand_once(
    zone: Zone, api: httpx.AsyncClient
) -> None:
    answer = await api.post("/api/work/PICK-A/scan", json={"code": "L00000001"})
    assert answer.status_code == 200, answer.text
    second = (await work(api, lambda found: found["task"]["state"] == "picking"))["task"]
    for light in ("A-01", "A-09"):
        await until(is_lit(zone, light))
    dead = zone.rack.modules["A-09"]
    dead.unit.silent = True

    found = await work(api, lambda found: found["by_hand"])
    (step,) = found["by_hand"]
    assert (step["light"], step["location"], step["qty"]) == ("A-09", "A-05-1", 2)
    assert step["lamp"] == "Light A-09 does not answer."
    assert [errand["text"] for errand in found["errands"]] == [step["lamp"]]
    assert second["light"] == "A-01" and not found["task"]["lamp"]
    page = (await api.get("/work/PICK-A")).text
    assert "Light A-09 does not answer. Confirm here." in page

    told = {"task": step["task"], "button": "confirm", "qty": 2}
    for _ in range(2):  # a second tap
        assert (await api.post("/api/work/pick", json=told)).status_code == 200
    assert zone.events("LinePicked") == 1

    dead.unit.silent = False  # the lamp wakes up, and somebody presses what is still lit
    late = LightPressed(
        zone=PTL, light=step["light"], task=step["task"], button="confirm", qty=2, at=T0
    )
    assert (await zone.tells(late)).outcome == "accepted"
    assert zone.events("LinePicked") == 1
    found = await work(api, lambda found: not found["errands"])
    assert found["by_hand"] == []
    await until(lambda: not dead.on)  # put out as soon as it can be


async def test_the_next_step_says_that_its_lamp_has_failed(
    zone: Zone, api: httpx.AsyncClient
) -> None:
    await api.post("/api/work/PICK-A/scan", json={"code": "L00000001"})
    await until(is_lit(zone, "A-01"))
    zone.rack.modules["A-01"].touch(1)  # and it stays there: one press, then it is stuck
    found = await work(api, lambda found: any(e["kind"] == "lamp" for e in found["errands"]))
    assert [errand["text"] for errand in found["errands"]] == [
        "Light A-01 has a key that stays down."
    ]
    assert zone.events("LinePicked") == 1
    zone.rack.modules["A-01"].touch(0)
    await work(api, lambda found: not found["errands"])
