"""A walk seen aisle by aisle: walked through, in and out, or from both ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from routing.layout import Layout
from routing.pace import in_mid_aisle

Lengths = Mapping[int, Mapping[int, int]]  # by node: its neighbours and how far it is there


@dataclass(frozen=True, slots=True)
class Section:
    """An aisle. nodes: from end to end, the lower-numbered first; at_mm: how far from there."""

    nodes: tuple[int, ...]
    at_mm: tuple[int, ...]


@dataclass(slots=True)
class Use:
    """through: how often all of the section is walked. from_first, from_last: the place in it up
    to which it is walked in and out from that end."""

    through: int = 0
    from_first: int | None = None
    from_last: int | None = None


def sections(layout: Layout) -> list[Section]:
    """Every aisle with a node in its middle, in the order of those."""
    inside, beside = in_mid_aisle(layout), _beside(layout)
    found, seen = list[Section](), set[int]()
    for home in sorted(inside):
        if home not in seen:
            nodes = _section(beside, inside, home)
            seen.update(nodes[1:-1])
            steps = (beside[u][v] for u, v in pairwise(nodes))
            found.append(Section(tuple(nodes), tuple(accumulate(steps, initial=0))))
    return found


def uses(found: Sequence[Section], walk: Sequence[int]) -> dict[int, Use]:
    """By number of the section, of those that the walk enters."""
    section = {n: i for i, s in enumerate(found) for n in s.nodes[1:-1]}
    used: dict[int, Use] = {}
    passed = 0
    for number, nodes in groupby(walk, key=section.get):
        stay = list(nodes)
        before = walk[passed - 1] if passed else None
        passed += len(stay)
        after = walk[passed] if passed < len(walk) else None
        if number is not None:
            _note(found[number], used.setdefault(number, Use()), before, stay, after)
    return used


def _note(
    section: Section, use: Use, before: int | None, stay: Sequence[int], after: int | None
) -> None:
    """A walk that begins or ends in mid-aisle came or goes by the other end it has."""
    places = [section.nodes.index(node) for node in stay]
    first, last = section.nodes[0], section.nodes[-1]
    came_first = before == first and (before != last or places[0] == 1)
    left_first = after == first and (after != last or places[-1] == 1)
    if before is None:
        came_first = left_first
    if after is None:
        left_first = came_first
    if came_first != left_first:
        use.through += 1
    elif came_first:
        use.from_first = max(use.from_first or 0, *places)
    else:
        use.from_last = min(use.from_last or len(section.nodes), *places)


def _section(beside: Lengths, inside: Collection[int], home: int) -> list[int]:
    """Both ways from `home` until the aisle ends; a ring ends where it began."""
    one, other = beside[home]
    there = _onward(beside, inside, home, one)
    if there[-1] == home:
        return there
    back = _onward(beside, inside, home, other)
    nodes = [*reversed(back[1:]), *there]
    return nodes if nodes[0] <= nodes[-1] else nodes[::-1]


def _onward(beside: Lengths, inside: Collection[int], home: int, node: int) -> list[int]:
    nodes = [home, node]
    while nodes[-1] in inside and nodes[-1] != home:
        nodes.append(next(n for n in beside[nodes[-1]] if n != nodes[-2]))
    return nodes


def _beside(layout: Layout) -> Lengths:
    """One-way edges count in both directions."""
    return {
        node: {far: mm for far, mm, _ in (*layout.arcs[node], *layout.arcs_in[node])}
        for node in range(len(layout.ids))
    }
