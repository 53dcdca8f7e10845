"""The reading half of the API: pages of rows beside the writer, strict in what may be asked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from gateway.views import ledger as ledger_view
from gateway.views import status as status_view
from gateway.views import work as work_view
from gateway.views.devices import devices as devices_view
from gateway.web import shapes
from gateway.web.guard import Operator, Site, Viewer
from gateway.web.strict import no_unknown_query
from sync import outbox as outbox_rows
from sync import reading
from wcs.model import Carton, Order, OrderState, StockTotal

router = APIRouter(tags=["reading"], dependencies=[Depends(no_unknown_query)])
Limit = Annotated[int, Query(ge=1, le=500, description="rows of a page")]
After = Annotated[str, Query(max_length=200, description="`next` of the page before")]
Name = Annotated[str, Path(max_length=200)]


def reader(site: Site) -> Iterator[sqlite3.Connection]:
    with closing(site.reader()) as conn:
        yield conn


Reader = Annotated[sqlite3.Connection, Depends(reader)]


@router.get("/api/orders", response_model=shapes.OrderPage)
def orders(
    who: Viewer,
    conn: Reader,
    state: OrderState | None = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """Orders by key. `state` keeps only those."""
    equal = {"state": state} if state else {}
    rows = list(reading.find(conn, Order, after=after, limit=limit, **equal))
    return {"orders": rows, "next": rows[-1].key if len(rows) == limit else None}


@router.get("/api/orders/{key}", response_model=shapes.OrderShape)
def order(key: Name, who: Viewer, conn: Reader) -> Any:
    found = reading.get(conn, Order, key)
    if found is None:
        raise HTTPException(404, f"there is no order {key!r}; an order's key is `channel:number`")
    return found


@router.get("/api/stock", response_model=shapes.StockPage)
def stock(who: Viewer, conn: Reader, after: After = "", limit: Limit = 100) -> Any:
    """Items by `owner|sku`, each summed over its shelves."""
    rows = list(reading.find(conn, StockTotal, after=after, limit=limit))
    made = [ledger_view.item_of(row) for row in rows]
    return {"stock": made, "next": rows[-1].key if len(rows) == limit else None}


@router.get("/api/cartons/{lpn}", response_model=shapes.CartonShape)
def carton(lpn: Name, who: Viewer, conn: Reader) -> Any:
    """Where a carton is, and its life."""
    found = reading.get(conn, Carton, lpn)
    if found is None:
        raise HTTPException(404, f"no carton {lpn!r} was ever bound here")
    shape = shapes.CartonShape.model_validate(found)
    return shape.model_copy(update={"life": reading.life(conn, lpn=lpn)})


@router.get("/api/devices", response_model=list[shapes.DeviceShape])
def devices(who: Viewer, site: Site, conn: Reader) -> Any:
    """Every device of the map with its health, and what each shows right now."""
    return devices_view(
        conn, site.settings.map, site.connected(), site.live, site.settings.site.mode
    )


@router.get("/api/events", response_model=shapes.EventPage)
def events(
    who: Viewer,
    conn: Reader,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Limit = 100,
) -> Any:
    """What was decided, in order: a cursor that never misses and never repeats."""
    rows = reading.events_after(conn, after, limit)
    return {"events": rows, "next": rows[-1]["n"] if rows else after}


@router.get("/api/outbox", response_model=shapes.OutboxShape)
def outbox(
    who: Viewer,
    site: Site,
    conn: Reader,
    state: Annotated[str | None, Query(pattern="^(waiting|unknown|leased|parked|done)$")] = None,
    limit: Limit = 100,
) -> Any:
    down = site.hosts_down()
    hosts = [{**row, "down": down.get(row["host"])} for row in reading.outbox_depth(conn)]
    return {"hosts": hosts, "messages": outbox_rows.show(conn, state=state, limit=limit)}


@router.post("/api/outbox/{id}/retry")
async def retry(id: Name, who: Operator, site: Site) -> dict[str, str]:
    """Sends a parked message again. 409 when it is not parked."""
    if not await site.retry(id, who.name):
        raise HTTPException(409, f"message {id!r} is not parked")
    return {"outcome": "accepted", "reason": ""}


@router.get("/api/work/{station}", response_model=shapes.WorkShape)
def work(station: Name, who: Viewer, site: Site, conn: Reader) -> Any:
    """The current task of a station and its open errands."""
    known = work_view.stations(site.settings.site)
    if station not in known:
        raise HTTPException(404, f"there is no station {station!r}; there are {', '.join(known)}")
    return work_view.work(conn, station)


@router.get("/api/status")
def status(who: Viewer, site: Site, conn: Reader) -> dict[str, Any]:
    """One page of facts."""
    rows = devices_view(
        conn, site.settings.map, site.connected(), site.live, site.settings.site.mode
    )
    return {
        "site": site.settings.site.name,
        "simulated": site.settings.site.simulated,
        "simulated_devices": site.equipment.simulated,
        "at": site.now(),
        "trouble": site.trouble(),
        **status_view.status(conn),
        "devices": status_view.device_counts(rows),
        "hosts_down": dict(site.hosts_down()),
        "alarms": site.alarms(),
        "decision_ms": dict(site.stats.decision_ms()),
        "inbox": dict(site.stats.waiting()),
        "days_left_on_disk": site.days_left(),
    }


@router.get("/api/books")
def books(who: Viewer, conn: Reader) -> dict[str, Any]:
    """Our side of the books, whole: items with every account, cartons, orders, open counts."""
    return ledger_view.ledger(conn)
