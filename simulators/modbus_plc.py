"""The sorter's PLC on the wire: a Modbus TCP server on one side, belts and blades on the other."""

import asyncio
import logging
from time import monotonic
from typing import Final

from devices.map.load import load_map
from simulators.bus import BusClient, Message
from simulators.plc.bank import bank_of
from simulators.plc.logic import BEAT_S, Act, Logic
from simulators.plc.wire import NotModbus, Slave
from simulators.process import LOOPBACK, Place, parser, place, ready_tcp, run

CYCLE_S: Final = 0.004
UNIT: Final = 1

log = logging.getLogger("plc")


class Plc:
    """One powered PLC. `listen` starts its wire; `beat` runs its program for ever."""

    def __init__(self, site: Place, act: Act) -> None:
        device_map = load_map(site.map)
        self._bank = bank_of(device_map, site.id)
        self._logic = Logic(self._bank, act, monotonic())
        self._cycle: asyncio.TimerHandle | None = None
        self._lines: set[asyncio.BaseTransport] = set()

    async def listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Line(self), LOOPBACK, port, reuse_address=True)

    async def beat(self) -> None:
        while True:
            self._logic.scan(monotonic())
            await asyncio.sleep(BEAT_S / 5)

    def slave(self) -> Slave:
        return Slave(UNIT, self._bank.tables, self._written)

    def opened(self, line: asyncio.BaseTransport) -> None:
        self._lines.add(line)

    def closed(self, line: asyncio.BaseTransport) -> None:
        self._lines.discard(line)

    def heard(self, fact: Message) -> None:
        now = monotonic()
        match fact:
            case {"fact": "eye", "body": body, "length_mm": length}:
                self._logic.eye(body, length, now)
            case {"fact": "blade", "body": body, "track": track}:
                self._logic.blade(body, track, now)
            case {"fact": "diverted", "body": body, "lane": lane}:
                self._logic.diverted(body, lane)
            case {"fact": "lane", "lane": lane, "full": full, "jam": jam}:
                self._logic.lane(lane, full, jam)
            case {"fact": "fault", "fault": "stopped", "on": on}:
                self._logic.run(not on)
            case {"fact": "fault", "fault": "reset_lines", "on": True}:
                self._reset_lines()
            case _:
                log.debug("not for a sorter: %s", fact)

    def _reset_lines(self) -> None:
        for line in list(self._lines):
            if isinstance(line, asyncio.WriteTransport):
                line.abort()

    def _written(self, table: str, first: int, count: int) -> None:
        """The program sees a write in its next cycle."""
        if self._cycle is None:
            self._cycle = asyncio.get_running_loop().call_later(CYCLE_S, self._run_cycle)

    def _run_cycle(self) -> None:
        self._cycle = None
        self._logic.scan(monotonic())


class _Line(asyncio.Protocol):
    def __init__(self, plc: Plc) -> None:
        self._plc, self._slave = plc, plc.slave()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._plc.opened(transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._transport.write(self._slave.feed(data))
        except NotModbus as err:
            log.warning("closing a line that does not speak Modbus TCP: %s", err)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._plc.closed(self._transport)


async def main(site: Place) -> None:
    assert site.world is not None
    world = BusClient(site.world, site.id)
    plc = Plc(site, world.act)
    server = await plc.listen(site.tcp_port)
    async with server, asyncio.TaskGroup() as tasks:
        tasks.create_task(world.run(plc.heard))
        tasks.create_task(plc.beat())
        ready_tcp(site.id, server)


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
