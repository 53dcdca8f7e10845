"""Layouts at random, with everything that a node, an edge and a location can say."""

from typing import Any, get_args

from hypothesis import strategies as st

from routing.floor import EdgeKind, NodeKind, Side
from routing.layout import Layout, layout_from

MM = st.integers(-200_000, 200_000)
DEGREES = st.sampled_from((0, 90, -90, 180, 270, 33.3, -179.999999))
FLOORS = st.integers(-1, 2)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """A two-way tree for everybody and any other edges; every location can be reached."""
    ids = [f"n{i}" for i in range(draw(st.integers(1, 7)))]
    nodes = [{"id": name, **draw(_nodes())} for name in ids]
    tree = [(ids[draw(st.integers(0, i - 1))], ids[i]) for i in range(1, len(ids))]
    edges = [{"u": u, "v": v, "length_mm": draw(LENGTH)} for u, v in tree]
    taken = {frozenset(ends) for ends in tree}
    for u, v in draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=4)):
        if u != v and frozenset((u, v)) not in taken:
            taken.add(frozenset((u, v)))
            edges += draw(_edges(u, v))
    codes = draw(st.lists(st.sampled_from(("L1", "L2", "n0", "Ü 3")), unique=True))
    places = [{"code": code, **draw(_locations(ids))} for code in codes]
    data: dict[str, object] = {"nodes": nodes, "edges": edges, "locations": places}
    return layout_from({**data, "maps": draw(MAPS), "name": draw(NAMES)}, "any")


LENGTH = st.integers(1, 90_000)
MAPS = st.dictionaries(FLOORS, st.sampled_from(("hall", "attic")), max_size=3)
NAMES = st.sampled_from(("", "hall 1"))


def some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these keys."""
    return st.fixed_dictionaries({}, optional=values)


def _nodes() -> st.SearchStrategy[dict[str, Any]]:
    kind, name = st.sampled_from(get_args(NodeKind)), st.sampled_from(("hall", "mezzanine"))
    place = st.fixed_dictionaries({"x_mm": MM, "y_mm": MM})
    more = some(z_mm=MM, floor=FLOORS, kind=kind, heading_deg=DEGREES, map=name)
    return st.builds(lambda at, told: {**at, **told}, place, more)


@st.composite
def _edges(draw: st.DrawFn, u: str, v: str) -> list[dict[str, Any]]:
    """One edge, or one for each direction."""
    users = st.sampled_from((["people"], ["amr"], ["people", "amr"]))
    kinds = st.sampled_from(get_args(EdgeKind))
    told = some(length_mm=LENGTH, kind=kinds, speed_mm_s=st.integers(1, 3000), users=users)
    there = {"u": u, "v": v, "length_mm": 7, **draw(told)}
    if draw(st.booleans()):
        return [{**there, "oneway": draw(st.booleans())}]
    back = {"u": v, "v": u, "length_mm": 7, **draw(told)}
    return [{**there, "oneway": True}, {**back, "oneway": True}]


def _locations(ids: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    node, others = st.sampled_from(ids), st.lists(st.sampled_from(ids), max_size=2, unique=True)
    how = some(
        side=st.sampled_from(get_args(Side)),
        level=st.integers(0, 9),
        reach_mm=st.integers(-500, 2000),
        facing_deg=DEGREES,
    )
    at = st.one_of(
        st.just({}),
        st.builds(
            lambda place, told: {**place, **told},
            st.fixed_dictionaries({"x_mm": MM, "y_mm": MM}),
            some(z_mm=MM, heading_deg=DEGREES),
        ),
    )
    return st.builds(
        lambda node, others, how, at: {
            "node": node,
            "also": [name for name in others if name != node],
            **how,
            **at,
        },
        *(node, others, how, at),
    )
