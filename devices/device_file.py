"""Bytes of an open device file, read by the loop."""

import asyncio
import os
from typing import Final

from devices.errors import Unreachable

CHUNK: Final = 4096


async def read(device: str, file: int, within_s: float | None = None) -> bytes:
    """At least one byte. Raises TimeoutError after `within_s`, Unreachable when unplugged."""
    async with asyncio.timeout(within_s):
        await _readable(file)
    try:
        data = os.read(file, CHUNK)
    except OSError as err:
        raise Unreachable(device, f"was unplugged ({err.strerror})") from err
    if not data:
        raise Unreachable(device, "was unplugged")
    return data


async def _readable(file: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)
