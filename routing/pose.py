"""Where a picker or a vehicle stands, and which way it faces."""

import math
from dataclasses import dataclass

from routing.errors import UnknownNode
from routing.floor import LocationCode, Node, NodeId
from routing.layout import Layout

TURN = {"left": math.pi / 2, "right": -math.pi / 2, "ahead": 0.0}


@dataclass(frozen=True, slots=True)
class Pose:
    """Metres and radians counter-clockwise from +x, in (-pi, pi], on the map `map_id`."""

    x_m: float
    y_m: float
    theta_rad: float
    floor: int
    map_id: str


def node_pose(layout: Layout, node: NodeId) -> Pose:
    """Standing on a node, along its heading. Raises UnknownNode."""
    if node not in layout.nodes:
        raise UnknownNode([node])
    place = layout.nodes[node]
    return _pose(layout, place, math.radians(place.heading_deg), 0)


def pick_pose(layout: Layout, code: LocationCode) -> Pose:
    """Facing a location's shelf, moved from its node by the location's reach towards the shelf.

    Both faces of an aisle share the node, never the pose. Raises UnknownNode with the code.
    """
    if code not in layout.locations:
        raise UnknownNode([code])
    location = layout.locations[code]
    place = layout.nodes[location.node]
    facing = math.radians(place.heading_deg) + TURN[location.side]
    return _pose(layout, place, facing, location.reach_mm)


def _pose(layout: Layout, place: Node, facing: float, ahead_mm: int) -> Pose:
    x_mm = place.x_mm + ahead_mm * math.cos(facing)
    y_mm = place.y_mm + ahead_mm * math.sin(facing)
    theta = -math.remainder(-facing, math.tau)  # -pi becomes pi, so equal directions are equal
    map_id = layout.maps.get(place.floor, f"{layout.name}-{place.floor}")
    return Pose(round(x_mm) / 1000, round(y_mm) / 1000, round(theta, 6), place.floor, map_id)
