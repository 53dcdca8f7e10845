"""The floor seen from its junctions: everything between two of them is one chain.

Most nodes of a warehouse are bays with one way in and one way out. What a shortest walk does in a
chain is one of six things, so a tour over a thousand bays is a question about forty junctions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate

from routing.layout import Layout


@dataclass(frozen=True, slots=True)
class Chain:
    """nodes: from junction to junction; edges: the edge between each two; at_mm: how far in."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    at_mm: tuple[int, ...]

    @property
    def inner(self) -> list[tuple[int, int]]:
        """(place, node) of the nodes between the junctions."""
        return list(enumerate(self.nodes))[1:-1]


def chains(layout: Layout, kept: Collection[int]) -> list[Chain]:
    """Every chain of an undirected layout, once. kept: nodes to treat as junctions too.

    A junction is a node that does not have exactly two edges; a ring without one gets its
    lowest-numbered node.
    """
    arcs = layout.arcs
    found: list[Chain] = []
    walked: set[int] = set()
    junctions = [n for n, out in enumerate(arcs) if len(out) != 2 or n in kept]
    is_junction = set(junctions)
    for home in [*junctions, *range(len(arcs))]:
        for node, _, edge in arcs[home]:
            if edge in walked:
                continue
            is_junction.add(home)  # only a ring brings a node here that was none
            chain = _chain(layout, home, node, edge, is_junction)
            walked.update(chain.edges)
            found.append(chain)
    return found


def _chain(layout: Layout, home: int, node: int, edge: int, junctions: Collection[int]) -> Chain:
    nodes, edges = [home, node], [edge]
    while nodes[-1] not in junctions:
        (node, edge) = next((n, e) for n, _, e in layout.arcs[nodes[-1]] if e != edges[-1])
        nodes.append(node)
        edges.append(edge)
    lengths = (layout.edges[e].length_mm for e in edges)
    return Chain(tuple(nodes), tuple(edges), tuple(accumulate(lengths, initial=0)))
