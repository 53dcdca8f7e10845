"""Seconds: values on a small block; and whatever solves, claims what the walk takes, and the least.

The reference walks every walk: Dijkstra over (node, whence, by lift, what is served).
"""

import random
from heapq import heappop, heappush
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import BadRequest, Unreachable
from routing.layout import layout_from
from routing.ordering import in_order
from routing.pace import Pace, seconds
from routing.question import question
from routing.request import request
from routing.serving import visits
from routing.solve import swept
from routing.timed import in_time
from routing.tour import told, tour
from routing.weights import weights
from tests.routing import reference

PACES = st.builds(
    Pace,
    walk_mm_s=st.sampled_from([1, 2, 7, 1000]),
    aisle_entry_ms=st.sampled_from([0, 1, 5000]),
    turn_ms=st.sampled_from([0, 1, 700, 9000]),
    stop_ms=st.sampled_from([0, 3000]),
    pick_ms=st.sampled_from([0, 100]),
    lift_wait_ms=st.sampled_from([0, 2000, 20_000]),
)


@st.composite
def timed_floors(draw: st.DrawFn, *, one_way: bool = False) -> reference.Floor:
    """Any small floor whose edges are of any kind, some with a speed of their own."""
    either = st.one_of(reference.floors(one_way=one_way, most=7), reference.grids())
    floor = draw(reference.floors(one_way=True, most=7) if one_way else either)
    kind = st.sampled_from(["aisle", "aisle", "aisle", "cross", "path", "lift"])
    for edge in floor["edges"]:
        edge["kind"] = draw(kind)
        if draw(st.integers(0, 4)) == 0:
            edge["speed_mm_s"] = draw(st.sampled_from([1, 3, 50]))
    return floor


class World:
    """The model of time in plain words, over the plain data."""

    def __init__(self, floor: reference.Floor, pace: Pace) -> None:
        self.pace = pace
        self.step: dict[tuple[str, str], tuple[int, str]] = {}
        for edge in floor["edges"]:
            speed = edge.get("speed_mm_s") or pace.walk_mm_s
            ms = max(1, int(edge["length_mm"] * 1000 / speed + 0.5))
            self.step[edge["u"], edge["v"]] = ms, edge["kind"]
            if not edge["oneway"]:
                self.step[edge["v"], edge["u"]] = ms, edge["kind"]
        self.beside: dict[str, dict[str, str]] = {node["id"]: {} for node in floor["nodes"]}
        for (u, v), (_, kind) in self.step.items():
            self.beside[u][v] = self.beside[v][u] = kind
        self.lifts = {n: [*by.values()].count("lift") for n, by in self.beside.items()}
        if not pace.lift_wait_ms:
            self.lifts = dict.fromkeys(self.lifts, 0)

    def inside(self, node: str) -> bool:
        return sorted(self.beside[node].values()) == ["aisle", "aisle"]

    def turning(self, before: str | None, node: str, onward: str) -> int:
        if before != onward:
            return 0
        lifts, pace = self.lifts[node], self.pace
        on_foot = pace.turn_ms * (len(self.beside[node]) - lifts + (lifts > 0) <= 2)
        if self.beside[node][onward] == "lift" and pace.lift_wait_ms:
            return min(pace.turn_ms, pace.lift_wait_ms + on_foot) * (lifts == 1)
        return on_foot

    def ms(self, before: str | None, node: str, onward: str) -> int:
        """Of one step, for who came to `node` from `before`."""
        ms, kind = self.step[node, onward]
        if kind == "aisle" and (before is None or not self.inside(node)):
            ms += self.pace.aisle_entry_ms
        rides = before is not None and self.beside[before][node] == "lift"
        if kind == "lift" and not rides:
            ms += self.pace.lift_wait_ms
        return ms + self.turning(before, node, onward)

    def walk_ms(self, walk: tuple[str, ...], picks: list[str]) -> int:
        befores = (None, *walk)
        ms = sum(self.ms(*step) for step in zip(befores, walk, walk[1:], strict=False))
        return ms + len(set(picks)) * self.pace.stop_ms + len(picks) * self.pace.pick_ms

    def least(self, asked: dict[str, Any]) -> int | None:
        """Over every choice of alternatives."""
        found = [
            self.least_with(asked, [*asked["picks"], *chosen])
            for chosen in product(*asked.get("groups", []))
        ]
        return min((ms for ms in found if ms is not None), default=None)

    def least_with(self, asked: dict[str, Any], picks: list[str]) -> int | None:
        """Every walk there is, the quickest first."""
        shut = {*asked["blocked"], *((v, u) for u, v in asked["blocked"])}
        needs = {
            i: {a for a, b in asked.get("precedence", []) if b == i} for i in range(len(picks))
        }

        def still(left: frozenset[int], node: str) -> frozenset[int]:
            while ready := {i for i in left if picks[i] == node and not needs[i] & left}:
                left -= ready
            return left

        first = still(frozenset(range(len(picks))), asked["start"])
        heap: list[Any] = [(0, 0, asked["start"], "", first)]
        done, tie = set(), 0
        while heap:
            ms, _, node, before, left = heappop(heap)
            if node == asked["end"] and not left:
                shelf = len(set(picks)) * self.pace.stop_ms + len(picks) * self.pace.pick_ms
                return int(ms + shelf)
            if (node, before, left) in done:
                continue
            done.add((node, before, left))
            for onward in self.beside[node]:
                if (node, onward) in self.step and (node, onward) not in shut:
                    tie += 1
                    later = ms + self.ms(before or None, node, onward)
                    heappush(heap, (later, tie, onward, node, still(left, onward)))
        return None


