"""Seconds: values on a small block; and whatever solves, claims what the walk takes, and the least.

The reference walks every walk: Dijkstra over (node, whence, by lift, what is served).
"""

from heapq import heappop, heappush
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import Unreachable
from routing.layout import layout_from
from routing.pace import Pace, seconds
from routing.tour import tour
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

    def turning(self, before: str | None, node: str, onward: str) -> bool:
        if before != onward:
            return False
        if self.beside[node][onward] == "lift" and self.pace.lift_wait_ms:
            return self.lifts[node] == 1
        ways = len(self.beside[node]) - self.lifts[node] + (self.lifts[node] > 0)
        return ways <= 2

    def ms(self, before: str | None, node: str, onward: str) -> int:
        """Of one step, for who came to `node` from `before`."""
        ms, kind = self.step[node, onward]
        if kind == "aisle" and (before is None or not self.inside(node)):
            ms += self.pace.aisle_entry_ms
        rides = before is not None and self.beside[before][node] == "lift"
        if kind == "lift" and not rides:
            ms += self.pace.lift_wait_ms
        return ms + self.turning(before, node, onward) * self.pace.turn_ms

    def walk_ms(self, walk: tuple[str, ...], picks: list[str]) -> int:
        befores = (None, *walk)
        ms = sum(self.ms(*step) for step in zip(befores, walk, walk[1:], strict=False))
        return ms + len(set(picks)) * self.pace.stop_ms + len(picks) * self.pace.pick_ms

    def least(self, asked: dict[str, Any]) -> int | None:
        """Every walk there is, the quickest first."""
        shut = {*asked["blocked"], *((v, u) for u, v in asked["blocked"])}
        wanted = frozenset({*asked["picks"]} - {asked["start"]})
        heap: list[tuple[int, str, str, tuple[str, ...]]] = [
            (0, asked["start"], "", tuple(sorted(wanted)))
        ]
        done = set()
        while heap:
            ms, node, before, left = heappop(heap)
            if node == asked["end"] and not left:
                picks = asked["picks"]
                return ms + len(set(picks)) * self.pace.stop_ms + len(picks) * self.pace.pick_ms
            if (node, before, left) in done:
                continue
            done.add((node, before, left))
            for onward in self.beside[node]:
                if (node, onward) in self.step and (node, onward) not in shut:
                    more = self.ms(before or None, node, onward)
                    still = tuple(n for n in left if n != onward)
                    heappush(heap, (ms + more, onward, node, still))
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
    assert world.walk_ms(found.walk, asked["picks"]) / 1000 == found.seconds
    assert seconds(layout, found.walk, asked["picks"], pace, today) == found.seconds
    assert found.seconds == least / 1000 == found.lower_bound_s
    assert found.optimal
    assert set(found.order) == set(asked["picks"])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_undirected_floor_gets_the_quickest_walk(data: st.DataObject) -> None:
    floor = data.draw(timed_floors())
    check(floor, data.draw(reference.requests(floor)), data.draw(PACES))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_one_way_floor_gets_the_quickest_walk(data: st.DataObject) -> None:
    floor = data.draw(timed_floors(one_way=True))
    check(floor, data.draw(reference.requests(floor)), data.draw(PACES))
