"""Modbus TCP stations for the tag benchmarks, by hand: every register counts the polls of its unit.

Arguments: ports, units, then the unit that is silent (0: none). Prints the ports; at the end of
input it prints when each unit was polled, as JSON {unit: [seconds]}.
"""

import asyncio
import json
import struct
import sys
from collections import defaultdict
from time import monotonic
from typing import cast

import uvloop

polls: defaultdict[int, list[float]] = defaultdict(list)


class Stations(asyncio.Protocol):
    def __init__(self, units: int, silent: int) -> None:
        self._units, self._silent, self._buffer = units, silent, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 12:
            number, _, length, unit, function, _first, count = struct.unpack(
                ">HHHBBHH", self._buffer[:12]
            )
            self._buffer = self._buffer[6 + length :]
            if unit == self._silent or not 1 <= unit <= self._units:
                continue
            polls[unit].append(monotonic())
            word = struct.pack(">H", len(polls[unit]) & 0xFFFF)
            head = struct.pack(">HHHBBB", number, 0, 3 + 2 * count, unit, function, 2 * count)
            self._transport.write(head + word * count)


async def main() -> None:
    ports, units, silent = map(int, sys.argv[1:])
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Stations(units, silent), "127.0.0.1", 0)
        for _ in range(ports)
    ]
    print(json.dumps([one.sockets[0].getsockname()[1] for one in servers]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(polls), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
