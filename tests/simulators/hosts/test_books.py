"""The books of shop, ERP and carrier, by value: what they answer, what they hold against us."""

import json

import pytest

from simulators.hosts.carrier_book import CarrierBook, label_zpl
from simulators.hosts.erp_book import ErpBook
from simulators.hosts.http import Reply, Request
from simulators.hosts.shop_book import ShopBook

LINES = [{"line": 1, "sku": "SKU-001", "qty": 2}]


def asked(book, method: str, path: str, body=None, key: str = "", **query: str) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    content = json.dumps(body).encode() if body is not None else b""
    return book.answer(Request(method, path, query, headers, content, "2026-11-21T10:00:00.000Z"))


@pytest.fixture
def shop() -> ShopBook:
    book = ShopBook()
    asked(book, "POST", "/control/place", {"number": "1001", "lines": LINES})
    return book


def told(shop: ShopBook, status: str, key: str) -> Reply:
    return asked(shop, "POST", "/orders/1001/status", {"status": status}, key)


def test_a_placed_order_waits_for_its_webhook(shop: ShopBook) -> None:
    (delivery,) = shop.waiting["1001"]
    assert delivery.body["type"] == "order.placed"
    assert delivery.body["order"]["version"] == 1
    assert delivery.body["order"]["lines"] == LINES


def test_a_change_and_a_cancellation_follow_in_order_with_higher_versions(shop: ShopBook) -> None:
    asked(shop, "POST", "/control/change/1001", {"paid": False})
    asked(shop, "POST", "/control/cancel/1001")
    said = [(d.body["type"], d.body["order"]["version"]) for d in shop.waiting["1001"]]
    assert said == [("order.placed", 1), ("order.changed", 2), ("order.cancelled", 3)]


def test_a_delivered_webhook_waits_no_more(shop: ShopBook) -> None:
    (delivery,) = shop.waiting["1001"]
    asked(shop, "POST", f"/control/delivered/1001/{delivery.id}")
    assert shop.waiting == {}
    assert shop.state()["delivered"] == 1


def test_the_poll_tells_what_changed_since_the_cursor_oldest_first(shop: ShopBook) -> None:
    asked(shop, "POST", "/control/place", {"number": "1002", "lines": LINES})
    asked(shop, "POST", "/control/cancel/1001")
    first = asked(shop, "GET", "/orders", after="0", limit="1").body
    assert [order["number"] for order in first["orders"]] == ["1002"]
    rest = asked(shop, "GET", "/orders", after=str(first["next"])).body
    assert [(order["number"], order["status"]) for order in rest["orders"]] == [
        ("1001", "cancelled")
    ]
    assert asked(shop, "GET", "/orders", after=str(rest["next"])).body == {
        "orders": [],
        "next": rest["next"],
    }


def test_statuses_in_order_are_no_offence(shop: ShopBook) -> None:
    for n, status in enumerate(["acknowledged", "picking", "packed", "shipped"]):
        assert told(shop, status, f"k{n}").status == 200
    state = shop.state()
    assert (state["duplicates"], state["backwards"]) == ([], [])
    assert [heard["status"] for heard in state["orders"]["1001"]["heard"]][-1] == "shipped"


def test_the_same_status_under_another_key_is_a_duplicate(shop: ShopBook) -> None:
    told(shop, "picking", "k1")
    told(shop, "picking", "k2")
    assert shop.state()["duplicates"] == ["order 1001 was told picking again, key k2"]


def test_a_step_backwards_is_noted(shop: ShopBook) -> None:
    told(shop, "packed", "k1")
    told(shop, "picking", "k2")
    assert shop.state()["backwards"] == ["order 1001 was told picking after packed"]


def test_a_second_answer_to_a_cancellation_is_a_duplicate(shop: ShopBook) -> None:
    asked(shop, "POST", "/control/cancel/1001")
    for key in ("k1", "k2"):
        asked(shop, "POST", "/orders/1001/cancellation", {"result": "cancelled"}, key)
    assert len(shop.state()["duplicates"]) == 1


