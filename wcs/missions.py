"""AMR trips: picked cartons ride from the hand-over node to the induction point.

One vehicle, one trip at a time. What the vehicle is to do is a wanted state under the trip's
identity; the command that asks for it perishes and is repeated until the vehicle shows it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from wcs import doors, errands, readiness
from wcs.commands import SendTrip, TripWanted
from wcs.events import TripEnded, TripSent
from wcs.lookup import the_site
from wcs.model import Carton, Errand, Trip
from wcs.names import Lpn
from wcs.observations import DeviceUp, Due, TripProgressed, VehicleChanged
from wcs.ports import Tx
from wcs.site import Site
from wcs.whereabouts import A_PERSON, missing, moved

SEND_WITHIN: Final = timedelta(seconds=5)
AGAIN_AFTER: Final = timedelta(seconds=10)
ATTEMPTS: Final = 3


def on_carton_picked(tx: Tx, carton: Carton, at: datetime) -> None:
    """The carton stands at the hand-over node."""
    site = the_site(tx)
    _waits(tx, site, carton, at)
    _consider(tx, site, at)


def consider(tx: Tx, at: datetime) -> None:
    """Something on its way has changed."""
    site = tx.get(Site, "site")
    if site:
        _consider(tx, site, at)


def under_way(tx: Tx) -> bool:
    return _trip_is_open(tx)


def on_dispatch_due(seen: Due, tx: Tx) -> None:
    _consider(tx, the_site(tx), seen.at)


def on_vehicle_changed(seen: VehicleChanged, tx: Tx) -> None:
    if readiness.changed(tx, seen.vehicle, seen.ready, seen.reason, seen.at):
        _consider(tx, the_site(tx), seen.at)


def on_trip_progressed(seen: TripProgressed, tx: Tx) -> None:
    """What is said of a trip that has ended, or is not ours, changes nothing."""
    trip = tx.get(Trip, seen.trip)
    if trip is None or trip.state in ("done", "failed"):
        return
    site = the_site(tx)
    match seen.step:
        case "picked":
            _picked(tx, site, trip, seen)
        case "dropped":
            _dropped(tx, site, trip, seen)
        case "rejected" | "failed":
            _failed(tx, site, trip, seen)


def on_trip_due(seen: Due, tx: Tx) -> None:
    """Repeats the order until the vehicle shows progress; ends a trip whose cartons were all seen
    further on."""
    trip = tx.get(Trip, seen.key.removeprefix("trip:"))
    if trip is None or trip.state in ("done", "failed"):
        return
    site = the_site(tx)
    if not any(_not_there_yet(carton) for carton in _cartons(tx, trip.lpns)):
        _end(tx, trip, "done", "its cartons were seen on the conveyor", seen.at)
        _consider(tx, site, seen.at)
        return
    if trip.state == "sent" and readiness.is_ready(tx, trip.vehicle):
        _send(tx, site, trip.key, trip.lpns, seen.at)
    tx.wake(f"trip:{trip.key}", seen.at + AGAIN_AFTER)


def reassert(tx: Tx, up: DeviceUp) -> None:
    """A vehicle that does not show the trip gets it again under the same identity."""
    site = tx.get(Site, "site")
    if site is None or up.device != site.trips.vehicle:
        return
    for wanted in list(tx.find(TripWanted, device=up.device)):
        if f"trip={wanted.trip}" not in up.has:
            _send(tx, site, wanted.trip, wanted.lpns, up.at)
    _consider(tx, site, up.at)


def _consider(tx: Tx, site: Site, at: datetime) -> None:
    """Sends the vehicle when it is free and enough cartons wait, or one waits long enough."""
    trips = site.trips
    if _trip_is_open(tx):
        return
    waiting = _waiting(tx, site)
    if not waiting:
        doors.close_after(tx, trips.doors, at)
    if not waiting or not readiness.is_ready(tx, trips.vehicle):
        return
    due = waiting[0].seen_at + timedelta(seconds=trips.dispatch_after_s)
    if len(waiting) >= trips.capacity:
        _start(tx, site, waiting, 1, f"{trips.capacity} cartons wait", at)
    elif at >= due:
        why = f"{waiting[0].lpn} waits {trips.dispatch_after_s:.0f} s"
        _start(tx, site, waiting, 1, why, at)
    else:
        tx.wake(f"dispatch:{trips.vehicle}", due)


def _start(tx: Tx, site: Site, waiting: list[Carton], attempt: int, why: str, at: datetime) -> None:
    """Not before the doors on its way are open: it is considered again when they are."""
    if not doors.opened(tx, site.trips.doors, at):
        return
    vehicle, lpns = site.trips.vehicle, tuple(c.lpn for c in waiting[: site.trips.capacity])
    key = tx.id()
    tx.save(Trip(key=key, vehicle=vehicle, lpns=lpns, state="sent", sent_at=at, attempt=attempt))
    tx.want(TripWanted(device=vehicle, trip=key, lpns=lpns))
    tx.wake(f"trip:{key}", at + AGAIN_AFTER)
    tx.wake(f"dispatch:{vehicle}", None)
    _send(tx, site, key, lpns, at)
    tx.emit(TripSent(trip=key, device=vehicle, lpns=lpns, why=why, at=at))


def _send(tx: Tx, site: Site, key: str, lpns: tuple[Lpn, ...], at: datetime) -> None:
    trips = site.trips
    if not doors.opened(tx, trips.doors, at):
        return
    tx.command(
        SendTrip(
            device=trips.vehicle,
            trip=key,
            lpns=lpns,
            way=trips.way,
            nodes=trips.nodes,
            map_id=trips.map_id,
            before=at + SEND_WITHIN,
        )
    )


def _picked(tx: Tx, site: Site, trip: Trip, seen: TripProgressed) -> None:
    errands.end(tx, errands.key("vehicle", trip.vehicle), str(trip.vehicle), seen.at)
    tx.save(replace(trip, state="carrying"))
    on_board = seen.lpns or trip.lpns
    for carton in _cartons(tx, trip.lpns):
        if carton.state == "picked" and carton.lpn in on_board:
            _rides(tx, site, carton, seen.at)
    _left_behind(tx, trip, on_board, seen.at)


def _dropped(tx: Tx, site: Site, trip: Trip, seen: TripProgressed) -> None:
    dropped = seen.lpns or trip.lpns
    for carton in _cartons(tx, trip.lpns):
        if _not_there_yet(carton) and carton.lpn in dropped:
            moved(
                tx,
                replace(carton, state="moving"),
                seen.at,
                place=site.trips.drop_node,
                next=site.pack.scanner,
                within_s=site.patience.to_scale_s,
                why=f"dropped by {trip.vehicle}",
            )
    _left_behind(tx, trip, dropped, seen.at)
    _end(tx, trip, "done", seen.text or "dropped", seen.at)
    _consider(tx, site, seen.at)


def _failed(tx: Tx, site: Site, trip: Trip, seen: TripProgressed) -> None:
    """The cartons that the vehicle names wait again, all of them when it names none; it goes on
    with the others."""
    back = seen.lpns or trip.lpns
    for carton in _cartons(tx, trip.lpns):
        if _not_there_yet(carton) and carton.lpn in back:
            _waits(tx, site, replace(carton, state="picked"), seen.at)
        elif carton.state == "picked":
            _rides(tx, site, carton, seen.at)
    _end(tx, trip, "failed", f"{seen.step}: {seen.text}", seen.at)
    if trip.attempt >= ATTEMPTS:
        _give_up(tx, site, trip, seen)
    elif (waiting := _waiting(tx, site)) and readiness.is_ready(tx, trip.vehicle):
        _start(tx, site, waiting, trip.attempt + 1, f"again: {seen.step}", seen.at)


def _give_up(tx: Tx, site: Site, trip: Trip, seen: TripProgressed) -> None:
    """Cartons that the vehicle could not take are searched for; when it names none, a person looks
    at the vehicle itself."""
    gone = [one for one in _cartons(tx, trip.lpns) if one.lpn in seen.lpns]
    for carton in gone:
        if carton.state == "picked":
            missing(tx, replace(carton, next=A_PERSON), seen.at)
    if not gone:
        _look_after(tx, site, trip, seen)
    again = seen.at + timedelta(seconds=site.trips.dispatch_after_s)
    tx.wake(f"dispatch:{trip.vehicle}", again)


def _look_after(tx: Tx, site: Site, trip: Trip, seen: TripProgressed) -> None:
    errands.ask(
        tx,
        Errand(
            key=errands.key("vehicle", trip.vehicle),
            station=site.counter,
            kind="vehicle",
            subject=trip.vehicle,
            text=f"{trip.vehicle} {seen.step} {ATTEMPTS} trips in a row: {seen.text}",
            remedy="look after the vehicle and its cartons",
            asked_at=seen.at,
        ),
    )


def _end(tx: Tx, trip: Trip, state: Literal["done", "failed"], why: str, at: datetime) -> None:
    tx.save(replace(trip, state=state))
    tx.remove(TripWanted, trip.key)
    tx.wake(f"trip:{trip.key}", None)
    tx.emit(TripEnded(trip=trip.key, device=trip.vehicle, lpns=trip.lpns, why=why, at=at))


def _left_behind(tx: Tx, trip: Trip, carried: Iterable[Lpn], at: datetime) -> None:
    for carton in _cartons(tx, set(trip.lpns) - set(carried)):
        if carton.state == "picked" and not carton.overdue:
            missing(tx, replace(carton, next=A_PERSON), at)


def _waits(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    moved(
        tx,
        carton,
        at,
        place=site.trips.pick_node,
        next=site.trips.vehicle,
        within_s=site.patience.to_vehicle_s,
    )


def _rides(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    moved(
        tx,
        replace(carton, state="riding"),
        at,
        place=site.trips.vehicle,
        next=site.pack.scanner,
        within_s=site.patience.trip_s + site.patience.to_scale_s,
        why=f"on board of {site.trips.vehicle}",
    )


def _waiting(tx: Tx, site: Site) -> list[Carton]:
    """At the hand-over node, longest first."""
    picked = tx.find(Carton, state="picked")
    waiting = [carton for carton in picked if carton.next == site.trips.vehicle]
    return sorted(waiting, key=lambda carton: (carton.seen_at, carton.lpn))


def _trip_is_open(tx: Tx) -> bool:
    found = (next(tx.find(Trip, state=state), None) for state in ("sent", "carrying"))
    return any(found)


def _not_there_yet(carton: Carton) -> bool:
    return carton.state in ("picked", "riding")


def _cartons(tx: Tx, lpns: Iterable[Lpn]) -> Iterator[Carton]:
    for lpn in sorted(lpns):
        if carton := tx.get(Carton, lpn):
            yield carton
