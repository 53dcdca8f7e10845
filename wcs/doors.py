"""Doors and gates: what is wanted of each, and whether it may be passed.

What is wanted outlives commands, lines and restarts: it is ordered again whenever the door comes
back or shows that it was told something else.
"""

from datetime import datetime, timedelta
from typing import Final

from wcs import readiness
from wcs.commands import DoorWanted, MoveDoor
from wcs.equipment import Door
from wcs.lookup import is_up
from wcs.names import DeviceId, DoorEnd
from wcs.observations import CommandFailed, DeviceUp, DoorChanged, Due
from wcs.ports import Tx
from wcs.setups import obeys

SEND_WITHIN: Final = timedelta(seconds=2)
AGAIN_AFTER: Final = timedelta(seconds=2)
HEALTHY: Final = ("open", "closed", "moving")


def passable(tx: Tx, id: DeviceId) -> bool:
    """It says that it is open, and neither it nor anybody here means to close it."""
    door, wanted = tx.get(Door, id), tx.get(DoorWanted, id)
    if door is None or not is_up(tx, id):
        return False
    closing = "closed" in (door.asked, wanted and wanted.to)
    return door.state == "open" and not closing


def changed(tx: Tx, seen: DoorChanged) -> None:
    before = tx.get(Door, seen.door)
    same = before is not None and before.state == seen.state
    since = before.since if before and same else seen.at
    tx.save(
        Door(
            device=seen.door,
            state=seen.state,
            asked=seen.asked,
            occupied=seen.occupied,
            since=since,
        )
    )
    readiness.changed(tx, seen.door, seen.state in HEALTHY, seen.reason, seen.at)
    wanted = tx.get(DoorWanted, seen.door)
    if wanted and seen.asked != wanted.to:  # an order may be on its way to it
        tx.wake(f"door:{seen.door}", seen.at + AGAIN_AFTER)


def want(tx: Tx, id: DeviceId, to: DoorEnd, at: datetime, *, errand: bool = False) -> None:
    """The same again is no news. errand: for a trip, and over with it."""
    wanted = DoorWanted(device=id, to=to, errand=errand)
    before = tx.get(DoorWanted, id)
    if before is None or before.to != to:
        tx.want(wanted)
        _send(tx, wanted, at)


def opened(tx: Tx, doors: tuple[DeviceId, ...], at: datetime) -> bool:
    """Whether all may be passed now; those that may not are asked to open."""
    shut = [id for id in doors if not passable(tx, id)]
    for id in shut:
        want(tx, id, "open", at, errand=True)
    return not shut


def close_after(tx: Tx, doors: tuple[DeviceId, ...], at: datetime) -> None:
    """Those that were opened for a trip; what a person wants stays."""
    for id in doors:
        wanted = tx.get(DoorWanted, id)
        if wanted and wanted.errand and wanted.to == "open":
            want(tx, id, "closed", at, errand=True)


def withdraw(tx: Tx, id: DeviceId) -> None:
    tx.remove(DoorWanted, id)
    tx.wake(f"door:{id}", None)


def reassert(tx: Tx, up: DeviceUp) -> None:
    """`up.has` shows `door=closed` and, where it knows, `asked=closed`."""
    wanted = tx.get(DoorWanted, up.device)
    if wanted and f"asked={wanted.to}" not in up.has:
        _send(tx, wanted, up.at)


def failed(tx: Tx, seen: CommandFailed) -> None:
    """The order perished: given again a little later."""
    if tx.get(DoorWanted, seen.device):
        tx.wake(f"door:{seen.device}", seen.at + AGAIN_AFTER)


def on_due(seen: Due, tx: Tx) -> None:
    id = DeviceId(seen.key.removeprefix("door:"))
    wanted, door = tx.get(DoorWanted, id), tx.get(Door, id)
    if wanted and is_up(tx, id) and (door is None or door.asked != wanted.to):
        _send(tx, wanted, seen.at)


def _send(tx: Tx, wanted: DoorWanted, at: datetime) -> None:
    if obeys(tx, wanted.device):
        tx.command(MoveDoor(device=wanted.device, to=wanted.to, before=at + SEND_WITHIN))
