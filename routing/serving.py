"""When a walk serves what, and which of the wanted places need a visit of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.request import Place, Request


@dataclass(frozen=True, slots=True)
class Visits:
    """Numbers of the request. stops: each needs a visit. groups: of each, one alternative does.

    free: alternatives that serve their group at no cost. before: pairs of stops and alternatives.
    """

    stops: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    free: tuple[int, ...]
    before: frozenset[tuple[int, int]]


def visits(request: Request) -> Visits:
    """What is left to visit when everything is taken along that lies where one stops anyway.

    A place is taken along at a stop of the same node when it waits for nothing that the stop does
    not wait for, and nothing waits for it that does not wait for the stop. For picks the start is
    such a stop that all wait for, the end one that waits for all; an alternative there may cost a
    stop that another saves.
    """
    if not request.before and not request.groups:
        ends = (request.start, request.end)
        first = {node: number for number, node in reversed([*enumerate(request.nodes)])}
        stops = [number for node, number in first.items() if node not in ends]
        return Visits(tuple(sorted(stops)), (), (), frozenset())
    order = _Order(request.before)
    stops, groups, free = list(request.picks), list[tuple[int, ...]](), list[int]()
    for number in request.picks:
        if _along(request, order, stops, number):
            stops.remove(number)
            order.drop((number,))
    for group in request.groups:
        taken = next((k for k in group if _beside(request, order, stops, k)), None)
        if taken is None:
            groups.append(group)
        else:
            free.append(taken)
            order.drop(group)
    return Visits(tuple(stops), tuple(groups), tuple(free), order.pairs())


class _Order:
    """What each number waits for, and what waits for it."""

    def __init__(self, before: Iterable[tuple[int, int]]) -> None:
        self.needs, self.needed = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
        for i, j in before:
            self.needs[j].add(i)
            self.needed[i].add(j)

    def drop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            for later in self.needed.pop(number, ()):
                self.needs[later].discard(number)
            for earlier in self.needs.pop(number, ()):
                self.needed[earlier].discard(number)

    def pairs(self) -> frozenset[tuple[int, int]]:
        return frozenset((i, j) for j, earlier in self.needs.items() for i in earlier)


def _along(request: Request, order: _Order, stops: Iterable[int], number: int) -> bool:
    node = request.nodes[number]
    at_start = node == request.start and not order.needs[number]
    at_end = node == request.end and not order.needed[number]
    return at_start or at_end or _beside(request, order, stops, number)


def _beside(request: Request, order: _Order, stops: Iterable[int], number: int) -> bool:
    needs, needed = order.needs[number], order.needed[number]
    return any(
        needs - {stop} <= order.needs[stop] and needed - {stop} <= order.needed[stop]
        for stop in stops
        if stop != number and request.nodes[stop] == request.nodes[number]
    )


def served(request: Request, taken: Sequence[int], walk: Iterable[int]) -> tuple[Place, ...]:
    """The names in the order of service; equal ones that are served together are named once.

    taken: numbers of the request. walk: node numbers. Each is served at the first pass at which
    all that come before it are served.
    """
    if not request.before:
        at_node: dict[int, list[Place]] = {}
        for k in taken:
            at_node.setdefault(request.nodes[k], []).append(request.names[k])
        passed = dict.fromkeys(filter(at_node.__contains__, walk))
        return tuple(dict.fromkeys(name for node in passed for name in at_node[node]))
    passes = _passes(request, taken, walk)
    return tuple(name for here in passes for name in dict.fromkeys(request.names[k] for k in here))


def serves(request: Request, taken: Sequence[int], walk: Iterable[int]) -> bool:
    """Whether all of them are served on this walk."""
    return sum(map(len, _passes(request, taken, walk))) == len(taken)


def _passes(request: Request, taken: Sequence[int], walk: Iterable[int]) -> Iterator[list[int]]:
    """What is served at each node of the walk where something is."""
    order, waiting = _Order(request.before), defaultdict[int, list[int]](list)
    order.drop(set(range(len(request.names))).difference(taken))
    for k in taken:
        waiting[request.nodes[k]].append(k)
    for node in walk:
        here = list[int]()
        while ready := [k for k in waiting.get(node, ()) if not order.needs[k]]:
            waiting[node] = [k for k in waiting[node] if k not in ready]
            order.drop(ready)
            here += ready
        if here:
            yield here
