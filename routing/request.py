"""What a pick path is asked for: every name looked up, every contradiction said at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from routing.errors import BadRequest, PrecedenceCycle, UnknownNode
from routing.floor import LocationCode, NodeId
from routing.layout import Layout
from routing.precedence import on_cycles

Place = NodeId | LocationCode
Pair = tuple[int | str, int | str]


@dataclass(frozen=True, slots=True)
class Request:
    """What may be served, by number: every pick, then every alternative of every group.

    start, end, nodes: node numbers. names: as they were given. before: pairs (i, j), i is served
    before j. groups: alternatives, exactly one of each is served.
    """

    start: int
    end: int
    names: tuple[Place, ...]
    nodes: tuple[int, ...]
    before: frozenset[tuple[int, int]]
    groups: tuple[tuple[int, ...], ...]

    @property
    def picks(self) -> range:
        return range(len(self.names) - sum(map(len, self.groups)))


def request(
    layout: Layout,
    start: Place,
    picks: Sequence[Place],
    end: Place,
    precedence: Iterable[Pair] = (),
    groups: Iterable[Iterable[Place]] = (),
) -> Request:
    """The names must be known (`check_names`).

    Raises BadRequest with everything that is wrong in itself, PrecedenceCycle.
    """
    choices = [tuple(dict.fromkeys(group)) for group in groups]
    names = (*picks, *(name for group in choices for name in group))
    numbers = count(len(picks))
    numbered = tuple(tuple(next(numbers) for _ in group) for group in choices)
    return Request(
        node_of(layout, start),
        node_of(layout, end),
        names,
        tuple([node_of(layout, name) for name in names]),
        _before(names, len(picks), list(precedence), numbered),
        numbered,
    )


def node_of(layout: Layout, place: Place) -> int:
    """The number of the node of this id, else of the node of this location."""
    number = layout.number.get(place)
    return layout.number[layout.locations[place].node] if number is None else number


def check_names(layout: Layout, places: Iterable[Place], nodes: Iterable[NodeId]) -> None:
    """Raises UnknownNode with every one that the layout does not have. nodes: ids only."""
    number, locations = layout.number, layout.locations
    unknown = [p for p in places if p not in number and p not in locations]
    unknown += [n for n in nodes if n not in number]
    if unknown:
        raise UnknownNode(unknown)


def _before(
    names: Sequence[Place],
    picks: int,
    precedence: Sequence[Pair],
    groups: Sequence[tuple[int, ...]],
) -> frozenset[tuple[int, int]]:
    if not precedence and not groups:
        return frozenset()
    wrong = [f"group {i} is empty" for i, group in enumerate(groups) if not group]
    known: dict[Place, set[int]] = {}
    for numbers in (*((i,) for i in range(picks)), *groups):
        for number in numbers:
            known.setdefault(names[number], set()).update(numbers)
    pairs = set[tuple[int, int]]()
    for pair in precedence:
        earlier, later = (_meant(known, picks, end, wrong) for end in pair)
        pairs |= {(i, j) for i in earlier for j in later}
    if wrong:
        raise BadRequest("; ".join(dict.fromkeys(wrong)))
    circle = on_cycles(pairs)
    if circle:
        raise PrecedenceCycle(names[i] for i in circle)
    return frozenset(pairs)


def _meant(
    known: Mapping[Place, Collection[int]], picks: int, end: int | str, wrong: list[str]
) -> Collection[int]:
    """The picks of this name or number; of a group that has the name, every alternative."""
    if isinstance(end, str):
        if end not in known:
            wrong.append(f"precedence names {end}, which is not to be picked")
        return known.get(end, ())
    if not 0 <= end < picks:
        wrong.append(f"precedence names pick {end} of {picks}, the first is 0")
        return ()
    return (end,)
