"""Lamps in test: one by one, all at once, and until each key was pressed."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import pytest

from devices.links import Links
from devices.map.schema import DeviceMap, LightZone, SiteId
from gateway import lampwalk
from gateway.lampwalk import LampWalk, NotNow
from tests.contract.zones import until
from tests.devices.peers import HandClock
from wcs.commands import SetLight
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered, LightPressed

T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)
ZONE = DeviceId("z1")
CONFIG = LightZone.model_validate(
    {
        "kind": "pick-to-light-zone",
        "connection": "line",
        "lights": ["A-00", "A-01", "A-02"],
        "display": "A-00",
        "mqtt": {"command": "{light}", "event": "e/{light}", "status": "s"},
    }
)


class Rack:
    """A session whose lamps answer at once, but for those that are dead; each lamp lit or not."""

    has = ()

    def __init__(self, dead: str = "") -> None:
        self.walk = LampWalk(lambda: MAP, self._links(), no_rows, lambda: T0)
        self.walk.shown_s = self.walk.all_shown_s = 0.0
        self.lit: dict[str, str | None] = {}
        self.most = 0
        self._dead = dead

    def _links(self) -> Links:
        links = Links(self._report, HandClock())
        links.opened(ZONE, self)  # type: ignore[arg-type]
        return links

    async def _report(self, seen: Seen) -> None: ...

    def settled(self, seen: Seen, answer: Answer) -> None: ...

    def post(self, posted: Posted) -> None:
        command = posted.command
        assert isinstance(command, SetLight)
        if command.light == self._dead:
            return
        self.lit[command.light] = command.task
        self.most = max(self.most, sum(task is not None for task in self.lit.values()))
        said = LampAnswered(zone=ZONE, light=command.light, task=command.task, at=T0)
        asyncio.get_running_loop().call_soon(self.walk.heard, said)

    def press(self, light: str, task: str | None = "test:blue") -> None:
        self.walk.pressed(
            LightPressed(
                zone=ZONE,
                light=LightId(light),
                task=TaskId(task) if task else None,
                button="confirm",
                qty=88,
                at=T0,
            )
        )


MAP = DeviceMap.model_construct(
    devicemap=1,
    devices={"z1": CONFIG},
    connections={},
    site=SiteId(code="T", gln="9506000134352", timezone="UTC"),
)


def no_rows() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


@pytest.fixture(autouse=True)
def nothing_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LampWalk, "_in_use", lambda self, device, light: False)
    monkeypatch.setattr(lampwalk, "ANSWER_S", 0.2)


async def test_one_by_one() -> None:
    rack = Rack(dead="A-02")
    walk = await rack.walk.walk("z1", "blue")
    assert (walk.answered, walk.silent, walk.in_use) == (("A-00", "A-01"), ("A-02",), ())
    assert rack.most == 1
    assert set(rack.lit.values()) == {None}


async def test_all_at_once() -> None:
    rack = Rack()
    walk = await rack.walk.walk("z1", "blue", "all")
    assert (walk.answered, walk.silent) == (("A-00", "A-01", "A-02"), ())
    assert rack.most == 3
    assert set(rack.lit.values()) == {None}
    assert rack.walk.walks["z1"] == walk


async def test_each_key_puts_its_lamp_out_and_the_display_has_none() -> None:
    rack = Rack()
    testing = asyncio.create_task(rack.walk.walk("z1", "blue", "keys"))
    await until(lambda: rack.most == 2)
    rack.press("A-01")
    await until(lambda: rack.lit["A-01"] is None)
    assert not testing.done()
    rack.press("A-02", "12-3")  # not of the test
    rack.press("A-02")
    walk = await testing
    assert (walk.answered, walk.unpressed) == (("A-01", "A-02"), ())
    assert rack.walk.keys["z1"] == walk and "z1" not in rack.walk.walks


async def test_a_key_that_nobody_hears_is_named() -> None:
    rack = Rack()
    rack.walk.pressed_s = 0.5
    testing = asyncio.create_task(rack.walk.walk("z1", "blue", "keys"))
    await until(lambda: rack.most == 2)
    rack.press("A-01")
    assert (await testing).unpressed == ("A-02",)
    assert set(rack.lit.values()) == {None}


async def test_one_test_at_a_time() -> None:
    rack = Rack()
    testing = asyncio.create_task(rack.walk.walk("z1", "blue", "keys"))
    await until(lambda: rack.most == 2)
    with pytest.raises(NotNow, match="are being walked already"):
        await rack.walk.walk("z1", "blue", "all")
    testing.cancel()
    await asyncio.gather(testing, return_exceptions=True)
    assert set(rack.lit.values()) == {None}


async def test_what_shows_an_order_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LampWalk, "_in_use", lambda self, device, light: light == "A-01")
    rack = Rack()
    walk = await rack.walk.walk("z1", "blue", "all")
    assert (walk.answered, walk.in_use) == (("A-00", "A-02"), ("A-01",))
    assert "A-01" not in rack.lit
