"""The Modbus TCP port of one device, with the faults of `simulators.io_faults`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from simulators.bus import Message
from simulators.child import Address
from simulators.io_faults import LATE_S, Faults
from simulators.plc.bank import Tables
from simulators.plc.wire import NotModbus, Slave, Written
from simulators.process import LOOPBACK, port_of

WRITES: Final = (5, 6, 15, 16, 22)
FUNCTION_AT: Final = 7
"""Behind the header of seven bytes."""

log = logging.getLogger("io")


class Wire:
    """While it is unplugged nobody gets a line; while it is silent nobody gets an answer."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._unit, self._tables, self._written = unit, tables, written
        self.faults = Faults()

    @asynccontextmanager
    async def at(self, port: str) -> AsyncIterator[Address]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Line(self), LOOPBACK, int(port), reuse_address=True
        )
        async with server:
            yield {"host": LOOPBACK, "port": port_of(server)}

    def slave(self) -> Slave:
        return Slave(self._unit, self._tables, self._written)

    def fault(self, fact: Message) -> bool:
        return self.faults.told(fact)

    def fate(self, data: bytes) -> str:
        writes = len(data) > FUNCTION_AT and data[FUNCTION_AT] in WRITES
        return self.faults.fate(writes=writes)


class _Line(asyncio.Protocol):
    def __init__(self, wire: Wire) -> None:
        self._wire, self._slave = wire, wire.slave()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._wire.faults.opened(transport)

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
        self._wire.faults.closed(self._transport)
