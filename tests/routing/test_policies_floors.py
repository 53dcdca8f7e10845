"""Walking rules on floors as people draw them, and on floors of every sort at random."""

import math
from collections.abc import Callable
from itertools import pairwise, permutations
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.floor import Side
from routing.graph import Distances
from routing.layout import Layout, layout_from
from routing.policies import Policy, PolicyUnfit, Sides, Stop, policy_walk
from routing.policies.recognise import floor_of
from routing.weights import AS_BUILT, SHUT, Weights, weights
from tests.routing import reference_floors, reference_requests

POLICIES: tuple[Policy, ...] = get_args(Policy)
BOTH: frozenset[Side] = frozenset({"left", "right"})
FACES: tuple[frozenset[Side], ...] = (frozenset(), frozenset({"left"}), frozenset({"right"}), BOTH)
SIDES: tuple[Sides, ...] = get_args(Sides)
SEEDS = 12
Data = dict[str, Any]


def length(layout: Layout, walk: list[int], today: Weights = AS_BUILT) -> int:
    """Millimetres; a step that is not allowed is a KeyError."""
    arcs = Distances(layout, today).arcs
    steps = {(u, v): mm for u, out in enumerate(arcs) for v, mm, _ in sorted(out, reverse=True)}
    return sum(steps[step] for step in pairwise(walk))


def told(layout: Layout, policy: Policy, picks: list[str], home: str) -> list[str]:
    """The walk from home through the picks and back, as ids."""
    stops = [Stop(layout.number[pick]) for pick in picks]
    here = layout.number[home]
    walk = policy_walk(layout, AS_BUILT, policy, "both", here, stops, here)
    return [layout.ids[node] for node in walk]


def placed(data: Data, place: Callable[[float, float], tuple[float, float]]) -> Data:
    """The same floor with every node moved, lengths kept."""
    rows = [dict(row) for row in data["nodes"]]
    for row in rows:
        row["x"], row["y"] = (round(v, 3) for v in place(row["x"], row["y"]))
    return {**data, "nodes": rows}


def hall(blocks: int = 2, aisles: int = 5, bays: int = 8, *, kinds: bool = True) -> Data:
    """Nodes and edges as a stranger draws them; without kinds only the geometry tells."""
    layout = layout_from(
        {
            "blocks": [{"id": "A", "aisles": aisles, "bays": bays, "blocks": blocks}],
            "nodes": [{"id": "depot", "x": -2, "y": 0, "kind": "depot"}],
            "edges": [{"u": "depot", "v": "A-x0-01"}],
        },
        "hall",
    )
    nodes = [{"id": n.id, "x": n.x_mm / 1000, "y": n.y_mm / 1000} for n in layout.nodes.values()]
    edges = [{"u": e.u, "v": e.v, "length": e.length_mm / 1000} for e in layout.edges]
    if kinds:
        for row, node in zip(nodes, layout.nodes.values(), strict=True):
            row["kind"] = node.kind
    return {"nodes": nodes, "edges": edges}


PICKS = ["A-01-002", "A-02-007", "A-03-003", "A-03-006", "A-05-001", "A-05-008"]


@pytest.mark.parametrize("kinds", [True, False])
@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
def test_a_rule_knows_no_compass_and_needs_no_kinds(kinds: bool, degrees: float) -> None:
    turn = math.radians(degrees)
    drawn = placed(
        hall(kinds=kinds),
        lambda x, y: (
            x * math.cos(turn) - y * math.sin(turn),
            x * math.sin(turn) + y * math.cos(turn),
        ),
    )
    straight = layout_from(hall(), "hall")
    for policy in POLICIES:
        asked = (policy, PICKS, "depot")
        assert told(layout_from(drawn, "turned"), *asked) == told(straight, *asked)


def test_a_drawing_need_not_be_exact() -> None:
    chance = Random(4)
    drawn = placed(hall(), lambda x, y: (x + chance.gauss(0, 0.1), y + chance.gauss(0, 0.1)))
    for policy in POLICIES:
        asked = (policy, PICKS, "depot")
        assert told(layout_from(drawn, "crooked"), *asked) == told(layout_from(hall(), "h"), *asked)


def test_tunnels_and_doors_in_mid_aisle_do_not_change_the_rules() -> None:
    drawn = hall(1, aisles=6)
    drawn["nodes"].append({"id": "door", "x": -1, "y": 3, "kind": "door"})
    drawn["edges"] += [{"u": "A-02-004", "v": "A-03-004"}, {"u": "door", "v": "A-01-003"}]
    for policy in POLICIES:
        asked = (policy, PICKS, "depot")
        plain = told(layout_from(hall(1, aisles=6), "plain"), *asked)
        assert told(layout_from(drawn, "tunnel"), *asked) == plain


