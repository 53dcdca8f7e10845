"""The reading half of the API: what it gives of a floor that a test has put into a state."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest

from devices.tags.value import Value
from gateway.settings import Simulated
from gateway.views import orders as orders_view
from gateway.web.app import make_app
from tests.gateway.web.bench import T0, Bench, bench
from tests.pages.busy import busy, carton, errand, order, pick
from wcs.events import CartonBound, OrderProgressed
from wcs.model import Device, Errand, Order
from wcs.names import DeviceId, Lpn, OrderKey, StationId


async def test_orders_come_in_pages_that_neither_miss_nor_repeat(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    await desk.save(*(order(1000 + n, "waiting") for n in range(7)), order(1100, "held"))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await api.get("/api/orders", params={"after": after, "limit": 3})).json()
        seen += [row["key"] for row in page["orders"]]
        after = page["next"]
    assert seen == [*(f"shop:{1000 + n}" for n in range(7)), "shop:1100"]
    held = (await api.get("/api/orders", params={"state": "held"})).json()
    assert [row["key"] for row in held["orders"]] == ["shop:1100"] and held["next"] is None


async def test_an_order_says_its_lines_and_how_far_the_shop_knows(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    await desk.save(order(1001, "packed", tracking="SW0000000042", told=3))
    found = (await api.get("/api/orders/shop:1001")).json()
    assert found["tracking"] == "SW0000000042" and found["told"] == 3
    assert found["lines"] == [{"line": 1, "sku": "SKU-001", "qty": 2, "picked": 0, "cancelled": 0}]
    missing = await api.get("/api/orders/shop:404")
    assert missing.status_code == 404 and "shop:404" in missing.json()["detail"]


async def test_a_carton_tells_its_life_with_the_raw_frame(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    made = carton(4711, "picking", "PICK-A")
    bound = CartonBound(lpn=made.lpn, order=made.order, station=StationId("PICK-A"), by=None, at=T0)
    await desk.save(made)
    await desk.emit(bound, raw="L00004711\\r")
    found = (await api.get("/api/cartons/L00004711")).json()
    assert found["state"] == "picking"
    assert [(step["kind"], step["raw"]) for step in found["life"]] == [
        ("CartonBound", "L00004711\\r")
    ]
    assert (await api.get("/api/cartons/L00000000")).status_code == 404


async def test_stock_is_summed_over_shelves(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    rows = (await api.get("/api/stock", params={"limit": 1})).json()
    assert rows["stock"][0]["available"] == 4998 and rows["next"] == "ACME|SKU-001"


async def test_devices_are_never_an_error(desk: Bench, api: httpx.AsyncClient) -> None:
    """Unknown, up, down and a line that just closed are states, with words."""
    for name, up, why in (("hand1", True, ""), ("ptl_a", False, "broker gone"), ("amr1", True, "")):
        await desk.save(Device(id=DeviceId(name), up=up, reason=why, since=T0))
    desk.up.add("hand1")
    desk.live.put(DeviceId("hand1"), "codes", Value(12, T0, quality="stale", reason="silent"))
    rows = {row["id"]: row for row in (await api.get("/api/devices")).json()}
    assert (rows["hand1"]["health"], rows["hand1"]["why"]) == ("up", "connected")
    assert rows["hand1"]["tags"][0]["quality"] == "stale"
    assert (rows["ptl_a"]["health"], rows["ptl_a"]["why"]) == ("down", "broker gone")
    assert (rows["amr1"]["health"], rows["amr1"]["why"]) == ("down", "the line is closed")
    assert rows["sorter1"]["health"] == "unknown"
    assert [name for name, row in rows.items() if row["insecure"]] == ["merge1"]


async def test_events_are_a_cursor(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    seen: list[int] = []
    after = 0
    while rows := (page := (await api.get(f"/api/events?after={after}&limit=4")).json())["events"]:
        seen += [row["n"] for row in rows]
        after = page["next"]
    assert seen == sorted(set(seen)) and len(seen) == 21
    assert (await api.get(f"/api/events?after={after}")).json() == {"events": [], "next": after}


async def test_the_outbox_says_what_waits_and_which_host_is_down(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    told = OrderProgressed(
        order=OrderKey("shop:1001"),
        channel=order(1, "held").channel,
        number="1001",
        status="acknowledged",
        at=T0,
    )
    await desk.emit(told)
    desk.down["shop"] = "connection refused"
    found = (await api.get("/api/outbox")).json()
    assert found["hosts"] == [
        {
            "host": "shop",
            "waiting": 1,
            "parked": 0,
            "oldest": found["hosts"][0]["oldest"],
            "last_error": None,
            "down": "connection refused",
        }
    ]
    assert [row["key"] for row in found["messages"]] == ["order:1001"]
    assert (await api.get("/api/outbox?state=done")).json()["messages"] == []


async def test_a_parked_message_goes_again_once(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/outbox/parked-1/retry")).status_code == 200
    refused = await api.post("/api/outbox/other/retry")
    assert refused.status_code == 409 and "not parked" in refused.json()["detail"]


async def test_work_is_as_the_wires_say(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    found = (await api.get("/api/work/PICK-A")).json()
    assert {name: found["task"][name] for name in found["task"] if name != "barcodes"} == {
        "task": "12.2",
        "pick": "12",
        "order": "shop:1003",
        "lpn": "L00001003",
        "state": "picking",
        "location": "A-02-2",
        "light": "A-04",
        "lamp": "",
        "sku": "SKU-002",
        "name": "Mug, white",
        "qty": 3,
        "step": 2,
        "steps": 3,
    }
    desk_errands = (await api.get("/api/work/DESK")).json()["errands"]
    assert {row["kind"] for row in desk_errands} == {
        "count",
        "put_back",
        "pull",
        "search",
        "ask_short",
    }
    assert (await api.get("/api/work/NOWHERE")).status_code == 404


async def test_a_pick_that_waits_for_its_carton_is_the_task(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    await desk.save(pick("carton", None))
    task = (await api.get("/api/work/PICK-A")).json()["task"]
    assert (task["state"], task["lpn"], task["step"]) == ("carton", None, 2)
    await desk.save(pick("done"))
    assert (await api.get("/api/work/PICK-A")).json()["task"] is None


async def test_errands_come_oldest_first(desk: Bench, api: httpx.AsyncClient) -> None:
    young = errand("count", "DESK", "A-01-1", "", "")
    old = Errand(
        key="count:Z",
        station=StationId("DESK"),
        kind="count",
        subject="Z",
        text="",
        remedy="",
        asked_at=T0 - timedelta(hours=1),
    )
    await desk.save(young, old)
    rows = (await api.get("/api/work/DESK")).json()["errands"]
    assert [row["subject"] for row in rows] == ["Z", "A-01-1"]


async def test_the_status_is_one_page_of_facts(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    facts = (await api.get("/api/status")).json()
    assert facts["orders"]["shipped"] == 23 and facts["orders_total"] == 38
    assert facts["cartons"]["riding"] == 2 and facts["loads_open"] == 1
    assert facts["errands_open"] == 6 and facts["quarantined"] == 0
    assert facts["decision_ms"] == {"p50": 0.4, "p99": 2.1, "max": 3.3}
    assert list(facts["devices"]["down"]) == ["print1"]


async def test_the_books_hold_every_account(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    books = (await api.get("/api/books")).json()
    item = next(row for row in books["items"] if row["sku"] == "SKU-001")
    assert item["accounts"] == {"shelf:A-01-1": 5000, "opening": -5000}
    assert (item["shelf"], item["available"], item["balances"]) == (5000, 4998, True)
    assert {row["lpn"] for row in books["cartons"]} >= {"L00001003", "L00001020"}
    assert [row["location"] for row in books["picks"]] == ["A-02-2", "A-05-1"]


async def test_a_reader_that_takes_too_long_is_said_and_not_waited_for(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    """The reader's time limit is the store's; here it is none at all."""
    await desk.save(*(order(n, "waiting") for n in range(2000)))
    slow = desk.store.reader
    object.__setattr__(desk.gateway, "reader", lambda: slow(within_s=-1.0))
    answer = await api.get("/api/status")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "1"


def test_orders_know_their_key() -> None:
    assert isinstance(order(1, "held"), Order) and order(1, "held").key == "shop:1"
    assert carton(1, "lost", "").lpn == Lpn("L00000001")


async def test_a_wrong_item_is_told_what_the_right_one_is(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    await busy(desk)
    desk.rules["Scanned"] = lambda tx: tx.answer("refused", "order 1003 is picked into L00001003")
    answer = await api.post("/api/work/PICK-A/scan", json={"code": "9506000000999"})
    assert answer.status_code == 409
    assert answer.json()["reason"].endswith("; wanted: A-02-2 or Mug, white (SKU-002)")


async def test_orders_that_may_miss_their_cutoff_are_named_the_latest_first(desk: Bench) -> None:
    await desk.save(
        order(1001, "picking", cutoff=T0 + timedelta(minutes=5)),
        order(1002, "packed", cutoff=T0 - timedelta(minutes=1)),
        order(1003, "sorted", cutoff=T0 - timedelta(minutes=1)),
        order(1004, "picking", cutoff=T0 + timedelta(hours=5)),
    )
    with closing(desk.gateway.reader()) as conn:
        risk = orders_view.orders(conn, {}, T0, soon_s=600.0)["risk"]
    assert [(row["key"], row["left_s"]) for row in risk] == [("shop:1002", -60), ("shop:1001", 300)]


@pytest.mark.parametrize("kind", get_args(get_type_hints(Errand)["kind"]))
async def test_every_kind_of_errand_has_its_words_on_the_work_page(
    desk: Bench, api: httpx.AsyncClient, kind: Any
) -> None:
    await desk.save(errand(kind, "DESK", "one", "what is wrong", "what to do"))
    page = (await api.get("/work/DESK")).text
    assert "what is wrong" in page and "→ what to do" in page


async def test_simulators_without_a_director_are_not_played_with(tmp_path: Path) -> None:
    with bench(tmp_path, simulated=Simulated(speed=1.0, seed=7)) as alone:
        transport = httpx.ASGITransport(make_app(alone.gateway))
        headers = alone.bearer("operator")
        async with httpx.AsyncClient(
            transport=transport, base_url="http://wedge", headers=headers
        ) as api:
            played, books, page = [await api.get(path) for path in ("/play", "/books", "/work")]
    assert played.status_code == 404 and "run alone" in played.text
    assert books.status_code == 200 and "does not answer" in books.text
    assert "SIMULATED" in page.text and 'href="/play"' not in page.text


async def test_the_page_says_that_all_lights_are_away(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    words = "The lights are away: the zone is offline. Confirm here."
    assert words not in (await api.get("/work/PICK-A")).text
    gone = Device(id=DeviceId("ptl_a"), up=False, reason="the zone is offline", since=T0)
    await desk.save(gone)
    assert words in (await api.get("/work/PICK-A")).text
