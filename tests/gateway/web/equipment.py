"""Equipment without wires: devices that open at once and say nothing, tried as the test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.errors import DeviceError
from devices.links import Links
from devices.live import Live
from devices.plant import Effective, Plant
from gateway.feed import Feed
from gateway.lampwalk import LampWalk
from gateway.plant import Equipment
from gateway.ready import Ready, World
from gateway.settings import Settings
from gateway.simulating import Simulators
from sync.store import Store
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId


class QuietSession:
    has = ()

    async def observations(self) -> AsyncIterator[Seen]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    def post(self, posted: Posted) -> None: ...
    def settled(self, seen: Seen, answer: Answer) -> None: ...


@dataclass
class QuietDriver:
    id: DeviceId

    @asynccontextmanager
    async def session(self) -> AsyncIterator[QuietSession]:
        yield QuietSession()


@dataclass
class Trials:
    """What was tried, and which problem each device has."""

    problems: dict[str, str] = field(default_factory=dict)
    tried: list[tuple[str, Effective]] = field(default_factory=list)

    async def __call__(self, id: DeviceId, how: Effective) -> str:
        self.tried.append((id, how))
        if id in self.problems:
            raise DeviceError(id, self.problems[id])
        return "it shows weight 0"


class NoSimulators(Simulators):
    """Simulators that listen nowhere."""

    def __init__(self) -> None:
        super().__init__(Path(), Path())
        self.started: set[str] = set()

    def address(self, device: str) -> Mapping[str, Any] | None:
        return {"host": "127.0.0.1", "port": 9} if device in self.started else None

    async def start(self, device: str, connection: str, *, broker: bool) -> Mapping[str, Any]:
        self.started.add(device)
        return {"host": "127.0.0.1", "port": 9}

    async def stop(self, device: str) -> None:
        self.started.discard(device)


def made_equipment(
    known: Callable[[], Settings], store: Store, ask: Any, now: Any, live: Live, trials: Trials
) -> tuple[Equipment, Links]:
    async def report(seen: Seen) -> None:
        await store.transact([seen])

    class Clock:
        def now(self) -> Any:
            return now()

    links = Links(report, Clock())
    plant = Plant(lambda id, how: QuietDriver(id), links, report, Clock(), live)
    equipment = Equipment(known, plant, store.reader, ask, now, trials, NoSimulators())
    return equipment, links


def made_readiness(bench: Callable[[], Any], links: Links, live: Live) -> Ready:
    """bench: a `Bench`, once it is made."""
    world = World(
        settings=lambda: bench().known,
        links=links,
        live=live,
        feed=Feed(),
        reader=lambda: bench().store.reader(),
        now=lambda: bench().now(),
        clock_off_s=lambda: 0.0,
        clock_error_s=lambda: 0.02,
        days_left=lambda: 42.0,
        hosts_down=lambda: bench().down,
    )
    walk = LampWalk(
        lambda: bench().known.map,
        links,
        lambda: bench().store.reader(),
        lambda: bench().now(),
        shown_s=0.0,
    )
    return Ready(world, walk)
