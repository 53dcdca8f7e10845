"""A layout as plain values."""

from typing import Any

from routing.layout import Layout


def layout_shape(layout: Layout) -> dict[str, Any]:
    """Nodes, edges and locations one by one; lengths in whole millimetres."""
    return {
        "name": layout.name,
        "version": layout.version,
        "nodes": [
            {
                "id": node.id,
                "x_mm": node.x_mm,
                "y_mm": node.y_mm,
                "z_mm": node.z_mm,
                "floor": node.floor,
                "kind": node.kind,
            }
            for node in layout.nodes.values()
        ],
        "edges": [
            {
                "u": edge.u,
                "v": edge.v,
                "length_mm": edge.length_mm,
                "oneway": edge.one_way,
                "kind": edge.kind,
                "users": sorted(edge.users),
            }
            for edge in layout.edges
        ],
        "locations": [
            {
                "code": location.code,
                "node": location.node,
                "side": location.side,
                "level": location.level,
            }
            for location in layout.locations.values()
        ],
    }
