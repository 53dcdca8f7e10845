"""A sorter driver against a PLC that a test can break."""

from datetime import timedelta

from devices.boots import BootsInMemory
from devices.conveyor.sorter import SorterDriver
from devices.live import Live
from devices.map.schema import ModbusTcp, Sorter
from tests.devices.conveyor.plc import FakePlc
from tests.devices.conveyor.site import Ears, RunningClock, demo
from wcs.commands import Divert
from wcs.names import DeviceId, LaneId, Lpn
from wcs.observations import (
    DeviceUp,
)

SORTER = DeviceId("sorter1")
QUICK = {"every_s": 0.1, "lost_after_s": 0.4}
"""Heartbeats of the tests, so that no test takes seconds."""


class World:
    def __init__(self, plc: FakePlc) -> None:
        self.plc, self.ears, self.clock = plc, Ears(), RunningClock()
        self.live, self.boots = Live(), BootsInMemory()

    def driver(self) -> SorterDriver:
        map = demo({"plc_sorter": {"port": self.plc.port}})
        config, connection = map.devices["sorter1"], map.connections["plc_sorter"]
        assert isinstance(config, Sorter)
        assert isinstance(connection, ModbusTcp)
        quick = config.handshakes["heartbeat"].model_copy(update=QUICK)
        shakes = {**config.handshakes, "heartbeat": quick}
        config = config.model_copy(update={"handshakes": shakes})
        return SorterDriver(
            SORTER, config, connection, clock=self.clock, live=self.live, beat=self.ears.beat,
            boots=self.boots,
        )  # fmt: skip

    def divert(self, track: int, lane: str = "2", within_s: float = 10.0) -> Divert:
        before = self.clock.now() + timedelta(seconds=within_s)
        return Divert(
            device=SORTER, track=track, lane=LaneId(lane), lpn=Lpn("L00004711"), before=before
        )


async def up(world: World, times: int = 1) -> None:
    await world.ears.hear(DeviceUp, times)


def keys(world: World, kind: type) -> list[str | None]:
    return [one.key for one in world.ears.seen if isinstance(one.observation, kind)]
