"""Each driver with a device of its own at the other end of a line that can be broken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from devices.device import Driver
from devices.io import IoDriver
from devices.live import Live
from devices.map.schema import ModbusRtu, TcpClient
from tests.devices.brokers import Broker
from tests.devices.conveyor.plc import FakePlc, running
from tests.devices.conveyor.site import RunningClock
from tests.devices.door.site import a_door
from tests.devices.peers import TcpPeer
from tests.devices.printer.peer import HandPrinter
from tests.devices.tags.stations import Bench, on_tcp
from tests.devices.tags.test_lines import device, line
from tests.faults.merge_server import merge_server
from tests.faults.page import loaded
from tests.faults.peers import Beacon, Vehicle, Zone, answers_weights, beats, lights, serial_bench
from tests.faults.proxy import Proxy, through
from tests.faults.site import Site
from wcs.names import DeviceId


@dataclass(slots=True)
class Line:
    driver: Driver
    cut: Callable[[], None]
    """At once, and it may be opened again at once."""
    proxy: Proxy | None = None
    """None: no wire that could be half-open."""
    live: Live = field(default_factory=Live)


class Log(Protocol):
    def clear(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Needs:
    """Where files may go, the program of a broker, and the port of a merge that runs already."""

    folder: Path
    mosquitto: Path | None = None
    merge: int | None = None


Open = Callable[[Needs], AbstractAsyncContextManager[Line]]


@asynccontextmanager
async def modbus_tcp(needs: Needs, *, rtu: bool = False) -> AsyncIterator[Line]:
    async with on_tcp(Bench(1, rtu=rtu)) as bench, through(bench.port) as proxy:
        live, on = Live(), line(proxy.port, rtu=rtu)
        driver = IoDriver(DeviceId("io"), device(1), on, clock=RunningClock(), live=live)
        logs = bench.asked, bench[1].polls
        yield Line(driver, cutting(proxy, *logs), proxy, live)


def rtu_behind_tcp(needs: Needs) -> AbstractAsyncContextManager[Line]:
    return modbus_tcp(needs, rtu=True)


@asynccontextmanager
async def rtu_on_a_port(needs: Needs) -> AsyncIterator[Line]:
    async with serial_bench(needs.folder / "meter") as bench:
        told = {"type": "modbus-rtu", "port": str(bench.cable.node), "timeout": "1s"}
        on = ModbusRtu.model_validate({**told, "baud": 115200, "format": "8N1"})
        live = Live()
        driver = IoDriver(DeviceId("meter"), device(1), on, clock=RunningClock(), live=live)
        yield Line(driver, bench.pull_and_plug, live=live)


@asynccontextmanager
async def scanner(needs: Needs) -> AsyncIterator[Line]:
    async with TcpPeer() as peer, through(peer.port) as proxy:
        beating = asyncio.create_task(beats(peer))
        yield of("tunnel1", proxy, peer.got, tcp_tunnel={"port": proxy.port})
        beating.cancel()


@asynccontextmanager
async def printer(needs: Needs) -> AsyncIterator[Line]:
    async with HandPrinter() as peer, through(peer.port) as proxy:
        yield of("print1", proxy, peer.got, zpl_line={"port": proxy.port})


@asynccontextmanager
async def scale(needs: Needs) -> AsyncIterator[Line]:
    async with TcpPeer(answers_weights) as peer, through(peer.port) as proxy:
        yield of("scale1", proxy, peer.got, tcp_scale={"port": proxy.port})


@asynccontextmanager
async def sorter(needs: Needs) -> AsyncIterator[Line]:
    async with running(FakePlc()) as plc, through(plc.port) as proxy:
        yield of("sorter1", proxy, plc.requests, plc_sorter={"port": proxy.port})


@asynccontextmanager
async def merge(needs: Needs) -> AsyncIterator[Line]:
    with nullcontext(needs.merge) if needs.merge else merge_server() as port:
        async with through(port) as proxy:
            url = f"opc.tcp://127.0.0.1:{proxy.port}/merge"
            yield of("merge1", proxy, opc_merge={"url": url})


@asynccontextmanager
async def zone(needs: Needs) -> AsyncIterator[Line]:
    with broker(needs) as at:
        async with through(at.port) as proxy, Zone(at) as peer:
            await peer.starts(lights(Site()))
            yield of("ptl_a", proxy, broker={"port": proxy.port})


@asynccontextmanager
async def vehicle(needs: Needs) -> AsyncIterator[Line]:
    with broker(needs) as at:
        async with through(at.port) as proxy, Vehicle(at) as peer:
            await peer.online()
            living = asyncio.create_task(peer.lives())
            yield of("amr1", proxy, broker={"port": proxy.port})
            living.cancel()


@contextmanager
def broker(needs: Needs) -> Iterator[Broker]:
    assert needs.mosquitto is not None
    running = Broker(needs.mosquitto, needs.folder)
    try:
        yield running
    finally:
        running.dies()


@asynccontextmanager
async def beacon(needs: Needs) -> AsyncIterator[Line]:
    async with Beacon() as peer, through(peer.port) as proxy:
        living = asyncio.create_task(peer.lives())
        told = {"type": "tcp-client", "host": "127.0.0.1", "port": proxy.port}
        made: Any = loaded(needs.folder).BeaconDriver
        driver = made(DeviceId("beacon"), TcpClient.model_validate(told), clock=RunningClock())
        yield Line(driver, cutting(proxy, peer.got), proxy)
        living.cancel()


def of(name: str, proxy: Proxy, *logs: Log, **at: dict[str, object]) -> Line:
    made = Site(**at)
    return Line(made.of(name), cutting(proxy, *logs), proxy, made.live)


def cutting(proxy: Proxy, *logs: Log) -> Callable[[], None]:
    """What a peer remembers of a line is forgotten with it: a soak would see it grow."""

    def cut() -> None:
        for log in logs:
            log.clear()
        proxy.reset()

    return cut


@asynccontextmanager
async def door(needs: Needs) -> AsyncIterator[Line]:
    async with a_door(needs.folder, "target") as world, through(world.port) as proxy:
        yield Line(world.driver(port=proxy.port), proxy.reset, proxy, world.live)


LINES: Final[dict[str, Open]] = {
    "modbus-tcp": modbus_tcp,
    "rtu-tcp": rtu_behind_tcp,
    "rtu": rtu_on_a_port,
    "scanner": scanner,
    "printer": printer,
    "scale": scale,
    "sorter": sorter,
    "merge": merge,
    "door": door,
    "lights": zone,
    "amr": vehicle,
    "beacon": beacon,
}
ON_BROKERS: Final = ("lights", "amr")
