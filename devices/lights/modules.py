"""A zone whose lamps are modules on a Modbus line, each a unit of its own.

Modules do not speak by themselves: each is polled in turn, its lamp is written ahead of the polls.
A module that falls silent is asked now and then; the others do not notice. The zone is lost only
with its line, or when nobody on it answers.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from devices.device import Clock
from devices.errors import Refused, Unreachable
from devices.lights.module import Module
from devices.lights.pick_iq import holds, written
from devices.lights.wire import Heard, NotDone, Said
from devices.mailbox import Mailbox
from devices.map.schema import LightZone, Modbus
from devices.tags.bus import Bus
from devices.tags.lines import lines
from wcs.commands import SetLight
from wcs.envelope import Posted
from wcs.names import DeviceId, LightId, TaskId

WAITING_AT_MOST: Final = 1000


@asynccontextmanager
async def opened(
    id: DeviceId, config: LightZone, connection: Modbus, clock: Clock
) -> AsyncIterator["ModuleZone"]:
    """Each module has answered once, or is known not to. Raises Unreachable when none does, Refused
    when one does not have the registers of the map."""
    async with lines().on(connection, id) as bus:
        zone = ModuleZone(id, config, connection, bus, clock)
        try:
            await zone.open()
            yield zone
        finally:
            await zone.close()


class ModuleZone:
    def __init__(
        self, id: DeviceId, config: LightZone, connection: Modbus, bus: Bus, clock: Clock
    ) -> None:
        assert config.pick_iq is not None
        self._id, self._forbidden = id, _forbidden(config, connection)
        self._mailbox: Mailbox[Heard] = Mailbox(WAITING_AT_MOST)
        self._tasks: set[asyncio.Task[None]] = set()
        self.lit: dict[LightId, TaskId | None] = {}
        boot = secrets.token_hex(4)
        self._modules = {
            LightId(light): Module(
                LightId(light),
                connection.unit if one.unit is None else one.unit,
                bus,
                config.pick_iq,
                clock,
                f"{boot}:{light}",
                self._say,
                self._lost,
            )
            for light, one in config.lights.items()
        }

    async def open(self) -> None:
        modules = self._modules.values()
        for module in modules:
            await module.known.wait()
        for light, module in self._modules.items():
            if module.refused is not None:
                hint = "what does the register map of this module say?"
                raise Refused(self._id, f"{light} {module.refused.problem}", hint=hint)
        if all(module.fault == "no_answer" for module in modules):
            raise Unreachable(self._id, "none of its modules answers")
        self.lit |= {light: module.task for light, module in self._modules.items()}

    async def close(self) -> None:
        for module in self._modules.values():
            module.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def hear(self) -> Sequence[Heard]:
        return await self._mailbox.take()

    def show(self, posted: Posted) -> None:
        command = posted.command
        assert isinstance(command, SetLight)
        module = self._modules.get(command.light)
        if module is None or self._forbidden:
            self._say(NotDone(posted, self._forbidden or f"there is no lamp {command.light}"))
            return
        task = asyncio.create_task(module.show(posted))
        self._tasks.add(task)
        task.add_done_callback(self._shown)

    def wake(self) -> None:
        self._mailbox.wake()

    def _say(self, said: Said) -> None:
        if not self._mailbox.put(Heard(said)):
            self._lost(f"more than {WAITING_AT_MOST} things wait to be heard")

    def _lost(self, problem: str) -> None:
        self._mailbox.end(Unreachable(self._id, problem))

    def _shown(self, task: "asyncio.Task[None]") -> None:
        """A mistake of our own ends the session: it is logged by who keeps the zone alive."""
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._mailbox.end(error)


def _forbidden(config: LightZone, connection: Modbus) -> str:
    """Why its lamps must not be written, after the allow-list of the line."""
    assert config.pick_iq is not None
    allowed = connection.writable
    for at in written(config.pick_iq) if allowed is not None else ():
        if not holds(allowed or (), at):
            return f"{at} is not in the list of what may be written"
    return ""
