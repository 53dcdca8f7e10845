"""Where a picker or a vehicle stands, and which way it faces."""

from __future__ import annotations

import math
from dataclasses import dataclass

from routing.errors import UnknownNode
from routing.floor import Location, LocationCode, Node, NodeId, Side
from routing.layout import Layout

TURN = {"left": 90.0, "right": -90.0, "ahead": 0.0}


@dataclass(frozen=True, slots=True)
class Pose:
    """Metres and radians counter-clockwise from +x, in (-pi, pi], on the map `map_id`."""

    x_m: float
    y_m: float
    theta_rad: float
    floor: int
    map_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPose:
    """How to serve a location from one of its nodes.

    approach: the edge a vehicle comes by, (from, node): of those it may use the one that points
    most nearly along the node's heading, so that left is left on arrival; None where no edge leads
    here.
    """

    pose: Pose
    node: NodeId
    approach: tuple[NodeId, NodeId] | None
    side: Side
    level: int
    reach_mm: int


def map_of(layout: Layout, node: Node) -> str:
    """The node's own map, else its floor's, else the layout's name and the floor."""
    return node.map_id or layout.maps.get(node.floor) or f"{layout.name}-{node.floor}"


def node_pose(layout: Layout, node: NodeId) -> Pose:
    """Standing on a node, along its heading. Raises UnknownNode."""
    if node not in layout.nodes:
        raise UnknownNode([node])
    place = layout.nodes[node]
    return _pose(layout, place, place.heading_deg, 0)


def pick_pose(layout: Layout, code: LocationCode, node: NodeId | None = None) -> PickPose:
    """Facing a location's shelf, moved from its node by the location's reach towards the shelf.

    Both faces of an aisle share the node, never the pose. node: one of those that the location is
    served from, its first if none is named. Raises UnknownNode with the code, or the node.
    """
    if code not in layout.locations:
        raise UnknownNode([code])
    location = layout.locations[code]
    if node not in (None, location.node, *location.also):
        raise UnknownNode([str(node)])
    place = layout.nodes[node or location.node]
    return PickPose(
        pose=_pose(layout, place, facing_deg(location, place), location.reach_mm),
        node=place.id,
        approach=_approach(layout, place),
        side=location.side,
        level=location.level,
        reach_mm=location.reach_mm,
    )


def facing_deg(location: Location, place: Node) -> float:
    if location.facing_deg is not None:
        return location.facing_deg
    return place.heading_deg + TURN[location.side]


def _approach(layout: Layout, place: Node) -> tuple[NodeId, NodeId] | None:
    ways = [
        (_off_deg(layout.nodes[layout.ids[start]], place), edge, layout.ids[start])
        for start, _, edge in layout.arcs_in[layout.number[place.id]]
        if "amr" in layout.edges[edge].users
    ]
    return (min(ways)[2], place.id) if ways else None


def _off_deg(start: Node, place: Node) -> float:
    """How far the way from start to place turns away from the heading of place, 0 to 180."""
    way = math.degrees(math.atan2(place.y_mm - start.y_mm, place.x_mm - start.x_mm))
    return round(abs(math.remainder(way - place.heading_deg, 360)), 6)


def _pose(layout: Layout, place: Node, facing: float, ahead_mm: int) -> Pose:
    x_mm = place.x_mm + ahead_mm * math.cos(math.radians(facing))
    y_mm = place.y_mm + ahead_mm * math.sin(math.radians(facing))
    x_m, y_m = round(x_mm) / 1000, round(y_mm) / 1000
    return Pose(x_m, y_m, theta_rad(facing), place.floor, map_of(layout, place))


def theta_rad(degrees: float) -> float:
    """In (-pi, pi], to 6 digits; what rounds to -pi is pi, so equal directions are equal."""
    theta = round(math.remainder(math.radians(degrees), math.tau), 6)
    return theta if theta > -round(math.pi, 6) else round(math.pi, 6)
