"""Devices for faults and soaks: they answer at once, until they are frozen or their wire is cut."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.devices.amr.vehicles import HEADER, body
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import TcpPeer
from tests.devices.tags.stations import Bench
from tests.faults.cable import Cable
from tests.faults.site import Site

BASE = "uagv/v2/WEDGE/0001"
STATUS = "wh1/ptl/A/status"


class Vehicle(MqttPeer):
    """Answers what it is asked at once and says its state every so often, unless it is frozen."""

    def __init__(self, broker: Broker) -> None:
        broken = HEADER | {"connectionState": "CONNECTIONBROKEN"}
        super().__init__(
            broker, f"{BASE}/order", f"{BASE}/instantActions", will=(f"{BASE}/connection", broken)
        )
        self.orders: list[str] = []
        self.asked = 0
        self.frozen = False
        self.said: dict[str, Any] = {}
        self._number = 0

    async def online(self) -> None:
        said = HEADER | {"connectionState": "ONLINE"}
        await self.says(f"{BASE}/connection", said, retain=True)

    async def lives(self, every_s: float = 0.2) -> None:
        while True:
            topic = ""
            try:
                async with asyncio.timeout(every_s):
                    topic, told = await self._told.get()
            except TimeoutError:
                pass
            if self.frozen:
                continue
            if topic == f"{BASE}/order":
                self.orders.append(told["orderId"])
            self.asked += topic == f"{BASE}/instantActions"
            await self.reports()

    async def reports(self, **more: Any) -> None:
        self._number += 1
        await self.says(f"{BASE}/state", body(self._number, **self.said, **more), qos=0)


class Zone(MqttPeer):
    """Twelve lamps, all dark."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker, "wh1/ptl/A/+/set")

    async def starts(self, lights: Iterable[str]) -> None:
        await self.says(STATUS, {"online": True, "boot": "a1b2"}, retain=True)
        for light in lights:
            dark = {"task": None, "on": False}
            await self.says(f"wh1/ptl/A/{light}/state", dark, retain=True)

    async def presses(self, number: int) -> None:
        said = {"event": "confirm", "qty": 1, "task": "12-3", "seq": number, "boot": "a1b2"}
        await self.says("wh1/ptl/A/A-03/event", said)


def lights(made: Site, zone: str = "ptl_a") -> tuple[str, ...]:
    return tuple(made.map.devices[zone].lights)  # type: ignore[union-attr]


async def beats(gate: TcpPeer) -> None:
    while True:
        await gate.sends(b"\x02HB\x03")
        await asyncio.sleep(0.5)


def answers_weights(data: bytes) -> bytes:
    """A scale: nothing on it, and its serial number."""
    weight = b"S S        0 g\r\n" if b"SI" in data else b""
    return weight + (b'I4 A "B0000000001"\r\n' if b"I4" in data else b"")


class Beacon(TcpPeer):
    """A lamp and a button: it beats, shows what it is told, and presses until it is heard."""

    def __init__(self) -> None:
        super().__init__(self._obeys)
        self.shown, self.presses = "-", 0
        self._rest = b""

    async def lives(self, every_s: float = 0.5) -> None:
        while True:
            said = f"PRESS {self.presses} {self.shown}\n" if self.presses else ""
            await self.sends(f"BEAT\n{said}".encode())
            await asyncio.sleep(every_s)

    def _obeys(self, data: bytes) -> bytes:
        *lines, self._rest = (self._rest + data).split(b"\n")
        answer = b""
        for line in lines:
            word, what, *_ = line.decode().split()
            if word == "LIGHT":
                self.shown = what
                answer += f"LIT {what}\n".encode()
            elif word == "ACK" and int(what) == self.presses:
                self.presses = 0
        return answer


class SerialBench:
    """Modbus stations at the other end of a cable."""

    def __init__(self, node: Path) -> None:
        self.bench, self.cable = Bench(1, rtu=True), Cable(node)
        self._loop = asyncio.get_running_loop()
        self._attach()

    def pull_and_plug(self) -> None:
        self._detach()
        self.cable.unplug()
        self.cable.plug_in()
        self._attach()

    async def close(self) -> None:
        self._detach()
        self.cable.close()
        await asyncio.gather(self._serving, return_exceptions=True)

    def _attach(self) -> None:
        self._reader, fd = asyncio.StreamReader(), self.cable.fd
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, lambda: self._reader.feed_data(os.read(fd, 4096)))
        serving = self.bench.serve(self._reader, self)  # type: ignore[arg-type]
        self._serving = asyncio.create_task(serving)

    def _detach(self) -> None:
        self._loop.remove_reader(self.cable.fd)
        self._serving.cancel()

    # what `Bench.serve` needs of a stream writer

    @property
    def transport(self) -> "SerialBench":
        return self

    def write(self, data: bytes) -> None:
        os.write(self.cable.fd, data)

    def abort(self) -> None:
        return None


@asynccontextmanager
async def serial_bench(node: Path) -> AsyncIterator[SerialBench]:
    bench = SerialBench(node)
    try:
        yield bench
    finally:
        await bench.close()
