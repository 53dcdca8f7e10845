"""The site folder joined: the demo loads, and what crosses its files is checked."""

import json
import shutil
from pathlib import Path

import pytest

from devices.map.load import MapErrors
from gateway.settings import SettingsError, load

DEMO = Path(__file__).parents[2] / "config" / "demo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "site.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_demo_site_loads() -> None:
    settings = load(DEMO)
    assert settings.site.trips.way[0] == settings.site.trips.pick_node
    assert not settings.site.simulated
    assert settings.simulated is None


def test_a_simulated_site_walks_faster_but_its_machines_do_not(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.json"
    simulated = {"speed": 20, "seed": 7, "control": "http://127.0.0.1:9", "control_token": "t"}
    hosts = {"shop": {"url": "http://127.0.0.1:5"}}
    overlay.write_text(json.dumps({"simulated": simulated, "hosts": hosts}))
    real, fast = load(DEMO), load(DEMO, overlay)
    assert fast.site.simulated
    assert fast.site.patience.trip_s == real.site.patience.trip_s / 20
    assert fast.site.patience.lamp_s == real.site.patience.lamp_s
    assert fast.site.sorter.travel_s == real.site.sorter.travel_s
    assert fast.channels[0].url == "http://127.0.0.1:5"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("scanner: tunnel1", "scanner: print1", "sorter.scanner: 'print1' is a zpl-printer"),
        ("vehicle: amr1", "vehicle: amr9", "trips.vehicle: 'amr9' is not in the device map"),
        ("pick_node: HANDOVER", "pick_node: X", "trips.pick_node: node 'X' is not in the layout"),
        ("map_id: DEMO-1", "map_id: DEMO-1\n  doors: [scale1]", "trips.doors: 'scale1' is a scale"),
        (
            'lane: "1", priority: 5,',
            'lane: "1", door: gate9, priority: 5,',
            "merge.lanes.1.door: 'gate9' is not in the device map",
        ),
        ("A-01-1: A-01", "Z-01-1: A-01", "location 'Z-01-1' is not in the layout"),
        ("express: parcelo", "express: ups", "no carrier 'ups'"),
        ('id: swift, lane: "1"', 'id: swift, lane: "7"', "'7' is no lane of the sorter"),
    ],
)
def test_what_crosses_the_files_is_checked(folder: Path, old: str, new: str, words: str) -> None:
    change(folder, old, new)
    with pytest.raises(SettingsError, match=words):
        load(folder)


def test_a_misspelt_key_is_named_with_its_line(folder: Path) -> None:
    change(folder, "pair_within: 2s", "pair_witin: 2s")
    with pytest.raises(MapErrors, match=r"site.yaml:\d+:\d+: pack.pair_witin: .*pair_within"):
        load(folder)


def test_locations_come_from_their_own_file_and_hang_on_nodes(folder: Path) -> None:
    file = folder / "locations.csv"
    file.write_text(file.read_text() + "A-07-1,B1,left,3\n")
    assert "A-07-1" in load(folder).locations

    file.write_text(file.read_text() + "A-07-2,B99,left,1\n")
    with pytest.raises(SettingsError, match=r"\.csv:15:1: location A-07-2: unknown node B99"):
        load(folder)


def test_a_layout_that_is_no_mapping_is_one_sentence(folder: Path) -> None:
    (folder / "layout.yaml").write_text("[1]\n")
    with pytest.raises(SettingsError, match=r"layout\.yaml:1:1: nodes, edges and blocks"):
        load(folder)


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "devices.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(MapErrors, match=r"devices\.yaml:1:1: not text in UTF-8"):
        load(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not an overlay"),
        ("[]", "not an overlay"),
        ('{"connections": 3}', "connections: "),
        ('{"conections": {}}', "conections: "),
        ('{"simulated": {"speed": 2}}', "simulated.seed: "),
    ],
)
def test_a_wrong_overlay_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    overlay = tmp_path / "overlay.json"
    overlay.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load(DEMO, overlay)


def test_an_overlay_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load(DEMO, tmp_path / "nowhere.json")


def test_simulators_alone_have_no_director(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.json"
    overlay.write_text('{"simulated": {"speed": 2, "seed": 7}}')
    settings = load(DEMO, overlay)
    assert settings.site.simulated and settings.simulated and not settings.simulated.control


def test_the_tolerance_of_a_scale_goes_before_the_sites(folder: Path) -> None:
    assert (load(folder).site.pack.tolerance_percent, load(folder).site.pack.tolerance_g) == (3, 40)
    file = folder / "devices.yaml"
    own = "    protocol: mt-sics\n    tolerance: {percent: 1, at_least: 5g}\n"
    file.write_text(file.read_text().replace("    protocol: mt-sics\n", own, 1))
    assert (load(folder).site.pack.tolerance_percent, load(folder).site.pack.tolerance_g) == (1, 5)
