"""What a reload would change, said in words; and what only a restart can take."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from devices.plant import Swap
from gateway.plant import effective
from gateway.reload import BadFiles, Files, difference, in_words, keeping
from gateway.settings import Settings, load
from wcs.names import DeviceId

DEMO = Path(__file__).parents[2] / "config" / "demo"


@pytest.fixture(scope="module")
def running() -> Settings:
    return load(DEMO)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DEMO, tmp_path / "site")
    return tmp_path / "site"


def edit(folder: Path, file: str, before: str, after: str) -> Settings:
    path = folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    return load(folder)


def test_the_same_files_are_no_difference(running: Settings, folder: Path) -> None:
    fresh = load(folder)
    found = difference(running, keeping(running, fresh), fresh)
    assert not found and found.restart == () and found.devices == ()
    assert in_words(found, Swap()) == "nothing is different"


def test_a_line_that_changed_swaps_its_devices_alone(running: Settings, folder: Path) -> None:
    fresh = edit(folder, "devices.yaml", "port: 4305", "port: 4306")
    found = difference(running, keeping(running, fresh), fresh)
    assert found.map == ("connections.tcp_scale.port: 4305 -> 4306",)
    assert found.devices == ("scale1",) and found.rules == ()
    done = Swap(swapped=(DeviceId("scale1"),))
    assert in_words(found, done) == "swapped scale1"


def test_a_rule_that_changed_swaps_nothing(running: Settings, folder: Path) -> None:
    fresh = edit(folder, "site.yaml", "max_loops: 3", "max_loops: 4")
    found = difference(running, keeping(running, fresh), fresh)
    assert found.rules == ("sorter.max_loops: 3 -> 4",)
    assert found.devices == ()


def test_a_new_site_may_begin_in_observe(running: Settings, folder: Path) -> None:
    fresh = edit(folder, "site.yaml", "layout: layout.yaml", "mode: observe\nlayout: layout.yaml")
    found = difference(running, keeping(running, fresh), fresh)
    assert found.rules == ("mode: automatic -> observe",)
    modes = {one.mode for one in effective(fresh.map, fresh.site.mode, {}, lambda _: None).values()}
    assert modes == {"observe"}


def test_the_address_of_a_host_is_for_the_next_start(running: Settings, folder: Path) -> None:
    (channel,) = running.channels
    fresh = edit(folder, "site.yaml", f"url: {channel.url}", "url: http://127.0.0.1:1")
    after = keeping(running, fresh)
    assert after.channels == running.channels
    found = difference(running, after, fresh)
    assert not found
    assert found.restart and "next start" in found.restart[0]
    assert "after a restart: channel" in in_words(found, Swap())


def test_rules_hear_of_no_carrier_to_which_there_is_no_line(running: Settings) -> None:
    more = replace(running.site.carriers[0], id="other")  # type: ignore[arg-type]
    fresh = replace(running, site=replace(running.site, carriers=(*running.site.carriers, more)))
    assert keeping(running, fresh).site.carriers == running.site.carriers


async def test_files_are_read_by_a_program_of_their_own(running: Settings, folder: Path) -> None:
    read = await Files(folder, None).read()
    assert read.site == running.site
    assert read.map.devices == running.map.devices  # or every device would be swapped
    assert read.map.connections == running.map.connections


async def test_a_bad_file_is_said_as_the_check_says_it(folder: Path) -> None:
    path = folder / "devices.yaml"
    path.write_text(path.read_text().replace("protocol: mt-sics", "protokol: mt-sics"))
    with pytest.raises(BadFiles) as told:
        await Files(folder, None).read()
    assert f"{path}:" in str(told.value) and "protokol" in str(told.value)


async def test_no_file_at_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises((OSError, BadFiles), match=r"devices\.yaml"):
        await Files(tmp_path, None).read()
