"""The overview: the whole floor on one page, and the stream that keeps it true."""

import sqlite3
from datetime import datetime
from time import monotonic
from typing import Any, Final

from gateway.context import Gateway
from gateway.views import devices as devices_view
from gateway.views import orders as orders_view
from gateway.views.drawing import drawing
from gateway.views.floor import floor
from gateway.views.ground import ground_of
from gateway.views.rates import Tally
from gateway.views.refusals import Refusals
from gateway.web.pulse import Regions
from gateway.web.templating import Looks
from sync import reading
from wcs.model import Errand

SOON_S: Final = 300.0
ERRANDS: Final = 12
REGIONS: Final = ("notice", "kpis", "map", "orders", "errands", "devices", "outbox", "refusals")


class Overview:
    """A scene of `pulse.Board`; keeps one read-only connection."""

    def __init__(self, gateway: Gateway, looks: Looks) -> None:
        self._gateway, self._looks = gateway, looks
        self._conn = gateway.reader()
        site = gateway.settings.site
        self._drawn = drawing(site, ground_of(site.layout))
        self._tally, self._refusals, self._counts = Tally(), Refusals(), orders_view.Counts()
        self._seen: object = None

    def changed(self) -> bool:
        """By another commit, by what devices show, or because a second has passed."""
        version = self._conn.execute("PRAGMA data_version").fetchone()[0]
        seen = (version, int(monotonic()), self._pose(), self._gateway.connected())
        before, self._seen = self._seen, seen
        return seen != before

    def render(self) -> Regions:
        now = self._gateway.now()
        self._conn.execute("BEGIN")
        try:
            values = self._values(self._conn, now)
        finally:
            self._conn.execute("ROLLBACK")
        return {
            name: self._looks.fragment(f"regions/{name}.html", now=now, **values)
            for name in REGIONS
        }

    def close(self) -> None:
        self._conn.close()

    def _pose(self) -> tuple[Any, ...]:
        tags = self._gateway.live.of(self._gateway.settings.site.trips.vehicle)
        return tuple(tags[name].value for name in ("x", "y", "battery") if name in tags)

    def _values(self, conn: sqlite3.Connection, now: datetime) -> dict[str, Any]:
        gateway, site = self._gateway, self._gateway.settings.site
        self._tally.catch_up(conn, now)
        self._refusals.catch_up(conn)
        speed = gateway.settings.simulated.speed if gateway.settings.simulated else 1.0
        rows = devices_view.devices(
            conn,
            gateway.settings.map,
            gateway.connected(),
            gateway.live,
            gateway.settings.site.mode,
        )
        up = frozenset(row["id"] for row in rows if row["health"] == "up")
        return {
            "site": site,
            "drawn": self._drawn,
            "floor": floor(conn, site, self._drawn, gateway.live, up),
            "up": up,
            "devices": rows,
            "orders": orders_view.orders(conn, self._counts.of(conn), now, SOON_S / speed),
            "errands": _errands(conn),
            "outbox": _outbox(conn, gateway.hosts_down(), now),
            "rates": self._tally.rates(now),
            "refusals": list(self._refusals.rows),
            "quarantined": reading.quarantined(conn),
            "trouble": gateway.trouble(),
            "decision_ms": gateway.stats.decision_ms(),
        }


def _errands(conn: sqlite3.Connection) -> dict[str, Any]:
    found = list(reading.find(conn, Errand, limit=200))
    found.sort(key=lambda errand: errand.asked_at)
    return {"rows": found[:ERRANDS], "more": max(0, len(found) - ERRANDS)}


def _outbox(conn: sqlite3.Connection, down: Any, now: datetime) -> list[dict[str, Any]]:
    rows = reading.outbox_depth(conn)
    for row in rows:
        oldest = datetime.fromisoformat(row["oldest"]) if row["oldest"] else None
        row["age_s"] = (now - oldest).total_seconds() if oldest else None
        row["down"] = down.get(row["host"])
    return rows
