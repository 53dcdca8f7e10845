"""One page of facts: for `wedge status`, for whoever watches a run, for the metrics."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from sync import reading
from wcs.model import Carton, Errand, Load, Order, Trip

OPEN_TRIPS = ("sent", "carrying")
ENDED = ("shipped", "cancelled", "held")


def status(conn: sqlite3.Connection) -> dict[str, Any]:
    """What the database knows; the walk over an index for each count of states."""
    outbox = reading.outbox_depth(conn)
    trips, loads = reading.count_by(conn, Trip, "state"), reading.count_by(conn, Load, "state")
    orders = reading.count_by(conn, Order, "state")
    return {
        "orders": orders,
        "orders_total": sum(orders.values()),
        "orders_open": sum(count for state, count in orders.items() if state not in ENDED),
        "cartons": reading.count_by(conn, Carton, "state"),
        "errands": reading.count_by(conn, Errand, "kind"),
        "errands_open": sum(reading.count_by(conn, Errand, "kind").values()),
        "trips_open": sum(trips.get(state, 0) for state in OPEN_TRIPS),
        "loads_open": loads.get("open", 0),
        "outbox": outbox,
        "outbox_waiting": sum(row["waiting"] for row in outbox),
        "outbox_parked": sum(row["parked"] for row in outbox),
        "quarantined": reading.quarantined(conn),
        "last_event": reading.last_event(conn),
    }


def device_counts(rows: list[dict[str, Any]]) -> Mapping[str, Any]:
    return {
        "up": [row["id"] for row in rows if row["health"] == "up"],
        "down": {row["id"]: row["why"] for row in rows if row["health"] != "up"},
    }
