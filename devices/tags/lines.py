"""Opens the tags of a device over whatever its connection speaks.

A connection of the map is one open line, whoever is on it: the first device opens it, the last one
closes it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol
from weakref import WeakKeyDictionary

from devices.device import Clock
from devices.errors import Unreachable
from devices.live import Live
from devices.map.schema import Method, Modbus, NodeTag, OpcUa, RegisterTag
from devices.map.shakes import Handshake
from devices.map.units import Span
from devices.mode import Mode, writes
from devices.tags.bus import Bus
from devices.tags.learning import Memory
from devices.tags.observed import Observed
from devices.tags.plan import Limits
from devices.tags.poller import Polled, Seat
from devices.tags.port import OpenTags
from wcs.names import DeviceId


class Tagged(Protocol):
    """A device of the map that has tags."""

    @property
    def tags(self) -> dict[str, RegisterTag | NodeTag]: ...
    @property
    def handshakes(self) -> dict[str, Handshake]: ...
    @property
    def unit(self) -> int | None: ...
    @property
    def forbidden(self) -> tuple[Span, ...]: ...
    @property
    def methods(self) -> dict[str, Method]: ...


class _Line:
    """A line that is open or opening; `users` are on it."""

    def __init__(self, connection: Modbus) -> None:
        self.users = 0
        self.opened: asyncio.Future[Bus] = asyncio.get_running_loop().create_future()
        self._serving = asyncio.create_task(self._serve(connection))

    @property
    def over(self) -> bool:
        opened = self.opened
        return opened.done() and (opened.exception() is not None or opened.result().dead)

    async def close(self) -> None:
        if not self.over:  # else it is closing already
            self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)

    async def _serve(self, connection: Modbus) -> None:
        from devices.tags.modbus import open_wire

        try:
            async with open_wire(connection) as wire:
                bus = Bus(wire, connection.timeout_s, connection.retries + 1)
                self.opened.set_result(bus)
                await bus.run()
        except Exception as err:
            if self.opened.done():
                raise
            self.opened.set_exception(err)
            self.opened.exception()  # whoever asked may have stopped waiting


class Lines:
    """The open lines by their connection, and what was learnt of the units on them."""

    def __init__(self) -> None:
        self._lines: dict[Modbus, _Line] = {}
        self._memories: dict[tuple[Modbus, int], Memory] = {}

    @asynccontextmanager
    async def on(self, connection: Modbus, device: str) -> AsyncIterator[Bus]:
        """Raises Unreachable; all that wait for one line to open hear it at once."""
        key = _key(connection)
        line = self._lines.get(key)
        if line is None or line.over:
            line = self._lines[key] = _Line(key)
        line.users += 1
        try:
            yield await _opened(line, device)
        finally:
            line.users -= 1
            if not line.users:
                if self._lines.get(key) is line:
                    del self._lines[key]
                await line.close()

    def memory(self, connection: Modbus, unit: int) -> Memory:
        """Lasts as long as the process."""
        return self._memories.setdefault((_key(connection), unit), Memory())


async def _opened(line: _Line, device: str) -> Bus:
    try:
        return await asyncio.shield(line.opened)
    except Unreachable as err:
        raise Unreachable(device, err.problem) from err


def _key(connection: Modbus) -> Modbus:
    return connection.model_copy(update={"unit": 1})


_LINES: WeakKeyDictionary[asyncio.AbstractEventLoop, Lines] = WeakKeyDictionary()


def lines() -> Lines:
    """Those of this process: a port is a thing of the machine, whoever asks for it."""
    return _LINES.setdefault(asyncio.get_running_loop(), Lines())


@asynccontextmanager
async def open_tags(
    device: DeviceId,
    config: Tagged,
    connection: Modbus | OpcUa,
    clock: Clock,
    live: Live,
    mode: Mode = "automatic",
) -> AsyncIterator[OpenTags]:
    """Connected and read once. Raises DeviceError. Libraries are imported by who needs them.

    What is polled and what is refused to be written goes to `live`; where the mode does not let
    anything be written, `write` raises ReadOnly.
    """
    opened: AbstractAsyncContextManager[OpenTags]
    if isinstance(connection, Modbus):
        opened = _modbus_tags(device, config, connection, clock, live)
    else:
        from devices.tags.opcua import opcua_tags

        told = {"polled": partial(live.polled, device), "refused": partial(live.refused, device)}
        opened = opcua_tags(device, config.tags, connection, clock, config.methods, **told)
    async with opened as tags:
        usable = tags if writes(mode) else Observed(tags, partial(live.refused, device))
        live.attach(device, tags.view, usable)
        try:
            yield usable
        finally:
            live.lost(device, "not connected")


@asynccontextmanager
async def _modbus_tags(
    device: DeviceId, config: Tagged, connection: Modbus, clock: Clock, live: Live
) -> AsyncIterator[Polled]:
    registers = {name: tag for name, tag in config.tags.items() if isinstance(tag, RegisterTag)}
    unit = connection.unit if config.unit is None else config.unit
    forbidden = (*connection.forbidden, *config.forbidden)
    async with lines().on(connection, device) as bus:
        seat = Seat(
            bus,
            unit,
            Limits(connection.max_gap, connection.max_registers, forbidden=forbidden),
            connection.writable,
            lines().memory(connection, unit),
            partial(live.polled, device),
            partial(live.refused, device),
        )
        tags = Polled(device, seat, registers, clock)
        try:
            await tags.open()
            yield tags
        finally:
            await tags.close()
