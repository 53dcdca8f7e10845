"""Modbus TCP stations for the telemetry benchmark: each poll finds every register changed.

Register 0 counts steps of STEP_S since the machine started, so that whoever sees a number first
knows how long ago it changed; the others count polls. Arguments: how many ports. Prints the ports;
at the end of input it prints when each was polled, as JSON [[seconds]].
"""

import asyncio
import json
import struct
import sys
from time import monotonic
from typing import cast

import uvloop

STEP_S = 0.237


class Station(asyncio.Protocol):
    def __init__(self, polls: list[float]) -> None:
        self._buffer, self._polls = b"", polls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 12:
            number, _, length, unit, function, first, count = struct.unpack(
                ">HHHBBHH", self._buffer[:12]
            )
            self._buffer = self._buffer[6 + length :]
            if not first:
                self._polls.append(monotonic())
            words = struct.pack(">H", len(self._polls) & 0xFFFF) * count
            if not first:
                words = struct.pack(">H", int(monotonic() / STEP_S) & 0xFFFF) + words[2:]
            head = struct.pack(">HHHBBB", number, 0, 3 + 2 * count, unit, function, 2 * count)
            self._transport.write(head + words)


async def main() -> None:
    loop = asyncio.get_running_loop()
    polls: list[list[float]] = [[] for _ in range(int(sys.argv[1]))]
    servers = [
        await loop.create_server(lambda mine=mine: Station(mine), "127.0.0.1", 0)  # type: ignore[misc]
        for mine in polls
    ]
    print(json.dumps([one.sockets[0].getsockname()[1] for one in servers]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(polls), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
