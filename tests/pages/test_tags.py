"""The tag browser in a real browser: values that move, a filter, and a write, all by keyboard."""

from dataclasses import replace
from typing import Any

from playwright.async_api import Page, expect

from devices.plant import Effective
from devices.tags.value import Value
from tests.pages.conftest import Served
from wcs.names import DeviceId

SORTER = DeviceId("sorter1")


class Registers:
    """The open line of a sorter that does what it is told."""

    def __init__(self, floor: Served) -> None:
        self.bench, self.lane = floor.bench, 1

    def view(self) -> dict[str, Value]:
        at = self.bench.now()
        return {
            "cmd_lane": Value(self.lane, at, raw=(self.lane,)),
            "speed": Value(None, at, "m/s", "bad", "the device has no such address"),
            "running": Value(True, at, raw=(1,)),
        }

    async def write(self, *steps: Any, before: Any = None) -> None:
        self.lane = steps[0]["cmd_lane"]

    async def read(self, *names: str) -> dict[str, Value]:
        return {name: self.view()[name] for name in names}


async def opened(floor: Served, page: Page) -> Registers:
    bench, registers = floor.bench, Registers(floor)
    config = bench.known.map.devices["sorter1"]
    line = bench.known.map.connections[config.connection]
    bench.gateway.equipment.wanted = {SORTER: Effective(config, line, "manual")}
    bench.live.attach(SORTER, registers.view, registers)  # type: ignore[arg-type]
    await page.goto(floor.enter("engineer"))
    await page.goto(f"{floor.url}/tags?device=sorter1")
    return registers


def row(page: Page, name: str) -> Any:
    return page.locator("#tags tbody tr").filter(has=page.locator("th", has_text=name))


async def test_values_move_and_bad_ones_say_why(floor: Served, page: Page) -> None:
    registers = await opened(floor, page)
    await expect(row(page, "sorter1.cmd_lane")).to_contain_text("0001 (1)")
    await expect(row(page, "sorter1.speed")).to_contain_text("bad: the device has no such address")
    registers.lane = 3
    await expect(row(page, "sorter1.cmd_lane")).to_contain_text("0003 (3)")
    await page.get_by_label("only what is not good").check()
    await expect(row(page, "sorter1.cmd_lane")).to_have_count(0)
    await expect(row(page, "sorter1.speed")).to_have_count(1)


async def test_a_tag_is_written_by_keyboard_alone(floor: Served, page: Page) -> None:
    registers = await opened(floor, page)
    await expect(row(page, "sorter1.cmd_lane")).to_have_count(1)
    await page.keyboard.press("/")
    await page.keyboard.type("cmd_lane")
    await expect(page.locator("#tags tbody tr")).to_have_count(1)
    await page.keyboard.press("Escape")
    for key in ("ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator("#write")).to_contain_text("uint16, 0 to 3")
    await page.keyboard.type("2")
    await page.keyboard.press("Enter")
    await expect(page.locator("#feedback")).to_contain_text("OK: sorter1.cmd_lane reads 2")
    assert registers.lane == 2


async def test_a_refusal_is_said_and_a_gateway_that_is_away_is_seen(
    floor: Served, page: Page
) -> None:
    await opened(floor, page)
    wanted = floor.bench.gateway.equipment.wanted
    observed = {id: replace(one, mode="observe") for id, one in wanted.items()}
    floor.bench.gateway.equipment.wanted = observed
    await row(page, "sorter1.cmd_lane").dblclick()
    await page.keyboard.type("2")
    await page.keyboard.press("Enter")
    await expect(page.locator("#feedback")).to_contain_text("NO: the device is in observe")
    await floor.stop()
    await expect(page.locator("#stale")).to_contain_text("Stale since")
    await floor.start()
    await expect(page.locator("#stale")).to_be_hidden()
