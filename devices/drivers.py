"""A driver for every device of the map; no library is imported for a kind that a site lacks."""

from collections.abc import Callable
from functools import partial
from typing import Any, assert_never

from devices.boots import Boots
from devices.device import Clock, Driver
from devices.live import Live
from devices.map import schema
from devices.map.schema import DeviceMap
from devices.mode import Mode, writes
from devices.watched import Watched
from wcs.names import DeviceId


def drivers(
    map: DeviceMap,
    *,
    clock: Clock,
    beat: Callable[[], int],
    live: Live,
    boots: Boots | None = None,
) -> list[Driver]:
    """In the order of the map. Opens nothing.

    beat: the control loop's turn counter, behind the heartbeat to a PLC. boots: remembers the lives
    of PLCs over a restart of the gateway; without it they are remembered as long as it runs.
    """
    make = partial(driver, clock=clock, beat=beat, live=live, boots=boots)
    return [
        make(DeviceId(name), config, map.connections[config.connection])
        for name, config in map.devices.items()
    ]


def driver(
    id: DeviceId,
    config: schema.Device,
    connection: Any,
    *,
    clock: Clock,
    beat: Callable[[], int],
    live: Live,
    boots: Boots | None = None,
    mode: Mode = "automatic",
) -> Driver:
    """Of one device, as its mode lets it act. Opens nothing."""
    made = _driver(id, config, connection, clock, beat, live, boots, mode)
    return made if writes(mode) else Watched(made)


def _driver(
    id: DeviceId,
    config: schema.Device,
    connection: Any,
    clock: Clock,
    beat: Callable[[], int],
    live: Live,
    boots: Boots | None,
    mode: Mode,
) -> Driver:
    match config:
        case schema.Sorter():
            from devices.conveyor.sorter import SorterDriver

            return SorterDriver(
                id, config, connection, clock=clock, live=live, beat=beat, boots=boots, mode=mode
            )
        case schema.Merge():
            from devices.conveyor.merge import MergeDriver

            return MergeDriver(id, config, connection, clock=clock, live=live, beat=beat, mode=mode)
        case schema.Scanner():
            from devices.scanner.session import ScannerDriver

            return ScannerDriver(id, config, connection, clock=clock, live=live, mode=mode)
        case schema.LightZone():
            from devices.lights.zone import LightZoneDriver

            return LightZoneDriver(id, config, connection, clock=clock, live=live)
        case schema.Fleet():
            from devices.amr.fleet import VehicleDriver

            return VehicleDriver(id, config, connection, clock=clock, live=live, mode=mode)
        case schema.Printer():
            from devices.printer.tcp import PrinterDriver

            return PrinterDriver(id, config, connection, clock=clock, live=live)
        case schema.Scale():
            from devices.scale.tcp import ScaleDriver

            return ScaleDriver(id, config, connection, clock=clock, live=live)
        case schema.Door():
            from devices.door.door import DoorDriver

            return DoorDriver(id, config, connection, clock=clock, live=live, beat=beat, mode=mode)
        case schema.Io():
            from devices.io import IoDriver

            return IoDriver(id, config, connection, clock=clock, live=live, beat=beat, mode=mode)
        case _:
            assert_never(config)
