"""Devices of the demo under supervision, one of them about to break: who is away, and why."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from devices.device import Driver
from devices.drivers import driver
from devices.links import Links
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import DeviceMap
from devices.supervise import supervise
from tests.devices.conveyor.site import Ears, RunningClock
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp, LightPressed, Scanned

DEMO: Final = Path(__file__).parents[2] / "config" / "demo"
ALARM_S: Final = 5.0
"""What an alarm may take by its configuration. No test measures it: machines are busy."""
PATIENCE_S: Final = 25.0


class Site:
    """`ears` hear what the control loop would; `links` are the way to command."""

    def __init__(self, **connections: dict[str, Any]) -> None:
        self.map: DeviceMap = load_map(DEMO, connections)
        self.ears, self.clock, self.live = Ears(), RunningClock(), Live()
        self.links = Links(self.ears.report, self.clock)
        self._tasks: list[asyncio.Task[None]] = []

    def of(self, name: str, **changes: Any) -> Driver:
        """The driver of a device of the map, with some of its options changed."""
        config = self.map.devices[name]
        return driver(
            DeviceId(name),
            config.model_copy(update=changes),
            self.map.connections[config.connection],
            clock=self.clock,
            beat=self.ears.beat,
            live=self.live,
        )

    def keeps(self, one: Driver) -> None:
        """Supervised from now on."""
        alive = supervise(one, self.links, self.ears.report, self.clock, self.live)
        self._tasks.append(asyncio.create_task(alive))

    async def away(self, name: str, many: int = 1) -> str:
        """Waits for the alarm; its words."""
        await self.hears(lambda: len(self._of(DeviceDown, name)) >= many)
        return self.last_alarm(name)

    async def back(self, name: str, many: int = 1) -> None:
        """Waits until the alarm is cleared, or for the first time that it is there."""
        await self.hears(lambda: len(self._of(DeviceUp, name)) >= many)

    def lost(self, name: str) -> int:
        return len(self._of(DeviceDown, name))

    def found(self, name: str) -> int:
        return len(self._of(DeviceUp, name))

    def last_alarm(self, name: str) -> str:
        return next((one.reason for one in reversed(self._of(DeviceDown, name))), "")

    def presses(self) -> list[str | None]:
        """By what makes each the same when it is repeated."""
        return [one.key for one in self.ears.seen if isinstance(one.observation, LightPressed)]

    def codes(self, name: str) -> list[tuple[str, ...]]:
        return [tuple(one.codes) for one in self.ears.of(Scanned) if one.scanner == name]

    async def hears(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not fact():
                await asyncio.sleep(0.005)

    def _of(self, kind: type[Any], name: str) -> list[Any]:
        return [one for one in self.ears.of(kind) if one.device == name]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def site(*names: str, **connections: dict[str, Any]) -> AsyncIterator[Site]:
    """Those devices of the demo, supervised and there; connections at addresses of the test."""
    async with AsyncExitStack() as stack:
        made = Site(**connections)
        made._tasks.append(asyncio.create_task(made.links.run()))
        stack.push_async_callback(made.close)
        for name in names:
            made.keeps(made.of(name))
        for name in names:
            await made.back(name)
        yield made
