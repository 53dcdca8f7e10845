"""A pick path: the shortest or quickest walk from a start through every pick to an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from routing.errors import BadRequest, Unreachable
from routing.floor import NodeId, User
from routing.ground import Ground
from routing.layout import Layout
from routing.lengths import effective_mm, walked_mm
from routing.orders import Deadline
from routing.pace import WALKING, Pace, ms_of
from routing.request import Pair, Place, check_names, request
from routing.serving import served, visits
from routing.solve import solved
from routing.timed import in_time, least_ms
from routing.weights import Ends, weights

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
    if objective == "metres":
        ground = Ground(layout, today)
    elif objective == "seconds":
        ground = in_time(layout, today, pace)
    else:
        raise BadRequest(f"objective must be metres or seconds, not {objective}")
    found = solved(ground, asked, visits(asked), iterations, deadline)
    walk = ground.on_floor(found.walk)
    taken = (*asked.picks, *found.chosen)
    ms = ms_of(layout, walk, [asked.nodes[k] for k in taken], pace, today)
    timely = objective == "seconds"
    least = least_ms(layout, asked, found, pace) if timely else None
    return Tour(
        walk=tuple([layout.ids[node] for node in walk]),
        order=served(asked, taken, walk),
        length_mm=effective_mm(layout, walk, today) if timely else found.cost,
        walked_mm=walked_mm(layout, walk),
        seconds=ms / 1000,
        method=found.method,
        optimal=least == ms if timely else found.lower_bound == found.cost,
        lower_bound_mm=0 if timely else found.lower_bound,
        lower_bound_s=min(ms, least) / 1000 if least is not None else None,
        layout_version=layout.version,
    )


def warm(layout: Layout, home: NodeId) -> None:
    """Pays at start what the first tours from `home` would pay: plan, tables and imports.

    A floor with one-way edges or three blocks imports numpy (0.1 s); scipy (0.4 s more) is
    imported by the first tour that asks for many distances at once on a floor above 400 nodes.
    """
    for picks in (layout.ids[:12], layout.ids[:15]):
        with suppress(Unreachable):
            tour(layout, home, picks, home)
