"""A floor with one more node: where somebody stands between two nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from routing.errors import BadRequest, UnknownEdge
from routing.floor import Edge, Node, NodeId
from routing.layout import Layout
from routing.request import check_names
from routing.weights import Ends

HERE = "(here)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEdge:
    """Under way from `behind` to `ahead`, `far_mm` from the one."""

    behind: NodeId
    ahead: NodeId
    far_mm: int


def with_here(layout: Layout, at: OnEdge, blocked: Iterable[Ends]) -> Layout:
    """The layout with a node HERE on the edge.

    When the edge is blocked, that is ahead: one may go back, even against a one-way edge.
    Raises UnknownNode, UnknownEdge, BadRequest.
    """
    ends = (at.behind, at.ahead)
    check_names(layout, (), ends)
    if ends not in layout.edges_between:
        raise UnknownEdge([ends])
    numbers = layout.edges_between[ends]
    length = layout.edges[numbers[0]].length_mm
    if not 0 < at.far_mm < length:
        raise BadRequest(f"{at.far_mm} mm is not between {at.behind} and {at.ahead}: {length} mm")
    edges = [edge for number, edge in enumerate(layout.edges) if number not in numbers]
    edges += [half for number in numbers for half in _halves(layout.edges[number], at)]
    shut = any({*uv} == {*ends} for uv in blocked)
    if shut and len(numbers) == 1 and edges[-1].one_way:
        back = edges[-2] if edges[-2].u == at.behind else edges[-1]
        edges[edges.index(back)] = replace(back, u=HERE, v=at.behind)
    u, v = layout.nodes[at.behind], layout.nodes[at.ahead]
    nodes = {**layout.nodes, HERE: _between(u, v, at.far_mm / length)}
    return replace(layout, nodes=nodes, edges=tuple(edges))


def here_weights(
    at: OnEdge, blocked: Iterable[Ends], factors: Mapping[Ends, float]
) -> tuple[list[Ends], dict[Ends, float]]:
    """The same blocked edges and factors on the layout with the node HERE."""
    edge = {at.behind, at.ahead}
    shut = [(HERE, at.ahead) if {*ends} == edge else ends for ends in blocked]
    slow: dict[Ends, float] = {}
    for (u, v), factor in factors.items():
        both = [(u, HERE), (HERE, v)] if {u, v} == edge else [(u, v)]
        slow |= dict.fromkeys(both, factor)
    return shut, slow


def _halves(edge: Edge, at: OnEdge) -> tuple[Edge, Edge]:
    u_mm = at.far_mm if edge.u == at.behind else edge.length_mm - at.far_mm
    return (
        replace(edge, v=HERE, length_mm=u_mm),
        replace(edge, u=HERE, length_mm=edge.length_mm - u_mm),
    )


def _between(u: Node, v: Node, share: float) -> Node:
    def part(a: int, b: int) -> int:
        return round(a + share * (b - a))

    return replace(
        u,
        id=HERE,
        x_mm=part(u.x_mm, v.x_mm),
        y_mm=part(u.y_mm, v.y_mm),
        z_mm=part(u.z_mm, v.z_mm),
        kind="point",
    )
