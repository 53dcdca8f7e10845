"""The sweep: equal to Held-Karp on bigger warehouses, any number of picks, blocked or not."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import Unreachable
from routing.graph import Distances
from routing.layout import Layout, layout_from
from routing.orders import ordered, plain
from routing.plan import plan_for
from routing.round import shortest_round
from routing.tour import tour
from routing.weights import weights
from tests.routing import reference

NODES = [{"id": "depot", "x_mm": 500, "y_mm": -700, "kind": "depot"}]
EDGES = [{"u": "depot", "v": "A-x0-01"}]


def warehouse(aisles: int, bays: int, blocks: int) -> Layout:
    block = {"id": "A", "aisles": aisles, "bays": bays, "blocks": blocks}
    return layout_from({"blocks": [block], "nodes": NODES, "edges": EDGES}, "warehouse")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_sweep_equals_held_karp(blocks: int, seed: int) -> None:
    chance = random.Random(seed)
    layout = warehouse(6, 18, blocks)
    picks = chance.sample(range(len(layout.ids)), 9)
    start, end = (picks[0], picks[-1]) if seed % 3 == 0 else (picks[0], picks[0])
    cut = [(e.u, e.v) for e in chance.sample(layout.edges, seed % 4)]
    today = weights(layout, blocked=cut, factors={(layout.edges[0].u, layout.edges[0].v): 1.7})
    nodes = [start, *(n for n in picks if n not in (start, end)), end]
    table = Distances(layout, today).table(nodes, nodes)
    plan = plan_for(layout, start, end)
    assert plan
    found = shortest_round(layout, plan, today, set(nodes), start)
    best = ordered(plain(table))
    assert (found and found[0]) == (best and best.cost)


def test_forty_picks_are_exact_and_local_search_is_not_better() -> None:
    layout = warehouse(20, 50, 1)
    chance = random.Random(7)
    bays = [n for n, node in layout.nodes.items() if node.kind == "bay"]
    for _ in range(3):
        picks = chance.sample(bays, 40)
        found = tour(layout, "depot", picks, "depot")
        nodes = [layout.number[n] for n in ("depot", *picks, "depot")]
        table = Distances(layout).table(nodes, nodes)
        near = ordered(plain(table), iterations=0)
        assert near
        assert (found.method, found.optimal) == ("sweep", True)
        assert near.lower_bound <= found.length_mm <= near.cost <= 1.2 * found.length_mm
        steps = layout.graph.edges
        walked = zip(found.walk, found.walk[1:], strict=False)
        assert sum(steps[step]["length_mm"] for step in walked) == found.length_mm


def test_a_pick_between_two_blocked_edges_is_named() -> None:
    layout = warehouse(3, 8, 1)
    cut = [("A-02-003", "A-02-004"), ("A-02-006", "A-02-005")]
    with pytest.raises(Unreachable) as refused:
        tour(
            layout, "depot", ["A-02-005", "A-02-004", "A-02-003", "A-01-001"], "depot", blocked=cut
        )
    assert refused.value.nodes == ("A-02-004", "A-02-005")


def test_a_meshed_floor_falls_back_to_search() -> None:
    side = range(9)
    mesh = layout_from(
        {
            "nodes": [{"id": f"{x}.{y}", "x": x, "y": y} for x in side for y in side],
            "edges": [
                {"u": f"{x}.{y}", "v": f"{x + dx}.{y + 1 - dx}"}
                for x in side
                for y in side
                for dx in (0, 1)
                if x + dx in side and y + 1 - dx in side
            ],
        },
        "mesh",
    )
    picks = random.Random(1).sample(mesh.ids, 20)

    assert plan_for(mesh, 0, 0) is None
    assert tour(mesh, "0.0", picks[:9], "0.0").method == "held_karp"
    found = tour(mesh, "0.0", picks, "0.0")
    assert (found.method, found.optimal) == ("local_search", False)
    assert found.lower_bound_mm < found.length_mm


def storeys(floors: int, blocks: int, seed: int) -> Layout:
    """Blocks upon each other, joined by a lift in the middle; nobody knows where anything is."""
    plain = [{"id": f"F{n}", "aisles": 7, "bays": 4, "blocks": blocks} for n in range(floors)]
    lift = [f"F{n}-x{blocks}-04" for n in range(floors)]
    lifts = [{"u": u, "v": v, "length": 4, "kind": "lift"} for u, v in pairwise(lift)]
    built = layout_from({"blocks": plain, "edges": lifts}, "storeys")
    nodes = [{"id": node, "x": 0, "y": 0} for node in built.nodes]
    edges = [{"u": edge.u, "v": edge.v, "length_mm": edge.length_mm} for edge in built.edges]
    chance = random.Random(seed)
    return layout_from(
        {"nodes": chance.sample(nodes, len(nodes)), "edges": chance.sample(edges, len(edges))},
        "anyhow",
    )


@pytest.mark.parametrize(("floors", "blocks"), [(3, 1), (3, 2), (2, 3)])
def test_a_narrow_sweep_is_found_without_coordinates(floors: int, blocks: int) -> None:
    layout = storeys(floors, blocks, seed=floors)
    picks = random.Random(3).sample([n for n in layout.ids if "-x" not in n], 25)
    found = tour(layout, "F0-x0-01", picks, "F0-x0-01")

    assert (found.method, found.optimal) == ("sweep", True)
    nodes = [layout.number[n] for n in ("F0-x0-01", *picks, "F0-x0-01")]
    near = ordered(plain(Distances(layout).table(nodes, nodes)), iterations=300)
    assert near
    assert near.lower_bound <= found.length_mm <= near.cost


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_sweep_equals_the_best_permutation(data: st.DataObject) -> None:
    """Of any width: `tour` itself leaves the wide ones with few stops to Held-Karp."""
    floor = data.draw(st.one_of(reference.grids(), reference.floors(most=8)))
    asked: dict[str, Any] = data.draw(reference.requests(floor))
    layout = layout_from(floor, "any")
    start, end = layout.number[asked["start"]], layout.number[asked["end"]]
    stops = {start, end, *(layout.number[n] for n in asked["picks"])}
    plan = plan_for(layout, start, end)
    if plan is None or len(stops) == 1:
        return
    mm = reference.distances(floor, blocked=asked["blocked"])
    best = reference.shortest(mm, asked["start"], asked["picks"], asked["end"])
    found = shortest_round(layout, plan, weights(layout, (), asked["blocked"]), stops, start)
    if best >= reference.FAR:
        assert found is None
        return
    assert found
    walk = tuple(layout.ids[n] for n in found[1])
    assert found[0] == best == reference.walked(floor, walk, asked["blocked"])
    assert stops <= set(found[1])
    assert (walk[0], walk[-1]) == (asked["start"], asked["end"])
