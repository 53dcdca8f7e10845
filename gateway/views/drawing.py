"""The floor as a drawing: where each thing stands on the page. Pure; made once per site.

The layout's metres become pixels with y upwards; the conveyor, of which the layout knows only the
induction point, is drawn to its right in the order of the flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wcs.site import Site

PX: Final = 42.0
"""Pixels per metre."""
LEFT, TOP, BOTTOM = 136.0, 52.0, 84.0
GAP: Final = 95.0
STAGE: Final = 92.0
LANE_W, LANE_H = 114.0, 150.0
CELL_W, CELL_H = 38.0, 46.0


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A pick location with its light; `spot` is where a person stands before it."""

    location: str
    light: str
    device: str
    spot: Spot
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Stage:
    """A device on the belt."""

    device: str
    title: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LaneBox:
    lane: str
    title: str
    carrier: str
    x: float
    y: float
    hospital: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    frame: "Frame"
    nodes: Mapping[str, Spot]
    aisles: Sequence[tuple[Spot, Spot]]
    track: Sequence[Spot]
    cells: Sequence[Cell]
    stages: Sequence[Stage]
    lanes: Sequence[LaneBox]
    belt: tuple[Spot, Spot]
    start: Spot
    handover: Spot
    induct: Spot


@dataclass(frozen=True, slots=True)
class Frame:
    """Metres of the layout to pixels of the page."""

    left_m: float
    top_m: float

    def spot(self, x_m: float, y_m: float) -> Spot:
        return Spot(LEFT + (x_m - self.left_m) * PX, TOP + (self.top_m - y_m) * PX)


def drawing(site: Site, layout: Mapping[str, Any]) -> Drawing:
    """`layout` is the parsed form of the site's layout text."""
    at = {node["id"]: (float(node["x"]), float(node["y"])) for node in layout["nodes"]}
    frame = Frame(min(x for x, _ in at.values()), max(y for _, y in at.values()))
    nodes = {name: frame.spot(*place) for name, place in at.items()}
    way = set(zip(site.trips.way, site.trips.way[1:], strict=False))
    aisles = [
        (nodes[edge["u"]], nodes[edge["v"]])
        for edge in layout["edges"]
        if (edge["u"], edge["v"]) not in way and (edge["v"], edge["u"]) not in way
    ]
    right = max(spot.x for spot in nodes.values())
    floor = max(spot.y for spot in nodes.values())
    induct = nodes[site.trips.drop_node]
    stages = _stages(site, right + GAP, induct.y)
    lanes = _lanes(site, stages[-1].x + STAGE * 1.25, induct.y)
    zone = site.zones[0]
    return Drawing(
        width=lanes[-1].x + LANE_W + 30,
        height=max(floor + BOTTOM, induct.y + 60 + LANE_H),
        frame=frame,
        nodes=nodes,
        aisles=aisles,
        track=[nodes[node] for node in site.trips.way],
        cells=list(_cells(site, layout, nodes)),
        stages=stages,
        lanes=lanes,
        belt=(Spot(right + GAP * 0.45, induct.y), Spot(lanes[-1].x + LANE_W, induct.y)),
        start=nodes[zone.start],
        handover=nodes[site.trips.pick_node],
        induct=induct,
    )


def _stages(site: Site, x: float, y: float) -> list[Stage]:
    line = [
        (site.merge.device, "Merge"),
        (site.pack.scanner, "Scan"),
        (site.pack.scale, "Scale"),
        (site.pack.printer, "Label"),
        (site.sorter.scanner, "Tunnel"),
        (site.sorter.device, "Sorter"),
    ]
    return [Stage(device, title, x + n * STAGE, y) for n, (device, title) in enumerate(line)]


def _lanes(site: Site, x: float, y: float) -> list[LaneBox]:
    carriers = {carrier.lane: str(carrier.id) for carrier in site.carriers}
    named = [(lane.lane, lane.door, carriers.get(lane.lane, "")) for lane in site.sorter.lanes]
    named.append((site.sorter.hospital, str(site.hospital.station), ""))
    return [
        LaneBox(lane, title, carrier, x + n * (LANE_W + 10), y + 44, lane == site.sorter.hospital)
        for n, (lane, title, carrier) in enumerate(named)
    ]


def _cells(site: Site, layout: Mapping[str, Any], nodes: Mapping[str, Spot]) -> list[Cell]:
    """Locations stand behind their node, away from the middle of the zone, levels side by side."""
    places = {place["code"]: place for place in layout.get("locations", [])}
    found = []
    for zone in site.zones:
        lit = [(code, light, places[code]) for code, light in zone.light_of.items()]
        middle = sum(nodes[place["node"]].y for *_, place in lit) / max(1, len(lit))
        for code, light, place in lit:
            spot, level = nodes[place["node"]], int(place.get("level", 1))
            up = spot.y <= middle
            y = spot.y - CELL_H - 14 if up else spot.y + 14
            x = spot.x - CELL_W - 1 + (level - 1) * (CELL_W + 2)
            found.append(Cell(code, light, zone.lights, spot, x, y))
    return found
