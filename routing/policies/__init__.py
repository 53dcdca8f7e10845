"""The site's own walking rules, for people who want predictable walking, and for comparison.

s_shape      every aisle with a pick is walked through; the last one is left where it was entered
             if that brings the walker back to the front
return       every aisle is entered and left at its front
midpoint     first and last aisle are walked through, of the others each half from its own end
largest_gap  as midpoint, but an aisle is left out where the gap between two picks is widest
combined     each aisle through or out where one came in, whichever makes the block shortest

S-shape, return, midpoint, largest gap: Hall 1993, IIE Transactions 25(4), and Petersen 1997,
IJOPM 17(11). Combined, and s-shape and largest gap in several blocks: Roodbergen and de Koster
2001, doi:10.1080/00207540110028128; return and midpoint fit the same frame (`blocks`).

Front is the end of the area where the tour ends; the sweep begins at the outermost aisle with a
pick that is nearer to the start. The aisles come from the drawn floor (`recognise`); between them
one walks straight, and round what is blocked (`ways`), so an aisle blocked in the middle is served
from both ends. A one-way aisle is walked its way, through empty ones if need be; rules that would
have to turn round in it do not fit.

sides="both": a pass picks left and right. sides="one" is for wide aisles, where nobody crosses over
from shelf to shelf (Goetschalckx and Ratliff 1988, IIE Transactions 20(1)): a pass along an aisle
picks the face with more to pick, left if equal; a trip in and out picks one face on the way in and
the other on the way out. So s-shape walks up and down an aisle with picks on both faces, return
walks as ever, and the others fetch by trips what a pass has left. Where aisles cross, and for a
pick without a side, any pass will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from routing.floor import Side
from routing.layout import Layout
from routing.policies.areas import BACK, FRONT, Area, Floor
from routing.policies.asked import Policy, PolicyUnfit, Sides, Stop
from routing.policies.blocks import walk_area
from routing.policies.combined import combined
from routing.policies.recognise import floor_of
from routing.policies.rules import Rule, largest_gap, midpoint, return_, s_shape
from routing.policies.walker import Walker
from routing.policies.ways import Ways
from routing.weights import Weights

__all__ = ["Policy", "PolicyUnfit", "Sides", "Stop", "policy_walk"]

RULES: dict[Policy, Rule] = {
    "s_shape": s_shape,
    "return": return_,
    "midpoint": midpoint,
    "largest_gap": largest_gap,
    "combined": combined,
}


def policy_walk(
    layout: Layout,
    weights: Weights,
    policy: Policy,
    sides: Sides,
    start: int,
    stops: Iterable[Stop],
    end: int,
) -> list[int]:
    """Node numbers of the walk from `start` through every stop to `end`, as the rule says.

    Areas of aisles are walked one after the other, the nearest next; stops outside of aisles that
    the walk does not pass are fetched from its nearest node. The caller has made sure that every
    stop can be reached today. Raises PolicyUnfit.
    """
    floor = floor_of(layout)
    if not floor.regular:
        raise PolicyUnfit(f"{policy} needs parallel aisles between cross-aisles: {_why(floor)}")
    stops = list(stops)
    ways = Ways(layout, floor, weights, (start, end))
    walker = Walker(ways, floor.aisle_of, start, _faces(floor, stops, sides), end)
    areas = [area for area in floor.areas if walker.picked(area.aisles)]
    while areas:
        area = min(areas, key=lambda area: _mm(walker, area))
        areas.remove(area)
        walk_area(walker, area, RULES[policy], walker.here if areas else end)
    walker.to(end)
    return _with_detours(walker, {stop.node for stop in stops})


def _why(floor: Floor) -> str:
    if not floor.areas:
        return "nothing to pick at lies along a straight line, as the nodes are placed"
    return f"no cross-aisle joins any two of the {len(floor.areas)} straight aisles on this floor"


def _faces(floor: Floor, stops: Iterable[Stop], sides: Sides) -> dict[int, set[Side]]:
    """What to pick as seen from the aisles. Where two of them cross there is no left and right."""
    faces: dict[int, set[Side]] = {}
    for stop in stops:
        node = floor.beside.get(stop.node, stop.node)
        sided = sides == "one" and node in floor.sided
        faces.setdefault(node, set()).update((sided and stop.sides) or {"ahead"})
    return faces


def _mm(walker: Walker, area: Area) -> int:
    nodes = {aisle.mouth(side) for aisle in area.aisles for side in (FRONT, BACK)}
    return min(walker.ways.mm(walker.here, node) for node in nodes)


def _with_detours(walker: Walker, stops: Set[int]) -> list[int]:
    """The walk, with a way there and back from its nearest node for each stop that it misses."""
    walk = walker.walk
    for node in sorted(stops - set(walk)):
        near = walker.ways.nearest(node, list(dict.fromkeys(walk)))
        there, back = walker.ways.walk(near, node), walker.ways.walk(node, near)
        place = walk.index(near)
        walk[place:place] = [*there[:-1], *back[:-1]]
    return walk