@pytest.mark.parametrize("first", [True, False])
def test_racks_along_a_cross_aisle_do_not_make_it_an_aisle(first: bool) -> None:
    """Though it holds more of them than any aisle; what lies there is fetched on the way."""
    drawn, wall = hall(1), Data(nodes=[], edges=[])
    ends = [(f"A-x1-0{a}", f"A-x1-0{a + 1}") for a in range(1, 5)]
    drawn["edges"] = [edge for edge in drawn["edges"] if (edge["u"], edge["v"]) not in ends]
    for i, (u, v) in enumerate(ends):
        bays = [f"wall{i}{k}" for k in (1, 2, 3)]
        places = [(bay, 3 * i + 0.75 * k) for k, bay in enumerate(bays, 1)]
        wall["nodes"] += [{"id": bay, "x": x, "y": 9, "kind": "bay"} for bay, x in places]
        wall["edges"] += [{"u": here, "v": there} for here, there in pairwise((u, *bays, v))]
    parts = (wall, drawn) if first else (drawn, wall)
    layout = layout_from({key: parts[0][key] + parts[1][key] for key in drawn}, "wall")
    walk = told(layout, "s_shape", ["A-01-002", "A-02-007", "wall32"], "depot")
    plain = told(layout_from(hall(1), "plain"), "s_shape", ["A-01-002", "A-02-007"], "depot")
    assert len(floor_of(layout).areas[0].aisles) == 5
    assert [node for node in walk if "-x1-" not in node and "wall" not in node] == [
        node for node in plain if "-x1-" not in node
    ]
    assert "wall32" in walk


def test_shelves_drawn_as_nodes_of_their_own_belong_to_their_aisle() -> None:
    drawn = hall(1, kinds=False)
    for row in [row for row in drawn["nodes"] if "-x" not in row["id"] and row["id"] != "depot"]:
        for side, off in (("L", -0.6), ("R", 0.6)):
            name = row["id"] + side
            drawn["nodes"].append({"id": name, "x": row["x"] + off, "y": row["y"], "kind": "bay"})
            drawn["edges"].append({"u": row["id"], "v": name})
    shelves = ["A-01-002L", "A-02-007R", "A-04-003L"]
    walk = told(layout_from(drawn, "shelves"), "s_shape", shelves, "depot")
    plain = told(layout_from(hall(1), "plain"), "s_shape", [s[:-1] for s in shelves], "depot")
    for shelf in shelves:
        place = walk.index(shelf)
        assert walk[place - 1] == walk[place + 1] == shelf[:-1]
        del walk[place : place + 2]
    assert walk == plain


def test_two_halls_with_one_passage_are_walked_one_after_the_other() -> None:
    halls = [
        {"id": "A", "aisles": 3, "bays": 5},
        {"id": "B", "aisles": 3, "bays": 5, "x": 20},
    ]
    data: Data = {
        "blocks": halls,
        "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
        "edges": [{"u": "depot", "v": "A-x0-01"}, {"u": "A-x0-03", "v": "B-x0-01"}],
    }
    picks = ["A-01-002", "A-02-003", "A-03-001", "B-01-004", "B-03-002"]
    walk = told(layout_from(data, "halls"), "s_shape", picks, "depot")
    letters = "".join(dict.fromkeys(node[0] for node in walk[1:-1]))
    aisles = [node[:4] for node in walk if node[2:4].isdigit()]
    assert letters == "AB"
    assert list(dict.fromkeys(aisles)) == ["A-01", "A-02", "A-03", "B-01", "B-03"]
    assert walk.count("A-x1-03") == walk.count("A-03-005") == 0  # left where it was entered


def test_every_storey_is_an_area() -> None:
    data: Data = {
        "blocks": [{"id": i, "aisles": 3, "bays": 5, "floor": f} for f, i in enumerate("AB")],
        "nodes": [
            {"id": f"lift{f}", "x": -2, "y": 0, "floor": f, "z": 4 * f, "kind": "lift"}
            for f in (0, 1)
        ],
        "edges": [
            {"u": "lift0", "v": "A-x0-01"},
            {"u": "lift1", "v": "B-x0-01"},
            {"u": "lift0", "v": "lift1", "length": 9, "kind": "lift"},
        ],
    }
    layout = layout_from(data, "storeys")
    assert len(floor_of(layout).areas) == 2
    walk = told(layout, "s_shape", ["A-01-002", "B-03-002", "A-02-005", "B-02-001"], "A-x0-01")
    assert [node for node in walk if node.startswith("lift")] == [
        "lift0",
        "lift1",
        "lift1",
        "lift0",
    ]


