"""A driver for every device of the demo; libraries are imported only by who needs them."""

import subprocess
import sys
from pathlib import Path

from devices.drivers import drivers
from devices.live import Live
from devices.map.load import load_map
from tests.devices.conveyor.site import RunningClock

ROOT = Path(__file__).parents[2]


async def test_every_device_of_the_map_has_its_driver_in_order() -> None:
    map = load_map(ROOT / "config" / "demo")
    made = drivers(map, clock=RunningClock(), beat=lambda: 0, live=Live())
    assert [one.id for one in made] == list(map.devices)


def test_a_site_without_opc_ua_does_not_import_it() -> None:
    code = (
        "import sys; from devices.drivers import drivers; from devices.map.load import load_map;"
        "from devices.live import Live; m = load_map('config/demo');"
        "rest = {n: d for n, d in m.devices.items() if n in ('sorter1', 'tunnel1')};"
        "drivers(m.model_copy(update={'devices': rest}), clock=None, beat=lambda: 0, live=Live());"
        "print('asyncua' in sys.modules, 'paho' in sys.modules, 'pymodbus' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split()[:2] == ["False", "False"]
