"""`/work` on a handheld: one task, resumed anywhere, worked by scan, tap or keyboard."""

import os
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.pages.busy import errand, pick, step
from tests.pages.conftest import Served
from wcs.model import Pick
from wcs.names import Lpn, OrderKey, StationId, TaskId
from wcs.observations import PickReported

HANDHELD = {"width": 360, "height": 640}


@pytest_asyncio.fixture(loop_scope="session")
async def handheld(floor: Served, page: Page) -> Page:
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.goto(floor.enter("operator"))
    await page.goto(f"{floor.url}/work/PICK-A")
    return page


def done_to(floor: Served, n: int, state: Any = "picking") -> Pick:
    """The pick of the busy floor with its first `n` steps confirmed."""
    before = pick()
    steps = [
        step(s.line, s.location, s.light, s.qty, state="confirmed" if i < n else "open")
        for i, s in enumerate(before.steps)
    ]
    return Pick(
        key=TaskId("12"),
        order=OrderKey("shop:1003"),
        station=StationId("PICK-A"),
        steps=tuple(steps),
        length_mm=1,
        why="",
        state=state,
        lpn=Lpn("L00001003"),
        started_at=before.started_at,
    )


def acted(floor: Served) -> list[Any]:
    return [seen.observation for seen in floor.bench.asked]


async def test_the_task_is_large_and_the_keys_are_for_gloves(
    floor: Served, handheld: Page, tmp_path: Path
) -> None:
    await handheld.screenshot(path=str(tmp_path / "work.png"))
    await expect(handheld.locator(".location")).to_have_text("A-02-2")
    await expect(handheld.locator(".quantity")).to_have_text("3")
    await expect(handheld.locator("#region-task")).to_contain_text("Mug, white")
    await expect(handheld.locator("#region-task")).to_contain_text("step 2 of 3")
    for key in ("#confirm", "#short", "#cancel", "#type", "#scan"):
        box = await handheld.locator(key).bounding_box()
        assert box and box["height"] >= 48 and box["y"] + box["height"] <= 640, key
    assert await handheld.evaluate("document.documentElement.scrollWidth") <= 360
    assert await handheld.locator("#scan").get_attribute("inputmode") == "none"
    await expect(handheld.locator("#scan")).to_be_focused()


async def test_a_tap_confirms_and_the_next_step_comes_by_itself(
    floor: Served, handheld: Page
) -> None:
    floor.bench.rules["PickReported"] = lambda tx: tx.save(done_to(floor, 2))
    await handheld.locator("#confirm").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("OK: 3 picked")
    await expect(handheld.locator(".location")).to_have_text("A-05-1")
    (seen,) = acted(floor)
    assert (seen.task, seen.button, seen.qty, seen.by) == ("12.2", "confirm", 3, "page-operator")
    await expect(handheld.locator("#scan")).to_be_focused()


async def test_a_double_tap_confirms_one_step(floor: Served, handheld: Page) -> None:
    floor.bench.rules["PickReported"] = lambda tx: tx.save(done_to(floor, 2))
    await handheld.locator("#confirm").dblclick(delay=60)
    await expect(handheld.locator(".location")).to_have_text("A-05-1")
    assert [seen.task for seen in acted(floor)] == ["12.2"]


async def test_a_scan_of_location_or_item_confirms_and_of_a_plate_is_a_scan(
    floor: Served, handheld: Page
) -> None:
    for code in ("A-02-2", "9506000000012", "L00001003"):
        await handheld.keyboard.type(code)
        await handheld.keyboard.press("Enter")
        await expect(handheld.locator("#feedback.good")).to_have_text(f"OK: {code}")
        await expect(handheld.locator("#scan")).to_have_value("")
    kinds = [type(seen).__name__ for seen in acted(floor)]
    assert kinds == ["PickReported", "PickReported", "Scanned"]
    assert acted(floor)[2].codes == ("L00001003",)


async def test_a_refusal_is_said_in_words(floor: Served, handheld: Page) -> None:
    floor.bench.rules["Scanned"] = lambda tx: tx.answer("refused", "L00009999 holds order shop:7")
    await handheld.keyboard.type("L00009999\n")
    await expect(handheld.locator("#feedback.bad")).to_have_text(
        "NO: L00009999 holds order shop:7; wanted: A-02-2 or Mug, white (SKU-002)"
    )


async def test_short_by_keyboard_alone(floor: Served, handheld: Page) -> None:
    await handheld.keyboard.press("F2")
    await expect(handheld.locator("#short-panel")).to_be_visible()
    await handheld.keyboard.press("Control+A")
    await handheld.keyboard.type("2")
    await handheld.keyboard.press("Tab")
    await handheld.keyboard.press("Tab")
    await handheld.keyboard.press("Enter")
    await expect(handheld.locator("#feedback.good")).to_contain_text("short: 2 found")
    (seen,) = acted(floor)
    assert (seen.button, seen.qty) == ("short", 2)


async def test_cancel_reports_nothing(floor: Served, handheld: Page) -> None:
    await handheld.locator("#short").click()
    await handheld.keyboard.press("F1")
    await expect(handheld.locator("#short-panel")).to_be_hidden()
    await expect(handheld.locator("#feedback")).to_contain_text("nothing was reported")
    assert acted(floor) == []


