"""Fault 25 on every driver: the peer vanishes and nobody is told. It is said, and healed when the
wire is whole."""

import pytest

from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.faults.lines import LINES, Needs
from tests.faults.site import PATIENCE_S
from wcs.observations import DeviceDown, DeviceUp


@pytest.mark.parametrize("name", [name for name in LINES if name != "rtu"])
async def test_25_a_peer_that_vanishes_is_said_and_found_again(name: str, needs: Needs) -> None:
    ears, clock = Ears(), RunningClock()
    async with LINES[name](needs) as line, supervised(line.driver, ears, clock):
        await ears.hear(DeviceUp, within_s=PATIENCE_S)
        assert line.proxy is not None
        line.proxy.hold()
        (down,) = await ears.hear(DeviceDown, within_s=PATIENCE_S)
        assert down.reason in SAID[name]
        line.proxy.hold(False)
        await ears.hear(DeviceUp, 2, within_s=PATIENCE_S)


SAID = {
    "modbus-tcp": ("does not answer",),
    "rtu-tcp": ("does not answer",),
    "scanner": ("silent for 3 s",),
    "printer": ("does not answer ~HS",),
    "scale": ("does not answer SI",),
    "sorter": ("does not answer",),
    "merge": ("does not answer",),
    "door": ("does not answer",),
    "lights": ("the broker does not answer",),
    "beacon": ("silent for 3 s",),
    "amr": ("the broker does not answer", "the vehicle has fallen silent"),
}
