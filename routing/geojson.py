"""A layout as GeoJSON: for drawing programs, and for the route server of Nav2.

Coordinates are metres of the site, x to the right and y up, not longitude and latitude as RFC 7946
has them: there is no honest way to put a hall on the globe without its survey. `frame` names the
map of each node. A feature is a Point for a node or a LineString for one direction of an edge, with
the numbers that Nav2's loader wants (`id`, `startid`, `endid`, `cost`), our names in `metadata`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from routing.floor import Edge, Node, NodeId
from routing.layout import Layout
from routing.pose import map_of
from routing.writing import given, metres

Feature = dict[str, Any]
NOTE = "metres in the frame of each point, not longitude and latitude"


def to_geojson(layout: Layout, floor: int | None = None) -> dict[str, Any]:
    """A FeatureCollection of the whole layout, or of one floor: a route server has one map.

    id: the node number, or a number above all of these for each direction of an edge. cost: metres.
    """
    inside = {node.id for node in layout.nodes.values() if floor in (None, node.floor)}
    codes: dict[NodeId, list[str]] = defaultdict(list)
    for location in layout.locations.values():
        codes[location.node].append(location.code)
    points = [_point(layout, node, codes[node]) for node in layout.ids if node in inside]
    ways = [
        (edge, u, v)
        for edge in layout.edges
        if edge.u in inside and edge.v in inside
        for u, v in ((edge.u, edge.v), (edge.v, edge.u))[: 1 if edge.one_way else 2]
    ]
    first = len(layout.nodes)
    return {
        "type": "FeatureCollection",
        "name": layout.name,
        "version": layout.version,
        "coordinates": NOTE,
        "features": points
        + [_line(layout, first + i, edge, u, v) for i, (edge, u, v) in enumerate(ways)],
    }


def _point(layout: Layout, name: NodeId, codes: list[str]) -> Feature:
    node = layout.nodes[name]
    told = {"node": node.id, "kind": node.kind, "floor": node.floor, "z": metres(node.z_mm)}
    properties = {
        "id": layout.number[name],
        "frame": map_of(layout, node),
        "metadata": {**told, "heading_deg": node.heading_deg, **given(locations=codes)},
    }
    return _feature("Point", _at(node), properties)


def _line(layout: Layout, number: int, edge: Edge, u: NodeId, v: NodeId) -> Feature:
    speed = given(abs_speed_limit=metres(edge.speed_mm_s or 0))
    properties = {
        "id": number,
        "startid": layout.number[u],
        "endid": layout.number[v],
        "cost": metres(edge.length_mm),
        "metadata": {"u": u, "v": v, "kind": edge.kind, "users": sorted(edge.users), **speed},
    }
    ends = [_at(layout.nodes[u]), _at(layout.nodes[v])]
    return _feature("LineString", ends, properties)


def _feature(kind: str, coordinates: list[Any], properties: Feature) -> Feature:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _at(node: Node) -> list[float]:
    return [metres(node.x_mm), metres(node.y_mm)]
