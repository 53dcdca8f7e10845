"""A layout as plain data that `layout_from` reads back to the same version: blocks spelt out."""

from __future__ import annotations

from typing import Any

from routing.floor import USERS, Edge, Location, Node
from routing.layout import Layout

Data = dict[str, Any]


def to_json(layout: Layout) -> Data:
    """`name`, `maps`, `nodes`, `edges`, `locations`; metres to the millimetre, nothing else lost.

    What has its default is left out, except x, y, z, floor, kind and heading of a node.
    """
    return {
        "name": layout.name,
        "maps": {str(floor): map_id for floor, map_id in layout.maps.items()},
        "nodes": [_node(node) for node in layout.nodes.values()],
        "edges": [_edge(edge) for edge in layout.edges],
        "locations": [_location(location) for location in layout.locations.values()],
    }


def metres(mm: int) -> float:
    return mm / 1000


def _node(node: Node) -> Data:
    place = {"x": metres(node.x_mm), "y": metres(node.y_mm), "z": metres(node.z_mm)}
    row = {"id": node.id, **place, "floor": node.floor, "kind": node.kind}
    return {**row, "heading_deg": node.heading_deg, **given(map=node.map_id)}


def _edge(edge: Edge) -> Data:
    row = {"u": edge.u, "v": edge.v, "length_m": metres(edge.length_mm)}
    return {**row, **given(oneway=edge.one_way, kind=_kind(edge)), **_who_and_how_fast(edge)}


def _who_and_how_fast(edge: Edge) -> Data:
    users = sorted(edge.users) if edge.users != USERS else None
    return given(speed_mm_s=edge.speed_mm_s, users=users)


def _kind(edge: Edge) -> str | None:
    return None if edge.kind == "path" else edge.kind


def _location(location: Location) -> Data:
    return {"code": location.code, "node": location.node, **how_to_pick(location), **_at(location)}


def how_to_pick(location: Location) -> Data:
    """What is not as it is by itself: ahead, on level 1, without a reach."""
    row = given(
        side=location.side if location.side != "ahead" else None,
        reach_mm=location.reach_mm,
        also=list(location.also),
    )
    if location.level != 1:
        row["level"] = location.level
    if location.facing_deg is not None:
        row["facing_deg"] = location.facing_deg
    return row


def _at(location: Location) -> Data:
    at = location.at
    if at is None:
        return {}
    row = {"x": metres(at.x_mm), "y": metres(at.y_mm), **given(z_mm=at.z_mm)}
    return row if at.heading_deg is None else {**row, "heading_deg": at.heading_deg}


def given(**values: object) -> Data:
    """Without what is absent, zero or empty."""
    return {key: value for key, value in values.items() if value}
