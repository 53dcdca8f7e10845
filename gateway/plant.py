"""The devices of the site as its files and its people want them: what people set is journaled
first, then carried out."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from sqlite3 import Connection
from typing import Any, Final, Protocol

from devices.errors import DeviceError
from devices.map.explain import hint
from devices.map.schema import DeviceMap, Mqtt
from devices.mode import Mode
from devices.plant import Effective, Plant, Swap
from gateway.bindings import BadBinding, Binding, bindings_of, bound
from gateway.settings import Settings
from gateway.simulating import NoSimulator, Simulators
from sync import reading
from wcs.envelope import Answer
from wcs.equipment import Setup
from wcs.names import DeviceId
from wcs.observations import DeviceModeSet, DeviceReplaced, DeviceSimulated, Observation

log = logging.getLogger(__name__)
EVERY: Final = 1_000_000
LOOK_S: Final = 2.0


class UnknownDevice(Exception):
    """There is no such device in the map."""


class NotDone(Exception):
    """Nothing was changed; the words say why, and what to do."""


class Ask(Protocol):
    async def __call__(self, observation: Observation) -> Answer: ...


Try = Callable[[DeviceId, Effective], Any]
"""Opens a session of its own that only reads, gives what the device said. Raises DeviceError."""


def effective(
    device_map: DeviceMap,
    default: Mode,
    setups: Mapping[str, Setup],
    simulated: Callable[[str], Mapping[str, Any] | None],
) -> dict[DeviceId, Effective]:
    """Each device of the map as it is to run now.

    One whose simulator is not there yet does not run: never the real one in its place.
    """
    known = {name: setups.get(name) or Setup(device=DeviceId(name)) for name in device_map.devices}
    return {
        setup.device: _effective(device_map, name, setup, setup.mode or default, simulated)
        for name, setup in known.items()
    }


def _effective(
    device_map: DeviceMap,
    name: str,
    setup: Setup,
    mode: Mode,
    simulated: Callable[[str], Mapping[str, Any] | None],
) -> Effective:
    config = device_map.devices[name]
    line = device_map.connections[config.connection]
    if setup.simulated:
        at = simulated(name)
        if at is None:
            return Effective(config, line, "off", simulated=True)
        return Effective(config, _at(line, at), mode, simulated=True)
    try:
        config, line = bound(config, line, setup.binding or {})
    except BadBinding as err:  # the map has changed under it
        log.error("%s: its binding fits the map no longer: %s", name, err)
    return Effective(config, line, mode)


def _at(line: Any, at: Mapping[str, Any]) -> Any:
    found_by_name = {"match": None} if isinstance(at.get("port"), str) else {}
    return line.model_copy(update={**found_by_name, **at})


class Equipment:
    """One change at a time; each is answered when it is carried out."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        plant: Plant,
        reader: Callable[[], Connection],
        ask: Ask,
        now: Callable[[], datetime],
        tried: Try,
        simulators: Simulators,
    ) -> None:
        self._settings, self._plant, self._reader = settings, plant, reader
        self._ask, self._now, self._tried = ask, now, tried
        self._simulators = simulators
        self._turn = asyncio.Lock()
        self.wanted: Mapping[DeviceId, Effective] = {}
        """Every device of the map as it is to run now, those that are off too."""

    @property
    def running(self) -> Mapping[DeviceId, Effective]:
        """Those that are off left out."""
        return self._plant.running

    @property
    def simulated(self) -> tuple[str, ...]:
        """Devices in whose place a simulator answers."""
        return tuple(sorted(id for id, one in self.wanted.items() if one.simulated))

    def is_simulated(self, device: DeviceId) -> bool:
        found = self.wanted.get(device)
        return found is not None and found.simulated

    def setups(self) -> dict[str, Setup]:
        with closing(self._reader()) as conn:
            return {row.device: row for row in reading.find(conn, Setup, limit=EVERY)}

    async def watch_simulators(self) -> None:
        """For ever: what was simulated before a restart still is, and a simulator that died is
        started again; the other devices do not wait for it."""
        while True:
            for id in [id for id, one in self.wanted.items() if one.simulated]:
                if self._simulators.address(id) is None:
                    async with self._turn:
                        await self._simulated_again(id)
            await asyncio.sleep(LOOK_S)

    async def adopt(self) -> Swap:
        """Carries out other files; not in the middle of what a person changes."""
        async with self._turn:
            return await self.refresh()

    async def refresh(self) -> Swap:
        """Carries out what stands in files and state by now."""
        known = self._settings()
        setups = await asyncio.to_thread(self.setups)
        wanted = effective(known.map, known.site.mode, setups, self._simulators.address)
        done = await self._plant.apply(wanted)
        self.wanted = wanted
        return done

    async def _simulated_again(self, id: DeviceId) -> None:
        if not self.wanted[id].simulated:
            return
        try:
            await self._begin_simulator(id)
        except NotDone as err:
            log.error("%s stays off: %s", id, err)
        await self.refresh()

    async def close(self) -> None:
        await self._plant.close()
        await self._simulators.close()

    # --- what people set --------------------------------------------------------------------------

    async def set_mode(self, device: str, mode: Mode, by: str) -> Answer:
        """Raises UnknownDevice."""
        id = self._known(device)
        async with self._turn:
            answer = await self._ask(DeviceModeSet(device=id, mode=mode, by=by, at=self._now()))
            await self.refresh()
            return answer

    async def replace(self, device: str, binding: Binding, by: str) -> Answer:
        """Binds another unit to the place: what `binding` does not name stays as it is bound. It is
        tried first; the old one goes on when the new one does not answer. Raises UnknownDevice,
        NotDone."""
        id = self._known(device)
        async with self._turn:
            setup = (await asyncio.to_thread(self.setups)).get(device)
            before = (setup.binding if setup else None) or {}
            return await self._bind(id, setup, _merged(before, binding), by)

    async def undo(self, device: str, by: str) -> Answer:
        """Takes back the last replacement. Raises UnknownDevice, NotDone."""
        id = self._known(device)
        async with self._turn:
            setup = (await asyncio.to_thread(self.setups)).get(device)
            if setup is None or setup.before is None:
                raise NotDone(f"{device} was never replaced: there is nothing to undo")
            return await self._bind(id, setup, setup.before, by)

    async def _bind(
        self, id: DeviceId, setup: Setup | None, binding: dict[str, str | int], by: str
    ) -> Answer:
        if setup and setup.simulated:
            raise NotDone(f"{id} is SIMULATED: `wedge device simulate {id} off` comes first")
        config = self._settings().map.devices[id]
        line = self._settings().map.connections[config.connection]
        try:
            fresh = Effective(*bound(config, line, binding), mode="observe")
        except BadBinding as err:
            raise NotDone(f"{id}: {err}") from err
        found = await self._try(id, fresh)
        seen = DeviceReplaced(device=id, binding=binding, found=found, by=by, at=self._now())
        answer = await self._ask(seen)
        await self.refresh()
        return answer

    async def _try(self, id: DeviceId, fresh: Effective) -> str:
        """The old line is closed meanwhile: many devices talk to one at a time."""
        await self._plant.stop(id, "is being replaced")
        try:
            told: str = await self._tried(id, fresh)
        except DeviceError as err:
            await self.refresh()
            where = ", ".join(f"{k} {v}" for k, v in self._where(fresh).items())
            raise NotDone(f"{id}: not taken, the old one stays: {err.problem} ({where})") from err
        except BaseException:
            await self.refresh()
            raise
        return told

    def _where(self, one: Effective) -> dict[str, str | int]:
        return bindings_of(one.config, one.connection)

    async def simulate(self, device: str, on: bool, by: str, *, yes: bool = False) -> Answer:
        """Raises UnknownDevice, NotDone."""
        id = self._known(device)
        async with self._turn:
            self._refuse_danger(id, on, yes)
            if on:
                await self._begin_simulator(id)
            answer = await self._ask(DeviceSimulated(device=id, on=on, by=by, at=self._now()))
            await self.refresh()
            if not on:
                await self._simulators.stop(id)
            return answer

    def _refuse_danger(self, id: DeviceId, on: bool, yes: bool) -> None:
        """What moves goods goes on moving them while its simulator says something else."""
        config = self._settings().map.devices[id]
        known = self.wanted.get(id)
        if on and not yes and config.kind in MOVES and known and known.mode == "automatic":
            raise NotDone(
                f"{id} is a {config.kind} in automatic: the real one would go on without us while"
                " rules believe its simulator; set it to observe or off first, or say --yes"
            )

    async def _begin_simulator(self, id: DeviceId) -> None:
        config = self._settings().map.devices[id]
        line = self._settings().map.connections[config.connection]
        try:
            await self._simulators.start(id, config.connection, broker=isinstance(line, Mqtt))
        except NoSimulator as err:
            raise NotDone(str(err)) from err

    def _known(self, device: str) -> DeviceId:
        devices = self._settings().map.devices
        if device not in devices:
            raise UnknownDevice(f"there is no device {device!r}" + hint(device, devices))
        return DeviceId(device)


MOVES: Final = ("divert-sorter", "merge-lift", "vda5050-fleet", "door")


def _merged(before: Binding, changes: Binding) -> dict[str, str | int]:
    """A port and what USB says exclude each other."""
    gone = {"usb", "serial"} if isinstance(changes.get("port"), str) else set()
    gone |= {"port"} if "usb" in changes else set()
    return {**{k: v for k, v in before.items() if k not in gone}, **changes}