def check(floor: reference.Floor, asked: dict[str, Any], pace: Pace) -> None:
    layout, world = layout_from(floor, "any"), World(floor, pace)
    least = world.least(asked)
    if least is None:
        with pytest.raises(Unreachable):
            tour(layout, **asked, objective="seconds", pace=pace)
        return
    found = tour(layout, **asked, objective="seconds", pace=pace)
    today = weights(layout, (), asked["blocked"])
    chosen = [node for node in found.order if node not in asked["picks"]]
    picks = [*asked["picks"], *chosen]
    if not asked.get("groups"):
        assert world.walk_ms(found.walk, picks) / 1000 == found.seconds
        assert seconds(layout, found.walk, picks, pace, today) == found.seconds
    assert found.lower_bound_s is not None
    assert found.seconds >= least / 1000 >= found.lower_bound_s
    groups = [{*group} for group in asked.get("groups", [])]
    if asked.get("precedence") and len(groups) == 2 and groups[0] & groups[1]:
        return  # two groups may share one stop, or come by twice
    assert found.seconds == least / 1000 == found.lower_bound_s
    assert found.optimal
    assert set(found.order) == set(picks)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_undirected_floor_gets_the_quickest_walk(data: st.DataObject) -> None:
    floor = data.draw(timed_floors())
    check(floor, data.draw(reference.requests(floor)), data.draw(PACES))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_one_way_floor_gets_the_quickest_walk(data: st.DataObject) -> None:
    floor = data.draw(timed_floors(one_way=True))
    check(floor, data.draw(reference.requests(floor)), data.draw(PACES))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_order_and_any_choice_get_the_quickest_walk(data: st.DataObject) -> None:
    floor = data.draw(timed_floors(one_way=data.draw(st.booleans())))
    asked = data.draw(reference.requests(floor, most=4))
    n, node = len(asked["picks"]), st.sampled_from([node["id"] for node in floor["nodes"]])
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    if n:
        asked["precedence"] = [(i, j) for i, j in data.draw(st.lists(pair, max_size=3)) if i < j]
    asked["groups"] = data.draw(st.lists(st.lists(node, min_size=1, max_size=3), max_size=2))
    check(floor, asked, data.draw(PACES))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_sweep_and_the_orders_of_stops_agree(data: st.DataObject) -> None:
    """`tour` leaves undirected floors to the sweep."""
    floor = data.draw(timed_floors())
    asked, pace = data.draw(reference.requests(floor, most=5)), data.draw(PACES)
    layout = layout_from(floor, "any")
    ground = in_time(layout, weights(layout, (), asked.pop("blocked")), pace)
    question = request(layout, **asked)
    wanted = visits(question)
    swept_one = swept(ground, question, wanted) if wanted.stops else None
    if swept_one:
        assert in_order(ground, question, wanted).cost == swept_one.cost