def test_a_comb_leaves_no_choice() -> None:
    drawn = hall(1)
    drawn["edges"] = [edge for edge in drawn["edges"] if "A-x1" not in edge["u"] + edge["v"]]
    drawn["nodes"] = [row for row in drawn["nodes"] if "A-x1" not in row["id"]]
    layout = layout_from(drawn, "comb")
    walks = {policy: told(layout, policy, PICKS, "depot") for policy in POLICIES}
    # midpoint and largest gap come home along the front instead of going out along it
    assert walks["s_shape"] == walks["return"] == walks["combined"]
    lengths = {length(layout, [layout.number[n] for n in walk]) for walk in walks.values()}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("sort", "why"),
    [("rings", "no cross-aisle joins any two"), ("anything", "no cross-aisle joins|straight line")],
)
def test_a_floor_without_aisles_is_refused_in_words(sort: str, why: str) -> None:
    refused = 0
    for seed in range(20):
        layout = layout_from(reference_floors.SORTS[sort](Random(seed)), sort)
        if floor_of(layout).regular:
            continue
        refused += 1
        for policy in POLICIES:
            with pytest.raises(PolicyUnfit, match=why):
                policy_walk(layout, AS_BUILT, policy, "both", 0, [Stop(1)], 0)
    assert refused > 5


@pytest.mark.parametrize("sort", reference_floors.SORTS)
def test_a_rule_on_any_floor_is_a_legal_walk_through_every_stop(sort: str) -> None:
    """With anything closed, blocked and crowded; never shorter than the best permutation."""
    answered = 0
    for seed in range(SEEDS):
        chance = Random(seed)
        data = reference_floors.SORTS[sort](chance)
        asked = reference_requests.request(chance, data, 5)
        layout = layout_from(data, sort)
        factors = {(u, v): factor for u, v, factor in asked.edge_factor}
        today = weights(layout, asked.closed_nodes, asked.blocked_edges, factors)
        picks = [layout.number[pick] for pick in asked.picks]
        start, end = layout.number[asked.start], layout.number[asked.end]
        best = shortest(layout, today, start, picks, end)
        if today.closed & {asked.start, asked.end, *asked.picks} or best >= SHUT:
            continue
        stops = [Stop(pick, chance.choice(FACES)) for pick in picks]
        answered += legal_walks(layout, today, start, stops, end, best)
    assert answered or sort == "rings"


def legal_walks(
    layout: Layout, today: Weights, start: int, stops: list[Stop], end: int, best: int
) -> int:
    """How many rules had an answer; each is checked."""
    answered = 0
    for policy in POLICIES:
        for sides in SIDES:
            try:
                walk = policy_walk(layout, today, policy, sides, start, stops, end)
            except PolicyUnfit:
                assert layout.directed or not floor_of(layout).regular
                continue
            answered += 1
            assert (walk[0], walk[-1]) == (start, end)
            assert {stop.node for stop in stops} <= set(walk)
            assert length(layout, walk, today) >= best
            assert sides == "both" or all(picked_twice(layout, walk, stop) for stop in stops)
            assert policy_walk(layout, today, policy, sides, start, stops[::-1], end) == walk
    return answered


def picked_twice(layout: Layout, walk: list[int], stop: Stop) -> bool:
    """Whether the walk can pick one face on the way in and the other on another pass or back."""
    if stop.sides != BOTH or stop.node not in floor_of(layout).sided:
        return True
    at = [place for place, node in enumerate(walk) if node == stop.node]
    turning = any(walk[i - 1] == walk[i + 1] for i in at if 0 < i < len(walk) - 1)
    return len(at) > 1 or turning or stop.node in (walk[0], walk[-1])


def shortest(layout: Layout, today: Weights, start: int, picks: list[int], end: int) -> int:
    inner = [pick for pick in dict.fromkeys(picks) if pick not in (start, end)]
    nodes = [start, *inner, end]
    mm = Distances(layout, today).table(nodes, nodes)
    last = len(nodes) - 1
    orders = permutations(range(1, last))
    return min(sum(mm[a][b] for a, b in pairwise((0, *order, last))) for order in orders)


@st.composite
def single_blocks(draw: st.DrawFn) -> tuple[Layout, int, list[Stop], int]:
    """A block, and a start, stops and an end anywhere in it."""
    size = {"aisles": draw(st.integers(1, 6)), "bays": draw(st.integers(1, 8))}
    pitch = {"aisle_pitch": draw(st.integers(1, 6)), "cross": draw(st.integers(1, 4))}
    layout = layout_from({"blocks": [{"id": "A", **size, **pitch}]}, "block")
    nodes = st.integers(0, len(layout.ids) - 1)
    stops = draw(st.lists(st.builds(Stop, nodes, st.sampled_from(FACES)), max_size=9))
    start = draw(nodes)
    return layout, start, stops, draw(st.just(start) | nodes)


@settings(max_examples=100, deadline=None)
@given(single_blocks(), st.sampled_from(SIDES))
def test_combined_is_never_longer_than_s_shape_or_return_in_one_block(
    asked: tuple[Layout, int, list[Stop], int], sides: Sides
) -> None:
    layout, start, stops, end = asked
    ours = {
        policy: length(layout, policy_walk(layout, AS_BUILT, policy, sides, start, stops, end))
        for policy in POLICIES
    }
    assert ours["combined"] <= min(ours["s_shape"], ours["return"])
