"""The floor as a drawing: where each thing stands on the page. Pure; made once per site.

The conveyor, of which the layout knows only the induction point, is drawn to the right of it in the
order of the flow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from gateway.views.ground import Ground, Spot
from gateway.views.walks import Place, at_the_shelf
from wcs.names import LocationCode
from wcs.site import Site

BOTTOM: Final = 84.0
GAP: Final = 95.0
STAGE: Final = 92.0
LANE_W, LANE_H = 114.0, 150.0
CELL_W, CELL_H = 38.0, 46.0
DOT: Final = 9.0
"""Side of a cell that is too small to write into."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A pick location with its light; `spot` is where a person stands before it."""

    location: str
    light: str
    device: str
    spot: Spot
    x: float
    y: float
    w: float = CELL_W
    h: float = CELL_H


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
    ground: Ground
    shelf: Place
    nodes: Mapping[str, Spot]
    aisles: Sequence[tuple[Spot, Spot]]
    """Nothing where the shelves' own picture lies underneath."""
    track: Sequence[Spot]
    cells: Sequence[Cell]
    stages: Sequence[Stage]
    lanes: Sequence[LaneBox]
    belt: tuple[Spot, Spot]
    start: Spot
    handover: Spot
    induct: Spot

    def stop(self, location: LocationCode) -> Spot:
        """Where the number of a stop stands: on the shelf, or at its cell's far corner."""
        cell = next((cell for cell in self.cells if cell.location == location), None)
        if cell is None or self.ground.is_dense:
            return self.shelf(location)
        return Spot(cell.x, cell.y if cell.y < cell.spot.y else cell.y + cell.h)


def drawing(site: Site, ground: Ground) -> Drawing:
    nodes = ground.nodes
    right = ground.right
    induct = nodes[site.trips.drop_node]
    stages = _stages(site, right + GAP, induct.y)
    lanes = _lanes(site, stages[-1].x + STAGE * 1.25, induct.y)
    return Drawing(
        width=lanes[-1].x + LANE_W + 30,
        height=max(ground.bottom + BOTTOM, induct.y + 60 + LANE_H),
        ground=ground,
        shelf=at_the_shelf(ground),
        nodes=nodes,
        aisles=[] if ground.is_dense else list(_aisles(site, ground)),
        track=[nodes[node] for node in site.trips.way],
        cells=list(_dots(site, ground) if ground.is_dense else _cells(site, ground)),
        stages=stages,
        lanes=lanes,
        belt=(Spot(right + GAP * 0.45, induct.y), Spot(lanes[-1].x + LANE_W, induct.y)),
        start=nodes[site.zones[0].start],
        handover=nodes[site.trips.pick_node],
        induct=induct,
    )


def _aisles(site: Site, ground: Ground) -> Iterator[tuple[Spot, Spot]]:
    way = set(zip(site.trips.way, site.trips.way[1:], strict=False))
    for edge in ground.layout.edges:
        if (edge.u, edge.v) not in way and (edge.v, edge.u) not in way:
            yield ground.nodes[edge.u], ground.nodes[edge.v]


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


def _cells(site: Site, ground: Ground) -> Iterator[Cell]:
    """Locations stand behind their node, away from the middle of the zone, levels side by side."""
    for zone in site.zones:
        lit = [(ground.layout.locations[code], light) for code, light in zone.light_of.items()]
        middle = fmean([ground.nodes[place.node].y for place, _ in lit] or [0.0])
        for place, light in lit:
            spot = ground.nodes[place.node]
            up = spot.y <= middle
            y = spot.y - CELL_H - 14 if up else spot.y + 14
            x = spot.x - CELL_W - 1 + (place.level - 1) * (CELL_W + 2)
            yield Cell(place.code, light, zone.lights, spot, x, y)


def _dots(site: Site, ground: Ground) -> Iterator[Cell]:
    """On a large floor a location is a dot on its shelf."""
    shelf = at_the_shelf(ground)
    for zone in site.zones:
        for code, light in zone.light_of.items():
            at = shelf(code)
            spot = ground.nodes[ground.layout.locations[code].node]
            yield Cell(code, light, zone.lights, spot, at.x - DOT / 2, at.y - DOT / 2, DOT, DOT)
