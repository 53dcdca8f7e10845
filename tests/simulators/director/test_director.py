"""The director over real simulators and a stub of the gateway: breaking, playing, asking."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from devices.map.load import load_map
from simulators.director.director import Director, sorting_of
from simulators.director.parts import MEANWHILE, MODES, things
from simulators.free_port import free_port
from simulators.hosts.call import Answer, NoAnswer, call
from simulators.launch import Launch
from tests.simulators.launch.test_child import alive

DEMO = Path("config/demo")
SOME = ("world", "shop", "erp", "carrier", "hand1", "scale1", "sorter1")
WITHIN_S = 20.0

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Panel:
    """The break-it panel: the director over HTTP."""

    def __init__(self, director: Director) -> None:
        self.director = director

    async def ask(self, method: str, path: str, body=None, token: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {token or self.director.token}"}
        return await call(method, self.director.url + path, body, headers=headers)

    async def get(self, path: str) -> dict:
        answer = await self.ask("GET", path)
        assert answer.ok, answer
        return answer.body

    async def breaks(self, what: str, mode: str, **more: float) -> dict:
        """Breaks it and waits until it has healed."""
        known = len(self.director.breaks.log)
        assert (await self.ask("POST", f"/break/{what}", {"mode": mode, **more})).status == 202
        return await self.sees(lambda fault: fault["n"] > known and fault["healed"])

    async def sees(self, which: Callable[[dict], object]) -> dict:
        async with asyncio.timeout(WITHIN_S):
            while True:
                for fault in (await self.get("/faults"))["faults"]:
                    if which(fault):
                        return fault
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def panel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Panel]:
    async with running(tmp_path_factory.mktemp("run")) as one:
        yield one


@asynccontextmanager
async def running(folder: Path, orders: int = 0, faults: bool = False) -> AsyncIterator[Panel]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.simulators.director.stub", str(port)]
    launch = Launch(DEMO, folder, speed=50, orders=orders, gateway_url=url, only=SOME)
    async with launch as sims, Director(sims, command, faults=faults) as director:
        await director.gateway.start()
        yield Panel(director)


async def test_the_overlay_says_where_the_director_is(panel: Panel) -> None:
    told = json.loads(panel.director.sims.overlay.read_text())["simulated"]
    assert (told["control"], told["control_token"]) == (panel.director.url, panel.director.token)
    assert (await panel.ask("GET", "/faults", token="guessed")).status == 401


async def test_the_gateway_is_killed_and_started_again(panel: Panel) -> None:
    pid = panel.director.gateway.pid
    assert pid is not None
    fault = await panel.breaks("gateway", "kill", seconds=0.1)
    assert fault["text"] == "the power of gateway was cut"
    assert "nothing acknowledged is lost" in fault["meanwhile"]
    assert fault["healed"].startswith("the gateway works with it again")
    assert fault["started"] <= fault["over"] <= fault["healed_at"]
    assert panel.director.gateway.pid != pid
    assert not alive(pid)


@pytest.mark.parametrize(
    ("what", "mode"),
    [
        ("sorter1", "reset"),
        ("sorter1", "restart"),
        ("sorter1", "kill"),
        ("hand1", "unplug"),
        ("scale1", "unplug"),
        ("shop", "kill"),
        ("shop", "500"),
        ("erp", "down"),
        ("lane2", "jam"),
        ("gateway", "restart"),
        ("everything", "kill"),
    ],
)
async def test_things_break_and_heal(panel: Panel, what: str, mode: str) -> None:
    fault = await panel.breaks(what, mode, seconds=0.1)
    assert (fault["what"], fault["mode"], fault["by"]) == (what, mode, "visitor")
    assert fault["healed_at"] is not None
    assert fault["begin"] <= fault["end"]
    assert "running" in panel.director.sims.status().get(what, "running")
    assert panel.director.faults_over


async def test_a_blackout_waits_for_what_is_just_being_started(panel: Panel) -> None:
    things = panel.director.things
    cut = panel.director.break_it(things["sorter1"], "kill", seconds=0.3)
    await panel.sees(lambda fault: fault["what"] == "sorter1" and not fault["over"])
    dark = await panel.director.break_it(things["everything"], "kill", seconds=0.0)
    healed = (await cut).healed_at
    assert healed is not None
    assert healed <= dark.started
    assert dark.healed_at is not None


async def test_a_lost_answer_is_over_when_it_was_had(panel: Panel) -> None:
    director = panel.director
    task = director.break_it(director.things["erp"], "lost_answer", count=1)
    url, token = director.sims.address("erp")["url"], director.sims.secrets["ERP_TOKEN"]
    await panel.sees(lambda fault: fault["what"] == "erp" and not fault["over"])
    assert not director.faults_over
    async with asyncio.timeout(WITHIN_S):
        while not task.done():
            bearer = {"Authorization": f"Bearer {token}"}
            with suppress(NoAnswer):
                await call("GET", f"{url}/stock", headers=bearer, within_s=0.2)
    assert (await task).healed_at is not None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/break/fridge", {"mode": "kill"}, 404),
        ("/break/sorter1", {"mode": "500"}, 422),
        ("/break/sorter1", {}, 422),
        ("/break/sorter1", {"mode": "kill", "seconds": 1e9}, 422),
        ("/break/sorter1", {"mode": "kill", "seconds": "long"}, 422),
        ("/play/scan", {"scanner": "tunnel1", "code": "L00000001"}, 422),
        ("/play/press", {"button": "confirm"}, 404),
        ("/play/cancel/4711", {}, 404),
        ("/nonsense", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_said(
    panel: Panel, path: str, body: dict, status: int
) -> None:
    before = (await panel.get("/faults"))["faults"]
    answer = await panel.ask("POST", path, body)
    assert (answer.status, bool(answer.body["error"])) == (status, True)
    assert (await panel.get("/faults"))["faults"] == before


async def test_a_visitor_orders_cancels_presses_and_scans(panel: Panel) -> None:
    placed = await panel.ask("POST", "/play/order", {"lines": [{"sku": "SKU-002", "qty": 2}]})
    assert placed.status == 201
    number = placed.body["number"]
    assert (await panel.ask("POST", f"/play/cancel/{number}", {})).ok
    orders = (await panel.get("/witness"))["shop"]["orders"]
    assert (orders[number]["status"], orders[number]["version"]) == ("cancelled", 2)
    scan = {"scanner": "hand1", "code": "9506000000015"}
    assert (await panel.ask("POST", "/play/scan", scan)).ok
    assert (await panel.ask("POST", "/play/press", {"light": "A-05", "qty": 1})).ok


async def test_the_witnesses_speak_for_themselves(panel: Panel) -> None:
    witness = await panel.get("/witness")
    assert witness.keys() == {"world", "shop", "erp", "carrier", "faults"}
    assert witness["world"]["pieces"] == witness["world"]["initial"]
    assert witness["erp"]["shipments"] == {}
    assert witness["carrier"]["labels"] == {}


async def test_the_seed_presses_its_buttons_as_the_run_goes_on(tmp_path: Path) -> None:
    """The shop is told what makes progress; whatever the seed has for so much of it happens."""
    async with running(tmp_path, orders=3, faults=True) as panel:
        director = panel.director
        known = {thing for thing in director.things if thing in director.sims.children}
        director.plan = tuple(
            replace(fault, seconds=0.1)
            for fault in director.plan
            if fault.what in known and fault.mode != "lost_answer"
        )
        assert director.plan
        assert not director.faults_over
        sims, token = director.sims, director.sims.secrets["SHOP_SECRET"]
        async with asyncio.timeout(WITHIN_S):
            for planned in director.story.orders:
                await told(sims, token, planned.number, "picking")
                await told(sims, token, planned.number, "packed")
            while not director.faults_over:
                await asyncio.sleep(0.05)
        faults = (await panel.get("/faults"))["faults"]
        assert {(f["what"], f["mode"], f["by"]) for f in faults} == {
            (one.what, one.mode, "the seed") for one in director.plan
        }
        assert [fault.end is not None for fault in director.faults()] == [True] * len(faults)


async def told(sims: Launch, token: str, number: str, status: str) -> None:
    url = f"{sims.address('shop')['url']}/orders/{number}/status"
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{number}-{status}"}
    while True:  # the shop is one of those that are broken
        with suppress(NoAnswer):
            if (await call("POST", url, {"status": status}, headers=headers, within_s=0.5)).ok:
                return
        await asyncio.sleep(0.05)


async def test_every_thing_of_the_demo_can_be_broken_in_words() -> None:
    found = things(load_map(DEMO))
    assert {"sorter1", "broker", "gateway", "shop", "lane1", "lane2", "lane3"} <= found.keys()
    assert "lane0" not in found
    assert found["hand1"].part == "hand scanner"
    assert found["tunnel1"].part == "scanner"
    assert all(thing.modes for thing in found.values())
    assert MODES.keys() == MEANWHILE.keys()


async def test_the_sort_plan_is_that_of_the_site() -> None:
    sorting = sorting_of(DEMO)
    assert sorting.lane("SW0000000001") == "1"
    assert sorting.lane("PO0000000001") == "2"
    assert sorting.lane("XX1") is None
    assert sorting.hospital == "3"
    assert {"gateway", "sorter1", "tunnel1", "print1", "lane1"} <= sorting.sends_astray
    assert "hand1" not in sorting.sends_astray
