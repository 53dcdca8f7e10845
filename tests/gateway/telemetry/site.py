"""Telemetry of devices that a test polls by hand, and a subscriber that drops doubles as readers
should: by the number of the device."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from devices.live import Live
from devices.map.schema import Mqtt
from devices.tags.value import Plain, Round
from gateway.sitefile import TelemetryConfig
from gateway.telemetry import Telemetry
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import PATIENCE_S, HandClock
from wcs.names import DeviceId

PLC = DeviceId("plc")
CONFIG = TelemetryConfig(connection="broker", site="wh1")


class Site:
    running: asyncio.Task[None]

    def __init__(self, connection: Mqtt, folder: Path, config: TelemetryConfig = CONFIG) -> None:
        self.clock, self.live = HandClock(), Live()
        self.connection: Mqtt | None = connection
        self.telemetry = Telemetry(
            config, lambda: self.connection, folder, self.live, self.clock.now, lambda _: False
        )
        self.live.polled = self.telemetry.polled
        self._count = 0

    def polls(self, value: Plain | None = None, device: DeviceId = PLC) -> None:
        """One tag that counts the polls, if it is not told another value."""
        self._count += 1
        shown, words = (self._count if value is None else value), ((self._count & 0xFFFF,),)
        told = Round(self.clock.now(), "normal", ("count",), [shown], {}, lambda: words)
        self.live.polled(device, told)

    async def is_away(self) -> None:
        await self._until(lambda: bool(self.telemetry.trouble()))

    async def is_well(self) -> None:
        await self._until(lambda: not self.telemetry.trouble())

    async def _until(self, fact: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not fact():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def site(
    broker: Broker, folder: Path, config: TelemetryConfig = CONFIG, connection: Mqtt | None = None
) -> AsyncIterator[Site]:
    made = Site(connection or broker.connection, folder, config)
    made.running = asyncio.create_task(made.telemetry.run())
    try:
        yield made
    finally:
        made.running.cancel()
        await asyncio.gather(made.running, return_exceptions=True)
        await made.telemetry.close()


class Reader(MqttPeer):
    """Takes a number of a device once, and never an older one."""

    def __init__(self, broker: Broker, topic: str = "wedge/wh1/tags/+") -> None:
        super().__init__(broker, topic)
        self.last: dict[str, int] = {}
        self.doubles = 0

    async def reads(self, count: int) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        while len(got) < count:
            _, told = await self.hears()
            if told["seq"] <= self.last.get(told["device"], 0):
                self.doubles += 1
                continue
            self.last[told["device"]] = told["seq"]
            got.append(told)
        return got

    async def counts(self, count: int) -> list[int]:
        return [told["values"]["count"] for told in await self.reads(count)]
