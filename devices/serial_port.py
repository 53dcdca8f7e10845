"""A serial line to a device: found, opened and set by pyserial; its bytes go by the loop.

pyserial's own `write` spins for ever on a device that takes nothing, and a transport over it logs
tracebacks when the cable is pulled; reading and writing the descriptor does neither.
"""

import asyncio
import fnmatch
import os
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import serial
from serial.tools import list_ports

from devices import device_file
from devices.errors import Unreachable
from devices.map.connections import SerialMatch, SerialPort

OPEN_WITHIN_S: Final = 3.0
"""Some adapters wait for their modem lines."""


class SerialLine:
    """Reads and writes bytes; whatever ends it is `Unreachable`."""

    def __init__(self, device: str, port: serial.Serial) -> None:
        self._device, self._port = device, port

    async def read(self, within_s: float | None = None) -> bytes:
        """At least one byte. Raises TimeoutError after `within_s`, Unreachable when unplugged."""
        return await device_file.read(self._device, self._port.fileno(), within_s)

    def write(self, data: bytes) -> None:
        """Does not wait. Raises Unreachable when the device is gone or takes nothing any more."""
        try:
            taken = os.write(self._port.fileno(), data)
        except (OSError, serial.SerialException) as err:
            raise Unreachable(self._device, "takes no more bytes") from err
        if taken < len(data):
            raise Unreachable(self._device, "takes no more bytes")


@asynccontextmanager
async def opened(
    device: str, config: SerialPort, what: str = "scanner"
) -> AsyncIterator[SerialLine]:
    """Raises Unreachable when the port is not there, in use, or does not open."""
    path = config.port or _found(device, config.match)
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            port = await asyncio.to_thread(_open, path, config)
    except TimeoutError as err:
        raise Unreachable(device, f"{path} does not open") from err
    except termios.error as err:
        raise Unreachable(device, f"{path} does not take {config.baud} {config.format}") from err
    except (OSError, ValueError) as err:  # serial.SerialException is an OSError
        raise Unreachable(device, f"no {what} at {path}", hint="is it plugged in?") from err
    try:
        yield SerialLine(device, port)
    finally:
        closing = asyncio.to_thread(port.close)  # may wait for bytes that nobody takes
        await asyncio.shield(closing)  # whoever is cancelled here must not leave it open


def _open(path: str, config: SerialPort) -> serial.Serial:
    bits, parity, stops = config.format
    return serial.Serial(
        path, config.baud, int(bits), parity, int(stops), timeout=0, exclusive=True
    )


def _found(device: str, match: SerialMatch | None) -> str:
    """The port of the first USB adapter `vendor:product` whose serial number fits."""
    assert match is not None  # the map says either `port` or `match`
    for port in list_ports.comports():
        usb = f"{port.vid or 0:04x}:{port.pid or 0:04x}"
        if usb == match.usb.lower() and fnmatch.fnmatch(port.serial_number or "", match.serial):
            return str(port.device)
    raise Unreachable(device, f"no USB device {match.usb} is plugged in")
