"""The line to a scanner, by the type of its connection; no library is imported for one that a site
lacks."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from devices import streams
from devices.map.schema import Hid, Serial, TcpClient, TcpServer

Connection = TcpClient | TcpServer | Serial | Hid


class Wire(Protocol):
    """Bytes in and out; whatever ends it is `Unreachable`."""

    async def read(self, within_s: float | None = None) -> bytes:
        """At least one byte. Raises TimeoutError after `within_s`."""

    def write(self, data: bytes) -> None:
        """Does not wait."""


def opened(
    device: str, connection: Connection, refused: Callable[[str], None]
) -> AbstractAsyncContextManager[Wire]:
    """refused: told the address of whoever calls us and is not let in.

    Raises Unreachable when the scanner is not there.
    """
    match connection:
        case Serial():
            from devices import serial_port

            return serial_port.opened(device, connection)
        case Hid():
            from devices.scanner import hid_port

            return hid_port.opened(device, connection)
        case TcpServer():
            from devices.scanner import callers

            return callers.called(device, connection, refused)
        case TcpClient():
            return streams.tcp(device, connection)
