"""The path of a pick as it is drawn: what is left to walk, with arrows, and its numbered stops."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final, Literal

from gateway.views.ground import Ground, Spot
from gateway.views.work import Walking
from routing.graph import Distances
from routing.lanes import Point, arrows, kept_right
from routing.layout import Layout
from wcs.model import Step
from wcs.names import LocationCode
from wcs.site import Zone

ASIDE: Final = 3.0
APART: Final = 70.0
ROOM: Final = 60.0
Place = Callable[[LocationCode], Spot]
State = Literal["done", "next", "open"]


@dataclass(frozen=True, slots=True)
class Stop:
    """`text` has the numbers of all steps at this place."""

    text: str
    words: str
    spot: Spot
    state: State


@dataclass(frozen=True, slots=True)
class Arrow:
    spot: Spot
    degrees: int


@dataclass(frozen=True, slots=True)
class PathDrawn:
    """lines: one for each stretch on one floor, as SVG points."""

    words: str
    station: str
    metres: float
    here: Spot
    lines: tuple[str, ...]
    arrows: tuple[Arrow, ...]
    stops: tuple[Stop, ...]


def path_drawn(
    ground: Ground, zone: Zone, walking: Walking, place: Place, size: float = 1.0
) -> PathDrawn:
    """From where the picker stands last, over the open steps, to the zone's end.

    size: of arrows and distances on the page.
    """
    nodes, layout = nodes_left(ground.layout, zone, walking.steps), ground.layout
    lines = [kept_right(line, -ASIDE * size) for line in _stretches(ground, nodes)]
    return PathDrawn(
        words=walking.words,
        station=walking.station,
        metres=_metres(layout, nodes),
        here=ground.nodes[nodes[0]],
        lines=tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in line) for line in lines),
        arrows=tuple(
            Arrow(Spot(*point), round(math.degrees(turn)))
            for line in lines
            for point, turn in arrows(line, APART * size)
        ),
        stops=tuple(_stops(walking.steps, place)),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A rectangle of the page."""

    x: float
    y: float
    w: float
    h: float


def cut_around(ground: Ground, nodes: Sequence[str]) -> Cut:
    """These nodes with some room around them."""
    spots = [ground.nodes[node] for node in nodes]
    x, y = min(s.x for s in spots) - ROOM, min(s.y for s in spots) - ROOM
    return Cut(x, y, max(s.x for s in spots) + ROOM - x, max(s.y for s in spots) + ROOM - y)


def nodes_left(layout: Layout, zone: Zone, steps: Sequence[Step]) -> list[str]:
    """Every node that the picker will pass, the one where they stand first."""
    left = [step.location for step in steps if step.state == "open"]
    done = [step.location for step in steps if step.state != "open"]
    start = layout.locations[done[-1]].node if done else zone.start
    via = [start, *(layout.locations[code].node for code in left), zone.end]
    return [start, *(node for a, b in pairwise(via) for node in way(layout, a, b)[1:])]


def at_the_shelf(ground: Ground) -> Place:
    """The middle of a location's shelf."""
    floors = {node.id: node.floor for node in ground.layout.nodes.values()}
    spots = {
        code: ground.at(face.middle, floors[face.node])
        for face in ground.faces
        for code in face.codes
    }
    return lambda code: spots[code]


@lru_cache(maxsize=4096)
def way(layout: Layout, start: str, end: str) -> tuple[str, ...]:
    """Nodes of a shortest walk; nothing between the two where there is none."""
    rows = Distances(layout)  # of our own: the rules' distances belong to another thread
    a, b = layout.number[start], layout.number[end]
    if a == b:
        return (start,)
    try:
        return tuple(layout.ids[node] for node in rows.walk(a, b))
    except ValueError:  # a way that is not there
        return start, end


def _metres(layout: Layout, nodes: Sequence[str]) -> float:
    edges = layout.edges_between
    found = (edges.get(step, ()) for step in pairwise(nodes))
    return sum(min((layout.edges[e].length_mm for e in at), default=0) for at in found) / 1000


def _stretches(ground: Ground, nodes: Sequence[str]) -> Iterator[list[Point]]:
    for _, stretch in groupby(nodes, key=lambda node: ground.layout.nodes[node].floor):
        spots = [ground.nodes[node] for node in stretch]
        if len(spots) > 1:
            yield [(spot.x, spot.y) for spot in spots]


def _stops(steps: Sequence[Step], place: Place) -> Iterator[Stop]:
    first = next((n for n, step in enumerate(steps, 1) if step.state == "open"), 0)
    at: dict[LocationCode, list[int]] = {}
    for n, step in enumerate(steps, 1):
        at.setdefault(step.location, []).append(n)
    for code, numbers in at.items():
        left = [n for n in numbers if steps[n - 1].state == "open"]
        state: State = "done" if not left else "next" if first in left else "open"
        qty = sum(steps[n - 1].qty for n in numbers)
        text = ",".join(map(str, numbers))
        words = {"done": "done", "next": "the next one", "open": "to come"}[state]
        yield Stop(text, f"stop {text}: {qty} at {code}, {words}", place(code), state)
