"""What a person has to do at a station now. The state is the floor's: a reload, a second login or
an empty battery change nothing of it."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sync import reading
from wcs.model import Errand, Item, Order, Pick, Step
from wcs.site import Site

ERRANDS = 50


def stations(site: Site) -> list[str]:
    """Every place where a person works, in the order of the flow."""
    zones = [zone.station for zone in site.zones]
    return list(dict.fromkeys([*zones, site.hospital.station, site.counter]))


def work(conn: sqlite3.Connection, station: str) -> dict[str, Any]:
    """The answer of `GET /api/work/{station}`, docs/wires.md section 11."""
    errands = sorted(
        reading.find(conn, Errand, station=station, limit=ERRANDS), key=lambda e: e.asked_at
    )
    return {
        "station": station,
        "task": task(conn, station),
        "errands": [errand_of(errand) for errand in errands],
    }


def overview(conn: sqlite3.Connection, site: Site) -> list[dict[str, Any]]:
    """The stations to choose from, with what waits at each."""
    open_ = reading.count_by(conn, Errand, "station")
    return [
        {"station": name, "task": task(conn, name), "errands": open_.get(name, 0)}
        for name in stations(site)
    ]


def is_it(found: dict[str, Any] | None, code: str) -> bool:
    """Whether a scan confirms the step: its location, or a barcode of its item."""
    return bool(
        found
        and found["state"] == "picking"
        and code in (found["location"], found["sku"], *found["barcodes"])
    )


def task(conn: sqlite3.Connection, station: str) -> dict[str, Any] | None:
    """The step that the picker stands before; while the carton is asked for, the first one."""
    pick = current(conn, station)
    step = open_step(pick.steps) if pick else None
    if pick is None or step is None:
        return None
    return {
        "task": step.task,
        "pick": pick.key,
        "order": pick.order,
        "lpn": pick.lpn,
        "state": pick.state,
        "location": step.location,
        "light": step.light,
        "sku": step.sku,
        **_item(conn, pick, step),
        "qty": step.qty - step.picked,
        "step": pick.steps.index(step) + 1,
        "steps": len(pick.steps),
    }


def open_step(steps: Sequence[Step]) -> Step | None:
    return next((step for step in steps if step.state == "open"), None)


def errand_of(errand: Errand) -> dict[str, Any]:
    names = ("key", "kind", "subject", "text", "remedy", "sku", "location", "qty", "asked_at")
    return {name: getattr(errand, name) for name in names}


def current(conn: sqlite3.Connection, station: str) -> Pick | None:
    """At most one is worked on at a time; one that waits for its carton comes after it."""
    for state in ("picking", "carton"):
        for pick in reading.find(conn, Pick, station=station, state=state, limit=1):
            return pick
    return None


def _item(conn: sqlite3.Connection, pick: Pick, step: Step) -> dict[str, Any]:
    order = reading.get(conn, Order, pick.order)
    item = reading.get(conn, Item, f"{order.owner}|{step.sku}") if order else None
    return {
        "name": item.name if item else step.sku,
        "barcodes": list(item.barcodes) if item else [],
    }
