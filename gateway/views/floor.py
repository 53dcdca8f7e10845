"""What is on the floor now: lamps, picker, vehicle, cartons and lanes, ready to be drawn."""

import sqlite3
from collections import Counter
from typing import Any

from devices.live import Live
from gateway.views.drawing import Drawing
from gateway.views.walks import PathDrawn, path_drawn
from gateway.views.work import task, walking
from sync import reading
from wcs.commands import LightWanted
from wcs.model import Carton, Lane, Load
from wcs.site import Site

ON_THE_FLOOR = ("picking", "picked", "riding", "moving", "hospital")
AT_MOST = 500


def floor(
    conn: sqlite3.Connection, site: Site, drawn: Drawing, live: Live, up: frozenset[str]
) -> dict[str, Any]:
    """Everything that moves, by the names of the drawing. `up`: devices that are available."""
    cartons = _cartons(conn)
    return {
        "lamps": _lamps(conn, site),
        "picker": _picker(conn, site, drawn),
        "paths": paths(conn, site, drawn),
        "vehicle": vehicle(site, drawn, live, up, cartons),
        "counts": Counter(place_of(site, carton) for carton in cartons),
        "lanes": _lanes(conn, site),
    }


def place_of(site: Site, carton: Carton) -> str:
    """The part of the drawing where a carton is counted: a device, `zone`, `handover`, `hospital`,
    `belt`."""
    match carton.state:
        case "picking":
            return "zone"
        case "picked":
            return "handover"
        case "riding":
            return site.trips.vehicle
        case "hospital":
            return "hospital"
        case _:
            belt = (site.pack.scanner, site.sorter.scanner, site.sorter.device)
            return carton.place if carton.place in belt else site.merge.device


def vehicle(
    site: Site, drawn: Drawing, live: Live, up: frozenset[str], cartons: list[Carton]
) -> dict[str, Any]:
    """Where the vehicle says it is; the last that was heard when it is away."""
    tags = live.of(site.trips.vehicle)
    values = {name: tag.value for name, tag in tags.items()}
    x, y, node = values.get("x"), values.get("y"), values.get("node")
    spot = drawn.handover
    if isinstance(x, int | float) and isinstance(y, int | float):
        level = drawn.ground.layout.nodes[site.trips.pick_node].floor
        spot = drawn.ground.spot(float(x), float(y), level)
    elif node in drawn.nodes:
        spot = drawn.nodes[str(node)]
    riding = sum(carton.state == "riding" for carton in cartons)
    battery = values.get("battery")
    return {
        "id": site.trips.vehicle,
        "spot": spot,
        "up": site.trips.vehicle in up,
        "driving": values.get("driving") is True,
        "battery": round(battery) if isinstance(battery, int | float) else None,
        "riding": riding,
    }


def paths(conn: sqlite3.Connection, site: Site, drawn: Drawing) -> list[PathDrawn]:
    """What is left to walk of every pick under way."""
    walks = [(zone, walking(conn, zone.station)) for zone in site.zones]
    return [path_drawn(drawn.ground, zone, walk, drawn.stop) for zone, walk in walks if walk]


def _cartons(conn: sqlite3.Connection) -> list[Carton]:
    return [
        carton
        for state in ON_THE_FLOOR
        for carton in reading.find(conn, Carton, state=state, limit=AT_MOST)
    ]


def _lamps(conn: sqlite3.Connection, site: Site) -> dict[str, LightWanted]:
    return {
        row.key: row
        for zone in site.zones
        for row in reading.find(conn, LightWanted, device=zone.lights)
    }


def _picker(conn: sqlite3.Connection, site: Site, drawn: Drawing) -> dict[str, Any] | None:
    """The picker stands where the next lamp flashes, as far as we know."""
    for zone in site.zones:
        found = task(conn, zone.station)
        if found is None:
            continue
        if found["state"] == "carton":
            return {"spot": drawn.start, "task": found}
        cell = next((c for c in drawn.cells if c.location == found["location"]), None)
        return {"spot": cell.spot if cell else drawn.start, "task": found}
    return None


def _lanes(conn: sqlite3.Connection, site: Site) -> dict[str, dict[str, Any]]:
    found = {}
    for lane in [*(lane.lane for lane in site.sorter.lanes), site.sorter.hospital]:
        row = reading.get(conn, Lane, f"{site.sorter.device}|{lane}")
        load = reading.get(conn, Load, row.load) if row and row.load else None
        found[str(lane)] = {
            "full": bool(row and row.full),
            "jam": bool(row and row.jam),
            "cartons": load.cartons if load and load.state == "open" else 0,
            "cutoff": load.cutoff if load and load.state == "open" else None,
        }
    return found
