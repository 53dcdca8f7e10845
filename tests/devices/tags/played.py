"""A Modbus line that is played by the test: registers by unit, and what goes wrong with them."""

import asyncio
import struct
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

from devices.map.schema import RegisterTag
from devices.tags.pdu import Request
from devices.tags.wire import Silence

TABLES = {1: "co", 2: "di", 3: "hr", 4: "ir"}
T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)


class TurnedClock:
    def __init__(self) -> None:
        self.time = T0

    def now(self) -> datetime:
        return self.time


class Refuse(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class PlayedWire:
    """Registers that answer after `takes_s`; `fault` may raise Silence, Broken or Refuse instead.

    `log` holds what was asked: `read hr:0+4`, `write hr:1=1,2`, `bit hr:5 and fffb or 0004`.
    """

    numbered = True

    def __init__(self) -> None:
        self.cells: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 400)
        self.log: list[str] = []
        self.windows: list[tuple[int, float]] = []
        self.takes_s = 0.0
        self.busy = 0
        self.fault: Callable[[str], None] = lambda asked: None
        self.fault_of: Callable[[int, str], None] = lambda unit, asked: None
        self.late: Callable[[int, float], None] = lambda unit, seconds: None
        self.dropped: Callable[[], None] = lambda: None
        self.problem: str | None = None

    async def ask(self, unit: int, request: Request, within_s: float) -> bytes:
        asked, carry_out = self._meaning(unit, request.pdu)
        assert not self.busy, "two requests in flight"
        self.busy += 1
        self.log.append(asked)
        self.windows.append((unit, within_s))
        try:
            await asyncio.sleep(self.takes_s)
            self.fault(asked)
            self.fault_of(unit, asked)
        except Refuse as no:
            return bytes((request.pdu[0] | 0x80, no.code))
        finally:
            self.busy -= 1
        return carry_out()

    async def quiet(self) -> None:
        return None

    def _meaning(self, unit: int, pdu: bytes) -> tuple[str, Callable[[], bytes]]:
        cells, function, first = self.cells[unit], pdu[0], int.from_bytes(pdu[1:3], "big")
        if function in (3, 4):
            (count,) = struct.unpack(">H", pdu[3:])
            asked = f"read {TABLES[function]}:{first}+{count}"
            return asked, lambda: struct.pack(
                f">BB{count}H", function, 2 * count, *cells[first : first + count]
            )
        if function in (1, 2):
            (count,) = struct.unpack(">H", pdu[3:])
            asked = f"read {TABLES[function]}:{first}+{count}"
            return asked, lambda: self._bits(function, cells[first : first + count])
        if function == 22:
            keep, put = struct.unpack(">HH", pdu[3:])

            def mask() -> bytes:
                cells[first] = cells[first] & keep | put & ~keep
                return pdu

            return f"bit hr:{first} and {keep:04x} or {put:04x}", mask
        return self._write(cells, function, first, pdu)

    def _write(
        self, cells: list[int], function: int, first: int, pdu: bytes
    ) -> tuple[str, Callable[[], bytes]]:
        if function == 5:
            words = [int(pdu[3] == 0xFF)]
        elif function == 15:
            (count,) = struct.unpack(">H", pdu[3:5])
            words = [pdu[6 + at // 8] >> at % 8 & 1 for at in range(count)]
        else:
            data = pdu[3:] if function == 6 else pdu[6:]
            words = list(struct.unpack(f">{len(data) // 2}H", data))

        def write() -> bytes:
            cells[first : first + len(words)] = words
            return pdu[:5]

        table = "co" if function in (5, 15) else "hr"
        return f"write {table}:{first}={','.join(map(str, words))}", write

    def _bits(self, function: int, bits: list[int]) -> bytes:
        size = (len(bits) + 7) // 8
        packed = sum(bool(bit) << at for at, bit in enumerate(bits))
        return bytes((function, size)) + packed.to_bytes(size, "little")


def silence(asked: str) -> None:
    raise Silence("no answer")


def tag(at: str, type: str = "uint16", poll: str = "fast", **more: object) -> RegisterTag:
    return RegisterTag.model_validate(
        {"at": at, "type": type, "access": "rw", "poll": poll, **more},
        context={"poll": {"fast": 0.01, "slow": 100.0}},
    )
