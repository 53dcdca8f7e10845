"""A pick path: the shortest or quickest walk from a start through every pick to an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import get_args

from routing.errors import BadRequest, Unreachable
from routing.floor import NodeId, User
from routing.ground import Found
from routing.layout import Layout
from routing.lengths import further_mm, walked_mm
from routing.orders import Deadline
from routing.pace import WALKING, Pace, ms_of
from routing.policies import Policy, Sides, Stop, policy_walk
from routing.question import Objective, Question, question
from routing.request import Pair, Place
from routing.serving import served, visits
from routing.solve import solved
from routing.timed import least_ms
from routing.weights import Ends


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
    user: User | None = None,
    iterations: int | None = None,
    deadline: Deadline | None = None,
) -> Tour:
    """Shortest walk from `start` through every pick, in any order, to `end`.

    start, end, picks: node ids or location codes; any number, repeats walked once. precedence: the
    first is served before the second, by place in `picks` or by name. groups: of each exactly one
    is visited, besides all picks. closed: nodes not to be entered; blocked: edges, by their two
    ends, not to be walked in either direction. factors: by ends, times its length and its time.
    policy: the site's own walking rule, with `sides`. user: whose edges may be used; without one
    those of people, or of vehicles on a floor that is theirs alone.
    iterations: makes a search repeatable; deadline: says when its time is up.
    Raises UnknownNode or UnknownEdge with everything that the layout does not have, BadRequest,
    PrecedenceCycle, Unreachable with every pick that is closed or cut off.
    """
    asks = question(
        layout,
        start,
        picks,
        end,
        precedence=precedence,
        groups=groups,
        closed=closed,
        blocked=blocked,
        factors=factors,
        objective=objective,
        pace=pace,
        user=user,
    )
    found = solved(asks.ground, asks.asked, visits(asks.asked), iterations, deadline)
    if policy:
        return told(asks, found, _by_rule(asks, policy, sides), policy)
    length = found.cost if objective == "metres" else None
    return told(asks, found, asks.ground.on_floor(found.walk), found.method, length)


def told(
    asks: Question, found: Found, walk: Sequence[int], method: str, length: int | None = None
) -> Tour:
    """The tour of this walk, node numbers of the floor, beside the best that was found.

    length: effective millimetres, where they are known.
    """
    asked, taken = asks.asked, (*asks.asked.picks, *found.chosen)
    further = further_mm(asks.floor, walk, asks.today)
    if length is None:
        length = walked_mm(asks.floor, walk) + further
    ms = ms_of(asks.floor, walk, [asked.nodes[k] for k in taken], asks.pace, asks.today)
    if asks.objective == "metres":
        least_mm, soonest, best = found.lower_bound, None, found.lower_bound == length
    else:
        least_mm, soonest = 0, min(ms, least_ms(asks.floor, asked, found, asks.pace))
        best = soonest == ms
    return Tour(
        walk=tuple(map(asks.layout.ids.__getitem__, walk)),
        order=served(asked, taken, walk),
        length_mm=length,
        walked_mm=length - further,
        seconds=ms / 1000,
        method=method,
        optimal=best,
        lower_bound_mm=least_mm,
        lower_bound_s=None if soonest is None else soonest / 1000,
        layout_version=asks.layout.version,
    )


def _by_rule(asks: Question, policy: Policy, sides: Sides) -> list[int]:
    if policy not in get_args(Policy) or sides not in get_args(Sides):
        raise BadRequest(f"there is no walking rule {policy} for sides {sides}")
    asked, locations = asks.asked, asks.floor.locations
    if asked.before or asked.groups:
        raise BadRequest(f"{policy} serves in its own order: it takes no precedence and no groups")
    faces = [
        Stop(node, frozenset((locations[name].side,) if name in locations else ()))
        for name, node in zip(asked.names, asked.nodes, strict=True)
    ]
    return policy_walk(asks.floor, asks.today, policy, sides, asked.start, faces, asked.end)


def warm(layout: Layout, home: NodeId) -> None:
    """Pays at start what the first tours from `home` would pay: plan, tables and imports.

    A floor with one-way edges or three blocks imports numpy (0.1 s); scipy (0.4 s more) is
    imported by the first tour that asks for many distances at once on a floor above 400 nodes.
    """
    for picks in (layout.ids[:12], layout.ids[:15]):
        with suppress(Unreachable):
            tour(layout, home, picks, home)
