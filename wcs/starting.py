"""A pick begins: the order is the picker's from here on, and its zone asks for a carton."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs import lights
from wcs.events import OrderReleased
from wcs.lookup import existing, the_site
from wcs.model import Order, Pick, Step, Waiting
from wcs.names import LocationCode, StationId, TaskId
from wcs.ports import Tx
from wcs.site import Zone
from wcs.walking import layout_of, walk

SCAN_CARTON: Final = "SCAN CARTON"


def open_pick(tx: Tx, station: StationId) -> Pick | None:
    """Found by state: a zone has few open picks, while the done ones of a station are many. One
    that waits for its carton comes first."""
    for state in ("carton", "picking"):
        for pick in tx.find(Pick, state=state):
            if pick.station == station:
                return pick
    return None


def begin_first(tx: Tx, zone: Zone, first: Waiting, at: datetime) -> None:
    """The first of the queue alone, on the shortest walk."""
    order = existing(tx, Order, first.order)
    places, length_mm = first.walk, first.length_mm
    if not places:
        layout = layout_of(the_site(tx).layout)
        places, length_mm = walk(layout, zone.start, places_of(order), zone.end)
    why = f"first by its cut-off {order.cutoff:%H:%M:%S} UTC, then by age"
    pick = begin(tx, zone, order, places, length_mm, why, at)
    lights.show_display(tx, zone, pick.key, SCAN_CARTON, at)


def begin(
    tx: Tx,
    zone: Zone,
    order: Order,
    places: Sequence[LocationCode],
    length_mm: int,
    why: str,
    at: datetime,
    batch: str = "",
) -> Pick:
    """Its steps in the order of `places`."""
    key = TaskId(tx.id())
    pick = Pick(
        key=key,
        order=order.key,
        station=zone.station,
        steps=_steps(key, zone, order, places),
        length_mm=length_mm,
        why=why,
        state="carton",
        started_at=at,
        batch=batch,
    )
    tx.remove(Waiting, queue_key(order))
    tx.save(pick)
    tx.save(replace(order, state="picking", reason=""))
    tx.emit(
        OrderReleased(order=order.key, station=zone.station, length_mm=length_mm, why=why, at=at)
    )
    return pick


def queue_key(order: Order) -> str:
    cutoff = order.cutoff or order.received_at
    return f"{cutoff:%Y%m%dT%H%M%S%f}|{order.received_at:%Y%m%dT%H%M%S%f}|{order.key}"


def places_of(order: Order) -> tuple[LocationCode, ...]:
    return tuple(sorted({made.location for made in order.promises}))


def _steps(
    key: TaskId, zone: Zone, order: Order, places: Sequence[LocationCode]
) -> tuple[Step, ...]:
    promises = [made for place in places for made in order.promises if made.location == place]
    return tuple(
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
