"""One device behind Modbus RTU frames, over TCP or on a serial port (a pty), with the faults of
`simulators.io_faults`. A unit that did not get a request, or loses its answer, says nothing.
"""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from simulators.bus import Message
from simulators.child import Address
from simulators.io_faults import LATE_S, Faults
from simulators.plc.bank import Tables
from simulators.plc.wire import Slave, Written
from simulators.process import LOOPBACK, port_of
from simulators.rtu import Line

WRITES: Final = (5, 6, 15, 16, 22)
CHUNK: Final = 4096
SETTINGS: Final[Address] = {"format": "8N1"}
"""A pseudo-terminal knows no parity."""


class Hearing:
    """The unit as far as its wire lets anything through."""

    def __init__(self, unit: int, tables: Tables, written: Written, faults: Faults) -> None:
        self._unit, self._faults = unit, faults
        self._slave = Slave(unit, tables, written)

    def answer(self, pdu: bytes) -> bytes | None:
        fate = self._faults.fate(writes=pdu[0] in WRITES)
        if fate == "lost_request":
            return None
        if fate == "late_request":
            asyncio.get_running_loop().call_later(LATE_S, self._slave.answer, self._unit, pdu)
            return None
        answer = self._slave.answer(self._unit, pdu)
        return None if fate == "lost_answer" else answer


class RtuTcp:
    """RTU frames behind a TCP port."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._faults = Faults()
        self._units = {unit: Hearing(unit, tables, written, self._faults)}

    def fault(self, fact: Message) -> bool:
        return self._faults.told(fact)

    @asynccontextmanager
    async def at(self, port: str) -> AsyncIterator[Address]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Stream(Line(self._units), self._faults),
            LOOPBACK,
            int(port),
            reuse_address=True,
        )
        async with server:
            yield {"host": LOOPBACK, "port": port_of(server)}


class _Stream(asyncio.Protocol):
    def __init__(self, line: Line, faults: Faults) -> None:
        self._line, self._faults = line, faults

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._faults.opened(transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._line.feed(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._faults.closed(self._transport)


class RtuSerial:
    """A serial port at a stable path; it is gone while it is unplugged."""

    def __init__(self, unit: int, tables: Tables, written: Written) -> None:
        self._faults = Faults(self._plug)
        self._units = {unit: Hearing(unit, tables, written, self._faults)}
        self._port: Pty | None = None

    def fault(self, fact: Message) -> bool:
        return self._faults.told(fact)

    @asynccontextmanager
    async def at(self, port: str) -> AsyncIterator[Address]:
        """`port` is the path."""
        self._port = Pty(Path(port), lambda: Line(self._units))
        self._faults.opened(self._port)
        self._port.plug()
        try:
            yield {"port": port, **SETTINGS}
        finally:
            self._port.unplug()

    def _plug(self, in_: bool) -> None:
        if self._port is not None:
            self._port.plug() if in_ else self._port.unplug()


class Pty:
    """Our own open end keeps the port alive while the master of the line comes and goes."""

    def __init__(self, link: Path, line: Callable[[], Line]) -> None:
        self._link, self._line = link, line
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        if self._ends is not None:
            return
        ours, theirs = self._ends = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        fresh = self._link.with_name(self._link.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(theirs))
        fresh.replace(self._link)
        asyncio.get_running_loop().add_reader(ours, self._heard, ours, self._line())

    def unplug(self) -> None:
        if self._ends is None:
            return
        ours, theirs = self._ends
        self._ends = None
        asyncio.get_running_loop().remove_reader(ours)
        self._link.unlink(missing_ok=True)
        os.close(ours)
        os.close(theirs)

    def abort(self) -> None:
        """Out and in again, unless it is out."""
        if self._ends is not None:
            self.unplug()
            self.plug()

    def _heard(self, ours: int, line: Line) -> None:
        os.write(ours, line.feed(os.read(ours, CHUNK)))
