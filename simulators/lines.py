"""The TCP lines of a device that is the server: everybody connected hears it and may ask it."""

import asyncio
from collections.abc import Callable

from simulators.process import LOOPBACK

Heard = Callable[[bytes, "Line"], None]


class Line(asyncio.Protocol):
    rest = b""
    """What came and is not yet a whole message; whoever reads the line keeps it here."""

    def __init__(self, lines: "Lines") -> None:
        self._lines = lines

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._lines.opened(self)

    def data_received(self, data: bytes) -> None:
        self._lines.heard(data, self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.closed(self)

    def send(self, data: bytes) -> None:
        self.transport.write(data)


class Lines:
    """All open lines of one device. While it is unplugged nobody gets a line."""

    def __init__(self, heard: Heard | None = None) -> None:
        self._heard = heard
        self._open: set[Line] = set()
        self._unplugged = False

    async def listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Line(self), LOOPBACK, port, reuse_address=True)

    def send(self, data: bytes) -> None:
        """What nobody listens to is lost, as on a real line."""
        for line in self._open:
            line.send(data)

    def unplug(self, unplugged: bool) -> None:
        self._unplugged = unplugged
        for line in list(self._open) if unplugged else ():
            line.transport.abort()

    def opened(self, line: Line) -> None:
        if self._unplugged:
            line.transport.abort()
        else:
            self._open.add(line)

    def heard(self, data: bytes, line: Line) -> None:
        if self._heard is not None:
            self._heard(data, line)

    def closed(self, line: Line) -> None:
        self._open.discard(line)
