"""A wire that breaks as wires do: TCP through loopback, each way with its own faults."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Way:
    """One direction. Everything may be changed while bytes flow; a chunk is what was read at once,
    on a quiet line one message."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: float | None = None
    chop: int | None = None
    """Pieces of so many bytes, each sent on its own."""
    frozen: bool = False
    """Nothing passes, nobody is told: half-open."""
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set, bytes wait, as TCP sends again what a wire lost for a while."""
    drop: int = 0
    """So many of the next chunks are lost."""
    duplicate: int = 0
    """So many of the next chunks come twice."""
    reorder: int = 0
    """So many of the next chunks come behind the one that follows."""
    passed: int = 0
    """Chunks that went through."""


class Proxy:
    """`up` is from who connects to the device, `down` the way back."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, 0
        self.up, self.down = Way(), Way()
        self.hold(False)
        self.accepted = 0
        self.joined = 0
        """Connections that reached the device."""
        self.refusing = False
        """Connections are closed as soon as they are made."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._chance = random.Random(7)

    @property
    def open(self) -> int:
        """Connections that are open now, counted on both sides."""
        return len(self._writers)

    def freeze(self, frozen: bool = True) -> None:
        self.up.frozen = self.down.frozen = frozen

    def hold(self, held: bool = True) -> None:
        for way in (self.up, self.down):
            way.flowing.clear() if held else way.flowing.set()

    def reset(self) -> None:
        """RST to both ends, in the middle of whatever is on the way."""
        for writer in list(self._writers):
            line: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.joined += 1
        both = {writer, far_writer}
        self._writers |= both
        pumps = [
            asyncio.create_task(self._pump(self.up, reader, far_writer)),
            asyncio.create_task(self._pump(self.down, far_reader, writer)),
        ]
        self._tasks.update(pumps)
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for one in both:
                one.transport.abort()
            self._writers -= both
            self._tasks.difference_update(pumps)

    async def _pump(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Chunks leave in the order of their arrival, each after its latency."""
        waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
        sending = asyncio.create_task(self._deliver(way, waiting, writer))
        held = b""
        try:
            while data := await reader.read(65536):
                await way.flowing.wait()
                if way.frozen:
                    continue
                if way.drop:
                    way.drop -= 1
                    continue
                if way.reorder and not held:
                    way.reorder -= 1
                    held = data
                    continue
                again = data if way.duplicate else b""
                way.duplicate -= bool(again)
                due = asyncio.get_running_loop().time() + way.latency_s
                due += self._chance.uniform(0, way.jitter_s)
                for piece in filter(None, (data, again, held)):
                    waiting.put_nowait((due, piece))
                held = b""
        except OSError:
            pass
        finally:
            sending.cancel()

    async def _deliver(
        self,
        way: Way,
        waiting: "asyncio.Queue[tuple[float, bytes] | None]",
        writer: asyncio.StreamWriter,
    ) -> None:
        loop = asyncio.get_running_loop()
        while (one := await waiting.get()) is not None:
            due, data = one
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            for start in range(0, len(data), way.chop or len(data)):
                piece = data[start : start + (way.chop or len(data))]
                writer.write(piece)
                if way.chop:
                    await asyncio.sleep(0)
                if way.bytes_per_s:
                    await asyncio.sleep(len(piece) / way.bytes_per_s)
            way.passed += 1


@asynccontextmanager
async def through(target: int) -> AsyncIterator[Proxy]:
    """A proxy on a port of its own, in front of that port."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset()
        for task in list(proxy._tasks):
            task.cancel()
        await server.wait_closed()
        await asyncio.sleep(0)


@contextmanager
def blackhole() -> Iterator[int]:
    """A port whose SYNs are lost: nobody accepts, and the backlog is full."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    port: int = listening.getsockname()[1]
    knocking = []
    for _ in range(4):
        knock = socket.socket()
        knock.setblocking(False)
        knock.connect_ex(("127.0.0.1", port))
        knocking.append(knock)
    try:
        yield port
    finally:
        for one in (*knocking, listening):
            one.close()
