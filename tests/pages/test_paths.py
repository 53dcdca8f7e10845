"""Paths on the pages: a picker sees the numbered stops that are left, the overview everybody's; a
floor of hundreds of bays is drawn from its layout."""

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.gateway.web.bench import settings
from tests.pages.busy import busy, pick, step
from tests.pages.conftest import Served, served
from wcs.model import Pick
from wcs.names import LightId, LocationCode
from wcs.site import Site

HALL = ("H-02-004-1-L", "H-09-017-1-R", "H-05-028-1-L")


def hall() -> Site:
    """The demo site with a hall of 12 aisles beside it, and lamps at some of its shelves."""
    site = settings(None).site
    data = json.loads(site.layout)
    data["blocks"] = [{"id": "H", "aisles": 12, "bays": 30, "blocks": 2, "x": -40.0, "y": -20.0}]
    data["edges"].append({"u": "STACK", "v": "H-x1-12"})
    lights = {LocationCode(code): LightId(f"H-{n}") for n, code in enumerate(HALL)}
    zone = dataclasses.replace(site.zones[0], light_of=site.zones[0].light_of | lights)
    return dataclasses.replace(site, layout=json.dumps(data), zones=(zone,))


def in_the_hall(done: int) -> Pick:
    steps = [
        step(n, code, f"H-{n - 1}", n, state="confirmed" if n <= done else "open")
        for n, code in enumerate(HALL, 1)
    ]
    return dataclasses.replace(pick(), steps=tuple(steps))


@pytest_asyncio.fixture(loop_scope="session")
async def large(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, site=hall()) as it:
        await busy(it.bench)
        await it.bench.save(in_the_hall(1))
        yield it


async def test_a_picker_sees_what_is_left_and_it_follows_each_step(
    floor: Served, page: Page, tmp_path: Path
) -> None:
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.goto(floor.enter("operator"))
    await page.goto(f"{floor.url}/work/PICK-A")
    stops = page.locator("#region-path .stop")
    await expect(stops).to_have_text(["stop 1: 2 at A-01-1, done✓", *_later(2)])
    await expect(page.locator("#region-path")).to_contain_text("9 m to walk")
    await page.locator("#region-path svg").scroll_into_view_if_needed()
    await page.screenshot(path=str(tmp_path / "path.png"))
    after = [dataclasses.replace(s, state="confirmed") for s in pick().steps[:2]]
    await floor.bench.save(dataclasses.replace(pick(), steps=(*after, pick().steps[2])))
    await expect(page.locator("#region-path .stop.next")).to_contain_text("A-05-1")
    await expect(page.locator("#region-path")).to_contain_text("7 m to walk")
    await floor.bench.save(dataclasses.replace(pick(), state="done"))
    await expect(page.locator("#region-path svg")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


def _later(first: int) -> list[str]:
    return [f"stop {first}: 3 at A-02-2, the next one{first}", "stop 3: 12 at A-05-1, to come3"]


async def test_the_overview_shows_every_path_under_way(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.locator("#region-map .walk title")).to_have_text(
        "PICK-A: 9 m left for shop:1003"
    )
    assert await page.locator("#region-map .stop").count() == 3
    await floor.bench.save(dataclasses.replace(pick(), state="done"))
    await expect(page.locator("#region-map .walk")).to_have_count(0)


@pytest.mark.parametrize(("path", "width"), [("/", 1920), ("/work/PICK-A", 360)])
async def test_a_large_floor_is_drawn_from_its_layout(
    large: Served, page: Page, tmp_path: Path, path: str, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 1080})
    await page.goto(large.enter())
    async with page.expect_response("**/overview/ground.svg*") as heard:
        await page.goto(f"{large.url}{path}")
    ground = await (await heard.value).text()
    assert ground.count("<title>") == 1 + 12 * 30 * 2 + 6  # the hall's faces, the demo's bays
    await expect(page.locator("main .stop.next")).to_contain_text("2 at H-09-017-1-R")
    await expect(page.locator("main .walk polyline")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.screenshot(path=str(tmp_path / "large.png"), full_page=True)
