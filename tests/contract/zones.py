"""Zones of lamps on every wire, each a simulator on a real line, worked by the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from devices.lights.zone import LightZoneDriver
from devices.live import Live
from devices.map.schema import LightZone, Modbus, ModbusRtu, ModbusRtuTcp, Mqtt
from simulators.bus import BusClient
from simulators.lamps import Lamps
from simulators.lights import Zone
from simulators.pick_iq import Rack, on_serial, on_tcp
from simulators.process import HostPort
from tests.devices.brokers import Broker
from tests.devices.peers import HandClock
from wcs.names import DeviceId

ZONE = DeviceId("z1")
WITHIN_S = 15.0
LIGHTS = {"B-01": {"unit": 1}, "B-02": {"unit": 2}, "B-03": {"unit": 7}}
KIND = {"kind": "pick-to-light-zone", "connection": "line", "ack_timeout": "5s", "lights": LIGHTS}
TOPICS = {
    "command": "z/{light}/set",
    "event": "z/{light}/event",
    "state": "z/{light}/state",
    "status": "z/status",
}
MODULES = {
    "job": "hr:7900",
    "touched": "hr:7910",
    "display": "hr:7901",
    "colour": "hr:6312",
    "colours": {"green": 0, "red": 1, "blue": 9},
    "animation": "hr:6311",
    "secondary": "empty",
    "poll": "20ms",
    "stuck_after": "300ms",
}


class Bench(Protocol):
    """One zone with its lamps and the people before them."""

    lamp_knows_its_task: bool
    """It says after a reconnect which task it shows; else only that it is lit."""

    def driver(self, clock: HandClock) -> LightZoneDriver: ...
    def shows(self, light: str) -> tuple[bool, int, str]:
        """What a person sees: on, quantity, colour."""

    def times_lit(self, light: str) -> int: ...
    async def press(self, light: str, button: str = "confirm") -> None: ...
    def holds_down(self, light: str, on: bool) -> None: ...
    def breaks(self, light: str, on: bool) -> None: ...
    def restarts(self, light: str) -> None:
        """The module alone: it is dark afterwards, and nobody has told it so."""

    def loses_the_answer(self, light: str) -> None: ...


def zone(wire: dict[str, object], **changes: object) -> LightZone:
    return LightZone.model_validate(KIND | wire | changes)


class OnMqtt:
    lamp_knows_its_task = True

    def __init__(self, broker: Broker) -> None:
        self.config = zone({"mqtt": TOPICS})
        self._connection: Mqtt = broker.connection
        assert self.config.mqtt is not None
        self._lamps = Lamps(list(self.config.lights), boot="a1b2")
        nowhere = BusClient(HostPort("127.0.0.1", 1), ZONE)
        self.zone = Zone(ZONE, self.config.mqtt, self._lamps, nowhere)

    def driver(self, clock: HandClock) -> LightZoneDriver:
        return LightZoneDriver(ZONE, self.config, self._connection, clock=clock, live=Live())

    def shows(self, light: str) -> tuple[bool, int, str]:
        lamp = self._lamps.shows[light]
        return lamp.on, lamp.qty, lamp.colour

    def times_lit(self, light: str) -> int:
        return self._lamps.lit[light]

    async def press(self, light: str, button: str = "confirm") -> None:
        qty = self._lamps.digits(light) if button == "confirm" else 0
        self.zone.heard({"fact": "press", "light": light, "button": button, "qty": qty})

    def holds_down(self, light: str, on: bool) -> None:
        self.zone.heard({"fact": "fault", "fault": "stuck", "light": light, "on": on})

    def breaks(self, light: str, on: bool) -> None:
        self.zone.heard({"fact": "fault", "fault": "silent", "light": light, "on": on})

    def restarts(self, light: str) -> None:
        self.zone.heard({"fact": "fault", "fault": "restart", "light": light, "on": True})

    def loses_the_answer(self, light: str) -> None:
        self._lamps.lose.add(light)


class OnModbus:
    lamp_knows_its_task = False

    def __init__(self, rack: Rack, config: LightZone, connection: Modbus) -> None:
        self._rack, self.config, self._connection = rack, config, connection

    def driver(self, clock: HandClock) -> LightZoneDriver:
        return LightZoneDriver(ZONE, self.config, self._connection, clock=clock, live=Live())

    def shows(self, light: str) -> tuple[bool, int, str]:
        return self._rack.modules[light].looks

    def times_lit(self, light: str) -> int:
        return self._rack.modules[light].lit

    async def press(self, light: str, button: str = "confirm") -> None:
        """As long as it takes to be seen, and seen to be over."""
        module = self._rack.modules[light]
        for output in ({"confirm": 1, "short": 2}[button], 0):
            module.touch(output)
            asked = module.unit.asked
            await until(lambda asked=asked: module.unit.asked >= asked + 6)  # type: ignore[misc]

    def holds_down(self, light: str, on: bool) -> None:
        self._rack.modules[light].touch(1 if on else 0)

    def breaks(self, light: str, on: bool) -> None:
        self._rack.modules[light].unit.silent = on

    def restarts(self, light: str) -> None:
        self._rack.modules[light].restart()

    def loses_the_answer(self, light: str) -> None:
        """Of the write that lights it."""
        self._rack.modules[light].unit.lose_write = 7900


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not fact():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def mqtt(folder: Path, mosquitto: Path) -> AsyncIterator[Bench]:
    broker = Broker(mosquitto, folder)
    bench = OnMqtt(broker)
    bench.zone.open("127.0.0.1", broker.port)
    try:
        async with asyncio.timeout(WITHIN_S):
            await bench.zone.online.wait()
        yield bench
    finally:
        bench.zone.close()
        broker.dies()


@asynccontextmanager
async def rtu_tcp(folder: Path, _: Path) -> AsyncIterator[Bench]:
    config = zone({"pick_iq": MODULES})
    rack = Rack(config)
    async with on_tcp(rack) as port:
        line = {"type": "modbus-rtu-tcp", "host": "127.0.0.1", "port": port, "retries": 5}
        yield OnModbus(rack, config, ModbusRtuTcp.model_validate(line))


@asynccontextmanager
async def rtu_serial(folder: Path, _: Path) -> AsyncIterator[Bench]:
    config = zone({"pick_iq": MODULES})
    rack = Rack(config)
    async with on_serial(rack, folder / "rs485") as link:
        line = {"type": "modbus-rtu", "port": str(link), "baud": 38400, "format": "8N1"}
        yield OnModbus(rack, config, ModbusRtu.model_validate(line | {"retries": 5}))


Opened = Callable[[Path, Path], contextlib.AbstractAsyncContextManager[Bench]]
BENCHES: dict[str, Opened] = {"mqtt": mqtt, "rtu-tcp": rtu_tcp, "rtu-serial": rtu_serial}
