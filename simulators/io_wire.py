"""The Modbus TCP port of one device, and its faults: lines are `unplugged`, left `silent` without
answers, or reset once (`reset_lines`); of the next write the answer is lost (`lost_answer`), or
itself (`lost_request`), or it arrives when nobody waits any more (`late_request`).
"""

import asyncio
import logging
from typing import Final

from simulators.bus import Message
from simulators.plc.bank import Tables
from simulators.plc.wire import NotModbus, Slave, Written
from simulators.process import LOOPBACK

WRITES: Final = (5, 6, 15, 16)
FUNCTION_AT: Final = 7
"""Behind the header of seven bytes."""
LATE_S: Final = 1.0
ONCE: Final = ("lost_answer", "lost_request", "late_request")

log = logging.getLogger("io")


class Wire:
    """While it is unplugged nobody gets a line; while it is silent nobody gets an answer."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._unit, self._tables, self._written = unit, tables, written
        self._lines: set[asyncio.Transport] = set()
        self._unplugged = False
        self.silent = False
        self._next_write = ""

    async def listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Line(self), LOOPBACK, port, reuse_address=True)

    def slave(self) -> Slave:
        return Slave(self._unit, self._tables, self._written)

    def fault(self, fact: Message) -> bool:
        """Faults of the wire itself. Returns whether it was one."""
        match fact:
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self._unplugged = on
                self._reset() if on else None
            case {"fact": "fault", "fault": "silent", "on": on}:
                self.silent = on
            case {"fact": "fault", "fault": "reset_lines", "on": True}:
                self._reset()
            case {"fact": "fault", "fault": fault, "on": on} if fault in ONCE:
                self._next_write = fault if on else ""
            case _:
                return False
        return True

    def fate(self, data: bytes) -> str:
        """What becomes of this request; a fault of writes is used up by one."""
        if self.silent:
            return "lost_request"
        if len(data) <= FUNCTION_AT or data[FUNCTION_AT] not in WRITES:
            return ""
        fate, self._next_write = self._next_write, ""
        return fate

    def opened(self, line: asyncio.Transport) -> None:
        if self._unplugged:
            line.abort()
        else:
            self._lines.add(line)

    def closed(self, line: asyncio.Transport) -> None:
        self._lines.discard(line)

    def _reset(self) -> None:
        for line in list(self._lines):
            line.abort()


class _Line(asyncio.Protocol):
    def __init__(self, wire: Wire) -> None:
        self._wire, self._slave = wire, wire.slave()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._wire.opened(transport)

    def data_received(self, data: bytes) -> None:
        fate = self._wire.fate(data)
        if fate == "late_request":
            asyncio.get_running_loop().call_later(LATE_S, self._serve, data, fate)
        elif fate != "lost_request":
            self._serve(data, fate)

    def _serve(self, data: bytes, fate: str) -> None:
        try:
            answer = self._slave.feed(data)
        except NotModbus as err:
            log.warning("closing a line that does not speak Modbus TCP: %s", err)
            self._transport.close()
            return
        if fate != "lost_answer":
            self._transport.write(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.closed(self._transport)
