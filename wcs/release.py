"""The release queue: the next order for a free zone, by carrier cut-off, then age.

A zone has one open pick. Up to ten stops are routed here, exactly; more are the planner's, and the
order joins the queue when the walk is there, or unrouted when the planner does not answer in time.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import lights
from wcs.commands import LightWanted
from wcs.events import OrderReleased, TourAsked
from wcs.lookup import existing, the_site
from wcs.model import Order, Pick, Step, Waiting
from wcs.names import LocationCode, OrderKey, StationId, TaskId
from wcs.observations import Due, TourPlanned
from wcs.ports import Tx
from wcs.site import Zone
from wcs.walking import MOST_STOPS, layout_of, stops, walk

PLANNER_S: Final = 10.0
SCAN_CARTON: Final = "SCAN CARTON"


def enqueue(tx: Tx, order: Order, zone: Zone, at: datetime) -> None:
    """The order is allocated in this zone and saved as waiting."""
    places = _places(order)
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


def queue_key(order: Order) -> str:
    cutoff = order.cutoff or order.received_at
    return f"{cutoff:%Y%m%dT%H%M%S%f}|{order.received_at:%Y%m%dT%H%M%S%f}|{order.key}"


def on_tour_planned(planned: TourPlanned, tx: Tx) -> None:
    order = tx.get(Order, planned.order)
    if order is None or order.version != planned.version or not _asks_for_tour(tx, order):
        tx.answer("refused", f"stale: order {planned.order} does not wait for this walk")
    elif sorted(planned.locations) != sorted(_places(order)):
        tx.answer("refused", f"stale: order {planned.order} is promised from other locations")
    else:
        _queue_walk(tx, order, planned.locations, planned.length_mm, planned.at)


def on_due(fired: Due, tx: Tx) -> None:
    """The planner did not answer: better unrouted than too late."""
    order = tx.get(Order, OrderKey(fired.key.removeprefix("tour:")))
    if order and _asks_for_tour(tx, order):
        _queue_walk(tx, order, _places(order), 0, fired.at)


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


def open_pick(tx: Tx, station: StationId) -> Pick | None:
    """Found by state: every zone has one at most, while the done ones of a station are many."""
    for state in ("carton", "picking"):
        for pick in tx.find(Pick, state=state):
            if pick.station == station:
                return pick
    return None


def fill_zones(tx: Tx, at: datetime) -> None:
    """Every zone without an open pick gets the next order of its queue."""
    for zone in the_site(tx).zones:
        if open_pick(tx, zone.station) is None:
            first = next(tx.find(Waiting, station=zone.station), None)
            if first:
                _release(tx, zone, first, at)


def _release(tx: Tx, zone: Zone, first: Waiting, at: datetime) -> None:
    order = existing(tx, Order, first.order)
    places, length_mm = first.walk, first.length_mm
    if not places:
        layout = layout_of(the_site(tx).layout)
        places, length_mm = walk(layout, zone.start, _places(order), zone.end)
    pick = _pick(TaskId(tx.id()), zone, order, places, length_mm, at)
    tx.remove(Waiting, first.key)
    tx.save(pick)
    tx.save(replace(order, state="picking", reason=""))
    tx.emit(
        OrderReleased(
            order=order.key, station=zone.station, length_mm=length_mm, why=pick.why, at=at
        )
    )
    show_display(tx, zone, pick, SCAN_CARTON, at)


def show_display(tx: Tx, zone: Zone, pick: Pick, text: str, at: datetime) -> None:
    want = LightWanted(
        device=zone.lights,
        light=zone.display,
        task=pick.key,
        colour=zone.colour,
        qty=0,
        text=text,
    )
    lights.show(tx, want, at)


def _pick(
    key: TaskId,
    zone: Zone,
    order: Order,
    places: tuple[LocationCode, ...],
    length_mm: int,
    at: datetime,
) -> Pick:
    promises = [made for place in places for made in order.promises if made.location == place]
    steps = tuple(
        Step(
            task=TaskId(f"{key}.{n}"),
            location=made.location,
            light=zone.light_of[made.location],
            line=made.line,
            sku=made.sku,
            qty=made.qty,
        )
        for n, made in enumerate(promises, start=1)
    )
    return Pick(
        key=key,
        order=order.key,
        station=zone.station,
        steps=steps,
        length_mm=length_mm,
        why=f"first by its cut-off {order.cutoff:%H:%M:%S} UTC, then by age",
        state="carton",
        started_at=at,
    )


def _places(order: Order) -> tuple[LocationCode, ...]:
    return tuple(sorted({made.location for made in order.promises}))
