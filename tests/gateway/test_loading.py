"""`wedge stock load` through a store of its own: dry first, then for real, then a new shelf."""

import shutil
from pathlib import Path

import pytest

from gateway.hosts import routes
from gateway.loading import load_into
from gateway.release import RELEASE
from gateway.reports import DATABASE, stock
from gateway.settings import load
from sync.store import Store
from wcs.decide import rule

DEMO = Path(__file__).parents[2] / "config" / "demo"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


@pytest.fixture
def data(site: Path, tmp_path: Path) -> Path:
    """A database that has never seen a site."""
    mapping = routes(load(site))
    with Store.open(tmp_path / DATABASE, decide=rule, mapping=mapping, release=RELEASE):
        return tmp_path


def add(file: Path, row: str) -> None:
    file.write_text(file.read_text() + row + "\n")


def test_a_dry_run_says_everything_and_changes_nothing(site: Path, data: Path) -> None:
    loaded = load_into(site, data, None, None, dry_run=True)

    assert loaded.report[0] == "12 of 12 locations are new" and not loaded.refused
    assert stock(data, None, 10) == []


def test_what_was_loaded_is_no_difference_any_more(site: Path, data: Path) -> None:
    assert load_into(site, data, None, None, dry_run=False).refused == []
    again = load_into(site, data, None, None, dry_run=False)

    assert [line.split()[0] for line in again.report] == ["0", "0", "0"]
    assert {row["qty"] for row in stock(data, "ACME|SKU-002", 10)} >= {5000}


def test_a_new_location_is_adopted_before_its_shelf_is_opened(site: Path, data: Path) -> None:
    load_into(site, data, None, None, dry_run=False)
    add(site / "locations.csv", "A-07-1,B1,left,3")
    add(site / "stock.csv", "A-07-1,ACME,SKU-002,11")

    loaded = load_into(site, data, None, None, dry_run=False)

    assert loaded.report[0] == "1 of 13 locations are new" and loaded.refused == []
    held = {row["account"]: row["qty"] for row in stock(data, "ACME|SKU-002", 10)}
    assert held["shelf:A-07-1"] == 11


def test_before_the_first_start_a_dry_run_compares_with_nothing(site: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "new"
    loaded = load_into(site, nowhere, None, None, dry_run=True)
    assert "34 of 34 items are new or changed" in loaded.report
    assert not nowhere.exists()
    assert load_into(site, nowhere, None, None, dry_run=False).refused == []
