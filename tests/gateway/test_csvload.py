"""Items and opening stock from CSV: nothing half done, every wrong row named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.csvload import (
    CsvErrors,
    observations,
    plan_load,
    read_items,
    read_locations,
    read_stock,
)
from wcs.model import Balance, Item
from wcs.names import Account, Barcode, Owner, Sku

AT = datetime(2026, 11, 21, tzinfo=UTC)
ITEMS = 'sku,owner,name,barcodes,weight_g,case_size\nA,ACME,"Mug, blue",9506 9507,320,6\n'


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_rows_become_observations_items_first(tmp_path: Path) -> None:
    items = read_items(write(tmp_path, "items.csv", ITEMS))
    stock = read_stock(
        write(tmp_path, "stock.csv", "location,owner,sku,qty\nL1,ACME,A,40\n"), {"L1"}, {"A"}
    )
    load = plan_load(items, stock, lambda _: None, lambda _: None, "anna", AT)
    kinds = [type(seen).__name__ for seen, _ in observations(load)]
    assert kinds == ["ItemDefined", "StockOpened"]
    assert load.items[0][0].barcodes == ("9506", "9507")
    assert load.report == ["1 of 1 items are new or changed", "1 of 1 shelves are opened"]


def test_what_is_known_already_changes_nothing_and_a_difference_is_said(tmp_path: Path) -> None:
    items = read_items(write(tmp_path, "items.csv", ITEMS))
    stock = read_stock(
        write(tmp_path, "stock.csv", "location,owner,sku,qty\nL1,ACME,A,40\n"), {"L1"}, {"A"}
    )
    known = Item(
        owner=Owner("ACME"),
        sku=Sku("A"),
        name="Mug, blue",
        barcodes=(Barcode("9506"), Barcode("9507")),
        weight_g=320,
        case_size=6,
    )
    held = Balance(account=Account("shelf:L1"), owner=Owner("ACME"), sku=Sku("A"), qty=38)
    load = plan_load(items, stock, lambda _: known, lambda _: held, "anna", AT)
    assert list(observations(load)) == []
    assert load.report[2].startswith("L1 A: file says 40, ledger 38")


def test_a_changed_item_says_what_changes(tmp_path: Path) -> None:
    items = read_items(write(tmp_path, "items.csv", ITEMS))
    known = Item(
        owner=Owner("ACME"),
        sku=Sku("A"),
        name="Mug, blue",
        barcodes=(Barcode("9506"),),
        weight_g=310,
        case_size=6,
    )
    load = plan_load(items, [], lambda _: known, lambda _: None, "anna", AT)
    assert load.report[:3] == [
        "1 of 1 items are new or changed",
        "A: barcodes 9506 becomes 9506 9507",
        "A: weight_g 310 becomes 320",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ITEMS + "A,ACME,Mug,1,320,6\n", r":3: ACME A stands here a second time"),
        (ITEMS + "B,ACME,Mug,1,heavy,6\n", r":3: weight_g: .*found 'heavy'"),
        (ITEMS + "B,ACME,Mug\n", r":3: the cell of weight_g is missing"),
        (ITEMS + "B,ACME,Mug,1,320,6,7\n", r":3: there are more cells than columns"),
        ("sku,owner\nA,ACME\n", r":1: column name is missing"),
        (ITEMS.replace("case_size", "case_sise"), r":1: column case_sise is not known; there are"),
        ("", r":1: column sku is missing"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CsvErrors, match=words):
        read_items(write(tmp_path, "items.csv", text))


def test_what_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_bytes(b"sku\xee")
    with pytest.raises(CsvErrors, match=r"items\.csv: is no CSV in UTF-8"):
        read_items(file)


def test_a_location_needs_no_more_than_its_node(tmp_path: Path) -> None:
    (found,) = read_locations(write(tmp_path, "locations.csv", "code,node\nL1,B1\n"))
    assert (found.code, found.node, found.side, found.level) == ("L1", "B1", "ahead", 1)


def test_unknown_locations_and_skus_are_named(tmp_path: Path) -> None:
    file = write(tmp_path, "stock.csv", "location,owner,sku,qty\nL9,ACME,Z,1\n")
    with pytest.raises(CsvErrors, match="location 'L9' is not in the layout"):
        read_stock(file, {"L1"}, {"A"})
