"""In which order to take the chains of a floor, so that few junctions lie on the sweep's edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from routing.junctions import Chain
from routing.layout import Layout

NARROW = 4  # two blocks: as quick as Held-Karp with its distances, and no better order is sought
WIDEST = 6  # three blocks need 5, four need 6: beyond that the states grow out of hand
STARTS = 8

Neighbours = dict[int, set[int]]


def narrowest(layout: Layout, chains: Sequence[Chain]) -> list[Chain] | None:
    """The best of a few sweeps: along the axes, floor by floor, and grown from the corners.

    None when every one is wider than WIDEST somewhere.
    """
    near: Neighbours = {}
    for chain in chains:
        u, v = chain.nodes[0], chain.nodes[-1]
        near.setdefault(u, set()).add(v)
        near.setdefault(v, set()).add(u)
    best = _best(chains, _along_axes(layout, near))
    if best is None or max(_widths(best), default=0) > NARROW:
        best = _best(chains, [*_along_axes(layout, near), *_from_corners(near)])
    return best


def _best(chains: Sequence[Chain], sweeps: Iterable[list[int]]) -> list[Chain] | None:
    found: list[tuple[int, int, list[Chain]]] = []
    for junctions in sweeps:
        place = {n: i for i, n in enumerate(junctions)}
        order = sorted(chains, key=lambda c: sorted((place[c.nodes[0]], place[c.nodes[-1]]))[::-1])
        widths = _widths(order)
        found.append((max(widths, default=0), sum(3**width for width in widths), order))
    widest, _, order = min(found, key=lambda sweep: sweep[:2])
    return order if widest <= WIDEST else None


def _along_axes(layout: Layout, near: Neighbours) -> Iterator[list[int]]:
    at = list(layout.nodes.values())
    yield sorted(near, key=lambda n: (at[n].x_mm, at[n].y_mm, at[n].floor, n))
    yield sorted(near, key=lambda n: (at[n].y_mm, at[n].x_mm, at[n].floor, n))
    yield sorted(near, key=lambda n: (at[n].floor, at[n].x_mm, at[n].y_mm, n))
    yield sorted(near, key=lambda n: (at[n].floor, at[n].y_mm, at[n].x_mm, n))


def _from_corners(near: Neighbours) -> Iterator[list[int]]:
    for start in sorted(near, key=lambda n: (len(near[n]), n))[:STARTS]:
        grown = _grown(near, start)
        if len(grown) == len(near):
            yield grown


def _grown(near: Neighbours, start: int) -> list[int]:
    """From `start` on, always the next junction that widens the edge least; ends when too wide."""
    left = {n: others - {n} for n, others in near.items()}  # neighbours still to come
    grown, beside, edge = list[int](), {start: None}, set[int]()
    while beside and len(edge) <= WIDEST:
        node = min(
            beside, key=lambda n: bool(left[n]) - sum(left[m] == {n} for m in edge & near[n])
        )
        grown.append(node)
        del beside[node]
        for n in near[node]:
            left[n].discard(node)
        beside |= dict.fromkeys(sorted(left[node]))
        edge = {n for n in edge | {node} if left[n]}
        if not beside:  # a part of the floor on its own is done: on with the next
            beside = dict.fromkeys(sorted(near.keys() - set(grown))[:1])
    return grown


def _widths(order: Sequence[Chain]) -> list[int]:
    """How many junctions lie on the edge while each chain is taken."""
    last = {n: i for i, chain in enumerate(order) for n in (chain.nodes[0], chain.nodes[-1])}
    edge, widths = set[int](), []
    for i, chain in enumerate(order):
        edge |= {chain.nodes[0], chain.nodes[-1]}
        widths.append(len(edge))
        edge = {n for n in edge if last[n] > i}
    return widths
