"""The audit in a real browser: newest first, filtered and leafed through by keyboard."""

import json
import os

from playwright.async_api import Page, expect

from gateway.auditing import DECISIONS
from tests.pages.conftest import Served
from wcs.names import DeviceId
from wcs.observations import DeviceModeSet, TagWritten, WriteRefused

SORTER = DeviceId("sorter1")


async def a_day(floor: Served) -> None:
    desk = floor.bench
    for number in range(60):
        mode = "observe" if number % 2 else "manual"
        by = "bo" if number == 3 else "anna"
        at = desk.now.later(60)
        await desk.tell(DeviceModeSet(device=SORTER, mode=mode, by=by, at=at))  # type: ignore[arg-type]
    await desk.tell(
        TagWritten(device=SORTER, tag="speed", value="2.9", outcome="refused", before="1.2",
                   reason="2.9 is above its range, 0 to 2.5", by="anna", at=desk.now.later(60))
    )  # fmt: skip
    await desk.tell(
        WriteRefused(device=DeviceId("merge1"), what="Lane1.Priority 12", by="wedge",
                     reason="12 is above its range, 1 to 9", at=desk.now.later(60))
    )  # fmt: skip
    file = floor.bench.gateway.data
    assert file is not None
    line = {"at": desk.now.later(60).isoformat(), "by": "di", "did": "trust", "name": "CN=plc7",
            "fingerprint": "ab" * 32}  # fmt: skip
    (file / DECISIONS).parent.mkdir(exist_ok=True)
    (file / DECISIONS).write_text(json.dumps(line) + "\n")


async def test_who_did_what_when_and_from_what_to_what(floor: Served, page: Page) -> None:
    await a_day(floor)
    await page.goto(floor.enter("viewer"))
    await page.goto(f"{floor.url}/audit")
    rows = page.locator("tbody tr")
    await expect(rows.nth(0)).to_contain_text("certificate decided certificate CN=plc7")
    await expect(rows.nth(0)).to_contain_text("trusted")
    await expect(rows.nth(1)).to_contain_text("refused: 12 is above its range, 1 to 9")
    await expect(rows.nth(2)).to_contain_text("refused: 2.9 is above its range, 0 to 2.5")
    await expect(rows.nth(2).locator("td").nth(3)).to_have_text("1.2")
    await expect(rows.nth(2).locator("td").nth(4)).to_have_text("→ 2.9")
    await expect(rows.nth(3).locator("td").nth(3)).to_have_text("manual")
    await expect(rows.nth(3).locator("td").nth(4)).to_have_text("→ observe")
    if folder := os.environ.get("WEDGE_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/audit.png", full_page=True)


async def test_it_is_leafed_through_and_filtered_by_keyboard(floor: Served, page: Page) -> None:
    await a_day(floor)
    await page.goto(floor.enter("viewer"))
    await page.goto(f"{floor.url}/audit")
    older = page.get_by_role("link", name="Older")
    await older.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Newest")).to_be_visible()
    await expect(page.locator("tbody tr").first).to_contain_text("device mode set")
    await page.get_by_label("who").focus()
    await page.keyboard.type("bo")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("bo")
