"""A zone is known to be dark again, whatever was restarted: the rule relights it then."""

import asyncio

import pytest

from devices.lights.zone import LightZoneDriver
from devices.links import Links
from devices.live import Live
from devices.map.schema import LightZone
from devices.supervise import supervise
from tests.devices.brokers import Broker
from tests.devices.lights.test_zone import CONFIG, ZONE, HandZone
from tests.devices.peers import PATIENCE_S, HandClock
from wcs.envelope import Seen
from wcs.observations import DeviceDown, DeviceUp, Observation


class Kept:
    """A zone kept alive by the supervisor."""

    def __init__(self, broker: Broker) -> None:
        assert isinstance(CONFIG, LightZone)
        self._seen: asyncio.Queue[Observation] = asyncio.Queue()
        clock = HandClock()
        driver = LightZoneDriver(ZONE, CONFIG, broker.connection, clock=clock, live=Live())
        links = Links(self._report, clock)
        self._task = asyncio.create_task(supervise(driver, links, self._report, clock))

    async def sees(self, kind: type[Observation]) -> Observation:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if isinstance(seen := await self._seen.get(), kind):
                    return seen

    async def ends(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _report(self, seen: Seen) -> None:
        self._seen.put_nowait(seen.observation)


@pytest.mark.parametrize("away_s", [0.0, 1.5])
async def test_after_a_restart_of_the_zone(broker: Broker, away_s: float) -> None:
    kept = Kept(broker)
    async with HandZone(broker) as hands:
        await hands.starts(A_03="12-3")
        up = await kept.sees(DeviceUp)
        assert isinstance(up, DeviceUp) and up.has == ("A-03=12-3",)
        hands.dies()
        await kept.sees(DeviceDown)
    await asyncio.sleep(away_s)  # switched off for so long
    async with HandZone(broker, boot="c3d4") as hands:
        await hands.starts()
        up = await kept.sees(DeviceUp)
        assert isinstance(up, DeviceUp) and up.has == ()
    await kept.ends()


async def test_after_a_restart_of_a_broker_that_forgets(forgetful: Broker) -> None:
    kept = Kept(forgetful)
    async with HandZone(forgetful) as hands:
        await hands.starts(A_03="12-3")
        await kept.sees(DeviceUp)
        forgetful.stop()
        await kept.sees(DeviceDown)
    forgetful.start()
    async with HandZone(forgetful) as hands:
        await hands.starts(A_03="12-3")
        up = await kept.sees(DeviceUp)
        assert isinstance(up, DeviceUp) and up.has == ("A-03=12-3",)
    await kept.ends()
