"""Everything that one pick path is asked for, looked up and checked once: one snapshot of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from routing.errors import BadRequest
from routing.floor import NodeId, User
from routing.ground import Ground
from routing.layout import Layout
from routing.pace import WALKING, Pace
from routing.request import Pair, Place, Request, check_names, request
from routing.timed import in_time
from routing.users import known_to, seen_by
from routing.weights import Ends, Weights, weights

Objective = Literal["metres", "seconds"]


@dataclass(frozen=True, slots=True)
class Question:
    """floor: the layout as its user sees it. ground: what is minimised on it."""

    layout: Layout
    floor: Layout
    today: Weights
    asked: Request
    ground: Ground
    objective: Objective
    pace: Pace


def question(
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
    objective: Objective = "metres",
    pace: Pace = WALKING,
    user: User | None = None,
) -> Question:
    """Raises UnknownNode or UnknownEdge with everything that the layout does not have, BadRequest,
    PrecedenceCycle."""
    precedence, groups = list(precedence), [list(group) for group in groups]
    closed, blocked, factors = list(closed), list(blocked), factors or {}
    places = [start, *picks, end, *(place for group in groups for place in group)]
    check_names(layout, places, [*closed, *(n for ends in (*blocked, *factors) for n in ends)])
    asked = request(layout, start, picks, end, precedence, groups)
    floor = seen_by(layout, user)
    if floor is not layout:
        blocked = known_to(floor, layout, blocked)
        factors = {ends: factors[ends] for ends in known_to(floor, layout, factors)}
    today = weights(floor, closed, blocked, factors)
    ground = _ground(floor, today, objective, pace)
    return Question(layout, floor, today, asked, ground, objective, pace)


def _ground(floor: Layout, today: Weights, objective: Objective, pace: Pace) -> Ground:
    if objective == "metres":
        return Ground(floor, today)
    if objective == "seconds":
        return in_time(floor, today, pace)
    raise BadRequest(f"objective must be metres or seconds, not {objective}")
