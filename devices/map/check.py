"""The semantic pass: what a map that can be read still gets wrong, each finding with its code, its
place and a remedy (`devices.map.finding`). Opens nothing."""

from collections.abc import Callable, Iterable
from typing import Final

from devices.map.finding import Finding
from devices.map.rules.budget import budgets
from devices.map.rules.doors import doors
from devices.map.rules.lights import lights
from devices.map.rules.lines import lines
from devices.map.rules.names import names
from devices.map.rules.opcua import opcua
from devices.map.rules.outputs import outputs
from devices.map.rules.registers import registers
from devices.map.rules.scales import scales
from devices.map.rules.scanners import scanners
from devices.map.rules.shakes import shakes
from devices.map.rules.sorter import sorters
from devices.map.rules.windows import windows
from devices.map.schema import DeviceMap

__all__ = ["Finding", "check"]

PASSES: Final[tuple[Callable[[DeviceMap], Iterable[Finding]], ...]] = (
    names, registers, shakes, outputs, opcua, sorters, doors, lights, scales, scanners, lines,
    budgets, windows,
)  # fmt: skip


def check(map: DeviceMap) -> list[Finding]:
    """An empty list is a clean map. Devices without a known line are left out."""
    return [found for one in PASSES for found in one(map)]
