"""A pick path planned anew under way: from where the picker is, over what remains.

A path is not re-ordered under a picker's hands for a metre: the present order stays unless another
one gains enough. What cannot be reached any more is left out and named, never skipped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from routing.errors import Unreachable
from routing.graph import distances
from routing.ground import Found
from routing.layout import Layout
from routing.midway import HERE, OnEdge, here_weights, with_here
from routing.orders import Deadline
from routing.question import Question, question
from routing.request import Pair, Place
from routing.serving import visits
from routing.solve import solved
from routing.tour import Tour, told
from routing.weights import SHUT, Ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What another order must save to be worth a change: of what is minimised, both of these."""

    mm: int = 3000
    ms: int = 3000
    share: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """tour: from where the picker is; its lengths and times begin there, its walk at the node that
    is reached first.

    kept: what remains is served in the present order. unreachable: what is left out, as it was
    named. reason: why, in words.
    """

    tour: Tour
    kept: bool
    unreachable: tuple[Place, ...]
    reason: str


def replanned(
    layout: Layout,
    at: Place | OnEdge,
    left: Sequence[Place],
    end: Place,
    *,
    groups: Iterable[Sequence[Place]] = (),
    precedence: Iterable[Pair] = (),
    blocked: Iterable[Ends] = (),
    factors: Mapping[Ends, float] | None = None,
    gain: Gain = Gain(),
    iterations: int | None = None,
    deadline: Deadline | None = None,
    **how: Any,
) -> Replan:
    """How to go on. how: closed, objective, pace, user, as for `tour`.

    left: what remains, in the present order; of `groups` the alternatives that were chosen.
    precedence: by name; a pair of which one is served already is over.
    Raises what `tour` raises, Unreachable only when the end or where the picker is are cut off.
    """
    floor, blocked, factors = layout, list(blocked), factors or {}
    if isinstance(at, OnEdge):
        floor = with_here(layout, at, blocked)
        blocked, factors = here_weights(at, blocked, factors)
        at = HERE
    how |= {"blocked": blocked, "factors": factors}
    trip = _Trip(floor, at, tuple(left), end, tuple(groups), tuple(precedence), how)
    asks, found, lost = _servable(trip, (iterations, deadline))
    new = told(asks, found, asks.ground.on_floor(found.walk), found.method)
    old = _as_it_was(trip, asks, found, lost)
    tour, kept, reason = _weighed(old, new, asks.objective, gain)
    if lost:
        reason += f"; cannot be reached: {', '.join(lost)}"
    walk = tuple(node for node in tour.walk if node != HERE)
    tour = replace(tour, walk=walk, layout_version=layout.version)
    return Replan(tour=tour, kept=kept, unreachable=lost, reason=reason)


@dataclass(frozen=True, slots=True)
class _Trip:
    floor: Layout
    at: Place
    left: tuple[Place, ...]
    end: Place
    groups: tuple[Sequence[Place], ...]
    precedence: tuple[Pair, ...]
    how: Mapping[str, Any]

    @property
    def wanted(self) -> list[Place]:
        return [*dict.fromkeys((*self.left, *(name for group in self.groups for name in group)))]

    def question(self, lost: Sequence[Place]) -> Question:
        """What is asked for without those that are lost."""
        groups = [[name for name in group if name not in lost] for group in self.groups]
        groups = [group for group in groups if group]
        choices = {name for group in self.groups for name in group}
        picks = [name for name in self.left if name not in choices and name not in lost]
        names = {*picks, *(name for group in groups for name in group)}
        before = [pair for pair in self.precedence if names.issuperset(pair)]
        return question(
            self.floor, self.at, picks, self.end, groups=groups, precedence=before, **self.how
        )


Search = tuple[int | None, Deadline | None]  # iterations, deadline


def _servable(trip: _Trip, search: Search) -> tuple[Question, Found, tuple[Place, ...]]:
    """The best walk, and what had to be left out for there to be one."""
    lost: list[Place] = []
    while (answer := _tried(trip, lost, search)) is None:
        pass
    for name in [*lost] if trip.floor.directed else ():  # one of two that exclude each other
        without = [other for other in lost if other != name]
        better = _tried(trip, [*without], search)
        if better:
            answer, lost = better, without
    return *answer, tuple(lost)


def _tried(trip: _Trip, lost: list[Place], search: Search) -> tuple[Question, Found] | None:
    """None when more is lost, which is added. Raises Unreachable when nothing helps."""
    asks = trip.question(lost)
    try:
        return asks, solved(asks.ground, asks.asked, visits(asks.asked), *search)
    except Unreachable as err:
        ends = {trip.floor.ids[node] for node in (asks.asked.start, asks.asked.end)}
        more = [name for name in trip.wanted if name in err.nodes and name not in lost]
        if not more or not ends.isdisjoint(err.nodes):
            raise
        lost += more
        return None


def _as_it_was(trip: _Trip, asks: Question, found: Found, lost: Sequence[Place]) -> Tour | None:
    """What remains in the present order, by the shortest ways; None when that cannot be walked."""
    asked, left = asks.asked, [name for name in trip.left if name not in lost]
    chosen = tuple(k for group in asked.groups for k in group if asked.names[k] in left)
    node = dict(zip(asked.names, asked.nodes, strict=True))
    if len(chosen) < len(asked.groups):
        return None
    stops = [asked.start, *(node[name] for name in left), asked.end]
    rows, walk = distances(asks.floor, asks.today), stops[:1]
    for here, there in pairwise(stops):
        if rows.table([here], [there])[0][0] >= SHUT:
            return None
        walk += rows.walk(here, there)[1:]
    return told(asks, found._replace(walk=walk, chosen=chosen), walk, "as_given")


def _weighed(old: Tour | None, new: Tour, objective: str, gain: Gain) -> tuple[Tour, bool, str]:
    """Which of them, whether the order is kept, and why."""
    if old is None:
        return new, False, "changed: the present order cannot be walked any more"
    before, after = (_value(tour, objective) for tour in (old, new))
    if old.order == new.order:
        best = new if after <= before else old
        return best, True, f"kept: no other order is known to be {_better(objective)}"
    least, unit = (gain.mm, "m") if objective == "metres" else (gain.ms, "s")
    words = f"{(before - after) / 1000:.1f} {unit} of {before / 1000:.1f} {unit}"
    if before - after >= max(least, gain.share * before):
        return new, False, f"changed: saves {words}"
    return old, True, f"kept: the new way saves only {words}"


def _value(tour: Tour, objective: str) -> int:
    """Millimetres or milliseconds."""
    return tour.length_mm if objective == "metres" else round(tour.seconds * 1000)


def _better(objective: str) -> str:
    return "shorter" if objective == "metres" else "quicker"
