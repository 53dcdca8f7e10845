"""A part of a floor: ids stay, the way round outside does not, versions tell parts apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import UnknownNode, Unreachable
from routing.layout import Layout, layout_from
from routing.tour import tour
from routing.zone import zone
from tests.routing.layouts import layouts

HALL: dict[str, object] = {"blocks": [{"id": "A", "aisles": 4, "bays": 6}]}


def test_a_zone_is_walked_by_itself() -> None:
    hall = layout_from(HALL, "hall")
    inside = [
        name for name in hall.ids if name[2:] in ("x0-01", "x0-02") or name[2:4] in ("01", "02")
    ]
    part = zone(hall, inside)

    assert list(part.nodes) == [name for name in hall.ids if name in inside]
    assert len(part.locations) == 2 * 6 * 2
    assert part.version not in (hall.version, zone(hall, inside[:-1]).version)
    assert part.version == zone(hall, reversed(inside)).version
    picks = ["A-01-006", "A-02-006"]
    across = tour(hall, "A-x0-01", picks, "A-x0-01")
    assert "A-x1-02" in across.walk  # over the back, which the zone does not have
    back = tour(part, "A-x0-01", picks, "A-x0-01")
    assert set(back.walk) <= set(inside)
    assert back.length_mm > across.length_mm
    with pytest.raises(Unreachable):
        tour(zone(hall, ["A-x0-01", "A-02-001"]), "A-x0-01", ["A-02-001"], "A-x0-01")


def test_a_zone_may_be_named_by_locations_and_keeps_their_inner_side() -> None:
    nodes = [{"id": name, "x": i, "y": 0} for i, name in enumerate("abc")]
    edges = [{"u": "a", "v": "b"}, {"u": "b", "v": "c"}]
    places = [{"code": "L", "node": "a", "also": ["b", "c"]}, {"code": "M", "node": "c"}]
    hall = layout_from({"nodes": nodes, "edges": edges, "locations": places}, "hall")
    part = zone(hall, ["M", "b"])

    assert list(part.nodes) == ["b", "c"]
    assert (part.locations["L"].node, part.locations["L"].also) == ("b", ("c",))
    with pytest.raises(UnknownNode) as unknown:
        zone(hall, ["b", "z", "y"])
    assert unknown.value.nodes == ("y", "z")


@settings(max_examples=40, deadline=None)
@given(layouts(), st.data())
def test_a_zone_of_everything_is_the_floor(layout: Layout, data: st.DataObject) -> None:
    assert zone(layout, layout.ids).version == layout.version
    some = data.draw(st.sets(st.sampled_from(layout.ids)))
    part = zone(layout, some)
    assert set(part.nodes) == some
    assert zone(part, some).version == part.version
    assert all({edge.u, edge.v} <= some for edge in part.edges)
    assert all({place.node, *place.also} <= some for place in part.locations.values())
