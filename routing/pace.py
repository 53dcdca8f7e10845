"""How long a walk takes: a model of seconds that reads nothing but the walk.

    every step          its length at the walker's speed, or at the edge's own
    into an aisle       for each step on an aisle's edge from where the aisle does not go on: from a
                        cross-aisle, a door, a dead end; and when the walk starts in mid-aisle
    turning round       ... a, b, a ... where b has no more than two neighbours: inside an aisle or
                        at its dead end. At a crossing one turns anyway.
    by lift             a wait for each ride, which lasts as long as steps are on lift edges. From
                        its landing a lift is one neighbour. Where it ends one turns round in it,
                        or steps out and waits for it again if that is quicker
    at the shelf        for each node that is picked from, and for each pick

Speeds and times are a site's own: people walk 1.0 to 1.4 m/s, turning into an aisle or round in it
takes them 2 to 5 s, a stop 5 to 15 s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import compress, pairwise
from operator import eq
from weakref import WeakKeyDictionary

from routing.errors import BadRequest
from routing.floor import NodeId
from routing.layout import Layout
from routing.lengths import Step, changed_steps
from routing.request import Place, node_of
from routing.weights import AS_BUILT, Weights

PACES_KEPT = 4  # per layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Whole millimetres per second and milliseconds. Raises BadRequest when one makes no sense."""

    walk_mm_s: int = 1200
    aisle_entry_ms: int = 2000
    turn_ms: int = 3000
    stop_ms: int = 4000
    pick_ms: int = 4000
    lift_wait_ms: int = 20_000

    def __post_init__(self) -> None:
        least = {"walk_mm_s": 1}
        wrong = [
            f"{field.name} must be at least {least.get(field.name, 0)}"
            for field in fields(self)
            if getattr(self, field.name) < least.get(field.name, 0)
        ]
        if wrong:
            raise BadRequest("; ".join(wrong))


WALKING = Pace()


@dataclass(frozen=True, slots=True)
class Steps:
    """A layout at a pace, as built. ms: by step, with the entry into an aisle.

    inside: nodes in mid-aisle. lifts: steps. Turning round takes time at the narrow nodes, and
    for who came by lift at lift_ends.
    """

    ms: dict[Step, int]
    inside: frozenset[int]
    lifts: frozenset[Step]
    narrow: frozenset[int]
    lift_ends: frozenset[int]

    def turning_ms(self, pace: Pace, a: int, b: int) -> int:
        """Of turning round at b and going back to a."""
        if (a, b) not in self.lifts:
            return pace.turn_ms if b in self.narrow else 0
        if b not in self.lift_ends:
            return 0
        return pace.turn_ms if b in self.narrow else min(pace.turn_ms, pace.lift_wait_ms)


def seconds(
    layout: Layout,
    walk: Sequence[NodeId],
    picks: Iterable[Place],
    pace: Pace = WALKING,
    weights: Weights = AS_BUILT,
) -> float:
    """How long this walk takes that serves all of `picks`; a factor counts for time, too."""
    numbers = [layout.number[node] for node in walk]
    return ms_of(layout, numbers, [node_of(layout, p) for p in picks], pace, weights) / 1000


def ms_of(
    layout: Layout, walk: Sequence[int], picks: Sequence[int], pace: Pace, weights: Weights
) -> int:
    """The same in milliseconds. walk, picks: node numbers."""
    known = steps(layout, pace)
    total = sum(map(known.ms.__getitem__, pairwise(walk)))
    if weights.changed:
        more = _more(layout, pace, weights)
        total += sum(more.get(step, 0) for step in pairwise(walk)) if more else 0
    total += sum(known.turning_ms(pace, a, b) for a, b in _turned(walk))
    if len(walk) > 1 and walk[0] in known.inside:
        total += pace.aisle_entry_ms
    if known.lifts:
        total += pace.lift_wait_ms * _rides(walk, known.lifts)
    return total + pace.stop_ms * len(set(picks)) + pace.pick_ms * len(picks)


_steps: WeakKeyDictionary[Layout, dict[Pace, Steps]] = WeakKeyDictionary()


def steps(layout: Layout, pace: Pace) -> Steps:
    """Kept for the last few paces of each layout."""
    kept = _steps.setdefault(layout, {})
    if pace not in kept:
        while len(kept) >= PACES_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[pace] = _new_steps(layout, pace)
    return kept[pace]


def edge_ms(layout: Layout, edge: int, mm: int, pace: Pace) -> int:
    """Walking `mm` on this edge, rounded to a millisecond, and never nothing."""
    speed = layout.edges[edge].speed_mm_s or pace.walk_mm_s
    return max(1, (2000 * mm + speed) // (2 * speed))


def _new_steps(layout: Layout, pace: Pace) -> Steps:
    inside = in_mid_aisle(layout)
    ms: dict[Step, int] = {}
    lifts = set[Step]()
    for u, arcs in enumerate(layout.arcs):
        for v, mm, edge in arcs:
            kind = layout.edges[edge].kind
            enters = kind == "aisle" and u not in inside
            ms[u, v] = edge_ms(layout, edge, mm, pace) + enters * pace.aisle_entry_ms
            if kind == "lift" and pace.lift_wait_ms:
                lifts.add((u, v))
    ways = [len(beside) for beside in _beside(layout)]
    by_lift = Counter(u for u, _ in lifts | {(v, u) for u, v in lifts})
    narrow = {u for u, n in enumerate(ways) if n - by_lift[u] + (u in by_lift) <= 2}
    ends = {u for u, n in by_lift.items() if n == 1}
    return Steps(ms, inside, frozenset(lifts), frozenset(narrow), frozenset(ends))


def in_mid_aisle(layout: Layout) -> frozenset[int]:
    """Nodes with two neighbours, both along the aisle."""
    return frozenset(
        node
        for node, beside in enumerate(_beside(layout))
        if len(beside) == 2 and {layout.edges[edge].kind for edge in beside.values()} == {"aisle"}
    )


def _beside(layout: Layout) -> Iterable[dict[int, int]]:
    """By node: its neighbours, one-way ones too, and an edge to each."""
    for arcs, arcs_in in zip(layout.arcs, layout.arcs_in, strict=True):
        yield {node: edge for node, _, edge in (*arcs, *arcs_in)}


def _more(layout: Layout, pace: Pace, weights: Weights) -> dict[Step, int]:
    """What steps take longer today; nobody takes a shut one."""
    return {
        step: edge_ms(layout, edge, mm, pace)
        - edge_ms(layout, edge, layout.edges[edge].length_mm, pace)
        for step, edge, mm in changed_steps(layout, weights)
    }


def _turned(walk: Sequence[int]) -> Iterator[Step]:
    """The steps after which one goes back."""
    return compress(pairwise(walk), map(eq, walk, walk[2:]))


def _rides(walk: Sequence[int], lifts: frozenset[Step]) -> int:
    by_lift = [step in lifts for step in pairwise(walk)]
    return sum(here and not before for before, here in pairwise((False, *by_lift)))
