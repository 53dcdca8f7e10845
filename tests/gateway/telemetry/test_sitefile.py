"""The `telemetry:` block of the site file: off without it, strict with it, mistakes with their
place."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from devices.map.load import MapErrors
from gateway.reload import difference, keeping
from gateway.settings import SettingsError, load

DEMO = Path(__file__).parents[3] / "config" / "demo"
GOOD = "telemetry: {connection: broker, site: wh1}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


def says(folder: Path, block: str) -> int:
    """The line where it stands."""
    file = folder / "site.yaml"
    text = file.read_text()
    file.write_text(text + block)
    return text.count("\n") + 1


def test_without_a_block_nothing_is_published() -> None:
    assert load(DEMO).telemetry is None


def test_a_block_says_where_and_how_much_is_kept(folder: Path) -> None:
    says(folder, GOOD.replace("}", ", prefix: acme/north, size: 500MB, age: 24h, largest: 64KB}"))
    found = load(folder).telemetry
    assert found is not None
    assert (found.prefix, found.size, found.age_s) == ("acme/north", 500e6, 86_400.0)
    assert (found.largest, found.disk) == (64e3, "unacknowledged")


@pytest.mark.parametrize(
    ("block", "column", "words"),
    [
        ("telemetry: {connection: broker, site: wh1, sise: 2GB}", 44, "did you mean 'size'"),
        ("telemetry: {connection: broker, site: wh1, size: 2}", 50, "256KB, 2GB"),
        ("telemetry: {connection: broker, site: a/b}", 39, "more than one level"),
        ("telemetry: {connection: broker, site: wh1, prefix: 'a/+'}", 52, "is no topic"),
        ("telemetry: {connection: broker, site: wh1, disk: never}", 50, "unacknowledged"),
        ("telemetry: {connection: broker}", 1, "site: is missing"),
    ],
)
def test_mistakes_have_their_place(folder: Path, block: str, column: int, words: str) -> None:
    line = says(folder, block + "\n")
    with pytest.raises(MapErrors) as told:
        load(folder)
    assert f"site.yaml:{line}:{column}: telemetry" in str(told.value)
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plc_sorter", "'plc_sorter' is a modbus-tcp; an mqtt connection is needed there"),
        ("brocker", r"'brocker' is not in the device map.*did you mean 'broker'"),
    ],
)
def test_the_connection_is_a_broker_of_the_map(folder: Path, name: str, words: str) -> None:
    says(folder, GOOD.replace("broker", name))
    with pytest.raises(SettingsError, match=words):
        load(folder)


def test_a_reload_says_that_another_block_is_taken_at_the_next_start(folder: Path) -> None:
    before = load(folder)
    says(folder, GOOD)
    fresh = load(folder)
    after = keeping(before, fresh)
    assert after.telemetry is None
    assert difference(before, after, fresh).restart == (
        "telemetry: what stands there is taken at the next start",
    )
    assert difference(before, after, replace(fresh, telemetry=None)).restart == ()
