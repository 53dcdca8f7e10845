"""Loads: opened by the first carton of a lane, closed at the cut-off; closed is shipped."""

from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from wcs import hosts, stock
from wcs.cutoffs import next_cutoff
from wcs.events import CartonSorted, LoadClosed, LoadOpened, OrderShipped, Parcel
from wcs.lookup import existing, the_site
from wcs.model import Carton, Label, Lane, Load, Order
from wcs.names import LaneId
from wcs.observations import Due, LoadCloseAsked
from wcs.ports import Tx
from wcs.site import Carrier, Site
from wcs.whereabouts import released

AT_ONCE: Final = 5
"""Cartons shipped by one observation; a full truck must not hold up the floor."""


def put_on_load(
    tx: Tx, site: Site, carrier: Carrier, carton: Carton, lane: LaneId, at: datetime
) -> None:
    """The carton lies in its own carrier's lane; the first one opens the load."""
    load = open_load(tx, site, lane) or _open(tx, site, carrier, lane, at)
    load = replace(load, cartons=load.cartons + 1)
    tx.save(load)
    carton = replace(carton, load=load.key)
    tx.save(carton)
    order = existing(tx, Order, carton.order)
    if order.state in ("picking", "packed"):
        tx.save(replace(order, state="sorted"))
    tx.emit(CartonSorted(lpn=carton.lpn, order=carton.order, lane=lane, load=load.key, at=at))
    if carrier.ship_on == "divert" and not carton.cancelled:
        _ship(tx, load, carton, at)


def tell_sorted(tx: Tx, carton: Carton, lane: LaneId, load: str, at: datetime) -> None:
    tx.emit(CartonSorted(lpn=carton.lpn, order=carton.order, lane=lane, load=load, at=at))


def take_off_load(tx: Tx, carton: Carton) -> Carton:
    """The carton is no longer in its lane; saved by the caller."""
    load = tx.get(Load, carton.load) if carton.load else None
    if load:
        tx.save(replace(load, cartons=load.cartons - 1))
    return replace(carton, load=None, lane=None)


def open_load(tx: Tx, site: Site, lane: LaneId) -> Load | None:
    row = tx.get(Lane, f"{site.sorter.device}|{lane}")
    return tx.get(Load, row.load) if row and row.load else None


def on_load_close_asked(seen: LoadCloseAsked, tx: Tx) -> None:
    load = open_load(tx, the_site(tx), seen.lane)
    if load is None:
        tx.answer("refused", f"lane {seen.lane} has no open load")
        return
    _close(tx, load, seen.by, seen.at)


def on_due(seen: Due, tx: Tx) -> None:
    """The cut-off, or the rest of a load that closed."""
    load = tx.get(Load, seen.key.removeprefix("load:"))
    if load and load.state == "open":
        _close(tx, load, "cut-off", seen.at)
    elif load:
        _ship_some(tx, load, seen.at)


def _open(tx: Tx, site: Site, carrier: Carrier, lane: LaneId, at: datetime) -> Load:
    cutoff = next_cutoff(carrier, at)
    key = f"{carrier.id}-{tx.id()}"
    load = Load(key=key, lane=lane, carrier=carrier.id, cutoff=cutoff, state="open")
    row = tx.get(Lane, f"{site.sorter.device}|{lane}")
    tx.save(replace(row or Lane(sorter=site.sorter.device, lane=lane), load=key))
    tx.wake(f"load:{key}", cutoff)
    tx.emit(LoadOpened(load=key, lane=lane, carrier=carrier.id, cutoff=cutoff, at=at))
    return load


def _close(tx: Tx, load: Load, by: str, at: datetime) -> None:
    load = replace(load, state="closed")
    tx.save(load)
    row = existing(tx, Lane, f"{the_site(tx).sorter.device}|{load.lane}")
    tx.save(replace(row, load=None))
    tx.emit(
        LoadClosed(
            load=load.key,
            lane=load.lane,
            carrier=load.carrier,
            cartons=load.cartons,
            by=by,
            at=at,
        )
    )
    _ship_some(tx, load, at)


def _ship_some(tx: Tx, load: Load, at: datetime) -> None:
    cartons = list(islice(tx.find(Carton, load=load.key, state="sorted"), AT_ONCE))
    for carton in cartons:
        _ship(tx, load, carton, at)
    tx.wake(f"load:{load.key}", at if len(cartons) == AT_ONCE else None)


def _ship(tx: Tx, load: Load, carton: Carton, at: datetime) -> None:
    order = existing(tx, Order, carton.order)
    label = tx.get(Label, carton.lpn)
    parcels = (parcel(carton, label),) if label else ()
    why = f"load {load.key} left"
    goods = stock.carton(carton.lpn)
    stock.move_all(tx, goods, stock.SHIPPED, why=why, at=at, order=order.key, lpn=carton.lpn)
    released(tx, replace(carton, place=f"load {load.key}"), "shipped", load.key, at)
    if order.state == "cancelling":
        hosts.tell_cancel_refused(tx, order, "shipped", at)
    order = replace(order, state="shipped", reason="")
    tx.save(order)
    hosts.tell(tx, order, "shipped", at, parcels=parcels)
    tx.emit(
        OrderShipped(
            order=order.key,
            channel=order.channel,
            number=order.number,
            owner=order.owner,
            load=load.key,
            partial=hosts.is_partial(order),
            parcels=parcels,
            lines=hosts.picked_lines(order),
            at=at,
        )
    )


def parcel(carton: Carton, label: Label) -> Parcel:
    return Parcel(
        lpn=carton.lpn,
        tracking=label.tracking,
        carrier=label.carrier,
        weight_g=carton.measured_g or carton.expected_g,
    )


def lane_of(site: Site, carton: Carton) -> LaneId | None:
    """The sort plan."""
    return next((c.lane for c in site.carriers if c.id == carton.carrier), None)