def test_what_each_part_of_the_model_costs() -> None:
    """Two aisles of three bays between two cross-aisles, the depot before the first."""
    block = {"id": "A", "aisles": 2, "bays": 3}
    depot = {"id": "depot", "x": 0, "y": -2}
    data = {"blocks": [block], "nodes": [depot], "edges": [{"u": "depot", "v": "A-x0-01"}]}
    layout = layout_from(data, "two aisles")
    pace = Pace(walk_mm_s=1000, aisle_entry_ms=100, turn_ms=10, stop_ms=0, pick_ms=0)

    def took(*walk: str) -> float:
        return round(seconds(layout, walk, (), pace), 3)

    assert took("depot") == 0
    assert took("depot", "A-x0-01") == 2
    assert took("depot", "A-x0-01", "A-01-001", "A-01-002") == 2 + 1 + 1 + 0.1
    assert took("A-01-001", "A-01-002") == 1 + 0.1  # starting in mid-aisle
    assert took("A-01-002", "A-01-001", "A-01-002") == 2 + 0.1 + 0.01
    assert took("A-x0-01", "A-01-001", "A-x0-01") == 2 + 0.1 + 0.01
    assert took("depot", "A-x0-01", "depot") == 4  # at a crossing one turns anyway
    assert took("A-x1-01", "A-x1-02", "A-02-003") == 3 + 1 + 0.1  # from the corner into the aisle
    assert seconds(layout, ["depot"], ["depot", "depot"], Pace(stop_ms=5, pick_ms=1)) == 0.007


def test_a_ride_is_waited_for_once() -> None:
    nodes = [{"id": n, "x": 0, "y": 0, "z": i} for i, n in enumerate("abc")]
    edges = [{"u": u, "v": v, "length": 1, "kind": "lift"} for u, v in ("ab", "bc")]
    floors = [{"id": f"{n}1", "x": 5, "y": 0} for n in "abc"]
    edges += [{"u": n, "v": f"{n}1", "length": 5} for n in "abc"]
    layout = layout_from({"nodes": nodes + floors, "edges": edges}, "lift")
    pace = Pace(walk_mm_s=1000, turn_ms=7, lift_wait_ms=30_000)

    assert seconds(layout, ["a1", "a", "b", "c", "c1"], (), pace) == 5 + 2 + 5 + 30
    assert seconds(layout, ["a1", "a", "b", "b1", "b", "c"], (), pace) == 17 + 60 + 0.007
    found = tour(layout, "a1", ["b1", "c1"], "a1", objective="seconds", pace=pace)
    assert (found.method, found.optimal) == ("sweep", True)
    passing = tour(layout, "a1", ["b"], "c1", objective="seconds", pace=pace)
    assert passing.seconds == 5 + 2 + 5 + 30 + 8  # picked through the door of the lift
    assert passing.optimal


def test_a_pace_that_makes_no_sense_is_refused() -> None:
    wrong = "walk_mm_s must be at least 1; turn_ms must be at least 0"
    with pytest.raises(BadRequest, match=wrong):
        Pace(walk_mm_s=0, turn_ms=-1)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 9, 39])
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_both_solvers_agree_in_a_warehouse(blocks: int, seed: int) -> None:
    """Nine places in mid-aisle or at crossings, among them where the walk starts and ends."""
    chance = random.Random(f"{blocks} {seed}")
    hall = {"id": "A", "aisles": 6, "bays": 18, "blocks": blocks}
    layout = layout_from({"blocks": [hall]}, "warehouse")
    start, *picks, end = chance.sample(layout.ids, 9)
    cut = [(e.u, e.v) for e in chance.sample(layout.edges, seed % 3)]
    crowd = {(e.u, e.v): chance.choice([0.5, 2, 7]) for e in chance.sample(layout.edges, 9)}
    pace = Pace(aisle_entry_ms=chance.choice([0, 5000]), turn_ms=chance.choice([700, 9000]))
    last = end if seed % 2 else start
    asks = question(
        layout, start, picks, last, blocked=cut, factors=crowd, objective="seconds", pace=pace
    )
    swept_one = swept(asks.ground, asks.asked, visits(asks.asked))
    assert swept_one
    assert swept_one.cost == in_order(asks.ground, asks.asked, visits(asks.asked)).cost
    found = told(asks, swept_one, swept_one.walk, "sweep")
    assert (found.optimal, found.lower_bound_s) == (True, found.seconds)
