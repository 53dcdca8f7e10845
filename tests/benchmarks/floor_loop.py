"""The floor of the scan path: a hand-written loop that decides from a dict, appends one line with
one fdatasync, and writes the decision over Modbus. Arguments: scanner port, PLC port, file."""

import asyncio
import os
import struct
import sys
from typing import Any

import uvloop

LANES = {"SW": 1, "PO": 2}


class Scanner(asyncio.Protocol):
    def __init__(self, plc: Any, file: int) -> None:
        self._plc, self._file, self._buffer, self._tid = plc, file, b"", 0

    def data_received(self, data: bytes) -> None:
        *frames, self._buffer = (self._buffer + data).split(b"\x03")
        for frame in frames:
            if frame != b"\x02HB":
                self._decide(frame[1:].decode())

    def _decide(self, payload: str) -> None:
        track, _, code = payload.split(";")
        lane = LANES[code[:2]]
        os.write(self._file, f'{{"track": {track}, "lane": {lane}}}\n'.encode())
        os.fdatasync(self._file)
        self._tid = (self._tid + 1) & 0xFFFF
        number = int(track)
        words = struct.pack(">HHHH", self._tid & 0x7FFF | 1, number >> 16, number & 0xFFFF, lane)
        pdu = struct.pack(">BHHB", 16, 1, 4, 8) + words
        self._plc.write(struct.pack(">HHHB", self._tid, 0, len(pdu) + 1, 1) + pdu)


async def main() -> None:
    scanner, plc, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", plc)
    await loop.create_connection(lambda: Scanner(transport, file), "127.0.0.1", scanner)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
