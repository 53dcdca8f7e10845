"""What a person has to do at a station now. The state is the floor's: a reload, a second login or
an empty battery change nothing of it."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync import reading
from wcs import carts
from wcs.model import Batch, Device, Errand, Item, Order, Pick, Step
from wcs.names import LocationCode
from wcs.site import Site, Zone

ERRANDS, PICKS = 50, 50


@dataclass(frozen=True, slots=True)
class Walking:
    """`words`: whose walk it is. Steps in walking order."""

    station: str
    words: str
    steps: tuple[Step, ...]


def stations(site: Site) -> list[str]:
    """Every place where a person works, in the order of the flow."""
    zones = [zone.station for zone in site.zones]
    return list(dict.fromkeys([*zones, site.hospital.station, site.counter]))


def work(conn: sqlite3.Connection, station: str) -> dict[str, Any]:
    """The answer of `GET /api/work/{station}`, docs/wires.md section 11."""
    errands = sorted(
        reading.find(conn, Errand, station=station, limit=ERRANDS), key=lambda e: e.asked_at
    )
    picks = under_way(conn, station)
    failed = {errand.subject: errand.text for errand in errands if errand.kind == "lamp"}
    return {
        "station": station,
        "task": _task(conn, picks, failed),
        "by_hand": _by_hand(conn, picks, failed) if failed else [],
        "errands": [errand_of(errand) for errand in errands],
    }


def lights_away(conn: sqlite3.Connection, zone: Zone | None) -> str:
    """Why no lamp of the zone can be trusted now; empty while they are there."""
    row = reading.get(conn, Device, zone.lights) if zone else None
    return f"The lights are away: {row.reason}." if row and not row.up else ""


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
    return _task(conn, under_way(conn, station), {})


def _by_hand(
    conn: sqlite3.Connection, picks: Sequence[Pick], failed: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The open steps whose lamps have failed, those of the next step left out: that one has the
    keys of the page."""
    first = next_step(conn, picks)
    return [
        {
            "task": step.task,
            "location": step.location,
            "light": step.light,
            "lamp": failed[step.light],
            "sku": step.sku,
            "name": _item(conn, pick, step)["name"],
            "qty": step.qty - step.picked,
        }
        for pick in picks
        for step in pick.steps
        if step.state == "open" and step.light in failed and pick.state == "picking"
        if first is None or step.task != first[1].task
    ]


def _task(
    conn: sqlite3.Connection, picks: Sequence[Pick], failed: Mapping[str, str]
) -> dict[str, Any] | None:
    found = next_step(conn, picks)
    if found is None:
        return None
    pick, step = found
    return {
        "task": step.task,
        "pick": pick.key,
        "order": pick.order,
        "lpn": pick.lpn,
        "state": pick.state,
        "location": step.location,
        "light": step.light,
        "lamp": failed.get(step.light, ""),
        "sku": step.sku,
        **_item(conn, pick, step),
        "qty": step.qty - step.picked,
        "step": sum(each.state != "open" for one in picks for each in one.steps) + 1,
        "steps": sum(len(one.steps) for one in picks),
    }


def next_step(conn: sqlite3.Connection, picks: Sequence[Pick]) -> tuple[Pick, Step] | None:
    """Of the first that still needs its carton, else of all on their walk."""
    pick = next((pick for pick in picks if pick.state == "carton" or not pick.batch), None)
    if pick is None:
        return carts.next_step(_walk(conn, picks), picks)
    step = next((step for step in pick.steps if step.state == "open"), None)
    return (pick, step) if step else None


def walking(conn: sqlite3.Connection, station: str) -> Walking | None:
    """What the picker of a station walks by, closed steps included."""
    picks = under_way(conn, station)
    if not picks:
        return None
    if not picks[0].batch:
        return Walking(station, picks[0].order, picks[0].steps)
    steps = tuple(step for _, step in carts.on_the_walk(_walk(conn, picks), picks))
    return Walking(station, f"{len(picks)} orders", steps)


def errand_of(errand: Errand) -> dict[str, Any]:
    names = ("key", "kind", "subject", "text", "remedy", "sku", "location", "qty", "asked_at")
    return {name: getattr(errand, name) for name in names}


def under_way(conn: sqlite3.Connection, station: str) -> list[Pick]:
    """The one open pick of a station, or those of its batch, what waits for a carton first."""
    found = [
        pick
        for state in ("carton", "picking")
        for pick in reading.find(conn, Pick, station=station, state=state, limit=PICKS)
    ]
    return [pick for pick in found if pick.batch == found[0].batch] if found else []


def _walk(conn: sqlite3.Connection, picks: Sequence[Pick]) -> tuple[LocationCode, ...]:
    batch = reading.get(conn, Batch, picks[0].batch) if picks else None
    return batch.walk if batch else ()


def _item(conn: sqlite3.Connection, pick: Pick, step: Step) -> dict[str, Any]:
    order = reading.get(conn, Order, pick.order)
    item = reading.get(conn, Item, f"{order.owner}|{step.sku}") if order else None
    return {
        "name": item.name if item else step.sku,
        "barcodes": list(item.barcodes) if item else [],
    }
