"""Devices, files and the look before a shift, in a browser."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import Served
from wcs.equipment import Compared, Comparison, Shift
from wcs.names import DeviceId, LaneId, Lpn
from wcs.observations import DeviceModeSet
from wcs.readylines import ReadyLine

SIZES = [(1024, 768), (1920, 1080)]
SORTER = DeviceId("sorter1")


async def compared(floor: Served) -> None:
    at = floor.bench.now()
    rows = [
        Comparison(
            sorter=SORTER,
            number=n,
            place=n,
            track=n,
            lpn=Lpn(f"L{n:08}"),
            chosen=LaneId("1"),
            why="lane 1 takes cartons of swift",
            went=LaneId("2" if n == 3 else "1"),
            result="diverted",
            at=at,
        )
        for n in range(4)
    ]
    await floor.bench.save(Compared(sorter=SORTER, cartons=4), *rows)


async def test_a_mode_is_set_by_a_click_and_said(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("engineer"))
    await page.goto(f"{floor.url}/devices/sorter1")
    await expect(page.get_by_role("button", name="automatic")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_role("button", name="observe").click()
    await expect(page.locator("#feedback")).to_contain_text("OK")
    await expect(page.get_by_role("button", name="observe")).to_have_attribute(
        "aria-pressed", "true"
    )
    seen = [one.observation for one in floor.bench.asked]
    set_ = [one for one in seen if isinstance(one, DeviceModeSet)]
    assert [(one.device, one.mode, one.by) for one in set_] == [
        ("sorter1", "observe", "page-engineer")
    ]
    await page.goto(f"{floor.url}/devices")
    await expect(page.locator("#region-devices")).to_contain_text("OBSERVE")


async def test_who_is_no_engineer_reads_and_changes_nothing(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("operator"))
    await page.goto(f"{floor.url}/devices/sorter1")
    await expect(page.locator("#feedback")).to_contain_text("An engineer may change")
    await expect(page.get_by_role("button", name="observe")).to_have_count(0)


async def test_our_choices_stand_beside_those_of_the_old_system(floor: Served, page: Page) -> None:
    await compared(floor)
    await page.goto(floor.enter("engineer"))
    await page.goto(f"{floor.url}/devices/sorter1")
    await expect(page.locator(".agreement")).to_have_text("75.0 %")
    await expect(page.locator("tr.p2", has_text="DIFFERS")).to_have_count(1)


async def test_a_replaced_unit_is_tried_and_its_problem_said(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("engineer"))
    await page.goto(f"{floor.url}/devices/scale1")
    floor.bench.trials.problems["scale1"] = "nobody answers"
    await page.get_by_label("host").fill("10.0.0.9")
    await page.get_by_role("button", name="Try the new one").click()
    await expect(page.locator("#feedback")).to_contain_text("the old one stays: nobody answers")
    del floor.bench.trials.problems["scale1"]
    await page.get_by_role("button", name="Try the new one").click()
    await expect(page.locator("main")).to_contain_text("10.0.0.9")
    await expect(page.locator("main")).to_contain_text("REPLACED")


async def test_a_simulated_device_is_said_on_every_page_at_once(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("engineer"))
    await expect(page.locator("#region-simulated")).to_be_empty()
    await floor.bench.gateway.equipment.simulate("scale1", True, "anna")
    await expect(page.locator("#region-simulated")).to_contain_text("SIMULATED")
    await expect(page.locator("#region-simulated")).to_contain_text("scale1")
    for path in ("/devices", "/work", "/books", "/life", "/ready", "/work/PICK-A"):
        await page.goto(floor.url + path)
        await expect(page.get_by_role("alert").filter(has_text="scale1")).to_be_visible()


async def test_the_files_beside_what_runs(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("engineer"))
    await page.goto(f"{floor.url}/reload")
    await expect(page.locator("#feedback")).to_have_text("Nothing is different.")


async def test_before_a_shift_each_line_has_its_remedy(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("operator"))
    await page.goto(f"{floor.url}/ready")
    await expect(page.locator("tr.p1", has_text="print2")).to_contain_text("power")
    await expect(page.locator("tr", has_text="test scan").first).to_contain_text("scan anything")
    await page.get_by_role("button", name="Keep with my name").click()
    await expect(page.locator("main")).to_contain_text("Last kept by page-operator")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_they_fit(floor: Served, page: Page, tmp_path: Path, width: int, height: int) -> None:
    await compared(floor)
    line = ReadyLine(check="clock", state="good", found="in step")
    await floor.bench.save(Shift(lines=(line,), by="anna", at=floor.bench.now()))
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(floor.enter("engineer"))
    for path in ("/devices", "/devices/sorter1", "/devices/hand1", "/ready", "/reload"):
        await page.goto(floor.url + path)
        name = path.strip("/").replace("/", "-")
        await page.screenshot(path=str(tmp_path / f"{name}-{width}.png"), full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
