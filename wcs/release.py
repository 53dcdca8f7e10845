"""The release queue: the next order for a free zone, by carrier cut-off, then age.

A zone has one open pick, or those of one batch. Up to ten stops are routed here, exactly; more are
the planner's, and the order joins the queue when the walk is there, or unrouted when the planner
does not answer in time.
"""

from datetime import datetime, timedelta
from typing import Final

from wcs import batches, starting
from wcs.events import TourAsked
from wcs.lookup import queue_of, the_site
from wcs.model import Order, Waiting
from wcs.names import LocationCode, OrderKey
from wcs.observations import Due, TourPlanned
from wcs.ports import Tx
from wcs.site import Zone
from wcs.starting import queue_key
from wcs.walking import MOST_STOPS, layout_of, stops

PLANNER_S: Final = 10.0


def enqueue(tx: Tx, order: Order, zone: Zone, at: datetime) -> None:
    """The order is allocated in this zone and saved as waiting."""
    places = starting.places_of(order)
    if stops(layout_of(the_site(tx).layout), places) <= MOST_STOPS:
        tx.save(Waiting(key=queue_key(order), order=order.key, station=zone.station))
        return
    tx.wake(f"tour:{order.key}", at + timedelta(seconds=PLANNER_S))
    tx.emit(
        TourAsked(
            order=order.key,
            version=order.version,
            start=zone.start,
            end=zone.end,
            locations=places,
            at=at,
        )
    )


def dequeue(tx: Tx, order: Order) -> None:
    tx.remove(Waiting, queue_key(order))
    tx.wake(f"tour:{order.key}", None)


def on_tour_planned(planned: TourPlanned, tx: Tx) -> None:
    order = tx.get(Order, planned.order)
    if order is None or order.version != planned.version or not _asks_for_tour(tx, order):
        tx.answer("refused", f"stale: order {planned.order} does not wait for this walk")
    elif sorted(planned.locations) != sorted(starting.places_of(order)):
        tx.answer("refused", f"stale: order {planned.order} is promised from other locations")
    else:
        _queue_walk(tx, order, planned.locations, planned.length_mm, planned.at)


def on_due(fired: Due, tx: Tx) -> None:
    """The planner did not answer: better unrouted than too late."""
    order = tx.get(Order, OrderKey(fired.key.removeprefix("tour:")))
    if order and _asks_for_tour(tx, order):
        _queue_walk(tx, order, starting.places_of(order), 0, fired.at)


def _asks_for_tour(tx: Tx, order: Order) -> bool:
    return order.state == "waiting" and tx.get(Waiting, queue_key(order)) is None


def _queue_walk(
    tx: Tx, order: Order, places: tuple[LocationCode, ...], length_mm: int, at: datetime
) -> None:
    tx.wake(f"tour:{order.key}", None)
    zone = next(zone for zone in the_site(tx).zones if set(places) <= zone.light_of.keys())
    tx.save(
        Waiting(
            key=queue_key(order),
            order=order.key,
            station=zone.station,
            walk=places,
            length_mm=length_mm,
        )
    )
    fill_zones(tx, at)


def fill_zones(tx: Tx, at: datetime) -> None:
    """Every zone without an open pick gets the next order of its queue, or the next batch."""
    site = the_site(tx)
    for zone in site.zones:
        if starting.open_pick(tx, zone.station) is None:
            if zone.batch > 1:
                batches.begin_next(tx, zone, at)
            elif first := next(tx.find(Waiting, station=queue_of(site, zone)), None):
                starting.begin_first(tx, zone, first, at)
