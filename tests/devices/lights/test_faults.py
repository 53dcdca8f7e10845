"""Modules behind a wire that breaks: nothing is pressed that nobody touched, no lamp is taken for
another, and all is as wanted soon after the cure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from devices.links import Links
from devices.supervise import supervise
from simulators.pick_iq import Rack, on_tcp
from tests.contract.zones import LIGHTS, ZONE, until
from tests.devices.lights.test_modules import CONFIG, driven, light, line
from tests.devices.peers import HandClock, posted
from tests.faults.proxy import Proxy, through
from wcs.envelope import Seen
from wcs.observations import DeviceUp, LampAnswered, LightPressed


class Kept:
    """A zone kept alive, whose lamps are asked again until they answer, as the rule does."""

    def __init__(self, rack: Rack, port: int) -> None:
        self.rack, self.clock = rack, HandClock()
        self.links = Links(self._report, self.clock)
        self.pressed: list[LightPressed] = []
        self.wanted: dict[str, str | None] = dict.fromkeys(LIGHTS)
        self.answered: dict[str, str | None] = {}
        self.ups = 0
        self._driver = driven(CONFIG, line(port, timeout="200ms"))

    async def _report(self, seen: Seen) -> None:
        match seen.observation:
            case LightPressed() as pressed:
                self.pressed.append(pressed)
            case LampAnswered(light=name, task=task):
                self.answered[name] = task
            case DeviceUp():
                self.ups += 1
                self.answered.clear()
            case _:
                pass

    async def _asks(self) -> None:
        while True:
            for name, task in self.wanted.items():
                if self.answered.get(name, "nothing") != task and ZONE in self.links:
                    self.links.post(posted(light(name, task)))
            await asyncio.sleep(0.1)

    async def all_as_wanted(self) -> None:
        await until(lambda: self.answered == self.wanted)
        assert {name: one.on for name, one in self.rack.modules.items()} == {
            name: task is not None for name, task in self.wanted.items()
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(supervise(self._driver, self.links, self._report, self.clock)),
            asyncio.create_task(self.links.run()),
            asyncio.create_task(self._asks()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def chopped(proxy: Proxy) -> None:
    proxy.up.chop = proxy.down.chop = 1


def late(proxy: Proxy) -> None:
    proxy.down.latency_s, proxy.down.jitter_s = 0.15, 0.2


def lost(proxy: Proxy) -> None:
    proxy.down.drop = 5


def twice(proxy: Proxy) -> None:
    proxy.down.duplicate = 20


def out_of_order(proxy: Proxy) -> None:
    proxy.down.reorder = 10


def cut(proxy: Proxy) -> None:
    proxy.reset()


def half_open(proxy: Proxy) -> None:
    proxy.freeze()


@pytest.mark.parametrize("broken", [chopped, late, lost, twice, out_of_order, cut, half_open])
async def test_a_broken_wire(broken: Callable[[Proxy], None]) -> None:
    rack = Rack(CONFIG)
    async with on_tcp(rack) as port, through(port) as proxy:
        kept = Kept(rack, proxy.port)
        async with kept.running():
            kept.wanted = {"B-01": "t1", "B-02": "t2", "B-03": None}
            await kept.all_as_wanted()
            broken(proxy)
            kept.wanted = {"B-01": "t3", "B-02": None, "B-03": "t4"}
            await asyncio.sleep(0.5)  # so long it lasts
            proxy.freeze(False)
            for way in (proxy.up, proxy.down):
                way.chop, way.latency_s, way.jitter_s = None, 0.0, 0.0
                way.drop = way.duplicate = way.reorder = 0
            await kept.all_as_wanted()
            assert kept.pressed == []  # nobody has touched anything
            rack.modules["B-03"].touch(1)
            await until(lambda: bool(kept.pressed))
            assert [(one.light, one.task) for one in kept.pressed] == [("B-03", "t4")]
