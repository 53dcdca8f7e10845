"""What tests of drivers need at the other end of the wire: a clock, a TCP peer, an open session."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

from devices.device import Driver, Session
from devices.errors import DeviceError
from wcs.envelope import Answer, Posted, Seen
from wcs.messages import Command, Observation

T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)
SOON = T0 + timedelta(seconds=5)
PATIENCE_S = 20.0
ACCEPTED = Answer("accepted", "", 1)
REFUSED = Answer("refused", "not here", 2)
QUARANTINED = Answer("quarantined", "a bug", 3)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def moves(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def posted(command: Command, id: str = "1-1") -> Posted:
    return Posted(id, 1, command)


class Watch:
    """An open session whose observations are read in the background."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._seen: asyncio.Queue[Seen | BaseException] = asyncio.Queue()

    async def read(self) -> None:
        try:
            async for seen in self.session.observations():
                self._seen.put_nowait(seen)
        except DeviceError as err:
            self._seen.put_nowait(err)

    async def next(self) -> Seen:
        async with asyncio.timeout(PATIENCE_S):
            got = await self._seen.get()
        if isinstance(got, BaseException):
            raise got
        return got

    async def observes(self) -> Observation:
        return (await self.next()).observation

    async def error(self) -> DeviceError:
        """Waits for the end of the line, past whatever was seen before it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                got = await self._seen.get()
                if isinstance(got, DeviceError):
                    return got

    @property
    def waiting(self) -> int:
        return self._seen.qsize()


@asynccontextmanager
async def watched(driver: Driver) -> AsyncIterator[Watch]:
    async with asyncio.timeout(30), driver.session() as session:
        watch = Watch(session)
        reading = asyncio.create_task(watch.read())
        try:
            yield watch
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


Reply = Callable[[bytes], bytes]


class TcpPeer:
    """A device that listens: remembers what it got, sends what a test says, answers by `reply`."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.port = 0
        self.got = bytearray()
        self._reply = reply
        self._came = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    async def connected(self) -> None:
        await self._until(lambda: bool(self._writers))

    async def receives(self, text: bytes) -> None:
        """Waits until it has got `text`, and forgets all up to its end."""
        await self._until(lambda: text in self.got)
        del self.got[: self.got.index(text) + len(text)]

    async def sends(self, data: bytes) -> None:
        await self.connected()
        self._writers[-1].write(data)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._came:
            await self._came.wait_for(holds)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._came:
            self._writers.append(writer)
            self._came.notify_all()
        try:
            while data := await reader.read(4096):
                self.got += data
                if self._reply is not None:
                    writer.write(self._reply(data))
                async with self._came:
                    self._came.notify_all()
        except OSError:
            return
        finally:
            writer.transport.abort()
            if writer in self._writers:
                self._writers.remove(writer)
