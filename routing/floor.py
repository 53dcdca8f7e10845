"""What a floor is made of: nodes, edges, and the locations that hang on nodes."""

from dataclasses import dataclass
from typing import Literal

NodeId = str
LocationCode = str
NodeKind = Literal["cross", "bay", "depot", "lift", "door", "dock", "charge", "park", "point"]
EdgeKind = Literal["aisle", "cross", "path", "tunnel", "ramp", "stairs", "lift", "door"]
Side = Literal["left", "right", "ahead"]
User = Literal["people", "amr"]
USERS: frozenset[User] = frozenset(("people", "amr"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place to walk through or stop at.

    heading_deg: of its aisle, CCW from +x. map_id: for poses, where it is not that of its floor.
    """

    id: NodeId
    x_mm: int
    y_mm: int
    z_mm: int = 0
    floor: int = 0
    kind: NodeKind = "point"
    heading_deg: float = 0.0
    map_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A stretch to walk from u to v, and back unless it is one-way.

    speed_mm_s: what is walked or driven here, None where the walker's own speed counts.
    users: who may go here.
    """

    u: NodeId
    v: NodeId
    length_mm: int
    one_way: bool = False
    kind: EdgeKind = "path"
    speed_mm_s: int | None = None
    users: frozenset[User] = USERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a shelf face or a station itself is. heading_deg: which way its front looks."""

    x_mm: int
    y_mm: int
    z_mm: int = 0
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A shelf face. side: as seen along its node's heading; level: 1 is the lowest.

    reach_mm: how far beside the node one stands to pick, towards the shelf.
    facing_deg: which way one looks there, CCW from +x, where `side` does not say it.
    also: further nodes that it is served from. at: where it is itself, if that is known.
    """

    code: LocationCode
    node: NodeId
    side: Side = "ahead"
    level: int = 1
    reach_mm: int = 0
    facing_deg: float | None = None
    also: tuple[NodeId, ...] = ()
    at: Place | None = None
