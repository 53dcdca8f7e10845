"""A floor as it was read, each thing with its place in the data, and what must hold for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar

from routing.floor import Edge, Location, Node, NodeId
from routing.problems import Path, Problems, shown

T = TypeVar("T")
Placed = tuple[Path, T]
STOREY_MM = 2000  # nodes that lie this much above the ones below are on another floor


@dataclass(slots=True)
class Draft:
    """In the order of the data, duplicates and all. path: for the thing's row, or its block's."""

    name: str = ""
    maps: dict[int, str] = field(default_factory=dict)
    nodes: list[Placed[Node]] = field(default_factory=list)
    edges: list[Placed[Edge]] = field(default_factory=list)
    locations: list[Placed[Location]] = field(default_factory=list)

    @property
    def known(self) -> dict[NodeId, Node]:
        """By id; of two the first. A node without a heading has NaN."""
        return {node.id: node for _, node in reversed(self.nodes)}


def check(draft: Draft, problems: Problems) -> None:
    """Notes duplicates, unknown nodes, lengths of zero or less, edges that lead back."""
    known = draft.known
    _duplicates("node", draft.nodes, lambda node: node.id, "id", problems)
    _duplicates("location", draft.locations, lambda location: location.code, "code", problems)
    _bad_edges(draft.edges, known, problems)
    for path, location in draft.locations:
        if location.node not in known or not all(node in known for node in location.also):
            for node in (location.node, *location.also):
                if node and node not in known:
                    hint = problems.hint(node, known)
                    key = "node" if node == location.node else "also"
                    problems.note(path, location.code, f"unknown node {node}{hint}", key=key)


def _duplicates(
    what: str, things: list[Placed[T]], id_of: Callable[[T], str], key: str, problems: Problems
) -> None:
    first: dict[str, Path] = {}
    for path, thing in things:
        name = id_of(thing)
        if first.setdefault(name, path) is not path and name:
            problems.note(
                path, name, f"duplicate {what} (the first is {shown(first[name])})", key=key
            )


def _bad_edges(
    edges: Iterable[Placed[Edge]], known: Mapping[NodeId, Node], problems: Problems
) -> None:
    """Two edges may join the same nodes only as two one-way edges, one for each direction."""
    first: dict[tuple[NodeId, NodeId], Path] = {}
    for path, edge in edges:
        name = f"{edge.u}-{edge.v}"
        for key, node in (("u", edge.u), ("v", edge.v)):
            if node and node not in known:
                hint = problems.hint(node, known)
                problems.note(path, name, f"unknown node {node}{hint}", key=key)
        if edge.u == edge.v and edge.u:
            problems.note(path, name, "leads back to its own node", key="v")
        if edge.length_mm <= 0:
            problems.note(path, name, f"length {_metres(edge.length_mm)} is not above zero")
        ways = [(edge.u, edge.v)] if edge.one_way else [(edge.u, edge.v), (edge.v, edge.u)]
        taken = next((first[way] for way in ways if way in first), None)
        if taken is not None and edge.u and edge.v:
            problems.note(path, name, f"duplicate edge (the first is {shown(taken)})")
        for way in ways:
            first.setdefault(way, path)


def _metres(mm: int) -> str:
    return f"{mm / 1000:g} m"


def straight_mm(u: Node | None, v: Node | None) -> int:
    """1 where an end is not known: that has its own problem."""
    if u is None or v is None:
        return 1
    return round(math.dist((u.x_mm, u.y_mm, u.z_mm), (v.x_mm, v.y_mm, v.z_mm)))


def on_floors(nodes: list[Placed[Node]]) -> list[Placed[Node]]:
    """The nodes with floors by their heights; 0 is the storey nearest to z = 0."""
    heights = sorted({node.z_mm for _, node in nodes})
    rises = [high for low, high in pairwise(heights) if high - low >= STOREY_MM]
    if not rises:
        return nodes
    ground = min(heights, key=abs)
    below = sum(rise <= ground for rise in rises)
    floor = {z: sum(rise <= z for rise in rises) - below for z in heights}
    return [(path, replace(node, floor=floor[node.z_mm])) for path, node in nodes]


def headed(draft: Draft) -> dict[NodeId, Node]:
    """The nodes with a heading each: their own, else their first edge's, else along +x."""
    known = draft.known
    open_ = {name for name, node in known.items() if math.isnan(node.heading_deg)}
    found: dict[NodeId, float] = {}
    for _, edge in draft.edges:
        if edge.u not in open_ and edge.v not in open_:
            continue
        u, v = known[edge.u], known[edge.v]
        if (u.x_mm, u.y_mm) != (v.x_mm, v.y_mm):
            heading = round(math.degrees(math.atan2(v.y_mm - u.y_mm, v.x_mm - u.x_mm)), 6)
            found.setdefault(u.id, heading)
            found.setdefault(v.id, heading)
    return {
        node.id: replace(node, heading_deg=found.get(node.id, 0.0)) if node.id in open_ else node
        for _, node in draft.nodes
    }
