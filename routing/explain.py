"""Why a pick path goes the way it goes, in sentences for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.aisles import Costs, Stretch, costs
from routing.floor import NodeId
from routing.frontier import BOTH, FROM_U, FROM_V, ONCE, TWICE
from routing.layout import Layout
from routing.request import node_of
from routing.sections import Section, Use, sections, uses
from routing.tour import Tour
from routing.weights import SHUT, Ends


def explained(
    layout: Layout,
    found: Tour,
    *,
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
    beside: Tour | None = None,
) -> tuple[str, ...]:
    """A sentence for each aisle in the order of the walk, for each that is passed by because it is
    blocked, and then how good the path is.

    closed, blocked: as they were for this tour. beside: the same picks by another rule.
    """
    shut = {*closed}, {frozenset(ends) for ends in blocked}
    aisles = [_Aisle.of(layout, section, shut) for section in sections(layout)]
    used = uses([aisle.section for aisle in aisles], [layout.number[n] for n in found.walk])
    picked = {node_of(layout, name) for name in found.order}
    told = [_walked(layout, aisles[i], use, picked) for i, use in used.items()]
    told += [_passed_by(aisle) for i, aisle in enumerate(aisles) if i not in used and aisle.cuts]
    return (*told, *_elsewhere(layout, aisles, found, picked), *_how_good(found, beside))


@dataclass(frozen=True, slots=True)
class _Aisle:
    """cuts: the places before which the way is shut, and what is said about it."""

    name: str
    section: Section
    cuts: tuple[int, ...]
    cut: str

    @classmethod
    def of(
        cls,
        layout: Layout,
        section: Section,
        shut: tuple[Collection[NodeId], Collection[frozenset[NodeId]]],
    ) -> _Aisle:
        closed, blocked = shut
        ids = [layout.ids[node] for node in section.nodes]
        cuts = [
            place
            for place, (a, b) in enumerate(pairwise(ids))
            if a in closed or b in closed or frozenset((a, b)) in blocked
        ]
        cut = f"blocked between {ids[cuts[0]]} and {ids[cuts[-1] + 1]}" if cuts else ""
        stem = {node.rpartition("-")[0] for node in ids[1:-1]}
        ends = f"{ids[0]} to {ids[-1]}"
        name = f"Aisle {min(stem)} ({ends})" if len(stem) == 1 and min(stem) else f"Aisle {ends}"
        return cls(name, section, tuple(cuts), cut)


def _walked(layout: Layout, aisle: _Aisle, use: Use, picked: Collection[int]) -> str:
    nodes = aisle.section.nodes
    places = [p for p in range(1, len(nodes) - 1) if nodes[p] in picked]
    ids = [layout.ids[node] for node in nodes]
    which = _which(use)
    how = _how(aisle, ids, use)
    if not places:
        return f"{aisle.name} is {how} to get to its other end."
    mm = costs(Stretch(aisle.section.at_mm, aisle.cuts), places)
    picks = f"{len(places)} pick" + "s" * (len(places) > 1)
    return f"{aisle.name} is {how} for {picks}: {_because(ids, mm, which)}{_also(aisle)}."


def _which(use: Use) -> int:
    if use.through:
        return ONCE if use.through == 1 else TWICE
    if use.from_first is not None and use.from_last is not None:
        return BOTH
    return FROM_V if use.from_first is None else FROM_U


def _how(aisle: _Aisle, ids: Sequence[NodeId], use: Use) -> str:
    if use.through:
        return "walked through" + " and back" * (use.through > 1)
    there, back = use.from_first, use.from_last
    if there is not None and back is not None:
        gap = (aisle.section.at_mm[back] - aisle.section.at_mm[there]) / 1000
        return (
            f"walked in and out from both ends, to {ids[there]} and {ids[back]}, "
            f"without the {gap:.1f} m between"
        )
    end, turn = (ids[-1], back) if there is None else (ids[0], there)
    return f"walked in and out from {end} as far as {ids[turn or 0]}"


def _because(ids: Sequence[NodeId], mm: Costs, which: int) -> str:
    """What the way costs in the aisle, beside the best other one."""
    words = {
        ONCE: "through",
        FROM_U: f"in and out from {ids[0]}",
        FROM_V: f"in and out from {ids[-1]}",
        BOTH: "in and out from both ends",
    }
    others = {use: mm[use] for use in words if use != which and mm[use] < SHUT}
    own = f"{mm[which] / 1000:.1f} m in it"
    if not others:
        return f"{own}, there is no other way"
    best = min(others, key=lambda use: others[use])
    other = f"{words[best]} it would be {others[best] / 1000:.1f} m"
    if others[best] >= mm[which]:
        return f"{own}, {other}"
    return f"{own}; {other}, but then the way around is longer"


def _also(aisle: _Aisle) -> str:
    return f"; it is {aisle.cut}" if aisle.cuts else ""


def _passed_by(aisle: _Aisle) -> str:
    return f"{aisle.name} is passed by: {aisle.cut}."


def _elsewhere(
    layout: Layout, aisles: Iterable[_Aisle], found: Tour, picked: Collection[int]
) -> Iterator[str]:
    in_aisles = {node for aisle in aisles for node in aisle.section.nodes[1:-1]}
    names = [name for name in found.order if node_of(layout, name) not in in_aisles]
    if names:
        yield f"Picked in passing, outside of the aisles: {', '.join(names)}."


def _how_good(found: Tour, beside: Tour | None) -> Iterator[str]:
    timely = found.lower_bound_s is not None
    value, unit, better = _value(found, timely), "s" if timely else "m", _word(timely)
    least = found.lower_bound_s if timely else found.lower_bound_mm / 1000
    if found.optimal:
        yield f"No path through all picks is {better} than this one: {value:.1f} {unit}."
    elif least:
        yield (
            f"{value:.1f} {unit}; no path is {better} than {least:.1f} {unit}: at most "
            f"{1 - least / value:.1%} of it could be saved."
        )
    if beside:
        other = _value(beside, timely)
        more = f"{other / value - 1:+.1%}" if value else "+0.0%"
        yield f"By {beside.method} it would be {other:.1f} {unit} ({more})."


def _value(found: Tour, timely: bool) -> float:
    return found.seconds if timely else found.length_mm / 1000


def _word(timely: bool) -> str:
    return "quicker" if timely else "shorter"
