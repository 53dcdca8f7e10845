"""Who passes doors: the vehicle on its way, the lanes of the merge; and what people ask of a
door."""

from wcs import doors, errands, merging, missions
from wcs.model import Errand
from wcs.names import DeviceId
from wcs.observations import DoorAsked, DoorChanged
from wcs.ports import Tx
from wcs.setups import mode_of
from wcs.site import Site


def on_door_changed(seen: DoorChanged, tx: Tx) -> None:
    doors.changed(tx, seen)
    _look_after(tx, seen)
    merging.steer(tx, seen.at)
    missions.consider(tx, seen.at)


def _look_after(tx: Tx, seen: DoorChanged) -> None:
    """Only a person ends that; a door that moves again ends the errand by itself."""
    site, key = tx.get(Site, "site"), errands.key("door", seen.door)
    if seen.state in doors.HEALTHY:
        errands.end(tx, key, str(seen.door), seen.at)
    elif seen.state != "blocked" and site:
        errands.ask(
            tx,
            Errand(
                key=key,
                station=site.counter,
                kind="door",
                subject=seen.door,
                text=f"{seen.door}: {seen.reason}",
                remedy="look after the door",
                asked_at=seen.at,
            ),
        )


def on_door_asked(seen: DoorAsked, tx: Tx) -> None:
    why = _in_the_way(tx, seen)
    if why:
        tx.answer("refused", why)
    elif seen.to is None:
        doors.withdraw(tx, seen.device)
    else:
        doors.withdraw(tx, seen.device)
        doors.want(tx, seen.device, seen.to, seen.at)
        merging.steer(tx, seen.at)


def _in_the_way(tx: Tx, seen: DoorAsked) -> str:
    mode = mode_of(tx, seen.device)
    if mode != "automatic":
        return f"{seen.device} is in {mode}: it is ordered only in automatic"
    if seen.to == "closed" and _is_on_a_way(tx, seen.device) and missions.under_way(tx):
        return f"{seen.device} is on the way of a trip: it is closed when that has ended"
    return ""


def _is_on_a_way(tx: Tx, id: DeviceId) -> bool:
    site = tx.get(Site, "site")
    return site is not None and id in site.trips.doors
