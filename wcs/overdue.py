"""A carton that was not seen at its next point in time: found, pulled or lost."""

from dataclasses import replace
from datetime import datetime

from wcs import allocating, handover, hospital, merging, putback, shipping, stock
from wcs.events import CartonDeclaredLost
from wcs.lookup import existing, the_site
from wcs.model import Carton, Order
from wcs.observations import CartonFound, CartonLost, CartonPulled, Due
from wcs.ports import Tx
from wcs.whereabouts import ON_THE_WAY, missing, moved, released


def on_due(seen: Due, tx: Tx) -> None:
    carton = tx.get(Carton, seen.key.removeprefix("overdue:"))
    if carton and carton.state in ON_THE_WAY and carton.next and not carton.overdue:
        missing(tx, carton, seen.at)


def on_carton_found(seen: CartonFound, tx: Tx) -> None:
    """It is on the hospital's infeed now, or still in the hospital lane."""
    carton = tx.get(Carton, seen.lpn)
    if carton is None or carton.state not in ON_THE_WAY:
        tx.answer("refused", _nobody_searches(carton, seen.lpn))
        return
    site = the_site(tx)
    if carton.state == "hospital":
        hospital.stays(tx, site, carton, seen.at)
        return
    moved(
        tx,
        replace(carton, state="moving", loops=0, track=None, lane=None),
        seen.at,
        place=site.hospital.station,
        next=site.pack.scanner,
        within_s=site.patience.to_scale_s,
        why=f"found by {seen.by}",
    )
    merging.steer(tx, seen.at)


def on_carton_lost(seen: CartonLost, tx: Tx) -> None:
    """Its goods are picked again in a new carton, unless the order is cancelled."""
    carton = tx.get(Carton, seen.lpn)
    if carton is None or carton.state not in (*ON_THE_WAY, "sorted"):
        tx.answer("refused", _nobody_searches(carton, seen.lpn))
        return
    for account in (stock.carton(seen.lpn), stock.putback(seen.lpn)):
        stock.move_all(
            tx,
            account,
            stock.LOST,
            why=f"declared lost by {seen.by}",
            at=seen.at,
            order=carton.order,
            lpn=seen.lpn,
            by=seen.by,
        )
    released(tx, shipping.take_off_load(tx, carton), "lost", seen.by, seen.at)
    tx.emit(CartonDeclaredLost(lpn=seen.lpn, order=carton.order, by=seen.by, at=seen.at))
    _go_on(tx, carton, seen.at)
    merging.steer(tx, seen.at)


def on_carton_pulled(seen: CartonPulled, tx: Tx) -> None:
    """Whatever the record says, it was carried to the hospital."""
    carton = tx.get(Carton, seen.lpn)
    if carton is None or carton.state not in (*ON_THE_WAY, "sorted"):
        tx.answer("refused", _nobody_searches(carton, seen.lpn))
        return
    lane = f"lane {carton.lane}" if carton.lane else carton.place
    hospital.arrived(tx, the_site(tx), carton, f"pulled out of {lane}", None, seen.at)


def _go_on(tx: Tx, carton: Carton, at: datetime) -> None:
    putback.last_word(tx, carton, "its carton is lost", at)
    order = existing(tx, Order, carton.order)
    if order.lpn == carton.lpn and not carton.cancelled:
        order = allocating.allocate(tx, handover.afresh(order), at)
        allocating.came_free(tx, order.owner, handover.skus_of(order), at)


def _nobody_searches(carton: Carton | None, lpn: str) -> str:
    if carton is None:
        return f"unknown plate {lpn}"
    return f"{lpn} is {carton.state}: nobody searches for it"
