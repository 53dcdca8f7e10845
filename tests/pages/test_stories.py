"""Life, books and play in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.gateway.views.test_comparison import witness
from tests.pages.busy import busy
from tests.pages.conftest import Served, served
from tests.pages.director import World, directed


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with directed() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path, world: World) -> AsyncIterator[Served]:
    """The busy floor, simulated, with a director."""
    async with served(tmp_path, simulated=world.simulated) as it:
        await busy(it.bench)
        yield it


async def test_the_life_of_a_carton_is_found_by_keyboard(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("viewer"))
    await page.goto(f"{floor.url}/life")
    await page.keyboard.type("L00001020")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("is sorted at lane 1")
    await expect(page.locator(".steps")).to_contain_text("sent to lane 1: as ordered")
    await expect(page.locator(".steps")).to_contain_text("in lane 1, load 5-1")
    await page.goto(f"{floor.url}/life?of=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    await expect(page.get_by_role("alert")).to_contain_text("<script>alert(1)</script>")


async def test_books_without_witnesses_say_so(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("viewer"))
    await page.goto(f"{floor.url}/books")
    await expect(page.get_by_role("status")).to_contain_text("no witnesses to ask")
    await expect(page.locator("tbody").first).to_contain_text("SKU-003")


async def test_books_with_witnesses_name_every_difference(
    demo: Served, world: World, page: Page
) -> None:
    said = witness()
    said["world"]["initial"] = {f"SKU-00{n}": 5000 for n in (1, 2, 3)}
    said["world"]["shelf"] = [
        {"location": f"A-0{n}-1", "sku": f"SKU-00{n}", "qty": 5000 - (n == 3)} for n in (1, 2, 3)
    ]
    world.witness = said
    await page.goto(demo.enter("viewer"))
    await page.goto(f"{demo.url}/books")
    await expect(page.locator("main [role=alert]")).to_contain_text("not explained")
    await expect(page.locator("tbody").first).to_contain_text("5000 booked, 4999 lie there")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="items as CSV").click()
    text = Path(await (await download.value).path()).read_text()
    assert text.splitlines()[0].startswith("owner,sku,world_initial") and "SKU-003" in text


async def test_a_world_that_does_not_answer_is_a_state(demo: Served, page: Page) -> None:
    await page.goto(demo.enter("viewer"))
    await page.goto(f"{demo.url}/books")
    await expect(page.locator("main [role=status]")).to_contain_text("Our own side only")


async def test_a_visitor_orders_presses_and_breaks(demo: Served, world: World, page: Page) -> None:
    await page.goto(demo.enter())
    await expect(page.get_by_role("note").filter(has_text="SIMULATED")).to_be_visible()
    await page.goto(f"{demo.url}/play")
    await page.locator("select[name=sku]").select_option("SKU-003")
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.locator("#feedback.good")).to_contain_text("order 9001 is placed")
    await expect(page.locator("#region-yours")).to_contain_text("9001")
    lit = page.locator("#region-lit li").filter(has_text="A-04")
    await lit.get_by_role("button", name="confirm").click()
    await expect(page.locator("#feedback.bad")).to_have_text("NO: A-04 is dark")
    await page.get_by_label("Code").fill("L00001020")
    await page.get_by_role("button", name="Pull the trigger").click()
    await expect(page.locator("#feedback.good")).to_contain_text("hand1 read L00001020")
    await page.locator("#region-picking").get_by_role("button").first.click()
    await expect(page.locator("#feedback.good")).to_contain_text("cancelled 1003")
    await page.get_by_role("button", name="print1: pull the plug").click()
    await expect(page.locator("#region-faults")).to_contain_text("come to the hospital lane")
    await expect(page.locator("#region-things tr.p2")).to_contain_text("print1")
    assert [path for path, _ in world.asked] == [
        "play/order",
        "play/press",
        "play/scan",
        "play/cancel/1003",
        "break/print1",
    ]
    assert world.asked[0][1]["lines"] == [{"line": 1, "sku": "SKU-003", "qty": 2}]
    assert world.asked[1][1] == {"light": "A-04", "button": "confirm", "qty": 3}


async def test_a_real_site_has_nothing_to_play_with(floor: Served, page: Page) -> None:
    await page.goto(floor.enter())
    await expect(page.get_by_role("link", name="Play")).to_have_count(0)
    await page.goto(f"{floor.url}/play")
    await expect(page.get_by_role("alert")).to_contain_text("this site is real")
