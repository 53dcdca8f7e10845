"""One user of a Modbus line for tests: asks and writes by address, without tags."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from devices.map.schema import Modbus
from devices.map.units import Table
from devices.tags import pdu
from devices.tags.bus import Bus
from devices.tags.modbus import open_wire


class Asking:
    def __init__(self, bus: Bus, unit: int) -> None:
        self.bus, self.problem = bus, ""
        self.unit = bus.join(unit, self)

    def ended(self, problem: str) -> None:
        self.problem = self.problem or problem

    async def ask(self, request: pdu.Request) -> bytes:
        async def work() -> bytes:
            return await self.bus.ask(self.unit, request, "plc")

        data: bytes = await self.bus.order(self.unit, work)
        return data

    async def read(self, table: Table, first: int, count: int) -> Sequence[int]:
        data = (await self.ask(pdu.read(table, first, count)))[2:]
        if table in ("co", "di"):
            return [data[at // 8] >> at % 8 & 1 for at in range(count)]
        return struct.unpack(f">{count}H", data)

    async def write(self, table: Table, first: int, words: Sequence[int]) -> None:
        await self.ask(pdu.write(table, first, words))


@asynccontextmanager
async def asking(connection: Modbus, *units: int) -> AsyncIterator[list[Asking]]:
    async with open_wire(connection) as wire:
        bus = Bus(wire, connection.timeout_s, connection.retries + 1)
        users = [Asking(bus, unit) for unit in units or (1,)]
        running = asyncio.create_task(bus.run())
        try:
            yield users
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
