"""A pick path: the shortest walk from a start through every pick to an end.

    nothing to pick                          a shortest path
    undirected, up to two blocks             a sweep over the junctions, exact for any picks
    up to 12 stops                           Held-Karp on walking distances, exact
    undirected, up to four blocks            the sweep again, exact
    else                                     local search, and a bound on how far off it may be

Which of them answers depends on the layout and the stops alone, never on what is cached, so the
same question always gets the same walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from routing.errors import BadRequest, Unreachable
from routing.floor import NodeId, User
from routing.layout import Layout
from routing.orders import Deadline
from routing.pace import WALKING, Pace, ms_of
from routing.request import Pair, Place, Request, check_names, request
from routing.serving import served, visits
from routing.solve import Found, solved
from routing.weights import SHUT, Ends, Weights, weights

Objective = Literal["metres", "seconds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """walk: every node passed, start and end included; a node may come up again.

    order: picks and the chosen alternatives as they were named, as they are served on the walk: at
    the first pass at which all that come before them are served; each once, unless it has to be
    served twice. length_mm: what was minimised, factors and all; walked_mm: what is walked.
    lower_bound_mm: no walk is shorter (0: nothing is known); lower_bound_s: none is quicker, where
    seconds were minimised. `optimal`: the bound of what was minimised is reached.
    """

    walk: tuple[NodeId, ...]
    order: tuple[Place, ...]
    length_mm: int
    walked_mm: int
    seconds: float
    method: str
    optimal: bool
    lower_bound_mm: int
    lower_bound_s: float | None
    layout_version: str


def tour(
    layout: Layout,
    start: Place,
    picks: Sequence[Place],
    end: Place,
    *,
    precedence: Iterable[Pair] = (),
    groups: Iterable[Iterable[Place]] = (),
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
    factors: Mapping[Ends, float] | None = None,
    policy: str | None = None,
    sides: str = "both",
    objective: Objective = "metres",
    pace: Pace = WALKING,
    user: User = "people",
    iterations: int | None = None,
    deadline: Deadline | None = None,
) -> Tour:
    """Shortest walk from `start` through every pick, in any order, to `end`.

    start, end, picks: node ids or location codes; any number, repeats walked once. precedence: the
    first is served before the second, by place in `picks` or by name. groups: of each exactly one
    is visited, besides all picks. closed: nodes not to be entered; blocked: edges, by their two
    ends, not to be walked in either direction. factors: by ends, times its length and its time.
    policy: the site's own walking rule, with `sides`. user: whose edges may be used.
    iterations: makes a search repeatable; deadline: says when its time is up.
    Raises UnknownNode or UnknownEdge with everything that the layout does not have, BadRequest,
    PrecedenceCycle, Unreachable with every pick that is closed or cut off.
    """
    precedence, groups = list(precedence), [list(group) for group in groups]
    closed, blocked, factors = list(closed), list(blocked), factors or {}
    places = [start, *picks, end, *(place for group in groups for place in group)]
    check_names(layout, places, [*closed, *(n for ends in (*blocked, *factors) for n in ends)])
    asked = request(layout, start, picks, end, precedence, groups)
    today = weights(layout, closed, blocked, factors)
    if objective != "metres" or policy:
        raise BadRequest("not yet")
    found = solved(layout, today, asked, visits(asked), iterations, deadline)
    return _told(layout, today, asked, found, pace)


def _told(layout: Layout, today: Weights, asked: Request, found: Found, pace: Pace) -> Tour:
    taken = (*asked.picks, *found.chosen)
    return Tour(
        walk=tuple([layout.ids[node] for node in found.walk]),
        order=served(asked, taken, found.walk),
        length_mm=found.cost,
        walked_mm=_walked(layout, today, found),
        seconds=ms_of(layout, found.walk, [asked.nodes[k] for k in taken], pace, today) / 1000,
        method=found.method,
        optimal=found.lower_bound == found.cost,
        lower_bound_mm=found.lower_bound,
        lower_bound_s=None,
        layout_version=layout.version,
    )


def _walked(layout: Layout, today: Weights, found: Found) -> int:
    if all(mm >= SHUT for mm in today.changed.values()):
        return found.cost
    edges = {(u, v): mm for u, arcs in enumerate(layout.arcs) for v, mm, _ in arcs}
    return sum(edges[step] for step in pairwise(found.walk))


def warm(layout: Layout, home: NodeId) -> None:
    """Pays at start what the first tours from `home` would pay: plan, tables and imports.

    A floor with one-way edges or three blocks imports numpy (0.1 s); scipy (0.4 s more) is
    imported by the first tour that asks for many distances at once on a floor above 400 nodes.
    """
    for picks in (layout.ids[:12], layout.ids[:15]):
        with suppress(Unreachable):
            tour(layout, home, picks, home)
