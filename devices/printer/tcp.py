"""A label printer behind a TCP port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices import streams
from devices.device import Clock
from devices.live import Live
from devices.map.schema import Printer, TcpClient
from devices.printer.asked import Asked
from devices.printer.session import PrinterSession
from wcs.names import DeviceId


class PrinterDriver:
    def __init__(
        self, id: DeviceId, config: Printer, connection: TcpClient, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["PrinterSession"]:
        async with streams.tcp(self.id, self._connection) as line:
            asked = Asked(self.id, line)
            session = PrinterSession(asked, self._config.status.every_s, self._clock, self._live)
            await session.open()
            yield session