def test_an_older_stock_level_is_ignored(shop: ShopBook) -> None:
    asked(shop, "PUT", "/stock/SKU-001", {"available": 41, "version": 7})
    asked(shop, "PUT", "/stock/SKU-001", {"available": 99, "version": 6})
    assert shop.state()["stock"] == {"SKU-001": 41}


def test_visitors_get_numbers_of_their_own(shop: ShopBook) -> None:
    numbers = [asked(shop, "POST", "/control/place", {}).body["number"] for _ in range(2)]
    assert numbers == ["9001", "9002"]


@pytest.mark.parametrize(
    "lines", [[{"sku": "SKU-001", "qty": 0}], [{"sku": "SKU-001"}], ["x"], "x", 3]
)
def test_an_order_without_whole_lines_is_refused(shop: ShopBook, lines: object) -> None:
    with pytest.raises(ValueError):
        asked(shop, "POST", "/control/place", {"lines": lines})


def test_an_unknown_order_is_a_key_error(shop: ShopBook) -> None:
    with pytest.raises(KeyError):
        asked(shop, "POST", "/orders/7/status", {"status": "picking"}, "k")


SHIPMENT = {
    "order": "shop:1001",
    "owner": "ACME",
    "load": "7",
    "partial": False,
    "parcels": [],
    "lines": LINES,
}


def test_a_second_shipment_of_one_order_is_a_duplicate() -> None:
    erp = ErpBook()
    assert asked(erp, "POST", "/shipments", SHIPMENT, "k1").status == 201
    assert erp.state()["duplicates"] == []
    asked(erp, "POST", "/shipments", SHIPMENT, "k2")
    assert erp.state()["duplicates"] == ["order shop:1001 was shipped 2 times"]


def test_the_erp_keeps_the_newest_level_and_tells_it() -> None:
    erp = ErpBook()
    asked(erp, "PUT", "/stock/ACME/SKU-001", {"on_hand": 43, "version": 9})
    asked(erp, "PUT", "/stock/ACME/SKU-001", {"on_hand": 44, "version": 8})
    assert asked(erp, "GET", "/stock").body["stock"][0]["on_hand"] == 43
    assert erp.state()["stock"] == {"ACME|SKU-001": 43}


def test_the_erp_refuses_a_shipment_that_is_not_whole() -> None:
    with pytest.raises(ValueError, match="missing: load"):
        asked(ErpBook(), "POST", "/shipments", {k: v for k, v in SHIPMENT.items() if k != "load"})


PARCEL = {"reference": "L00000001", "carrier": "swift", "service": "standard", "weight_g": 900}


def test_the_carrier_numbers_its_parcels_and_finds_them_by_reference() -> None:
    carrier = CarrierBook(first=42)
    label = asked(carrier, "POST", "/labels", PARCEL).body
    assert label["tracking"] == "SW0000000042"
    assert asked(carrier, "GET", "/labels", reference="L00000001").body == {"labels": [label]}
    assert asked(carrier, "GET", "/labels", reference="L00000002").body == {"labels": []}


def test_asking_again_makes_a_second_label_and_an_offence() -> None:
    carrier = CarrierBook()
    for _ in range(2):
        asked(carrier, "POST", "/labels", PARCEL, key="the same")
    assert carrier.state()["duplicates"] == ["L00000001 has 2 labels: SW0000000001, SW0000000002"]


@pytest.mark.parametrize(
    "wrong", [{"carrier": "snail"}, {"weight_g": 0}, {"weight_g": "900"}, {"reference": ""}]
)
def test_the_carrier_refuses_what_it_cannot_carry(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        asked(CarrierBook(), "POST", "/labels", {**PARCEL, **wrong})


def test_a_label_carries_plate_and_tracking_number_as_code_128() -> None:
    zpl = label_zpl("L00000001", "SW0000000042", {"carrier": "swift", "ship_to": {"name": "^XZ~"}})
    assert zpl.startswith("^XA")
    assert zpl.endswith("^XZ")
    assert zpl.count("^XZ") == 1
    assert "^BCN,200,Y,N,N^FDSW0000000042^FS" in zpl
    assert "^BCN,120,Y,N,N^FDL00000001^FS" in zpl
