"""One line to a broker that only publishes: many messages in flight, each until the broker has it.

Packets are written and read by the loop itself, so a message costs no change of thread.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final, cast

from devices import telemetry_packets as packets
from devices.errors import Refused, Unreachable
from devices.map.schema import Mqtt
from devices.mqtt_tls import papers

OPEN_WITHIN_S: Final = 3.0
IN_FLIGHT: Final = 500
"""Messages that the broker has not acknowledged; it is asked nothing more until it has."""
NUMBERS: Final = 60_000
"""Packet ids of the queue's messages; those above are for everything else."""
BUSY: Final = (4, 5)
"""What a broker refuses until somebody changes something."""

log = logging.getLogger(__name__)
Sent = tuple[int, bytes, bytes]
"""The number of a message, its topic as MQTT text, its payload."""


class PublishingLine(asyncio.Protocol):
    """has: called with the number of the last message up to which the broker has all. asked: with
    every topic on which somebody asks."""

    def __init__(self, name: str, has: Callable[[int], None], asked: Callable[[str], None]) -> None:
        self.name, self._has, self._asked = name, has, asked
        loop = asyncio.get_running_loop()
        self.welcomed: asyncio.Future[None] = loop.create_future()
        self._lost: asyncio.Future[None] = loop.create_future()
        self._packets = packets.Packets()
        self._flying: deque[int] = deque()
        self._early: set[int] = set()
        """Packet ids that were acknowledged ahead of older ones."""
        self._other = NUMBERS
        self._room = asyncio.Event()
        self._paused = self._heard = False
        self._transport: asyncio.Transport | None = None

    # --- out ---

    async def room(self) -> int:
        """How many messages may be sent, at least one; waits for it."""
        while (room := IN_FLIGHT - len(self._flying)) <= 0 or self._paused:
            self._room.clear()
            await self._room.wait()
        return room

    def send(self, messages: Iterable[Sent]) -> None:
        """In order. Numbers count up by one."""
        out = []
        for number, topic, payload in messages:
            self._flying.append(number)
            out.append(packets.publish(topic, number % NUMBERS + 1, payload))
        self._write(b"".join(out))

    def keep(self, topic: bytes, payload: bytes) -> None:
        """Retained by the broker."""
        self._write(packets.publish(topic, self._next_other(), payload, retained=True))

    async def run(self, keepalive_s: float) -> None:
        """Raises Unreachable when the line is down, or the broker says nothing any more."""
        while True:
            await asyncio.wait([self._lost], timeout=keepalive_s / 2)
            if self._lost.done():
                self._lost.result()
            if not self._heard:
                raise Unreachable(self.name, "the broker says nothing any more")
            self._heard = False
            self._write(packets.PINGREQ)

    async def open(self, hello: bytes, listen: str | None) -> None:
        """Raises Unreachable, Refused."""
        self._write(hello)
        if listen is not None:
            self._write(packets.subscribe(self._next_other(), listen))
        await asyncio.wait((self.welcomed, self._lost), return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            self._lost.result()
        self._heard = True

    def close(self) -> None:
        self._lost.cancel()
        self._write(packets.DISCONNECT)
        if self._transport is not None:
            self._transport.close()

    def _next_other(self) -> int:
        self._other = self._other + 1 if self._other < 0xFFFF else NUMBERS + 1
        return self._other

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # --- in ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, err: Exception | None) -> None:
        self._transport = None
        self._ends(Unreachable(self.name, f"the line to the broker is down{_why(err)}"))

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._room.set()

    def data_received(self, data: bytes) -> None:
        self._heard = True
        acknowledged = False
        try:
            for packet in self._packets.feed(data):
                if packet.kind == packets.PUBACK:
                    if (id := packets.number(packet)) <= NUMBERS:
                        self._early.add(id)
                    acknowledged = True
                else:
                    self._take(packet)
        except packets.Malformed as err:
            self._ends(Unreachable(self.name, f"the broker does not speak MQTT: {err}"))
            return
        if acknowledged:
            self._settle()

    def _take(self, packet: packets.Packet) -> None:
        match packet.kind:
            case packets.CONNACK if len(packet.body) == 2:
                self._welcome(packet.body[1])
            case packets.SUBACK if packet.body[2:] == b"\x80":
                log.warning("%s: the broker's ACL lets us publish, not hear requests", self.name)
            case packets.PUBLISH if not packet.flags & packets.RETAINED:
                self._asked(packets.topic_of(packet))  # a request that was retained is none

    def _welcome(self, code: int) -> None:
        if self.welcomed.done():
            return
        if not code:
            self.welcomed.set_result(None)
            return
        told = f"the broker {packets.REFUSED.get(code, f'refuses us ({code})')}"
        kind = Refused if code in BUSY else Unreachable
        self._ends(kind(self.name, told))

    def _settle(self) -> None:
        """Acknowledgements come in any order; what counts is how far all have come."""
        last = None
        while self._flying and self._flying[0] % NUMBERS + 1 in self._early:
            last = self._flying.popleft()
            self._early.discard(last % NUMBERS + 1)
        if last is not None:
            self._has(last)
            self._room.set()

    def _ends(self, why: Exception) -> None:
        if not self._lost.done():
            self._lost.set_exception(why)
            self._lost.exception()  # heard in `run`, or nobody is there any more
        self._room.set()
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def publishing(
    name: str,
    config: Mqtt,
    *,
    has: Callable[[int], None],
    listen: str | None,
    asked: Callable[[str], None],
) -> AsyncIterator[PublishingLine]:
    """Connected when it yields. Raises Unreachable, Refused."""
    ours = papers(name, config)
    keepalive_s = max(1, round(config.keepalive_s))
    hello = packets.connect(f"{config.client_id}-{name}", keepalive_s, ours.user, ours.password)
    line = PublishingLine(name, has, asked)
    try:
        await _open(line, config, ours.tls, hello, listen)
        yield line
    finally:
        line.close()


async def _open(
    line: PublishingLine,
    config: Mqtt,
    tls: ssl.SSLContext | None,
    hello: bytes,
    listen: str | None,
) -> None:
    where = f"{config.host}:{config.port}"
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            await asyncio.get_running_loop().create_connection(
                lambda: line, config.host, config.port, ssl=tls
            )
            await line.open(hello, listen)
    except ssl.SSLError as err:
        raise Unreachable(line.name, f"no trust between us and {where}: {err.reason}") from err
    except TimeoutError as err:
        raise Unreachable(line.name, f"no answer from the broker at {where}") from err
    except OSError as err:
        raise Unreachable(line.name, f"no broker answers at {where}") from err


def _why(err: Exception | None) -> str:
    return f": {err}" if err else ""
