"""The floor to scale: where nodes and shelves of a layout stand on a page. Pure; made once.

Metres become pixels with y upwards; several floors stand side by side.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from xml.sax.saxutils import escape

from routing.layout import Layout, layout_from
from routing.racks import Face, Point, faces

MOST_PX: Final = 42.0
"""Pixels per metre; less where the floor is large."""
WIDEST, TALLEST, GAP = 1300.0, 900.0, 60.0
LEFT, TOP = 136.0, 52.0
PAD_M: Final = 1.6
SHELF: Final = 'fill="#8a8f96" fill-opacity=".22" stroke="#8a8f96" stroke-opacity=".5"'
WAY: Final = 'fill="none" stroke="#8a8f96" stroke-opacity=".55"'


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Ground:
    """px: pixels per metre. left, top: of the page where x and y of a floor are zero."""

    layout: Layout
    px: float
    left: Mapping[int, float]
    top: float
    nodes: Mapping[str, Spot]
    faces: Sequence[Face]
    right: float
    bottom: float

    def spot(self, x_m: float, y_m: float, floor: int = 0) -> Spot:
        left = self.left.get(floor, next(iter(self.left.values())))
        return Spot(left + x_m * self.px, self.top - y_m * self.px)

    def at(self, point: Point, floor: int) -> Spot:
        return self.spot(point[0] / 1000, point[1] / 1000, floor)

    @property
    def is_dense(self) -> bool:
        """Whether a bay is too small to write into."""
        return self.px < MOST_PX * 0.7


@lru_cache(maxsize=2)
def ground_of(text: str) -> Ground:
    """`text`: the layout of a site, which has been checked."""
    return ground(layout_from(json.loads(text), "site"))


def ground(layout: Layout) -> Ground:
    boxes = _boxes(layout)
    wide = sum(x1 - x0 for x0, _, x1, _ in boxes.values())
    low = min(y0 for _, y0, _, _ in boxes.values())
    high = max(y1 for _, _, _, y1 in boxes.values())
    px = min(MOST_PX, WIDEST / max(wide, 1.0), TALLEST / max(high - low, 1.0))
    left, x = dict[int, float](), LEFT
    for floor, (x0, _, x1, _) in boxes.items():
        left[floor] = x - x0 * px
        x += (x1 - x0) * px + GAP
    top = TOP + high * px
    found = Ground(layout, px, left, top, {}, faces(layout), x - GAP, top - low * px)
    spots = {n.id: found.at((n.x_mm, n.y_mm), n.floor) for n in layout.nodes.values()}
    return Ground(
        layout, px, left, top, spots, found.faces, max(s.x for s in spots.values()), found.bottom
    )


def picture(ground: Ground) -> str:
    """What never moves, as an SVG document of its own: browsers fetch it once."""
    floors = {node.id: node.floor for node in ground.layout.nodes.values()}
    size = f"{ground.right + 3 * GAP:.0f} {ground.bottom + 3 * GAP:.0f}"
    wide, high = size.split()
    ways = "".join(
        _line([ground.nodes[edge.u], ground.nodes[edge.v]])
        for edge in ground.layout.edges
        if floors[edge.u] == floors[edge.v]
    )
    shelves = "\n".join(
        f"<path {SHELF} d='{_line(ground.at(c, floors[face.node]) for c in face.corners)}z'>"
        f"<title>{escape(', '.join(face.codes) or face.node)}</title></path>"
        for face in ground.faces
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{wide}"'
        f' height="{high}"><title>{escape(ground.layout.name)}</title>\n'
        f'<path {WAY} d="{ways}"></path>\n{shelves}\n</svg>\n'
    )


def _line(spots: Iterable[Spot]) -> str:
    return "M" + "L".join(f"{spot.x:.1f},{spot.y:.1f}" for spot in spots)


def _boxes(layout: Layout) -> Mapping[int, tuple[float, float, float, float]]:
    """Metres from the lowest to the highest x and y of each floor's nodes."""
    boxes = {}
    for floor in sorted({node.floor for node in layout.nodes.values()}):
        nodes = [node for node in layout.nodes.values() if node.floor == floor]
        xs, ys = [n.x_mm / 1000 for n in nodes], [n.y_mm / 1000 for n in nodes]
        boxes[floor] = min(xs), min(ys), max(xs), max(ys)
    return boxes
