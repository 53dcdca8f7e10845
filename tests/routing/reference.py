"""A slow and simple reference: Floyd's distances and every permutation; and layouts at random."""

from collections.abc import Collection, Mapping
from itertools import pairwise, permutations
from typing import Any

from hypothesis import strategies as st

FAR = 10**12
Floor = dict[str, Any]  # what layout_from reads


def distances(
    floor: Floor,
    closed: Collection[str] = (),
    blocked: Collection[tuple[str, str]] = (),
    factors: Mapping[tuple[str, str], float] | None = None,
) -> dict[tuple[str, str], int]:
    """All pairs (Floyd 1962), from the plain data, FAR where there is no way."""
    ids = [node["id"] for node in floor["nodes"]]
    mm = {(u, v): 0 if u == v else FAR for u in ids for v in ids}
    for edge in floor["edges"]:
        u, v = edge["u"], edge["v"]
        if {u, v} & set(closed) or {(u, v), (v, u)} & set(blocked):
            continue
        factor = (factors or {}).get((u, v), 1)
        mm[u, v] = min(mm[u, v], round(edge["length_mm"] * factor))
        if not edge["oneway"]:
            mm[v, u] = min(mm[v, u], round(edge["length_mm"] * factor))
    for via in ids:
        for u in ids:
            for v in ids:
                mm[u, v] = min(mm[u, v], mm[u, via] + mm[via, v])
    return mm


def shortest(mm: dict[tuple[str, str], int], start: str, picks: list[str], end: str) -> int:
    """The length of the best permutation; FAR or more when there is none."""
    orders = permutations(sorted(set(picks)))
    return min(sum(mm[a, b] for a, b in pairwise((start, *order, end))) for order in orders)


def walked(floor: Floor, walk: tuple[str, ...], blocked: Collection[tuple[str, str]] = ()) -> int:
    """The length of a walk, step by step; FAR and more when a step is not allowed."""
    steps: dict[tuple[str, str], int] = {}
    for edge in floor["edges"]:
        u, v = edge["u"], edge["v"]
        if {(u, v), (v, u)} & set(blocked):
            continue
        steps[u, v] = edge["length_mm"]
        if not edge["oneway"]:
            steps[v, u] = edge["length_mm"]
    return sum(steps.get(step, FAR) for step in pairwise(walk))


@st.composite
def floors(draw: st.DrawFn, *, one_way: bool = False, most: int = 9) -> Floor:
    """Any small graph: a random tree, some of it in chains, and a few more edges."""
    n = draw(st.integers(2, most))
    length = st.integers(1, 30)
    straight = draw(st.booleans())
    ends = [(i - 1 if straight and i % 4 else draw(st.integers(0, i - 1)), i) for i in range(1, n)]
    more = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=5))
    for u, v in more:
        if u != v and (u, v) not in ends and (v, u) not in ends:
            ends.append((u, v))
    edges = [
        {
            "u": f"n{u}",
            "v": f"n{v}",
            "length_mm": draw(length),
            "oneway": one_way and draw(st.integers(0, 3)) == 0,
        }
        for u, v in ends
    ]
    nodes = [{"id": f"n{i}", "x_mm": i, "y_mm": 0} for i in range(n)]
    return {"nodes": nodes, "edges": edges}


@st.composite
def grids(draw: st.DrawFn) -> Floor:
    """A small warehouse: aisles with bays between two or three cross-aisles, pieces missing."""
    aisles, crosses = draw(st.integers(1, 4)), draw(st.integers(2, 3))
    bays = draw(st.integers(0, 3))
    nodes, edges = ["depot"], [("depot", "x0-0")]
    for a in range(aisles):
        for c in range(crosses):
            nodes.append(f"x{c}-{a}")
            if a:
                edges.append((f"x{c}-{a - 1}", f"x{c}-{a}"))
            if c:
                chain = [f"x{c - 1}-{a}", *(f"b{c}-{a}-{b}" for b in range(bays)), f"x{c}-{a}"]
                nodes += chain[1:-1]
                edges += list(pairwise(chain))
    missing = draw(st.sets(st.sampled_from(edges[1:]), max_size=2)) if len(edges) > 1 else set()
    rows = [
        {"u": u, "v": v, "length_mm": draw(st.integers(1, 9)), "oneway": False}
        for u, v in edges
        if (u, v) not in missing
    ]
    return {"nodes": [{"id": i, "x_mm": 0, "y_mm": 0} for i in nodes], "edges": rows}


@st.composite
def requests(draw: st.DrawFn, floor: Floor, most: int = 6) -> dict[str, Any]:
    """Start, picks, end and blocked edges on this floor; repeats and none among them."""
    node = st.sampled_from([node["id"] for node in floor["nodes"]])
    ends = [(edge["u"], edge["v"]) for edge in floor["edges"]]
    start = draw(node)
    return {
        "start": start,
        "picks": draw(st.lists(node, max_size=most)),
        "end": draw(st.one_of(st.just(start), node)),
        "blocked": sorted(draw(st.sets(st.sampled_from(ends), max_size=2))) if ends else [],
    }
