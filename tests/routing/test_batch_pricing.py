"""Prices of many sets at once: the length of each one's shortest tour, on any floor."""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.batch.guess import Guess
from routing.batch.pricing import Sweep
from routing.graph import distances
from routing.layout import Layout, layout_from
from routing.plan import plan_for
from routing.tour import tour
from routing.weights import AS_BUILT, SHUT, weights
from tests.routing import reference
from tests.routing.batch_instances import warehouse
from tests.routing.reference_floors import UNDIRECTED

SHAPES = tuple(UNDIRECTED)


def sets_of(chance: Random, orders: int, most: int) -> list[list[int]]:
    return [chance.sample(range(orders), chance.randint(1, min(orders, 4))) for _ in range(most)]


def filled(sets: Sequence[Sequence[int]], nobody: int) -> np.ndarray[Any, Any]:
    widest = max(map(len, sets))
    return np.array([[*one, *[nobody] * (widest - len(one))] for one in sets])


def nodes_in(orders: Sequence[Sequence[str]], held: Sequence[int]) -> list[str]:
    return [node for order in held for node in orders[order]]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_every_price_is_the_length_of_a_tour(data: st.DataObject) -> None:
    floor = data.draw(st.one_of(reference.grids(), reference.floors(most=8)))
    layout = layout_from(floor, "any")
    asked = data.draw(reference.requests(floor))
    edge = st.sampled_from([(e["u"], e["v"]) for e in floor["edges"]])
    factors = data.draw(st.dictionaries(edge, st.sampled_from([0.3, 1.7, 40.0]), max_size=2))
    orders = data.draw(
        st.lists(
            st.lists(st.sampled_from(layout.ids), min_size=1, max_size=4), min_size=1, max_size=5
        )
    )
    today = weights(layout, (), asked["blocked"], factors)
    ends = (layout.number[asked["start"]], layout.number[asked["end"]])
    plan = plan_for(layout, *ends)
    numbers = [{layout.number[node] for node in order} for order in orders]
    away = [bool(order - {*ends}) for order in numbers]
    far = distances(layout, today).rows([ends[0]])[0]
    assume(plan is not None and all(away))
    assume(max(far[n] for n in {*ends}.union(*numbers)) < SHUT)
    assert plan
    sets = sets_of(Random(data.draw(st.integers(0, 99))), len(orders), 8)
    prices = Sweep(layout, plan, today, ends, numbers).lengths(filled(sets, len(orders)))
    assert prices.tolist() == [
        tour(
            layout,
            asked["start"],
            nodes_in(orders, held),
            asked["end"],
            blocked=asked["blocked"],
            factors=factors,
        ).length_mm
        for held in sets
    ]


@pytest.mark.parametrize("sort", SHAPES)
def test_irregular_floors_with_blocked_edges_and_picks_on_junctions(sort: str) -> None:
    chance = Random(sort)
    for _ in range(6):
        layout = layout_from(UNDIRECTED[sort](chance), sort)
        if not layout.edges:
            continue
        cut = [(e.u, e.v) for e in chance.sample(layout.edges, min(2, len(layout.edges)))]
        today = weights(layout, (), cut, {(layout.edges[-1].u, layout.edges[-1].v): 2.5})
        depot = chance.randrange(len(layout.ids))
        far = distances(layout, today).rows([depot])[0]
        near = [n for n in range(len(layout.ids)) if far[n] < SHUT and n != depot]
        plan = plan_for(layout, depot, depot)
        if plan is None or not near:
            continue
        orders = [{*chance.choices(near, k=chance.randint(1, 4))} for _ in range(12)]
        sets = sets_of(chance, 12, 15)
        prices = Sweep(layout, plan, today, (depot, depot), orders).lengths(filled(sets, 12))
        for held, mm in zip(sets, prices.tolist(), strict=True):
            assert mm == tour_mm(layout, depot, {n for k in held for n in orders[k]}, cut)


def tour_mm(layout: Layout, depot: int, nodes: set[int], cut: list[tuple[str, str]]) -> int:
    last = layout.edges[-1]
    home, factors = layout.ids[depot], {(last.u, last.v): 2.5}
    picks = [layout.ids[n] for n in sorted(nodes)]
    return tour(layout, home, picks, home, blocked=cut, factors=factors).length_mm


