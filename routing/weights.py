"""What is different today: closed nodes, blocked edges, congestion factors. Cheap to make and drop.

Everything becomes one number per edge, so whoever computes on it needs no cases: a blocked edge is
an edge of length SHUT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from routing.errors import BadRequest, UnknownEdge, UnknownNode
from routing.floor import NodeId
from routing.layout import Layout

SHUT = 1 << 50  # mm; beyond every sum of real lengths, and still exact in a float
LONGEST = 10**12  # mm; more than this no factor makes of an edge
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

    Blocking holds for both directions. factors: above zero, times the length, rounded to 1 mm; for
    both directions, unless each is an edge of its own: then for the one that is named.
    Raises UnknownNode or UnknownEdge with everything that the layout does not have, BadRequest for
    a factor that is none and for two that contradict each other.
    """
    shut, slow = frozenset(closed), dict(factors or {})
    blocks = [(u, v) for u, v in blocked]
    check_nodes(layout, [*shut, *(node for ends in (*blocks, *slow) for node in ends)])
    missing = [ends for ends in (*blocks, *slow) if ends not in layout.edges_between]
    if missing:
        raise UnknownEdge(missing)
    wrong = [ends for ends, factor in slow.items() if not 0 < factor < inf]
    if wrong:
        named = ", ".join(f"{u}-{v}" for u, v in wrong)
        raise BadRequest(f"a factor must be a number above zero: {named}")
    changed: dict[int, int] = {}
    for ends, factor in slow.items():
        for edge in _named(layout, ends):
            length = min(LONGEST, max(1, round(layout.edges[edge].length_mm * factor)))
            if changed.setdefault(edge, length) != length:
                raise BadRequest(f"two factors for the same edge {ends[0]}-{ends[1]}")
    for ends in blocks:
        changed.update(dict.fromkeys(layout.edges_between[ends], SHUT))
    for node in shut:
        number = layout.number[node]
        for arcs in (layout.arcs[number], layout.arcs_in[number]):
            changed.update({edge: SHUT for _, _, edge in arcs})
    return Weights(changed, shut)


def _named(layout: Layout, ends: Ends) -> Sequence[int]:
    edges = layout.edges_between[ends]
    return edges if len(edges) == 1 else [e for e in edges if layout.edges[e].u == ends[0]]


def check_nodes(layout: Layout, nodes: Iterable[NodeId]) -> None:
    """Raises UnknownNode with every one of `nodes` that the layout does not have."""
    unknown = [node for node in nodes if node not in layout.number]
    if unknown:
        raise UnknownNode(unknown)
