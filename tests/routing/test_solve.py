"""What sweeps know of floors and requests that are not theirs: bounds, and now and then answers."""

import random
from collections.abc import Collection
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from routing import solve
from routing.ground import Ground
from routing.layout import Layout, layout_from
from routing.question import question
from routing.serving import visits
from routing.tour import tour
from tests.routing import reference


def hall(blocks: int, one_way: Collection[str] = ()) -> Layout:
    """Six aisles of eight bays, some of them one-way towards the back."""
    block = {"id": "A", "aisles": 6, "bays": 8, "blocks": blocks}
    built = layout_from({"blocks": [block]}, "built")
    nodes = [{"id": n.id, "x_mm": n.x_mm, "y_mm": n.y_mm} for n in built.nodes.values()]
    edges: list[dict[str, Any]] = [
        {"u": e.u, "v": e.v, "length_mm": e.length_mm, "oneway": e.v[:4] in one_way}
        for e in built.edges
    ]
    return layout_from({"nodes": nodes, "edges": edges}, "hall")


def bays(layout: Layout, n: int, seed: int) -> list[str]:
    return random.Random(seed).sample([node for node in layout.ids if "-x" not in node], n)


def test_few_stops_on_a_wide_floor_are_put_in_order_by_held_and_karp() -> None:
    """The sweep of three blocks takes 5 ms whatever there is to pick."""
    methods = {
        (blocks, n): tour(hall(blocks), "A-x0-01", bays(hall(blocks), n, 1), "A-x0-01").method
        for blocks, n in ((2, 5), (3, 5), (3, 20))
    }
    assert methods == {(2, 5): "sweep", (3, 5): "held_karp", (3, 20): "sweep"}


def test_a_one_way_aisle_that_is_in_nobodys_way_costs_no_proof() -> None:
    free, tied = hall(2), hall(2, {"A-03"})
    picks = [pick for pick in bays(free, 22, 1) if not pick.startswith("A-03")]
    found = tour(tied, "A-x0-01", picks, "A-x0-01")

    assert found.length_mm == tour(free, "A-x0-01", picks, "A-x0-01").length_mm
    assert (found.method, found.optimal) == ("sweep", True)


def test_the_undirected_floor_bounds_the_one_way_floor() -> None:
    free, tied = hall(1), hall(1, {"A-02", "A-04", "A-05"})
    picks = bays(free, 20, 4)
    best = tour(free, "A-x0-01", picks, "A-x0-01").length_mm
    found = tour(tied, "A-x0-01", picks, "A-x0-01", iterations=5)
    assert best <= found.lower_bound_mm <= found.length_mm


def test_an_order_that_the_best_walk_obeys_anyway_costs_no_proof() -> None:
    layout = hall(2)
    picks = bays(layout, 25, 2)
    best = tour(layout, "A-x0-01", picks, "A-x0-01")
    pairs = [(a, b) for a, b in zip(best.order[::5], best.order[4::5], strict=False)]
    there = tour(layout, "A-x0-01", picks, "A-x0-01", precedence=pairs)
    back = tour(layout, "A-x0-01", picks, "A-x0-01", precedence=[(b, a) for a, b in pairs[1:2]])

    assert (there.walk, there.method) == (best.walk, "sweep")
    assert there.order == best.order
    assert (back.length_mm, back.optimal) == (best.length_mm, True)


def test_of_too_many_choices_the_search_takes_some_and_the_sweep_walks_them() -> None:
    layout = hall(1)
    groups = [bays(layout, 4, seed) for seed in range(14)]
    found = tour(layout, "A-x0-01", [], "A-x0-01", groups=groups, iterations=3)
    again = tour(layout, "A-x0-01", found.order, "A-x0-01")

    assert all(set(found.order) & set(group) for group in groups)
    assert found.length_mm == again.length_mm
    assert found.lower_bound_mm <= found.length_mm


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_is_loosened_stays_a_bound(data: st.DataObject) -> None:
    """As for long lists, on lists that are short enough to know the truth."""
    floor = data.draw(reference.floors(one_way=data.draw(st.booleans())))
    layout = layout_from(floor, "any")
    asked: dict[str, Any] = data.draw(reference.requests(floor))
    mm = reference.distances(floor, blocked=asked["blocked"])
    best = reference.shortest(mm, asked["start"], asked["picks"], asked["end"])
    if best >= reference.FAR:
        return
    with patch.object(solve, "FEW_STOPS", 0):
        found = tour(layout, **asked)
    assert found.length_mm == best == found.lower_bound_mm
    asks = question(layout, **asked)
    loose = solve._loosely(Ground(layout, asks.today), asks.asked, visits(asks.asked))
    assert loose is None or loose.cost <= best
