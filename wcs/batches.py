"""Which orders a zone picks on one walk: the planner is asked, its answer taken if nothing changed.

The first of the queue is always among them, so that no order is overtaken for ever. While the
planner is silent nothing is begun; after `PLANNER_S` the first order goes alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from wcs import carts, starting
from wcs.events import BatchAsked, BatchFormed
from wcs.lookup import existing, the_site, zone_at
from wcs.model import Batch, BatchOrder, Order, Waiting
from wcs.names import LocationCode, OrderKey
from wcs.observations import BatchPlanned, Due
from wcs.ports import Tx
from wcs.site import Zone

PLANNER_S: Final = 5.0
CHOICE: Final = 8
"""Orders to choose from, for each place of a batch."""


def begin_next(tx: Tx, zone: Zone, at: datetime) -> None:
    """Nothing is being picked in the zone."""
    known = _of(tx, zone)
    if known and known.state == "asked":
        return
    if known:
        tx.remove(Batch, known.key)
    queue = list(islice(tx.find(Waiting, station=zone.station), zone.batch * CHOICE))
    if len(queue) > 1:
        _ask(tx, zone, queue, at)
    elif queue:
        starting.begin_first(tx, zone, queue[0], at)


def on_batch_planned(planned: BatchPlanned, tx: Tx) -> None:
    batch = tx.get(Batch, planned.batch)
    zone = zone_at(the_site(tx), batch.station) if batch else None
    if batch is None or zone is None or batch.state != "asked":
        tx.answer("refused", f"stale: nobody waits for batch {planned.batch}")
        return
    changed = [asked.order for asked in batch.orders if not _as_asked(tx, asked)]
    found = None if changed else _chosen(zone, batch, planned)
    if found is None:
        why = f"stale: changed meanwhile: {', '.join(changed)}" if changed else "it does not fit"
        tx.answer("refused", why)
        _forget(tx, batch)
        begin_next(tx, zone, planned.at)
    else:
        _form(tx, zone, batch, *found, planned.at)


def on_due(fired: Due, tx: Tx) -> None:
    """The planner did not answer: better one by one than too late."""
    batch = tx.get(Batch, fired.key.removeprefix("batch:"))
    if batch is None or batch.state != "asked":
        return
    tx.remove(Batch, batch.key)
    zone = zone_at(the_site(tx), batch.station)
    first = next(tx.find(Waiting, station=batch.station), None)
    if zone and first:
        starting.begin_first(tx, zone, first, fired.at)


def forget_asked(tx: Tx) -> None:
    """The floor is another one: what was asked about it is void."""
    for batch in list(tx.find(Batch)):
        if batch.state == "asked":
            _forget(tx, batch)


def _of(tx: Tx, zone: Zone) -> Batch | None:
    return next(tx.find(Batch, station=zone.station), None)


def _forget(tx: Tx, batch: Batch) -> None:
    tx.remove(Batch, batch.key)
    tx.wake(f"batch:{batch.key}", None)


def _ask(tx: Tx, zone: Zone, queue: Sequence[Waiting], at: datetime) -> None:
    orders = [existing(tx, Order, waiting.order) for waiting in queue]
    asked = tuple(
        BatchOrder(order=order.key, version=order.version, locations=starting.places_of(order))
        for order in orders
    )
    batch = Batch(key=tx.id(), station=zone.station, orders=asked)
    tx.save(batch)
    tx.wake(f"batch:{batch.key}", at + timedelta(seconds=PLANNER_S))
    tx.emit(
        BatchAsked(
            batch=batch.key,
            station=zone.station,
            capacity=zone.batch,
            start=zone.start,
            end=zone.end,
            orders=asked,
            at=at,
        )
    )


def _as_asked(tx: Tx, asked: BatchOrder) -> bool:
    order = tx.get(Order, asked.order)
    return (
        order is not None
        and order.state == "waiting"
        and order.version == asked.version
        and starting.places_of(order) == asked.locations
    )


Found = tuple[tuple[BatchOrder, ...], tuple[LocationCode, ...], int]


def _chosen(zone: Zone, batch: Batch, planned: BatchPlanned) -> Found | None:
    """The first order's batch, its walk and its length; nothing when it is not what was asked."""
    plans = zip(planned.orders, planned.walks, planned.lengths_mm, strict=False)
    for orders, walk, length_mm in plans:
        if batch.orders[0].order in orders:
            held = tuple(asked for asked in batch.orders if asked.order in orders)
            places = {place for asked in held for place in asked.locations}
            if len(held) == len(orders) <= zone.batch and sorted(walk) == sorted(places):
                return held, walk, length_mm
    return None


def _form(
    tx: Tx,
    zone: Zone,
    batch: Batch,
    held: tuple[BatchOrder, ...],
    walk: tuple[LocationCode, ...],
    length_mm: int,
    at: datetime,
) -> None:
    tx.wake(f"batch:{batch.key}", None)
    tx.save(replace(batch, state="picking", orders=held, walk=walk))
    why = f"{len(held)} orders on one walk, the first by its cut-off among them"
    keys: tuple[OrderKey, ...] = tuple(each.order for each in held)
    tx.emit(
        BatchFormed(
            batch=batch.key, station=zone.station, orders=keys, length_mm=length_mm, why=why, at=at
        )
    )
    why = f"batch {batch.key}: {why}"
    picks = [
        starting.begin(tx, zone, existing(tx, Order, key), walk, length_mm, why, at, batch.key)
        for key in keys
    ]
    carts.show(tx, zone, picks, at)