def test_a_pick_that_nobody_reaches_is_shut() -> None:
    layout = warehouse(1, 4, 6)
    cut = [("A-02-002", "A-02-003"), ("A-02-004", "A-02-005")]
    depot = layout.number["depot"]
    plan = plan_for(layout, depot, depot)
    assert plan
    orders = [{layout.number[n]} for n in ("A-02-003", "A-02-002", "A-02-005")]
    sweep = Sweep(layout, plan, weights(layout, (), cut), (depot, depot), orders)
    assert sweep.lengths(np.array([[0, 3], [0, 1], [1, 3], [1, 2]])).tolist()[:2] == [SHUT, SHUT]
    assert sweep.lengths(np.array([[1, 2]]))[0] == tour_mm_of(layout, ["A-02-002", "A-02-005"], cut)


def tour_mm_of(layout: Layout, picks: list[str], cut: list[tuple[str, str]]) -> int:
    return tour(layout, "depot", picks, "depot", blocked=cut).length_mm


@pytest.mark.parametrize("pitch_mm", [1000, 1, 137_000_017])
def test_numbers_are_as_wide_as_the_floor_needs(pitch_mm: int) -> None:
    """Metres fit into 16 bits, odd millimetres need 32, and nobody walks the last of these."""
    edges = [
        {
            "u": f"{a}-{b}",
            "v": f"{a}-{b + 1}",
            "length_mm": pitch_mm + (b if pitch_mm > 1000 else 0),
        }
        for a in range(4)
        for b in range(5)
    ]
    edges += [
        {"u": f"{a}-{b}", "v": f"{a + 1}-{b}", "length_mm": 3 * pitch_mm}
        for a in range(3)
        for b in (0, 5)
    ]
    nodes = [{"id": f"{a}-{b}", "x_mm": a, "y_mm": b} for a in range(4) for b in range(6)]
    layout = layout_from({"nodes": nodes, "edges": edges}, "pitch")
    depot, chance = 0, Random(pitch_mm)
    plan = plan_for(layout, depot, depot)
    assert plan
    orders = [{*chance.sample(range(1, 24), 3)} for _ in range(8)]
    sets = sets_of(chance, 8, 30)
    prices = Sweep(layout, plan, AS_BUILT, (depot, depot), orders).lengths(filled(sets, 8))
    for held, mm in zip(sets, prices.tolist(), strict=True):
        picks = [layout.ids[n] for k in held for n in orders[k]]
        assert mm == tour(layout, layout.ids[0], picks, layout.ids[0]).length_mm


def test_thousands_of_sets_are_priced_as_one_by_one() -> None:
    layout, chance = warehouse(2, 8, 24), Random(2)
    depot = layout.number["depot"]
    plan = plan_for(layout, depot, depot)
    assert plan
    orders = [{*chance.sample(range(len(layout.ids) - 1), chance.randint(1, 7))} for _ in range(60)]
    sweep = Sweep(layout, plan, AS_BUILT, (depot, depot), orders)
    sets = filled([chance.sample(range(60), chance.randint(1, 6)) for _ in range(3000)], 60)
    together = sweep.lengths(sets)
    assert together[::60].tolist() == [sweep.lengths(one[None])[0] for one in sets[::60]]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_guess_is_a_walk_never_shorter_than_the_shortest(data: st.DataObject) -> None:
    floor = data.draw(reference.floors(one_way=True, most=8))
    layout = layout_from(floor, "any")
    far = distances(layout, AS_BUILT)
    there = [node for node in range(len(layout.ids)) if far.table([0], [node])[0][0] < SHUT]
    round_trip = [node for node in there if far.table([node], [0])[0][0] < SHUT]
    node = st.sampled_from(round_trip)
    orders = data.draw(st.lists(st.lists(node, max_size=3), min_size=1, max_size=4))
    sets = sets_of(Random(data.draw(st.integers(0, 99))), len(orders), 6)
    lengths = Guess(far, 0, 0, orders).lengths(filled(sets, len(orders)))
    home = layout.ids[0]
    for held, mm in zip(sets, lengths.tolist(), strict=True):
        stops = {layout.ids[n] for k in held for n in orders[k]}
        best = tour(layout, home, sorted(stops), home).length_mm
        assert best <= mm
        assert mm == best or len(stops - {home}) > 1
