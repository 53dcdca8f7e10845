"""A device that is up may still be of no use: a printer without paper, a paused vehicle."""

from dataclasses import replace
from datetime import datetime

from wcs.events import DeviceChanged
from wcs.model import Device
from wcs.names import DeviceId
from wcs.ports import Tx
from wcs.setups import obeys


def changed(tx: Tx, id: DeviceId, ready: bool, reason: str, at: datetime) -> bool:
    """Whether that is news."""
    device = tx.get(Device, id) or Device(id=id, up=True, reason="", since=at)
    if (device.ready, device.reason) == (ready, reason):
        return False
    tx.save(replace(device, ready=ready, reason=reason, since=at))
    why = "ready" if ready else f"not ready: {reason}"
    tx.emit(DeviceChanged(device=id, up=device.up, why=why, at=at))
    return True


def is_ready(tx: Tx, id: DeviceId) -> bool:
    """False also for a device of which nothing was ever heard, and for one that rules may not
    command."""
    device = tx.get(Device, id)
    return device is not None and device.up and device.ready and obeys(tx, id)
