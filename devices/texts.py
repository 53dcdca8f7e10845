"""Devices that speak in lines of text, over whatever carries bytes."""

from collections.abc import AsyncIterator
from typing import Protocol

from devices.errors import Unreachable
from devices.scanner.framing import Frames


class Bytes(Protocol):
    async def read(self, within_s: float | None = None) -> bytes:
        """At least one byte. Raises TimeoutError after `within_s`, Unreachable when it ended."""


async def texts(
    device: str,
    line: Bytes,
    *,
    end: bytes = b"\n",
    longest: int = 512,
    silent_after_s: float | None = None,
) -> AsyncIterator[str]:
    """Each whole line without its end, however it was chopped; longer ones are dropped.

    silent_after_s: a device that says nothing for so long is away. Raises Unreachable.
    """
    frames = Frames(end=end, limit=longest)
    while True:
        try:
            data = await line.read(silent_after_s)
        except TimeoutError as err:
            raise Unreachable(device, f"silent for {silent_after_s:g} s") from err
        for frame in frames.feed(data):
            yield frame.decode("ascii", "replace").strip("\r")
