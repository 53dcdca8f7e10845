"""The devices that run. Whatever changes one of them (a new map, another mode, a replaced unit, its
simulator in its place) is a new `Effective`, and only that device is swapped."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from devices.device import Clock, Driver, Report
from devices.links import Links
from devices.map.schema import Connection, Device
from devices.mode import Mode
from devices.supervise import supervise
from wcs.envelope import Nobody, Seen
from wcs.names import DeviceId
from wcs.observations import DeviceDown


@dataclass(frozen=True, slots=True)
class Effective:
    """A device as it is to run now: the map's, with what was bound or switched since."""

    config: Device
    connection: Connection
    mode: Mode = "automatic"
    simulated: bool = False


Make = Callable[[DeviceId, Effective], Driver]


@dataclass(frozen=True, slots=True)
class Swap:
    """What one `apply` did."""

    started: tuple[DeviceId, ...] = ()
    stopped: tuple[DeviceId, ...] = ()
    swapped: tuple[DeviceId, ...] = ()


class Plant:
    """`async with` it: devices run inside, and have ended when it is left."""

    def __init__(self, make: Make, links: Links, report: Report, clock: Clock) -> None:
        self._make, self._links, self._report, self._clock = make, links, report, clock
        self._running: dict[DeviceId, Effective] = {}
        self._tasks: dict[DeviceId, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> "Plant":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.apply({})

    @property
    def running(self) -> Mapping[DeviceId, Effective]:
        return self._running

    async def apply(self, wanted: Mapping[DeviceId, Effective]) -> Swap:
        """Devices that stay the same do not notice; a device that is off does not run."""
        async with self._one_at_a_time:
            to_run = {id: one for id, one in wanted.items() if one.mode != "off"}
            gone = [id for id in self._running if id not in to_run]
            changed = [id for id, one in to_run.items() if self._running.get(id, one) != one]
            new = [id for id in to_run if id not in self._running]
            for id in gone:
                await self._stop(id, "switched off" if id in wanted else "taken out of the map")
            for id in changed:
                await self._stop(id, "is being changed")
            for id in (*changed, *new):
                self._start(id, to_run[id])
            return Swap(tuple(new), tuple(gone), tuple(changed))

    def _start(self, id: DeviceId, effective: Effective) -> None:
        driver = self._make(id, effective)
        running = supervise(driver, self._links, self._report, self._clock)
        self._running[id] = effective
        self._tasks[id] = asyncio.create_task(running, name=f"device {id}")

    async def _stop(self, id: DeviceId, reason: str) -> None:
        was_up, task = id in self._links, self._tasks.pop(id)
        del self._running[id]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if was_up:
            down = DeviceDown(device=id, reason=reason, at=self._clock.now())
            await self._report(Seen(down, Nobody()))
