"""What is different today: closed nodes, blocked edges, congestion factors. Cheap to make and drop.

Everything becomes one number per edge, so whoever computes on it needs no cases: a blocked edge is
an edge of length SHUT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from routing.errors import UnknownEdge, UnknownNode
from routing.floor import NodeId
from routing.layout import Layout

SHUT = 1 << 50  # mm; beyond every sum of real lengths, and still exact in a float
Ends = tuple[NodeId, NodeId]


@dataclass(frozen=True, slots=True)
class Weights:
    """One snapshot. changed: effective length in mm by edge number, where it is not the layout's.

    closed: where nobody may stop; the edges of a closed node are among the changed ones.
    """

    changed: Mapping[int, int]
    closed: frozenset[NodeId]


AS_BUILT = Weights({}, frozenset())


def weights(
    layout: Layout,
    closed: Iterable[NodeId] = (),
    blocked: Iterable[Ends] = (),
    factors: Mapping[Ends, float] | None = None,
) -> Weights:
    """The snapshot for these closures; an edge named by its two ends, in either order.

    Blocking holds for both directions. factors: above zero, times the length, rounded to 1 mm.
    Raises UnknownNode or UnknownEdge with everything that the layout does not have.
    """
    shut, slow = frozenset(closed), dict(factors or {})
    blocks = [(u, v) for u, v in blocked]
    check_nodes(layout, [*shut, *(node for ends in (*blocks, *slow) for node in ends)])
    missing = [ends for ends in (*blocks, *slow) if ends not in layout.edges_between]
    if missing:
        raise UnknownEdge(missing)
    changed: dict[int, int] = {}
    for ends, factor in slow.items():
        for edge in layout.edges_between[ends]:
            changed[edge] = max(1, round(layout.edges[edge].length_mm * factor))
    for ends in blocks:
        changed.update(dict.fromkeys(layout.edges_between[ends], SHUT))
    for node in shut:
        number = layout.number[node]
        for arcs in (layout.arcs[number], layout.arcs_in[number]):
            changed.update({edge: SHUT for _, _, edge in arcs})
    return Weights(changed, shut)


def check_nodes(layout: Layout, nodes: Iterable[NodeId]) -> None:
    """Raises UnknownNode with every one of `nodes` that the layout does not have."""
    unknown = [node for node in nodes if node not in layout.number]
    if unknown:
        raise UnknownNode(unknown)
