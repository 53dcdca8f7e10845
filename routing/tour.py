"""A pick path: the shortest or quickest walk from a start through every pick to an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, get_args

from routing.errors import BadRequest, Unreachable
from routing.floor import NodeId, User
from routing.ground import Ground
from routing.layout import Layout
from routing.lengths import lengths_mm
from routing.orders import Deadline
from routing.pace import WALKING, Pace, ms_of
from routing.policies import Policy, Sides, Stop, policy_walk
from routing.request import Pair, Place, Request, check_names, request
from routing.serving import served, visits
from routing.solve import solved
from routing.timed import in_time, least_ms
from routing.users import known_to, seen_by
from routing.weights import Ends, Weights, weights

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
    policy: Policy | None = None,
    sides: Sides = "both",
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
    floor = seen_by(layout, user)
    if floor is not layout:
        blocked = known_to(floor, layout, blocked)
        factors = {uv: factors[uv] for uv in known_to(floor, layout, factors)}
    today = weights(floor, closed, blocked, factors)
    ground = _ground(floor, today, objective, pace)
    found = solved(ground, asked, visits(asked), iterations, deadline)
    walk, taken = ground.on_floor(found.walk), (*asked.picks, *found.chosen)
    if policy:
        walk = _by_rule(floor, today, asked, policy, sides)
    walked, length = lengths_mm(floor, walk, today)
    ms = ms_of(floor, walk, [asked.nodes[k] for k in taken], pace, today)
    if objective == "metres":
        least_mm, soonest, best = found.lower_bound, None, found.lower_bound == length
    else:
        least_mm, soonest = 0, least_ms(floor, asked, found, pace)
        best = soonest == ms
    return Tour(
        walk=tuple(map(layout.ids.__getitem__, walk)),
        order=served(asked, taken, walk),
        length_mm=length,
        walked_mm=walked,
        seconds=ms / 1000,
        method=policy or found.method,
        optimal=best,
        lower_bound_mm=least_mm,
        lower_bound_s=soonest and soonest / 1000,
        layout_version=layout.version,
    )


def _ground(floor: Layout, today: Weights, objective: Objective, pace: Pace) -> Ground:
    if objective == "metres":
        return Ground(floor, today)
    if objective == "seconds":
        return in_time(floor, today, pace)
    raise BadRequest(f"objective must be metres or seconds, not {objective}")


def _by_rule(
    floor: Layout, today: Weights, asked: Request, policy: Policy, sides: Sides
) -> list[int]:
    if policy not in get_args(Policy) or sides not in get_args(Sides):
        raise BadRequest(f"there is no walking rule {policy} for sides {sides}")
    if asked.before or asked.groups:
        raise BadRequest(f"{policy} serves in its own order: it takes no precedence and no groups")
    faces = [
        Stop(node, frozenset((floor.locations[name].side,) if name in floor.locations else ()))
        for name, node in zip(asked.names, asked.nodes, strict=True)
    ]
    return policy_walk(floor, today, policy, sides, asked.start, faces, asked.end)


def warm(layout: Layout, home: NodeId) -> None:
    """Pays at start what the first tours from `home` would pay: plan, tables and imports.

    A floor with one-way edges or three blocks imports numpy (0.1 s); scipy (0.4 s more) is
    imported by the first tour that asks for many distances at once on a floor above 400 nodes.
    """
    for picks in (layout.ids[:12], layout.ids[:15]):
        with suppress(Unreachable):
            tour(layout, home, picks, home)
