"""The life of a carton or an order: what was asked for, its story, and the time that was left."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from gateway.views.words import sentence
from sync import reading
from wcs.model import Carton, Order
from wcs.site import Site

STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """What a search found: a carton by `lpn`, or else an order."""

    lpn: str | None = None
    order: str | None = None


def found(conn: sqlite3.Connection, site: Site, of: str) -> Subject | None:
    """`of`: an LPN, an order's key or number, or a tracking number."""
    if _any(conn, "lpn = ?", of):
        return Subject(lpn=of)
    for key in (of, *(f"{channel.id}:{of}" for channel in site.channels)):
        if reading.get(conn, Order, key) or _any(conn, '"order" = ?', key):
            return Subject(order=key)
    lpn = _tracked(conn, of)
    return Subject(lpn=lpn) if lpn else None


def life(conn: sqlite3.Connection, subject: Subject) -> dict[str, Any]:
    """Where it is now, and every step with its cause, commands and receipts."""
    rows = reading.life(conn, lpn=subject.lpn, order=subject.order, limit=STEPS)
    switches = _switches(conn)
    carton = reading.get(conn, Carton, subject.lpn) if subject.lpn else None
    order = reading.get(conn, Order, subject.order or (carton.order if carton else ""))
    return {
        "name": subject.lpn or subject.order,
        "carton": carton,
        "order": order,
        "steps": [
            {**step(list(same)), "simulated": simulated(switches, seq)}
            for seq, same in groupby(rows, key=itemgetter("seq"))
        ],
        "cut": len(rows) == STEPS,
    }


def simulated(switches: list[tuple[int, str, bool]], seq: int) -> tuple[str, ...]:
    """Devices in whose place a simulator answered when that was decided."""
    on: dict[str, bool] = {}
    for switched, device, to in switches:
        if switched <= seq:
            on[device] = to
    return tuple(sorted(device for device, to in on.items() if to))


def _switches(conn: sqlite3.Connection) -> list[tuple[int, str, bool]]:
    """When devices were switched to their simulators and back: observation, device, on."""
    rows = conn.execute(
        "SELECT seq, device, body FROM events WHERE kind='DeviceSimulationChanged' ORDER BY n"
    )
    return [(seq, device, bool(json.loads(body)["on"])) for seq, device, body in rows]


def step(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One decision for a page: the events that it made true, what it was decided on, and what was
    left of the divert window at the PLC's answer."""
    routed = next((row for row in rows if row["kind"] == "CartonRouted"), None)
    return {
        **rows[0],
        "texts": [sentence(row["kind"], row["body"]) for row in rows],
        "facts": [(row["id"], row["kind"], _facts(row["body"])) for row in rows],
        "receipts": [host for row in rows for host in row["hosts"]],
        "left_ms": left_ms(routed) if routed else None,
    }


def left_ms(row: dict[str, Any]) -> float | None:
    """`before` of the routing less the moment at which its command was answered; negative is too
    late, None while nothing was answered."""
    answered = next((c["answered_at"] for c in row["commands"] if c["answered_at"]), None)
    if answered is None:
        return None
    before = datetime.fromisoformat(row["body"]["before"])
    return (before - datetime.fromisoformat(answered)) / timedelta(milliseconds=1)


def _facts(body: dict[str, Any]) -> str:
    kept = {
        name: value for name, value in body.items() if value not in (None, "", []) and name != "at"
    }
    return json.dumps(kept, ensure_ascii=False)


def _any(conn: sqlite3.Connection, which: str, value: str) -> bool:
    return (
        conn.execute(f"SELECT 1 FROM events WHERE {which} LIMIT 1", (value,)).fetchone() is not None
    )


def _tracked(conn: sqlite3.Connection, tracking: str) -> str | None:
    """Whose label it was: a walk over the labels, for a person's question."""
    row = conn.execute(
        "SELECT lpn FROM events WHERE kind = 'LabelReceived'"
        " AND json_extract(body, '$.tracking') = ? ORDER BY n DESC LIMIT 1",
        (tracking,),
    ).fetchone()
    return row[0] if row else None
