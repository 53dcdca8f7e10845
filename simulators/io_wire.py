"""The Modbus TCP port of one device: its lines can be reset, unplugged, left without answers."""

import asyncio
import logging

from simulators.bus import Message
from simulators.plc.bank import Tables
from simulators.plc.wire import NotModbus, Slave, Written
from simulators.process import LOOPBACK

log = logging.getLogger("io")


class Wire:
    """While it is unplugged nobody gets a line; while it is silent nobody gets an answer."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._unit, self._tables, self._written = unit, tables, written
        self._lines: set[asyncio.Transport] = set()
        self._unplugged = False
        self.silent = False

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
            case _:
                return False
        return True

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
        if self._wire.silent:
            return
        try:
            self._transport.write(self._slave.feed(data))
        except NotModbus as err:
            log.warning("closing a line that does not speak Modbus TCP: %s", err)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.closed(self._transport)
