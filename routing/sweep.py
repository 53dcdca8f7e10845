"""In which order to take the chains of a floor, so that few junctions lie on the sweep's edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

from routing.junctions import Chain
from routing.layout import Layout

NARROW = 4  # two blocks: as quick as Held-Karp with its distances, and no better order is sought
WIDEST = 6  # three blocks need 5, four need 6: beyond that the states grow out of hand
FEW, MANY = 8, 400  # sweeps to try

Neighbours = dict[int, set[int]]


def narrowest(layout: Layout, chains: Sequence[Chain]) -> list[Chain] | None:
    """The best of a few sweeps: along the axes, floor by floor, and grown from corners and from
    anywhere; when all of these are too wide, of many. Always the same for the same floor.

    None when every one is wider than WIDEST somewhere.
    """
    near: Neighbours = {}
    for chain in chains:
        u, v = chain.nodes[0], chain.nodes[-1]
        near.setdefault(u, set()).add(v)
        near.setdefault(v, set()).add(u)
    sweeps = [*_along_axes(layout, near)]
    best = _best(chains, sweeps)
    if best is None or max(_widths(best), default=0) > NARROW:
        sweeps += [*_from_corners(near), *_by_chance(near, FEW)]
        best = _best(chains, sweeps)
    return best or _best(chains, _by_chance(near, MANY))


def _best(chains: Sequence[Chain], sweeps: Iterable[list[int]]) -> list[Chain] | None:
    found: list[tuple[int, int, list[Chain]]] = []
    for junctions in sweeps:
        place = {n: i for i, n in enumerate(junctions)}
        order = sorted(chains, key=lambda c: sorted((place[c.nodes[0]], place[c.nodes[-1]]))[::-1])
        widths = _widths(order)
        found.append((max(widths, default=0), sum(3**width for width in widths), order))
    widest, _, order = min(found, key=lambda sweep: sweep[:2], default=(WIDEST + 1, 0, []))
    return order if widest <= WIDEST else None


def _along_axes(layout: Layout, near: Neighbours) -> Iterator[list[int]]:
    at = list(layout.nodes.values())
    yield sorted(near, key=lambda n: (at[n].x_mm, at[n].y_mm, at[n].floor, n))
    yield sorted(near, key=lambda n: (at[n].y_mm, at[n].x_mm, at[n].floor, n))
    yield sorted(near, key=lambda n: (at[n].floor, at[n].x_mm, at[n].y_mm, n))
    yield sorted(near, key=lambda n: (at[n].floor, at[n].y_mm, at[n].x_mm, n))


def _from_corners(near: Neighbours) -> Iterator[list[int]]:
    for home in sorted(near, key=lambda n: (len(near[n]), n))[:FEW]:
        yield from _grown(near, home, lambda since: since)


def _by_chance(near: Neighbours, tries: int) -> Iterator[list[int]]:
    """By turns anyhow, and so that one wing is done before the next: storeys joined by a lift."""
    chance, homes = Random(0), sorted(near)
    for _ in range(tries // 2 if homes else 0):
        yield from _grown(near, chance.choice(homes), lambda since: chance.random())
        yield from _grown(near, chance.choice(homes), lambda since: chance.random() - since)


def _grown(near: Neighbours, home: int, tie: Callable[[int], float]) -> Iterator[list[int]]:
    """From `home` on, always the next junction that widens the edge least; none when too wide.

    tie: of equal ones the least goes first, by since when they lie beside what is grown.
    """
    left = {n: others - {n} for n, others in near.items()}  # neighbours still to come
    grown, edge, since = list[int](), set[int](), {home: 0}
    while since and len(edge) <= WIDEST:
        node = min(
            since,
            key=lambda n: (
                bool(left[n]) - sum(left[m] == {n} for m in edge & near[n]),
                tie(since[n]),
            ),
        )
        grown.append(node)
        del since[node]
        for n in near[node]:
            left[n].discard(node)
        since = dict.fromkeys(sorted(left[node]), len(grown)) | since
        edge = {n for n in edge | {node} if left[n]}
        if not since:  # a part of the floor on its own is done: on with the next
            since = dict.fromkeys(sorted(near.keys() - set(grown))[:1], len(grown))
    if len(grown) == len(near):
        yield grown


def _widths(order: Sequence[Chain]) -> list[int]:
    """How many junctions lie on the edge while each chain is taken."""
    last = {n: i for i, chain in enumerate(order) for n in (chain.nodes[0], chain.nodes[-1])}
    edge, widths = set[int](), []
    for i, chain in enumerate(order):
        edge |= {chain.nodes[0], chain.nodes[-1]}
        widths.append(len(edge))
        edge = {n for n in edge if last[n] > i}
    return widths
