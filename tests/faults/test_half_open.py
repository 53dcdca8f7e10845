"""Fault 25 on every driver at once: the peer vanishes and nobody is told. It is said, and healed
when the wire is whole."""

import asyncio
from pathlib import Path

from tests.conftest import found
from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.faults.lines import LINES, ON_BROKERS, Needs
from tests.faults.site import PATIENCE_S
from wcs.observations import DeviceDown, DeviceUp

SAID = {
    "modbus-tcp": ("does not answer",),
    "rtu-tcp": ("does not answer",),
    "scanner": ("silent for 3 s",),
    "printer": ("does not answer ~HS",),
    "scale": ("does not answer SI",),
    "sorter": ("does not answer", "no answer within 150 ms"),
    "merge": ("does not answer",),
    "door": ("does not answer",),
    "lights": ("the broker does not answer",),
    "beacon": ("silent for 3 s",),
    "amr": ("the broker does not answer", "the vehicle has fallen silent"),
}


def test_all_drivers_with_a_wire_are_here() -> None:
    assert set(SAID) == set(LINES) - {"rtu"}


async def test_25_a_peer_that_vanishes_is_said_and_found_again(
    tmp_path: Path, merge_port: int
) -> None:
    mosquitto = found("mosquitto")
    names = [name for name in SAID if mosquitto or name not in ON_BROKERS]
    async with asyncio.TaskGroup() as together:
        for name in names:
            (tmp_path / name).mkdir()
            needs = Needs(tmp_path / name, mosquitto, merge_port)
            together.create_task(vanishes(name, needs), name=name)


async def vanishes(name: str, needs: Needs) -> None:
    ears, clock = Ears(), RunningClock()
    async with LINES[name](needs) as line, supervised(line.driver, ears, clock):
        await ears.hear(DeviceUp, within_s=PATIENCE_S)
        assert line.proxy is not None
        ears.seen.clear()
        line.proxy.hold()
        (down,) = await ears.hear(DeviceDown, within_s=PATIENCE_S)
        assert down.reason in SAID[name], name
        line.proxy.hold(False)
        await ears.hear(DeviceUp, within_s=PATIENCE_S)
