"""Opens the tags of a device over whatever its connection speaks."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from devices.device import Clock
from devices.live import Live
from devices.map.schema import ModbusTcp, NodeTag, OpcUa, RegisterTag
from devices.map.shakes import Handshake
from devices.tags.port import Tags
from wcs.names import DeviceId


class OpenTags(Tags, Protocol):
    async def run(self) -> None:
        """Serves the line until it is dead, then raises Unreachable."""


class Tagged(Protocol):
    """A device of the map that has tags."""

    @property
    def tags(self) -> dict[str, RegisterTag | NodeTag]: ...
    @property
    def handshakes(self) -> dict[str, Handshake]: ...


@asynccontextmanager
async def open_tags(
    device: DeviceId, config: Tagged, connection: ModbusTcp | OpcUa, clock: Clock, live: Live
) -> AsyncIterator[OpenTags]:
    """Connected and read once. Raises DeviceError. Libraries are imported by who needs them."""
    opened: AbstractAsyncContextManager[OpenTags]
    if isinstance(connection, ModbusTcp):
        from devices.tags.modbus import modbus_tags

        opened = modbus_tags(device, config.tags, connection, clock)
    else:
        from devices.tags.opcua import opcua_tags

        opened = opcua_tags(device, config.tags, connection, clock)
    async with opened as tags:
        live.attach(device, tags.view)
        try:
            yield tags
        finally:
            live.lost(device, "not connected")
