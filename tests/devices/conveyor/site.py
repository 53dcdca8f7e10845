"""The demo's devices at test addresses, a clock that can be turned, and ears for observations."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from devices.device import Driver
from devices.links import Links
from devices.map.load import load_map
from devices.map.schema import DeviceMap
from devices.supervise import supervise
from wcs.commands import Command
from wcs.envelope import Answer, Posted, Seen

DEMO = Path(__file__).parents[3] / "config" / "demo"
K = TypeVar("K")


def demo(overlay: dict[str, Any]) -> DeviceMap:
    return load_map(DEMO, overlay)


class RunningClock:
    """The gateway's clock of a test: real time plus whatever the test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Ears:
    """The control loop of a test: hears everything, counts turns, settles when told to."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.turns = 0
        self.turning = True
        self.settling = True
        self.slow: asyncio.Event | None = None
        self._more = asyncio.Event()

    def beat(self) -> int:
        self.turns += self.turning
        return self.turns

    async def report(self, seen: Seen) -> None:
        if self.slow is not None:
            await self.slow.wait()
        self.seen.append(seen)
        self._more.set()
        if self.settling:
            seen.source.settled(seen, Answer("accepted", "", len(self.seen)))

    def of(self, kind: type[K]) -> list[K]:
        return [one.observation for one in self.seen if isinstance(one.observation, kind)]

    async def hear(self, kind: type[K], many: int = 1, within_s: float = 20.0) -> list[K]:
        """Waits until so many of a kind were observed."""
        async with asyncio.timeout(within_s):
            while len(self.of(kind)) < many:
                self._more.clear()
                await self._more.wait()
        return self.of(kind)


@asynccontextmanager
async def supervised(driver: Driver, ears: Ears, clock: RunningClock) -> AsyncIterator[Links]:
    links = Links(ears.report, clock)
    tasks = [
        asyncio.create_task(supervise(driver, links, ears.report, clock)),
        asyncio.create_task(links.run()),
    ]
    try:
        yield links
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(fact: Callable[[], bool], within_s: float = 20.0) -> None:
    """Looks for a fact outside the loop's reach (a register of a PLC) until it is true."""
    async with asyncio.timeout(within_s):
        while not fact():
            await asyncio.sleep(0.002)


def posted(command: Command, id: str = "1-1") -> Posted:
    return Posted(id=id, epoch=1, command=command)
