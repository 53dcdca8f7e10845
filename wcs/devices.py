"""Any device comes and goes; what it is wanted to show outlives that and is asked for again.

Each kind of wanted state has one function that compares what is wanted of this device with what it
says it shows (`DeviceUp.has`), and asks for the difference.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from wcs import doors, doubts, labels, lights, merging, missions
from wcs.events import DeviceChanged
from wcs.model import Device
from wcs.observations import CommandFailed, DeviceDown, DeviceUp
from wcs.ports import Tx

REASSERT: Final[tuple[Callable[[Tx, DeviceUp], None], ...]] = (
    lights.reassert,
    merging.reassert,
    doors.reassert,
    doubts.reassert,
    missions.reassert,
)
FAILED: Final[tuple[Callable[[Tx, CommandFailed], None], ...]] = (
    labels.failed,
    merging.failed,
    doors.failed,
)


def on_up(seen: DeviceUp, tx: Tx) -> None:
    before = tx.get(Device, seen.device)
    if before is None or not before.up:
        tx.save(Device(id=seen.device, up=True, reason="", since=seen.at))
        tx.emit(DeviceChanged(device=seen.device, up=True, why="it answers", at=seen.at))
    for reassert in REASSERT:
        reassert(tx, seen)
    merging.steer(tx, seen.at)


def on_down(seen: DeviceDown, tx: Tx) -> None:
    before = tx.get(Device, seen.device)
    if before is None or before.up:
        tx.save(Device(id=seen.device, up=False, reason=seen.reason, since=seen.at))
        tx.emit(DeviceChanged(device=seen.device, up=False, why=seen.reason, at=seen.at))
    elif before.reason != seen.reason:  # more is known of what keeps it away
        tx.save(replace(before, reason=seen.reason))
        tx.emit(DeviceChanged(device=seen.device, up=False, why=seen.reason, at=seen.at))
    merging.steer(tx, seen.at)


def on_command_failed(seen: CommandFailed, tx: Tx) -> None:
    """Shown with the device until it comes back; what was only wanted is asked again by itself."""
    device = tx.get(Device, seen.device)
    if device:
        tx.save(replace(device, reason=f"{seen.what}: {seen.reason}"))
    for failed in FAILED:
        failed(tx, seen)
