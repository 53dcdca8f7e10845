"""A work bench for one piece of equipment: a world that only records, and lines to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from simulators.bus import BusClient, BusServer, Message, fact
from simulators.process import HostPort

DEMO = Path(__file__).parents[3] / "config" / "demo"
SOON_S = 5.0


class Bench:
    """The world's side of the bus: `acts` are what the equipment did."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, Message]] = []
        self.here: set[str] = set()
        self.standing: dict[str, list[Message]] = {}
        self._stirred = asyncio.Event()
        self._bus = BusServer(
            acted=self._acted,
            standing=self._arrived,
            gone=self._gone,
            asked=lambda ask: {"echo": ask["ask"]},
        )

    async def open(self) -> HostPort:
        self.world = await self._bus.listen()
        return self.world

    async def close(self) -> None:
        await self._bus.close()

    def tell(self, device: str, name: str, **what: Any) -> None:
        self._bus.tell(device, fact(name, **what))

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(SOON_S):
            while not true():
                self._stirred.clear()
                await self._stirred.wait()

    def _acted(self, device: str, act: Message) -> None:
        self.acts.append((device, act))
        self._stirred.set()

    def _arrived(self, device: str) -> list[Message]:
        self.here.add(device)
        self._stirred.set()
        return self.standing.get(device, [])

    def _gone(self, device: str) -> None:
        self.here.discard(device)
        self._stirred.set()


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def working(*works: Awaitable[Any]) -> AsyncIterator[None]:
    """Runs these in the background for the length of the block."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def device(made: Bench, id: str, heard_by: Any) -> AsyncIterator[BusClient]:
    """A bus client for a device whose facts go to `heard_by(client)`, once it said hello."""
    client = BusClient(made.world, id)
    async with working(client.run(heard_by(client))):
        await made.until(lambda: id in made.here)
        yield client


async def read(reader: asyncio.StreamReader, until: bytes) -> bytes:
    async with asyncio.timeout(SOON_S):
        return await reader.readuntil(until)
