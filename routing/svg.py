"""A floor and the walks on it as one SVG text: shelves, numbered stops, arrows, what is closed.

About 1000 pixels wide; floors stand side by side. Everything has a title in words, so colour is
never the only sign, and every id is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from xml.sax.saxutils import escape

from routing.floor import NodeId
from routing.lanes import Point, arrows, kept_right
from routing.layout import Layout
from routing.racks import Face, faces
from routing.tour import Tour
from routing.weights import Ends

WIDTH, MARGIN, GAP, TALLEST = 1000.0, 28.0, 40.0, 1400.0
MOST_PX_PER_M = 60.0
LINE = 20.0
PLACES = ("depot", "lift", "door", "dock", "charge", "park")
COLOURS = ("#1f5f99", "#9a4d00", "#1d7050", "#8a3b7c", "#7a6200", "#4b52a8", "#a03a3a", "#2b6b76")
STYLE = """
text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #26323b }
.floor { fill: #f4f6f7 } .shelf { fill: #dde3e7; stroke: #c3ccd3; stroke-width: .7 }
.way { stroke: #c9d1d7; stroke-width: 1.2; fill: none } .oneway { fill: #97a3ac }
.walk { fill: none; stroke-width: 2.4; stroke-linejoin: round; stroke-linecap: round }
.stop { font-weight: 600; font-size: 11px; text-anchor: middle }
.end { fill: #fff; stroke: #26323b; stroke-width: 2 } .mid { text-anchor: middle }
.shut { stroke: #b3261e; stroke-width: 3; fill: none } .quiet { fill: #5b6770 }
.place rect { fill: #97a3ac } .place text { fill: #5b6770; font-size: 11px }
text { paint-order: stroke; stroke: #f4f6f7; stroke-width: 3px; stroke-linejoin: round }
.stop { stroke: none }
.strong { font-weight: 600; font-size: 14px }
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """One tour to be drawn. name: `batch 2`, or nothing; stops are then numbered 2.1, 2.2, ..."""

    tour: Tour
    name: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """Millimetres of each floor to pixels of the picture."""

    layout: Layout
    scale: float
    left: Mapping[int, float]
    top: Mapping[int, float]
    width: float
    height: float
    faces: Mapping[NodeId, list[Face]] = field(default_factory=dict)

    def at(self, x_mm: float, y_mm: float, floor: int) -> Point:
        return self.left[floor] + x_mm * self.scale, self.top[floor] - y_mm * self.scale

    def node(self, node: NodeId) -> Point:
        place = self.layout.nodes[node]
        return self.at(place.x_mm, place.y_mm, place.floor)


def picture(
    layout: Layout,
    walks: Sequence[Walk] = (),
    *,
    title: str = "",
    blocked: Iterable[Ends] = (),
    closed: Iterable[NodeId] = (),
) -> str:
    """The whole picture. The walks, blocked edges and closed nodes are of this layout."""
    legend = [_words(walk) for walk in walks]
    paper = _paper(layout, LINE * len(legend) + 36)
    parts = [
        *_shelves(paper),
        *_ways(paper),
        *_places(paper),
        *(part for n, walk in enumerate(walks) for part in _walk(paper, walk, n, len(walks))),
        *_closed(paper, blocked, closed),
        *(part for n, walk in enumerate(walks) for part in _stops(paper, walk, n)),
        *(part for walk in walks[:1] for part in _ends(paper, walk.tour)),
        *_caption(title or layout.name, legend),
    ]
    return _document(paper, title or layout.name, parts)


def _paper(layout: Layout, head: float) -> Paper:
    floors = sorted({node.floor for node in layout.nodes.values()})
    shelves: dict[NodeId, list[Face]] = {}
    for face in faces(layout):
        shelves.setdefault(face.node, []).append(face)
    boxes = {floor: _box(layout, floor, shelves) for floor in floors}
    wide = sum(x1 - x0 for x0, _, x1, _ in boxes.values())
    high = max(y1 - y0 for _, y0, _, y1 in boxes.values())
    room = WIDTH - 2 * MARGIN - GAP * (len(floors) - 1)
    scale = min(room / wide, TALLEST / high, MOST_PX_PER_M / 1000)
    left, top, x = {}, {}, MARGIN
    for floor, (x0, _, x1, y1) in boxes.items():
        left[floor], top[floor] = x - x0 * scale, head + MARGIN + y1 * scale
        x += (x1 - x0) * scale + GAP
    width = max(x - GAP + MARGIN, 640.0)
    return Paper(layout, scale, left, top, width, head + 2 * MARGIN + high * scale, shelves)


def _box(
    layout: Layout, floor: int, shelves: Mapping[NodeId, list[Face]]
) -> tuple[float, float, float, float]:
    nodes = [node for node in layout.nodes.values() if node.floor == floor]
    places: list[Point] = [(node.x_mm, node.y_mm) for node in nodes]
    places += [c for node in nodes for face in shelves.get(node.id, ()) for c in face.corners]
    xs, ys = [x for x, _ in places], [y for _, y in places]
    pad = 600.0
    return min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad


def _places(paper: Paper) -> Iterator[str]:
    """The number under each of several floors, and places by their kind."""
    places = list(paper.layout.nodes.values())
    for floor in paper.left if len(paper.left) > 1 else ():
        x = min(paper.node(node.id)[0] for node in places if node.floor == floor)
        yield f'<text class="quiet" x="{x:.0f}" y="{paper.height - 8:.0f}">floor {floor}</text>'
    for node in places:
        if node.kind in PLACES:
            x, y = paper.node(node.id)
            yield (
                f'<g class="place">{_title(f"{node.kind}: {node.id}")}'
                f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12"></rect>'
                f'<text class="mid" x="{x:.1f}" y="{y - 11:.1f}">{node.kind}</text></g>'
            )


def _shelves(paper: Paper) -> Iterator[str]:
    for node, shelf in paper.faces.items():
        floor = paper.layout.nodes[node].floor
        outlines = " ".join(
            _outline(paper.at(x, y, floor) for x, y in face.corners) for face in shelf
        )
        codes = ", ".join(code for face in shelf for code in face.codes)
        words = f"{node}: {codes}" if codes else node
        yield f'<path class="shelf" d="{outlines}">{_title(words)}</path>'


def _ways(paper: Paper) -> Iterator[str]:
    """Every edge of one floor; one-way edges with an arrow."""
    flat = [
        edge
        for edge in paper.layout.edges
        if paper.layout.nodes[edge.u].floor == paper.layout.nodes[edge.v].floor
    ]
    lines = " ".join(f"M{_xy(paper.node(e.u))}L{_xy(paper.node(e.v))}" for e in flat)
    yield f'<path class="way" d="{lines}"></path>'
    for edge in flat:
        if edge.one_way:
            (x0, y0), (x1, y1) = paper.node(edge.u), paper.node(edge.v)
            place, way = ((x0 + x1) / 2, (y0 + y1) / 2), math.atan2(y1 - y0, x1 - x0)
            yield _arrow(place, way, "oneway", f"one way, {edge.u} to {edge.v}", 4.0)


def _walk(paper: Paper, walk: Walk, n: int, walks: int) -> Iterator[str]:
    """Each floor's stretches, kept to the right; several walks beside each other."""
    nodes, colour = paper.layout.nodes, COLOURS[n % len(COLOURS)]
    apart = min(3.0, 800.0 * paper.scale / walks)
    yield f'<g stroke="{colour}" fill="{colour}">{_title(_words(walk))}'
    for _, stretch in groupby(walk.tour.walk, key=lambda node: nodes[node].floor):
        line = kept_right([paper.node(node) for node in stretch], -apart * (n + 1))
        if len(line) > 1:
            yield f'<polyline class="walk" points="{" ".join(map(_xy, line))}"></polyline>'
            yield from (_arrow(place, way, "", "", 4.6) for place, way in arrows(line, 90.0))
    yield "</g>"


def _stops(paper: Paper, walk: Walk, n: int) -> Iterator[str]:
    """A number at each stop, at the shelf where a location was asked for."""
    at: dict[Point, list[tuple[int, str]]] = {}
    for number, stop in enumerate(walk.tour.order, 1):
        at.setdefault(_place(paper, stop), []).append((number, stop))
    colour = COLOURS[n % len(COLOURS)]
    for (x, y), here in at.items():
        text = ",".join(f"{walk.prefix}{number}" for number, _ in here)
        wide = max(18.0, 7.0 * len(text) + 8)
        words = "; ".join(f"stop {walk.prefix}{number}: {stop}" for number, stop in here)
        yield (
            f'<g>{_title(words)}<rect x="{x - wide / 2:.1f}" y="{y - 9:.1f}" width="{wide:.0f}"'
            f' height="18" rx="9" fill="#fff" stroke="{colour}" stroke-width="1.8"></rect>'
            f'<text class="stop" x="{x:.1f}" y="{y + 4:.1f}">{text}</text></g>'
        )


def _place(paper: Paper, stop: str) -> Point:
    if stop in paper.layout.nodes:
        return paper.node(stop)
    node = paper.layout.locations[stop].node
    face = next(face for face in paper.faces[node] if stop in face.codes)
    return paper.at(*face.middle, paper.layout.nodes[node].floor)


def _ends(paper: Paper, tour: Tour) -> Iterator[str]:
    start, end = tour.walk[0], tour.walk[-1]
    named = [(start, "start and end")] if start == end else [(start, "start"), (end, "end")]
    for node, word in named:
        x, y = paper.node(node)
        yield (
            f'<g>{_title(f"{word}: {node}")}<rect class="end" x="{x - 7:.1f}" y="{y - 7:.1f}"'
            f' width="14" height="14"></rect>'
            f'<text x="{max(x - 3.4 * len(word), 4):.1f}" y="{y + 22:.1f}">{word}</text></g>'
        )


def _closed(paper: Paper, blocked: Iterable[Ends], closed: Iterable[NodeId]) -> Iterator[str]:
    for u, v in blocked:
        (x0, y0), (x1, y1) = paper.node(u), paper.node(v)
        apart = paper.layout.nodes[u].floor != paper.layout.nodes[v].floor
        for x, y in [(x0, y0), (x1, y1)] if apart else [((x0 + x1) / 2, (y0 + y1) / 2)]:
            yield _cross(x, y, f"blocked: {u} to {v}", "")
    for node in closed:
        x, y = paper.node(node)
        ring = f'<circle class="shut" cx="{x:.1f}" cy="{y:.1f}" r="9"></circle>'
        yield _cross(x, y, f"closed: {node}", ring)


def _cross(x: float, y: float, words: str, ring: str) -> str:
    lines = f"M{x - 6:.1f},{y - 6:.1f}l12,12m0,-12l-12,12"
    return f'<g>{_title(words)}{ring}<path class="shut" d="{lines}"></path></g>'


def _caption(title: str, legend: Sequence[str]) -> Iterator[str]:
    yield f'<text class="strong" x="{MARGIN}" y="26">{escape(title)}</text>'
    for n, words in enumerate(legend):
        y, colour = 26 + LINE * (n + 1), COLOURS[n % len(COLOURS)]
        yield (
            f'<path d="M{MARGIN},{y - 4}h22" stroke="{colour}" stroke-width="3"></path>'
            f'<text x="{MARGIN + 30}" y="{y}">{escape(words)}</text>'
        )


def _words(walk: Walk) -> str:
    tour = walk.tour
    stops = "1 stop" if len(tour.order) == 1 else f"{len(tour.order)} stops"
    named = f"{walk.name}: " if walk.name else ""
    far = f"{tour.length_mm / 1000:.1f} m, {_minutes(tour.seconds)}"
    return f"{named}{far}, {stops}, {tour.method.replace('_', ' ')}, {_how_sure(tour)}"


def _how_sure(tour: Tour) -> str:
    timely = tour.lower_bound_s is not None
    if tour.optimal:
        return f"no walk is {'quicker' if timely else 'shorter'}"
    bound = _minutes(tour.lower_bound_s or 0) if timely else f"{tour.lower_bound_mm / 1000:.1f} m"
    return f"at least {bound}"


def _minutes(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def _arrow(place: Point, way: float, kind: str, words: str, size: float) -> str:
    (x, y), turn = place, math.degrees(way)
    shape = f"M{-size},{-size}L{size},0L{-size},{size}z"
    named = f' class="{kind}"' if kind else ""
    return (
        f'<path{named} d="{shape}" stroke="none"'
        f' transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})">{_title(words)}</path>'
    )


def _outline(corners: Iterable[Point]) -> str:
    return "M" + "L".join(map(_xy, corners)) + "z"


def _xy(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _title(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""


def _document(paper: Paper, title: str, parts: Iterable[str]) -> str:
    size = f"{paper.width:.0f} {paper.height:.0f}"
    wide, high = size.split()
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{wide}"'
        f' height="{high}" role="img">{_title(title)}<style>{STYLE}</style>\n'
        f'<rect class="floor" width="{wide}" height="{high}"></rect>\n{body}\n</svg>\n'
    )
