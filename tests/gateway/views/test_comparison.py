"""The books as values: who says what, and which differences have a name."""

import csv
import io
from typing import Any

from gateway.views.comparison import Books, ItemRow, compare, lasting
from gateway.web.books import table

LPN, NUMBER = "L00000001", "SW0000000001"


def ours(**changes: Any) -> dict[str, Any]:
    """Ten pieces came in, two are in a sorted carton, one of the rest is promised."""
    item = {
        "owner": "ACME",
        "sku": "S",
        "on_hand": 8,
        "allocated": 1,
        "in_count": 0,
        "accounts": {"shelf:A": 8, f"carton:{LPN}": 2, "opening": -10},
        "cartons": 2,
        "putback": 0,
        "shipped": 0,
        "lost": 0,
        "balances": True,
    }
    carton = {
        "lpn": LPN,
        "order": "shop:1",
        "state": "sorted",
        "place": "lane 1",
        "lane": "1",
        "tracking": NUMBER,
        "contents": {"S": 2},
    }
    order = {
        "key": "shop:1",
        "number": "1",
        "lpn": LPN,
        "lines": [{"line": 1, "sku": "S", "qty": 2, "picked": 2}],
    }
    return {
        "items": [{**item, **changes.get("item", {})}],
        "cartons": [{**carton, **changes.get("carton", {})}],
        "orders": [order],
        "counts": changes.get("counts", []),
        "picks": changes.get("picks", []),
    }


def witness(**changes: Any) -> dict[str, Any]:
    world = {
        "initial": {"S": 10},
        "shelf": [{"location": "A", "sku": "S", "qty": 8}],
        "cartons": [{"lpn": LPN, "place": "lane:1", "contents": {"S": 2}, "label": [NUMBER, LPN]}],
        "missing": [],
        "sorter": [{"track": 7, "lane": 1, "code": "ACCEPTED"}],
        "log": [{"saw": "inducted", "lpn": LPN, "track": 7}],
    }
    heard = [{"status": "packed", "parcels": [{"lpn": LPN, "tracking": NUMBER}]}]
    return {
        "world": {**world, **changes.get("world", {})},
        "shop": {"stock": {"S": changes.get("shop", 7)}, "orders": {"1": {"heard": heard}}},
        "erp": {"stock": {"ACME|S": changes.get("erp", 8)}},
        "carrier": {"labels": changes.get("labels", {LPN: [NUMBER]})},
    }


def differences(books: Books) -> list[tuple[str, str]]:
    return [(found.text, found.name) for found in books.differences]


def shelf(qty: int) -> dict[str, Any]:
    return {"initial": {"S": qty + 2}, "shelf": [{"location": "A", "sku": "S", "qty": qty}]}


def test_everybody_agrees() -> None:
    books = compare(ours(), witness())
    assert books.asked and not books.differences
    (row,) = books.items
    assert (row.world_initial, row.world_shelf, row.world_cartons) == (10, 8, 2)
    assert (row.on_hand, row.in_cartons, row.shop, row.erp) == (8, 2, 7, 8)
    (carton,) = books.cartons
    assert (carton.world, carton.plc, carton.label, carton.carrier, carton.shop) == (
        "lane:1",
        "1",
        NUMBER,
        NUMBER,
        NUMBER,
    )


def test_a_piece_that_nobody_can_explain() -> None:
    books = compare(ours(), witness(world=shelf(7)))
    assert differences(books) == [("A: 8 booked, 7 lie there", "")]
    assert (books.unexplained, books.named) == (1, 0)


def test_differences_with_a_name() -> None:
    gone = {"location": "A", "sku": "S"}
    counted = compare(ours(counts=[{**gone, "owner": "ACME", "book": 8}]), witness(world=shelf(7)))
    assert differences(counted)[0][1] == "a count is open"
    unseen = compare(ours(), witness(world={**shelf(7), "missing": [{**gone, "qty": 1}]}))
    assert differences(unseen)[0][1] == "missing since the opening, nobody has noticed yet"
    more = compare(ours(), witness(world={**shelf(6), "missing": [{**gone, "qty": 1}]}))
    assert differences(more)[0][1] == ""
    picked = compare(ours(picks=[{**gone, "lpn": LPN}]), witness(world=shelf(7)))
    assert differences(picked)[0][1] == "being picked in this moment"


def test_what_nobody_can_explain_must_stand_there_twice() -> None:
    good, off = compare(ours(), witness()), compare(ours(), witness(world=shelf(7)))
    assert lasting(off, off).unexplained == off.unexplained == 1
    assert lasting(off, good).unexplained == 0
    assert lasting(good, off).differences == []


def test_pieces_only_move() -> None:
    books = compare(ours(), witness(world={"initial": {"S": 11}}))
    assert differences(books) == [("the world began with 11 and has 10", "")]


def test_hosts_that_heard_something_else() -> None:
    behind = compare(ours(), witness(shop=9, erp=10))
    assert differences(behind) == [
        ("shop heard 9, it is 7", ""),
        ("ERP heard 10, it is 8", ""),
    ]
    waits = compare(ours(), witness(shop=9, erp=10), waiting=["shop", "erp"])
    assert {found.name for found in waits.differences} == {"a message waits"}
    assert not compare(ours(), witness(shop=2), safety=5).differences


def test_a_ledger_that_does_not_add_up_is_said_without_witnesses() -> None:
    books = compare(ours(item={"balances": False}), None)
    assert not books.asked
    assert differences(books) == [("the ledger's accounts do not add up to nothing", "")]
    assert books.items[0].world_shelf is None and books.items[0].shop is None


def test_cartons_that_are_not_what_we_say() -> None:
    def said(*more: Any, **changes: Any) -> list[str]:
        found = compare(ours(), witness(**changes))
        return [difference.text for difference in found.cartons[0].differences]

    row = witness()["world"]["cartons"][0]
    assert said(world={"cartons": []}) == ["the world knows no such carton"]
    full = {"cartons": [{**row, "contents": {"S": 3}}]}
    assert said(world=full) == ["S: 2 booked, 3 inside"]
    assert said(labels={}) == [f"the carrier gave no number {NUMBER}"]
    bare = {"cartons": [{**row, "label": []}]}
    assert said(world=bare) == [f"{NUMBER} is not the label that is stuck on it"]
    strayed = {"sorter": [{"track": 7, "lane": 2, "code": "ACCEPTED"}]}
    assert said(world=strayed) == ["the PLC sent it to lane 2"]
    refused = {"sorter": [{"track": 7, "lane": 2, "code": "TOO_LATE"}]}
    assert said(world=refused) == []


def test_a_shipped_carton_is_compared_with_what_was_picked() -> None:
    gone = {"accounts": {"shelf:A": 8, "shipped": 2, "opening": -10}, "cartons": 0, "shipped": 2}
    shipped = ours(item=gone, carton={"state": "shipped", "contents": {}})
    assert not compare(shipped, witness()).differences


def test_the_table_is_read_by_a_spreadsheet_and_starts_no_formula() -> None:
    books = compare(ours(item={"sku": "=cmd()"}), None)
    header, row = list(csv.reader(io.StringIO(table(books.items, ItemRow))))
    assert header[:2] == ["owner", "sku"] and header[-1] == "differences"
    assert row[:2] == ["ACME", "'=cmd()"]
    said = compare(ours(), witness(world=shelf(7)))
    assert "A: 8 booked, 7 lie there (NOT EXPLAINED)" in table(said.items, ItemRow)
