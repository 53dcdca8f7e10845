"""What stands before an OPC UA server that never breaks, and breaks instead of it: hands over whole
messages of the UA TCP protocol (OPC 10000-6, 7.1.2), with the faults of `simulators.io_faults`.

A message cannot be lost within a line that goes on: of a write that is lost, or whose answer is,
the line ends.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from simulators.io_faults import LATE_S, Faults
from simulators.process import LOOPBACK, port_of

HEAD: Final = 8
"""Type, chunk, size of the whole message."""
REQUEST_AT, TYPE_AT = 20, 24
"""Behind channel, token and sequence number of a message that is not encrypted."""
WRITE: Final = bytes((1, 0)) + struct.pack("<H", 673)
"""WriteRequest_Encoding_DefaultBinary."""


class Front:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    @asynccontextmanager
    async def listening(self, port: int, behind: int) -> AsyncIterator[int]:
        """Yields its port; `behind` is that of the server."""

        serving: set[asyncio.Task[None] | None] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.add(task := asyncio.current_task())
            self._faults.opened(writer.transport)
            try:
                theirs = await asyncio.open_connection(LOOPBACK, behind)
                await _Line(self._faults, (reader, writer), theirs).run()
            except OSError:
                return  # one of the two hung up
            finally:
                self._faults.closed(writer.transport)
                writer.transport.abort()
                serving.discard(task)

        server = await asyncio.start_server(serve, LOOPBACK, port, reuse_address=True)
        try:
            async with server:
                yield port_of(server)
        finally:
            self._faults.hang_up()
            await asyncio.gather(*(one for one in serving if one), return_exceptions=True)


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Line:
    """One client."""

    def __init__(self, faults: Faults, client: Ends, server: Ends) -> None:
        self._faults, self._client, self._server = faults, client, server
        self._lost = b""
        """The number of the request whose answer is lost."""

    async def run(self) -> None:
        """Until either hangs up."""
        ways = [asyncio.ensure_future(way) for way in (self._asks(), self._answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._server[1].transport.abort()

    async def _asks(self) -> None:
        while message := await _message(self._client[0]):
            await self._faults.talks.wait()
            fate = self._faults.fate(writes=message[TYPE_AT : TYPE_AT + len(WRITE)] == WRITE)
            if fate == "lost_request":
                return
            if fate == "late_request":
                await asyncio.sleep(LATE_S)
            if fate == "lost_answer":
                self._lost = message[REQUEST_AT:TYPE_AT]
            self._server[1].write(message)

    async def _answers(self) -> None:
        while message := await _message(self._server[0]):
            await self._faults.talks.wait()
            if self._lost and message[REQUEST_AT:TYPE_AT] == self._lost:
                return
            self._client[1].write(message)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Empty at the end of the line."""
    try:
        head = await reader.readexactly(HEAD)
        (size,) = struct.unpack_from("<I", head, 4)
        return head + await reader.readexactly(size - HEAD)
    except (asyncio.IncompleteReadError, OSError):
        return b""