async def test_reload_and_a_second_login_resume_at_the_same_step(
    floor: Served, handheld: Page, browser: Browser
) -> None:
    await floor.bench.save(done_to(floor, 2))
    await expect(handheld.locator(".location")).to_have_text("A-05-1")
    await handheld.reload()
    await expect(handheld.locator(".location")).to_have_text("A-05-1")
    other = await browser.new_context()
    tab = await other.new_page()
    await tab.goto(floor.enter("admin"))
    await tab.goto(f"{floor.url}/work/PICK-A")
    await expect(tab.locator(".location")).to_have_text("A-05-1")
    await floor.bench.save(done_to(floor, 3, "done"))
    for each in (handheld, tab):
        await expect(each.locator("#region-task")).to_contain_text("No order to pick")
    await other.close()


async def test_what_the_network_swallowed_is_sent_again_once(floor: Served, handheld: Page) -> None:
    await floor.stop()
    await handheld.locator("#confirm").click()
    await expect(handheld.locator("#feedback.bad")).to_contain_text("NOT SENT: 1 waiting")
    assert acted(floor) == []
    await floor.start()
    await expect(handheld.locator("#feedback.good")).to_contain_text("OK: 3 picked", timeout=8000)
    assert [seen.task for seen in acted(floor)] == ["12.2"]


async def test_errands_are_ended_with_their_buttons(floor: Served, handheld: Page) -> None:
    await handheld.goto(f"{floor.url}/work/DESK")
    count = handheld.get_by_role("region", name="count A-06-2")
    await count.get_by_label("pieces counted").fill("2")
    await count.get_by_role("button", name="Counted").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Counted")
    back = handheld.get_by_role("region", name="put back L00001006")
    await back.get_by_role("button", name="Put back").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Put back")
    pull = handheld.get_by_role("region", name="pull L00001007")
    await pull.get_by_role("button").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Pulled")
    short = handheld.get_by_role("region", name="ask short shop:1009")
    await short.get_by_role("button", name="Ship partial").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Ship partial")
    handheld.on("dialog", lambda dialog: dialog.accept())
    search = handheld.get_by_role("region", name="search L00001008")
    await search.get_by_role("button", name="Lost").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Lost")
    kinds = [type(seen).__name__ for seen in acted(floor)]
    assert kinds == ["Counted", "PutBack", "CartonPulled", "ShortAnswered", "CartonLost"]
    assert acted(floor)[0].qty == 2 and acted(floor)[1].qty == 2


async def test_the_hospital_offers_the_remedy_first(floor: Served, handheld: Page) -> None:
    await handheld.goto(f"{floor.url}/work/HOSPITAL")
    carton = handheld.get_by_role("region", name="hospital L00001005")
    await expect(carton.locator("button.good")).to_have_text("Accept weight")
    await carton.get_by_role("button", name="Accept weight").click()
    await expect(handheld.locator("#feedback.good")).to_contain_text("Accept weight")
    assert acted(floor)[0].remedy == "accept_weight"


async def test_a_viewer_may_not_work(floor: Served, page: Page) -> None:
    await page.goto(floor.enter("viewer"))
    await page.goto(f"{floor.url}/work/PICK-A")
    await expect(page.get_by_role("alert")).to_contain_text("is a viewer; this page needs operator")


async def test_a_scan_at_the_desk_finds_its_errand(floor: Served, handheld: Page) -> None:
    await handheld.goto(f"{floor.url}/work/DESK")
    await handheld.keyboard.type("A-06-2\n")
    await expect(handheld.locator("#feedback.good")).to_have_text("OK: count A-06-2")
    await expect(handheld.get_by_label("pieces counted")).to_be_focused()
    await handheld.locator("#scan").focus()
    await handheld.keyboard.type("L00009999\n")
    await expect(handheld.locator("#feedback.bad")).to_contain_text("nothing waits here")
    assert acted(floor) == []


async def test_a_pick_whose_light_has_failed_has_a_button_of_its_own(
    floor: Served, handheld: Page
) -> None:
    failed = errand(
        "lamp", "PICK-A", "A-09", "Light A-09 does not answer.", "confirm its picks here"
    )
    await floor.bench.save(failed)
    panel = handheld.locator("#byhand-12\\.3")
    await expect(panel).to_contain_text("A-05-1")
    await expect(panel).to_contain_text("Light A-09 does not answer. Confirm here.")
    await panel.get_by_role("button", name="Picked").click()
    await expect(handheld.locator("#feedback")).to_have_text("OK: Picked")
    told = acted(floor)[-1]
    assert isinstance(told, PickReported)
    assert (told.task, told.button, told.qty) == ("12.3", "confirm", 12)
    await floor.bench.save(done_to(floor, 3))
    await expect(panel).to_have_count(0)


@pytest.mark.parametrize(
    ("button", "there"), [("The label is there", True), ("There is none, print again", False)]
)
async def test_a_held_label_is_judged_with_one_of_two_buttons(
    floor: Served, handheld: Page, button: str, there: bool
) -> None:
    said = "print1: nobody knows whether the label of L00001005 came out: the line dropped"
    await floor.bench.save(errand("label", "DESK", "L00001005", said, "look at the carton"))
    await handheld.goto(f"{floor.url}/work/DESK")
    held = handheld.get_by_role("region", name="label L00001005")
    await expect(held).to_contain_text(said)
    if folder := os.environ.get("WEDGE_SCREENSHOTS"):
        await held.screenshot(path=f"{folder}/label.png")
    await held.get_by_role("button", name=button).click()
    await expect(handheld.locator("#feedback.good")).to_contain_text(button)
    (judged,) = acted(floor)
    assert (judged.lpn, judged.there, judged.by) == ("L00001005", there, "page-operator")
