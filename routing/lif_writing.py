"""A layout as VDMA LIF 1.0.0: one LIF layout for each floor, one LIF edge for each direction.

What LIF has no place for stands in an object `wedge` beside it, which its schema lets pass: z,
kind and heading of a node; length, kind, speed and users of an edge; how a location is picked.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from routing.floor import Edge, EdgeKind, Location, Node, NodeId
from routing.layout import Layout
from routing.pose import facing_deg, theta_rad
from routing.writing import given, how_to_pick, metres

Data = dict[str, Any]
VEHICLE: Final = "amr"
LEVEL_MM: Final = 4000
UNDATED: Final = "1970-01-01T00:00:00Z"


def to_lif(layout: Layout, exported: str = UNDATED) -> Data:
    """exported: ISO 8601 in UTC. Vehicles are of one type, `amr`.

    A node has a theta where all its locations are picked in one direction; elsewhere a vehicle may
    stand as it likes.
    """
    faces: dict[NodeId, list[Location]] = defaultdict(list)
    for location in layout.locations.values():
        for node in (location.node, *location.also):
            faces[node].append(location)
    floors = sorted({node.floor for node in layout.nodes.values()})
    return {
        "metaInformation": {
            "projectIdentification": layout.name,
            "creator": "Wedge",
            "exportTimestamp": exported,
            "lifVersion": "1.0.0",
        },
        "wedge": {"maps": {str(floor): name for floor, name in layout.maps.items()}},
        "layouts": [_level(layout, floor, faces) for floor in floors],
    }


def direct_mm(u: Node, v: Node) -> int:
    """The length of an edge that says none."""
    straight = math.dist((u.x_mm, u.y_mm), (v.x_mm, v.y_mm))
    return round(straight) + LEVEL_MM * abs(u.floor - v.floor)


def kind_between(u: Node, v: Node) -> EdgeKind:
    """The kind of an edge that says none."""
    return "path" if u.floor == v.floor else "lift"


def _level(layout: Layout, floor: int, faces: dict[NodeId, list[Location]]) -> Data:
    nodes = {node.id: node for node in layout.nodes.values() if node.floor == floor}
    ways = (way for edge in layout.edges for way in _ways(layout, edge))
    places = layout.locations.values()
    return {
        "layoutId": f"floor-{floor}",
        "layoutVersion": layout.version,
        "layoutLevelId": str(floor),
        "nodes": [_node(layout, node, faces[node.id]) for node in nodes.values()],
        "edges": [way for way in ways if way["startNodeId"] in nodes],
        "stations": [_station(place) for place in places if place.node in nodes],
    }


def _node(layout: Layout, node: Node, faces: list[Location]) -> Data:
    looks = {theta_rad(facing_deg(location, node)) for location in faces}
    theta = {"theta": _within_pi(looks.pop())} if len(looks) == 1 else {}
    kind = node.kind if node.kind != "point" else None
    return {
        "nodeId": node.id,
        **given(mapId=node.map_id or layout.maps.get(node.floor)),
        "nodePosition": {"x": metres(node.x_mm), "y": metres(node.y_mm)},
        "vehicleTypeNodeProperties": [{"vehicleTypeId": VEHICLE, **theta}],
        "wedge": {"heading_deg": node.heading_deg, **given(z_mm=node.z_mm, kind=kind)},
    }


def _ways(layout: Layout, edge: Edge) -> Iterator[Data]:
    yield _way(layout, edge, edge.u, edge.v)
    if not edge.one_way:
        yield _way(layout, edge, edge.v, edge.u)


def _way(layout: Layout, edge: Edge, start: NodeId, end: NodeId) -> Data:
    speed = given(maxSpeed=metres(edge.speed_mm_s or 0))
    vehicles = [{"vehicleTypeId": VEHICLE, **speed}] if VEHICLE in edge.users else []
    return {
        "edgeId": f"{start}->{end}",
        "startNodeId": start,
        "endNodeId": end,
        "vehicleTypeEdgeProperties": vehicles,
        **given(wedge=_beside(edge, layout.nodes[start], layout.nodes[end])),
    }


def _beside(edge: Edge, start: Node, end: Node) -> Data:
    return given(
        length_mm=edge.length_mm if edge.length_mm != direct_mm(start, end) else None,
        kind=edge.kind if edge.kind != kind_between(start, end) else None,
        oneway=edge.one_way,
        users=sorted(edge.users) if edge.users != {VEHICLE} else None,
        speed_mm_s=edge.speed_mm_s if VEHICLE not in edge.users else None,
    )


def _station(location: Location) -> Data:
    at = location.at
    place: Data = {}
    beside = how_to_pick(location)
    beside.pop("also", None)
    if at is not None:
        place = {"x": metres(at.x_mm), "y": metres(at.y_mm)}
        if at.heading_deg is not None:
            place["theta"] = _within_pi(theta_rad(at.heading_deg))
            beside["heading_deg"] = at.heading_deg
        if at.z_mm < 0:
            beside["z_mm"] = at.z_mm
    return {
        "stationId": location.code,
        "interactionNodeIds": [location.node, *location.also],
        **given(stationHeight=metres(max(at.z_mm, 0)) if at else None, stationPosition=place),
        "wedge": beside,
    }


def _within_pi(theta: float) -> float:
    """LIF ends at pi, which 6 digits pass."""
    return max(-math.pi, min(math.pi, theta))
