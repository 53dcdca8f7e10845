"""A floor that changes from question to question: answers are never stale, plans never rebuilt."""

import random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from routing import plan
from routing.errors import UnknownNode, Unreachable
from routing.graph import Distances, distances
from routing.layout import Layout, layout_from
from routing.pace import Pace
from routing.tour import tour
from routing.weights import SHUT, weights
from tests.routing import reference

PACE = Pace(walk_mm_s=1000, aisle_entry_ms=0, turn_ms=0, stop_ms=0, pick_ms=0, lift_wait_ms=0)
PICKS = st.lists(st.integers(0, 8), max_size=5)
ANY = st.integers(0, 99)


class Floor(RuleBasedStateMachine):
    """Blocking, closing, crowding and all of it back, in any order, between any two questions."""

    @initialize(data=st.data(), one_way=st.booleans())
    def opened(self, data: st.DataObject, one_way: bool) -> None:
        self.floor = data.draw(reference.floors(one_way=one_way))
        self.layout = layout_from(self.floor, "any")
        self.ends = [(edge["u"], edge["v"]) for edge in self.floor["edges"]]
        self.blocked: set[tuple[str, str]] = set()
        self.closed: set[str] = set()
        self.factors: dict[tuple[str, str], float] = {}
        self.kept: list[tuple[dict[tuple[str, str], int], Distances]] = []

    @rule(which=ANY)
    def block(self, which: int) -> None:
        self.blocked.add(self.ends[which % len(self.ends)])

    @rule(which=ANY)
    def unblock(self, which: int) -> None:
        self.blocked.discard(self.ends[which % len(self.ends)])

    @rule(which=ANY)
    def close(self, which: int) -> None:
        self.closed.add(self.layout.ids[which % len(self.layout.ids)])

    @rule()
    def open(self) -> None:
        self.closed.clear()

    @rule(which=ANY, factor=st.sampled_from([0.6, 0.8, 1.5, 2, 9]))
    def crowd(self, which: int, factor: float) -> None:
        self.factors[self.ends[which % len(self.ends)]] = factor

    @rule()
    def clear(self) -> None:
        self.factors.clear()

    @rule(start=ANY, picks=PICKS, end=ANY)
    def ask(self, start: int, picks: list[int], end: int) -> None:
        ids = self.layout.ids
        first, last = ids[start % len(ids)], ids[end % len(ids)]
        wanted = [ids[pick % len(ids)] for pick in picks]
        now: dict[str, Any] = {
            "closed": self.closed,
            "blocked": self.blocked,
            "factors": self.factors,
        }
        mm = self.reference()
        best = reference.shortest(mm, first, wanted, last)
        if best >= reference.FAR or not self.closed.isdisjoint((first, last, *wanted)):
            with pytest.raises(Unreachable):
                tour(self.layout, first, wanted, last, **now)
            return
        found = tour(self.layout, first, wanted, last, **now)
        assert (found.length_mm, found.optimal) == (best, True)
        timed = tour(self.layout, first, wanted, last, **now, objective="seconds", pace=PACE)
        assert timed.seconds == best / 1000

    @rule()
    def keep_a_snapshot(self) -> None:
        known = distances(self.layout, self.weights())
        self.kept.append((self.reference(), known))

    @rule()
    def old_snapshots_still_see_their_world(self) -> None:
        every = range(len(self.layout.ids))
        for mm, known in self.kept[-3:]:
            table = known.table(every, every)
            for u in every:
                for v in every:
                    far = mm[self.layout.ids[u], self.layout.ids[v]]
                    assert table[u][v] == (SHUT if far >= reference.FAR else far)

    def weights(self) -> Any:
        return weights(self.layout, self.closed, self.blocked, self.factors)

    def reference(self) -> dict[tuple[str, str], int]:
        return reference.distances(self.floor, self.closed, self.blocked, self.factors)


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.fixture
def hall() -> Layout:
    block = {"id": "A", "aisles": 5, "bays": 12, "blocks": 2}
    return layout_from({"blocks": [block]}, "hall")


def test_blocking_and_crowding_build_no_plan_and_new_nodes_do(hall: Layout) -> None:
    chance = random.Random(1)
    bays = [node.id for node in hall.nodes.values() if node.kind == "bay"]
    ends = [(edge.u, edge.v) for edge in hall.edges]

    def ask(layout: Layout, **today: Any) -> None:
        for objective in ("metres", "seconds"):
            picks = chance.sample(bays, 8)
            tour(layout, "A-x0-02", picks, "A-x0-02", objective=objective, **today)

    with patch.object(plan, "_plan", wraps=plan._plan) as built:
        ask(hall)
        assert built.call_count == 2  # one in metres, one in seconds
        for _ in range(30):
            ask(hall, blocked=[chance.choice(ends)])
            ask(hall, factors={chance.choice(ends): chance.uniform(0.5, 3)})
        ask(hall)
        assert built.call_count == 2
        wider = layout_from(
            {
                "blocks": [{"id": "A", "aisles": 5, "bays": 12, "blocks": 2}],
                "nodes": [{"id": "new", "x": 0, "y": -2}],
                "edges": [{"u": "new", "v": "A-x0-01"}],
            },
            "wider",
        )
        ask(wider)
        assert built.call_count == 4
    tour(wider, "new", ["A-01-001"], "new")
    with pytest.raises(UnknownNode):
        tour(hall, "new", ["A-01-001"], "new")


def test_people_do_not_walk_where_vehicles_drive() -> None:
    """A one-way short cut for vehicles: for people the floor is as it would be without it."""
    nodes = [{"id": n, "x": i, "y": 0} for i, n in enumerate("abcd")]
    edges: list[dict[str, Any]] = [{"u": u, "v": v, "length": 1} for u, v in ("ab", "bc", "cd")]
    amr = {"u": "a", "v": "d", "length": 1, "oneway": True, "users": ["amr"]}
    layout = layout_from({"nodes": nodes, "edges": [*edges, amr]}, "shared")

    assert tour(layout, "a", ["d"], "a").method == "sweep"
    assert tour(layout, "a", ["d"], "a").length_mm == 6000
    assert tour(layout, "a", ["d"], "a", user="amr").length_mm == 4000
    blocked = tour(layout, "a", ["d"], "a", blocked=[("a", "d")], factors={("d", "a"): 2})
    assert (blocked.length_mm, blocked.layout_version) == (6000, layout.version)
    plain = layout_from({"nodes": nodes, "edges": edges}, "people")
    assert tour(plain, "a", ["d"], "a", user="amr").walk == tour(plain, "a", ["d"], "a").walk
