"""A tunnel scanner and a sorter PLC in one process, by hand and fast: what both the gateway and the
floor program of a benchmark talk to. It stamps when a scan left and when its decision arrived.

    python -m tests.benchmarks.floor_peer     stdout: {"scanner": port, "plc": port}
    stdin: {"scans": 2000, "every_s": 0.005, "window_s": 1.2, "events": true}
    stdout: {"ms": [...], "missed": 0, "wrong": 0}

Carton n carries plate `L%08d` and tracking `SW%010d` when n is even (lane 1), `PO%010d` when odd
(lane 2); its track number is n + 1. With `events` the PLC also raises induct and confirm events.
"""

import asyncio
import json
import struct
import sys
from collections import deque
from time import perf_counter
from typing import Any

import uvloop

IND_SEQ, IND_TRACK, CFM_SEQ, CFM_TRACK, CFM_LANE, CFM_RESULT = 3, 4, 7, 8, 10, 11
CMD_SEQ, CMD_TRACK, CMD_LANE, CFM_ACK, IND_ACK = 1, 2, 4, 6, 7
DIVERTED, RECIRCULATED = 1, 5


def codes(n: int) -> bytes:
    tracking = f"SW{n:010d}" if n % 2 == 0 else f"PO{n:010d}"
    return f"{n + 1};L{n:08d};{tracking}".encode()


class Plc:
    """Registers, one command handshake and two event handshakes (docs/wires.md section 6)."""

    def __init__(self) -> None:
        self.inputs, self.holding = [0] * 64, [0] * 64
        self.arrived: dict[int, tuple[float, int]] = {}
        self.inducts: deque[int] = deque()
        self.confirms: deque[tuple[int, int]] = deque()

    def written(self, address: int, values: tuple[int, ...]) -> None:
        self.holding[address : address + len(values)] = values
        if address <= CMD_SEQ < address + len(values):
            track = self.holding[CMD_TRACK] << 16 | self.holding[CMD_TRACK + 1]
            self.arrived.setdefault(track, (perf_counter(), self.holding[CMD_LANE]))
            self.inputs[2], self.inputs[1] = 1, self.holding[CMD_SEQ]
        self.events()

    def events(self) -> None:
        """The next event goes up once the last one is acknowledged."""
        if self.inducts and self.inputs[IND_SEQ] == self.holding[IND_ACK]:
            track = self.inducts.popleft()
            self.inputs[IND_TRACK : IND_TRACK + 3] = [track >> 16, track & 0xFFFF, 400]
            self.inputs[IND_SEQ] = self.inputs[IND_SEQ] % 65535 + 1
        if self.confirms and self.inputs[CFM_SEQ] == self.holding[CFM_ACK]:
            track, lane = self.confirms.popleft()
            result = DIVERTED if lane else RECIRCULATED
            self.inputs[CFM_TRACK : CFM_RESULT + 1] = [track >> 16, track & 0xFFFF, lane, result]
            self.inputs[CFM_SEQ] = self.inputs[CFM_SEQ] % 65535 + 1

    def answer(self, pdu: bytes) -> bytes:
        code, address, count = struct.unpack(">BHH", pdu[:5])
        if code in (1, 2):
            bits = 1 << (11 - address) if address <= 11 < address + count else 0
            return bytes([code, (count + 7) // 8]) + bits.to_bytes((count + 7) // 8, "little")
        if code in (3, 4):
            bank = self.holding if code == 3 else self.inputs
            return struct.pack(f">BB{count}H", code, 2 * count, *bank[address : address + count])
        if code == 6:
            self.written(address, (count,))
            return pdu[:5]
        self.written(address, struct.unpack(f">{count}H", pdu[6 : 6 + 2 * count]))
        return pdu[:5]


class Wire(asyncio.Protocol):
    def __init__(self, plc: Plc) -> None:
        self._plc, self._buffer = plc, b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 7:
            length = 6 + int.from_bytes(self._buffer[4:6], "big")
            if len(self._buffer) < length:
                return
            frame, self._buffer = self._buffer[:length], self._buffer[length:]
            pdu = self._plc.answer(frame[7:])
            self._transport.write(frame[:4] + struct.pack(">HB", len(pdu) + 1, frame[6]) + pdu)


async def beat(plc: Plc, scanners: list[asyncio.StreamWriter]) -> None:
    while True:
        plc.inputs[0] = (plc.inputs[0] + 1) & 0xFFFF
        for writer in scanners:
            writer.write(b"\x02HB\x03")
        await asyncio.sleep(0.25)


async def play(plc: Plc, scanner: asyncio.StreamWriter, asked: dict[str, Any]) -> dict[str, Any]:
    left: dict[int, float] = {}
    loop, blades = asyncio.get_running_loop(), []
    wrong = missed = 0
    start = loop.time()

    def blade(track: int) -> None:
        nonlocal wrong, missed
        at, lane = plc.arrived.get(track, (None, 0))
        missed += at is None
        wrong += at is not None and lane != 1 + (track - 1) % 2
        if asked["events"]:
            plc.confirms.append((track, lane))
            plc.events()

    for n in range(asked["scans"]):
        await asyncio.sleep(start + n * asked["every_s"] - loop.time())
        if asked["events"]:
            plc.inducts.append(n + 1)
            plc.events()
        left[n + 1] = perf_counter()
        scanner.write(b"\x02" + codes(n) + b"\x03")
        blades.append(loop.call_later(asked["window_s"], blade, n + 1))
    await asyncio.sleep(asked["window_s"] + 1.0)
    took = [
        (plc.arrived[track][0] - at) * 1000 for track, at in left.items() if track in plc.arrived
    ]
    return {"ms": took, "missed": missed, "wrong": wrong, "waiting_events": len(plc.confirms)}


async def main() -> None:
    plc, scanners = Plc(), list[asyncio.StreamWriter]()
    loop = asyncio.get_running_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        scanners.append(writer)
        await reader.read()

    modbus = await loop.create_server(lambda: Wire(plc), "127.0.0.1", 0)
    tunnel = await asyncio.start_server(connected, "127.0.0.1", 0)
    ports = {"scanner": _port(tunnel), "plc": _port(modbus)}
    print(json.dumps(ports), flush=True)
    beating = loop.create_task(beat(plc, scanners))
    line = await loop.run_in_executor(None, sys.stdin.readline)
    print(json.dumps(await play(plc, scanners[-1], json.loads(line))), flush=True)
    beating.cancel()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


if __name__ == "__main__":
    uvloop.run(main())
