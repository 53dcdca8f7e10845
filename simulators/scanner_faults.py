"""What goes wrong on the line of a scanner, and the port by which somebody says so.

Each line of the control port is one fact as the world tells it, answered by one line:
{"fact": "fault", "fault": "noise", "on": true} -> {"ok": true}. Faults: `noise` (garbage ahead of
every frame), `chopped` (a byte at a time), `torn` (frames lose their second half), `merged` (a
frame waits for the next one), `unplugged`, and once `disconnect`.
"""

import asyncio
import json
from collections.abc import Callable
from random import Random
from typing import Final

from simulators.bus import Message
from simulators.process import LOOPBACK

SPOILS: Final = ("noise", "chopped", "torn", "merged")
LONGEST_NOISE: Final = 24
LINE: Final = 65536

Heard = Callable[[Message], None]


class Spoiler:
    """unit: what the line never splits: a byte of a stream, a report of a device file."""

    def __init__(self, seed: int, unit: int = 1) -> None:
        self._chance, self._unit = Random(f"{seed}:line"), unit
        self._on: set[str] = set()
        self._waiting = b""

    def told(self, fact: Message) -> bool:
        """Whether it was one of ours."""
        match fact:
            case {"fact": "fault", "fault": str(fault), "on": on} if fault in SPOILS:
                self._on = self._on | {fault} if on else self._on - {fault}
                return True
        return False

    def pieces(self, frame: bytes) -> list[bytes]:
        """What is really written, one write each."""
        if "torn" in self._on:
            frame = frame[: len(frame) // self._unit // 2 * self._unit]
        if "noise" in self._on:
            frame = self._chance.randbytes(self._noise()) + frame
        if "merged" in self._on and not self._waiting:
            self._waiting = frame
            return []
        frame, self._waiting = self._waiting + frame, b""
        if "chopped" not in self._on:
            return [frame]
        size = self._unit
        return [frame[at : at + size] for at in range(0, len(frame), size)]

    def _noise(self) -> int:
        return self._chance.randint(1, max(LONGEST_NOISE // self._unit, 1)) * self._unit


async def control(port: int, heard: Heard) -> asyncio.Server:
    """Listens on loopback for facts, one JSON object a line."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async for line in reader:
                writer.write(json.dumps(_told(line, heard)).encode() + b"\n")
        finally:
            writer.close()

    return await asyncio.start_server(serve, LOOPBACK, port, limit=LINE)


def _told(line: bytes, heard: Heard) -> Message:
    try:
        fact = json.loads(line)
    except ValueError as err:
        return {"ok": False, "why": f"not JSON: {err}"}
    if not isinstance(fact, dict) or "fact" not in fact:
        return {"ok": False, "why": "a fact is needed"}
    heard(fact)
    return {"ok": True}
