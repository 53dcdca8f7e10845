"""Lines of bytes to a device over TCP: opened within a time, given up when they break."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from devices.errors import Unreachable
from devices.map.connections import TcpClient

CHUNK: Final = 4096
STUCK_BYTES: Final = 256 * 1024
"""A device that takes no more of what we send is as good as away."""


class Line:
    """Reads and writes bytes; whatever ends it is `Unreachable`."""

    def __init__(
        self, device: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._device, self._reader, self._writer = device, reader, writer

    async def read(self, within_s: float | None = None) -> bytes:
        """At least one byte. Raises TimeoutError after `within_s`, Unreachable when it ended."""
        try:
            async with asyncio.timeout(within_s):
                data = await self._reader.read(CHUNK)
        except TimeoutError:
            raise
        except OSError as err:
            raise Unreachable(self._device, f"the line broke: {err.strerror or err}") from err
        if not data:
            raise Unreachable(self._device, "closed the line")
        return data

    def write(self, data: bytes) -> None:
        """Does not wait. Raises Unreachable when the device takes nothing any more."""
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > STUCK_BYTES:
            raise Unreachable(self._device, "takes no more bytes")
        self._writer.write(data)


@asynccontextmanager
async def tcp(device: str, config: TcpClient) -> AsyncIterator[Line]:
    """Raises Unreachable when nobody answers within the connection's timeout."""
    where = f"{config.host}:{config.port}"
    try:
        async with asyncio.timeout(config.timeout_s):
            reader, writer = await asyncio.open_connection(config.host, config.port)
    except TimeoutError as err:
        raise Unreachable(device, f"no answer from {where} in {config.timeout_s:g} s") from err
    except OSError as err:
        raise Unreachable(device, f"nobody answers at {where}: {err.strerror or err}") from err
    keep_alive(writer.get_extra_info("socket"), config.keepalive_s)
    async with closing(writer):
        yield Line(device, reader, writer)


@asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


def keep_alive(line: socket.socket, every_s: float | None) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if every_s is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, round(every_s)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, round(every_s)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
