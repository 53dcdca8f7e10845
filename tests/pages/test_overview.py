"""The overview in a browser: the whole floor, true while the server lives, stale when not."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.gateway.web.bench import settings
from tests.pages.busy import drive, lamp, order
from tests.pages.conftest import Served
from wcs.model import Lane
from wcs.names import DeviceId, LaneId

HIDE = """(on) => {
    Object.defineProperty(document, "hidden", { value: on, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SIZES = [(1024, 768), (1920, 1080)]


async def test_everything_of_the_floor_is_there_in_words(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-orders")).to_contain_text("1 held")
    await expect(page.locator("#region-orders")).to_contain_text("shop:1010")
    await expect(page.locator("#region-orders")).to_contain_text("late by 2 min")
    await expect(page.locator("#region-orders")).to_contain_text("SKU GHOST-1 is not known")
    await expect(page.locator("#region-devices")).to_contain_text("down: closed by the printer")
    await expect(page.locator("#region-errands")).to_contain_text("wrong weight")
    await expect(page.locator("#region-kpis")).to_contain_text("100.0 %")
    await expect(page.locator("#region-map .cell.lit")).to_have_count(2)
    await expect(page.locator("#region-map .cell.asked")).to_contain_text("silent")
    await expect(page.locator("#region-map .lane.abnormal")).to_contain_text("FULL")
    await expect(page.locator("#region-map .stage.away")).to_contain_text("away")
    await expect(page.get_by_role("note").filter(has_text="INSECURE")).to_contain_text("merge1")


async def test_a_change_is_seen_without_asking(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-map .lane.abnormal")).to_have_count(1)
    await floor.bench.save(lamp("A-02", 7), Lane(sorter=DeviceId("sorter1"), lane=LaneId("2")))
    await floor.bench.save(order(1001, "waiting"))
    await expect(page.locator("#region-map .cell.lit")).to_have_count(3)
    await expect(page.locator("#region-orders")).to_contain_text("0 held")
    await expect(page.locator("#region-map .lane.abnormal")).to_have_count(0)


async def test_the_vehicle_moves_without_a_commit(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    vehicle = page.locator("#vehicle")
    there = await vehicle.get_attribute("transform")
    drive(floor.bench, 9.0, 8.0)
    await expect(vehicle).not_to_have_attribute("transform", str(there))


async def test_it_looks_stale_soon_and_comes_back(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-map svg")).to_be_visible()
    await floor.stop()
    await expect(page.locator("#stale")).to_contain_text("Stale since 11:00:00", timeout=10_000)
    await expect(page.locator("body.stale #region-map")).to_be_visible()
    await floor.bench.save(order(1002, "shipped"))
    await floor.start()
    await expect(page.locator("#stale")).to_be_hidden(timeout=15_000)
    await expect(page.locator("#region-orders")).to_contain_text("24 shipped")


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_it_fits(floor: Served, page: Page, tmp_path: Path, width: int, height: int) -> None:
    """Nothing sticks out sideways; the picture is there for whoever wants to look."""
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(floor.enter())
    await expect(page.locator("#region-map svg")).to_be_visible()
    await page.screenshot(path=str(tmp_path / f"overview-{width}.png"))
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_hidden_page_lets_go_of_its_stream(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-map svg")).to_be_visible()
    assert floor.watched == 1
    await page.evaluate(HIDE, True)
    async with asyncio.timeout(10):
        while floor.watched:
            await asyncio.sleep(0.02)
    await floor.bench.save(order(1002, "shipped"))
    await page.evaluate(HIDE, False)
    await expect(page.locator("#region-orders")).to_contain_text("24 shipped")


async def test_a_store_that_stopped_is_said_loudly(floor: Served, page: Page) -> None:
    floor.bench.trouble = "wedge.db: disk full"
    await page.goto(floor.enter())
    await expect(page.locator("#region-notice")).to_contain_text("STOPPED")
    await expect(page.locator("#region-notice")).to_contain_text("disk full")


async def test_every_device_away_is_a_page_and_no_error(floor: Served, page: Page) -> None:
    floor.bench.up.clear()
    floor.bench.down.update({"shop": "connection refused", "erp": "timeout"})
    await page.goto(floor.enter())
    await expect(page.locator("#region-map .stage.away")).to_have_count(6)
    await expect(page.locator("#region-map .cell.away")).to_have_count(12)
    await expect(page.locator("#region-devices")).to_contain_text("the line is closed")


async def test_keyboard_alone_reaches_the_errand(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-errands a").first).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if "DESK" in (await page.locator(":focus").inner_text()):
            break
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{floor.url}/work/DESK")


def test_the_demo_site_says_that_it_is_simulated_only_when_it_is() -> None:
    assert not settings(None).site.simulated
