"""The devices that run. Whatever changes one of them (a new map, another mode, a replaced unit, its
simulator in its place) is a new `Effective`, and only that device is swapped."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from devices.device import Clock, Driver, Report
from devices.links import Links
from devices.live import Live
from devices.map.schema import Connection, Device
from devices.mode import Mode
from devices.supervise import supervise
from wcs.envelope import Nobody, Seen
from wcs.names import DeviceId
from wcs.observations import DeviceDown

AGAIN_S: Final = 5.0
"""A library may swallow a cancellation: then it is asked to end once more."""


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
    """Devices run from their `apply` until it is closed. `run` is a task of the service: what would
    be a mistake of the supervisor itself is raised there."""

    def __init__(
        self, make: Make, links: Links, report: Report, clock: Clock, live: Live | None = None
    ) -> None:
        self._make, self._links, self._report, self._clock = make, links, report, clock
        self._live = live
        self._running: dict[DeviceId, Effective] = {}
        self._tasks: dict[DeviceId, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._broken, self._why = asyncio.Event(), RuntimeError("a supervisor ended")

    @property
    def running(self) -> Mapping[DeviceId, Effective]:
        """As they run now, those that are off left out."""
        return self._running

    async def run(self) -> None:
        try:
            await self._broken.wait()
            raise self._why
        finally:
            await self.close()

    async def close(self) -> None:
        """Nothing is said of it: it is the service that ends, not the devices."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        self._running.clear()
        await asyncio.gather(*map(_ended, tasks))

    async def apply(self, wanted: Mapping[DeviceId, Effective]) -> Swap:
        """Devices that stay the same do not notice; a device that is off does not run.

        It is done when the old lines are closed and the new ones begin to open. Raises what `make`
        raises, with nothing changed.
        """
        async with self._one_at_a_time:
            to_run = {id: one for id, one in wanted.items() if one.mode != "off"}
            gone = [id for id in self._running if id not in to_run]
            changed = [id for id, one in to_run.items() if self._running.get(id, one) != one]
            new = [id for id in to_run if id not in self._running]
            drivers = {id: self._make(id, to_run[id]) for id in (*changed, *new)}
            for id in gone:
                await self._stop(id, "switched off" if id in wanted else "taken out of the map")
            for id in changed:
                await self._stop(id, "is being changed")
            for id, one in wanted.items():
                self._links.allow(id, one.mode)
            for id, driver in drivers.items():
                self._start(driver, to_run[id])
            return Swap(tuple(new), tuple(gone), tuple(changed))

    async def stop(self, id: DeviceId, reason: str) -> None:
        """Until the next `apply`; nothing happens when it does not run."""
        async with self._one_at_a_time:
            if id in self._running:
                await self._stop(id, reason)

    def _start(self, driver: Driver, effective: Effective) -> None:
        running = supervise(driver, self._links, self._report, self._clock, self._live)
        self._running[driver.id] = effective
        task = asyncio.create_task(running, name=f"device {driver.id}")
        task.add_done_callback(self._is_over)
        self._tasks[driver.id] = task

    def _is_over(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            self._why.__cause__ = task.exception()
            self._broken.set()

    async def _stop(self, id: DeviceId, reason: str) -> None:
        was_up, task = id in self._links, self._tasks.pop(id)
        del self._running[id]
        await _ended(task)
        if self._live is not None:
            self._live.lost(id, reason)
        if was_up:
            down = DeviceDown(device=id, reason=reason, at=self._clock.now())
            await self._report(Seen(down, Nobody()))


async def _ended(task: "asyncio.Task[None]") -> None:
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_S)
