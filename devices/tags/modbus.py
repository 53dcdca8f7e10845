"""Modbus lines: TCP, serial frames behind TCP, and serial ports, each as a wire that asks one
request at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, cast

from devices.errors import Unreachable
from devices.map.schema import Modbus, ModbusRtu, ModbusRtuTcp, ModbusTcp
from devices.serial_port import SerialLine, opened
from devices.tags.frames import Framing, Mbap, Rtu
from devices.tags.wire import Wire

BITS_PER_BYTE: Final = 11
"""Start, eight data, parity or a second stop, stop (MODBUS over Serial Line 1.02, 2.5.1)."""
CONNECT_S: Final = 1.0
"""A connection is made once; a device that is slow to accept may still answer fast."""
FAST_BAUD: Final = 19200
FAST_GAP_S: Final = 0.00175
"""Above this the silence between frames no longer shrinks (2.5.1.1)."""


def open_wire(connection: Modbus) -> AbstractAsyncContextManager[Wire]:
    """Raises Unreachable when there is no line."""
    match connection:
        case ModbusTcp():
            return _tcp(connection, Mbap())
        case ModbusRtuTcp():
            return _tcp(connection, Rtu())
        case ModbusRtu():
            return _serial(connection)
        case _:
            raise TypeError(f"{connection!r} is no Modbus line")


class _Stream(asyncio.Protocol):
    """A TCP connection that feeds a wire."""

    def __init__(self, framing: Framing) -> None:
        self.wire = Wire(framing, self._send)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.wire.received(data)

    def connection_lost(self, err: Exception | None) -> None:
        self.wire.lost("the line dropped")

    def _send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)


@asynccontextmanager
async def _tcp(config: ModbusTcp | ModbusRtuTcp, framing: Framing) -> AsyncIterator[Wire]:
    where = f"{config.host}:{config.port}"
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(max(config.timeout_s, CONNECT_S)):
            transport, stream = await loop.create_connection(
                lambda: _Stream(framing), config.host, config.port
            )
    except (OSError, TimeoutError) as err:
        raise Unreachable(where, f"nobody answers at {where}") from err
    try:
        yield stream.wire
    finally:
        transport.abort()


@asynccontextmanager
async def _serial(config: ModbusRtu) -> AsyncIterator[Wire]:
    where = config.port or (config.match.usb if config.match else "")
    byte_s = BITS_PER_BYTE / config.baud
    gap_s = 3.5 * byte_s if config.baud <= FAST_BAUD else FAST_GAP_S
    async with opened(where, config, "serial port") as line:
        wire = Wire(Rtu(), line.write, gap_s=gap_s, byte_s=byte_s)
        reading = asyncio.create_task(_read(line, wire))
        try:
            yield wire
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _read(line: SerialLine, wire: Wire) -> None:
    while True:
        try:
            wire.received(await line.read())
        except Unreachable as err:
            wire.lost(err.problem)
            return
