"""The zone on Mosquitto: states, presses, restarts of zone and broker, the last will."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulators.child import Child, Program
from simulators.spawn import Nursery
from tests.simulators.lights.peer import Peer, World, broker, child, peer, world

ZONE = "wh1/ptl/A"
DEMO = Path("config/demo")


class Site:
    def __init__(self, broker: Child, zone: Child, gateway: Peer, floor: World) -> None:
        self.broker, self.zone, self.gateway, self.floor = broker, zone, gateway, floor

    def light(self, light: str, task: str | None, late_s: float = -5) -> None:
        before = (datetime.now(UTC) - timedelta(seconds=late_s)).isoformat()
        command = {"task": task, "on": task is not None, "qty": 2, "before": before}
        self.gateway.say(f"{ZONE}/{light}/set", command)

    async def shows(self, light: str, task: str | None) -> bool:
        """Waits for the lamp's answer; returns whether it was retained."""
        state = {"task": task, "on": task is not None}
        heard = await self.gateway.hears(lambda h: h[:2] == (f"{ZONE}/{light}/state", state))
        return heard[2]

    def press(self, light: str, button: str = "confirm", qty: int = 2) -> None:
        fact = {"fact": "press", "light": light, "button": button, "qty": qty}
        self.floor.bus.tell("ptl_a", fact)

    async def event(self, light: str) -> dict:
        return (await self.gateway.hears(lambda h: h[0] == f"{ZONE}/{light}/event"))[1]

    async def status(self, online: bool) -> dict:
        heard = await self.gateway.hears(
            lambda h: h[0] == f"{ZONE}/status" and h[1]["online"] is online
        )
        return heard[1]


@pytest.fixture
async def site(mosquitto: Path, tmp_path: Path, nursery: Nursery) -> AsyncIterator[Site]:
    async with (
        world() as (floor, floor_at),
        child(broker(tmp_path), tmp_path, nursery) as mqtt,
        peer(mqtt.address["port"], f"{ZONE}/#", "gateway") as gateway,
    ):
        lines = ("--broker", f"127.0.0.1:{mqtt.address['port']}", "--world", floor_at)
        program = Program("ptl_a", "simulators.lights", ("--map", str(DEMO), *lines))
        async with child(program, tmp_path, nursery) as zone:
            yield Site(mqtt, zone, gateway, floor)


async def test_a_lamp_answers_and_the_world_sees_it(site: Site) -> None:
    await site.floor.sees(lambda act: act["act"] == "lamp" and not act["on"])
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    seen = await site.floor.sees(lambda act: act["act"] == "lamp" and act["on"])
    assert (seen["light"], seen["task"], seen["qty"]) == ("A-03", "12-3", 2)


async def test_a_late_command_is_not_even_answered(site: Site) -> None:
    await site.shows("A-12", None)  # the last of the start
    site.light("A-03", "late", late_s=1)
    site.light("A-04", "in time")
    heard = await site.gateway.hears(lambda h: h[0].endswith("state"))
    assert heard[:2] == (f"{ZONE}/A-04/state", {"task": "in time", "on": True})


async def test_a_press_names_the_task_and_counts_on(site: Site) -> None:
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    site.press("A-03")
    first = await site.event("A-03")
    site.press("A-05", "short", 0)
    second = await site.event("A-05")
    boot = (await restarted_status(site))["boot"]
    assert first == {"event": "confirm", "qty": 2, "task": "12-3", "seq": 1, "boot": boot}
    assert second == {"event": "short", "qty": 0, "task": None, "seq": 2, "boot": boot}


async def restarted_status(site: Site) -> dict:
    """What a gateway that subscribes now is told: the retained status."""
    async with peer(site.broker.address["port"], f"{ZONE}/status") as late:
        return (await late.hears(lambda h: h[2]))[1]


async def test_states_are_retained(site: Site) -> None:
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    async with peer(site.broker.address["port"], f"{ZONE}/A-03/state") as late:
        assert await late.hears(lambda h: h[2]) == (
            f"{ZONE}/A-03/state",
            {"task": "12-3", "on": True},
            True,
        )


async def test_a_killed_zone_is_missed_and_comes_back_dark_under_a_new_boot(site: Site) -> None:
    boot = (await site.status(True))["boot"]
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    await site.zone.kill()
    assert await site.status(False) == {"online": False}
    await site.zone.start()
    assert (await site.status(True))["boot"] != boot
    await site.shows("A-03", None)


async def test_a_press_without_a_broker_is_told_when_there_is_one_again(site: Site) -> None:
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    await site.broker.stop()
    site.press("A-03")
    await site.broker.start()
    event = await site.event("A-03")
    assert (event["seq"], event["task"]) == (1, "12-3")


async def test_a_zone_says_everything_again_to_a_broker_that_forgot(site: Site) -> None:
    boot = (await site.status(True))["boot"]
    site.light("A-03", "12-3")
    await site.shows("A-03", "12-3")
    port = site.broker.address["port"]
    await site.broker.kill()
    await site.broker.start()
    assert site.broker.address["port"] == port
    assert (await site.status(True))["boot"] == boot
    await site.shows("A-03", "12-3")
