"""A part of a floor as a floor of its own, for zone picking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from routing.errors import UnknownNode
from routing.floor import Location, LocationCode, NodeId
from routing.layout import Layout


def zone(layout: Layout, nodes: Iterable[NodeId | LocationCode]) -> Layout:
    """These nodes, the edges between them and the locations on them, in the layout's order.

    Ids, codes, maps and the name stay, so that answers of zones can be laid beside each other; the
    version is that of the part. A location that is served from inside and outside is served from
    inside. A zone may be in pieces: a tour in it then says what it cannot reach.
    Raises UnknownNode with everything that is neither a node nor a location.
    """
    named = [name if name in layout.nodes else _node_of(layout, name) for name in nodes]
    unknown = [name for name in named if name not in layout.nodes]
    if unknown:
        raise UnknownNode(unknown)
    inside = frozenset(named)
    parts = (_inside(location, inside) for location in layout.locations.values())
    return Layout(
        name=layout.name,
        nodes={node.id: node for node in layout.nodes.values() if node.id in inside},
        edges=tuple(edge for edge in layout.edges if {edge.u, edge.v} <= inside),
        locations={part.code: part for part in parts if part},
        maps=layout.maps,
    )


def _node_of(layout: Layout, name: str) -> NodeId:
    location = layout.locations.get(name)
    return location.node if location else name


def _inside(location: Location, inside: frozenset[NodeId]) -> Location | None:
    left = [node for node in (location.node, *location.also) if node in inside]
    if len(left) == 1 + len(location.also):
        return location
    return replace(location, node=left[0], also=tuple(left[1:])) if left else None
