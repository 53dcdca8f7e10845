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
    """In the order of the data, duplicates and all. path: of the thing's row, or of its block's.

    words: what the data calls id, u, v, code, node, also, if not so. names: of edges, by path.
    """

    name: str = ""
    maps: dict[int, str] = field(default_factory=dict)
    nodes: list[Placed[Node]] = field(default_factory=list)
    edges: list[Placed[Edge]] = field(default_factory=list)
    locations: list[Placed[Location]] = field(default_factory=list)
    words: Mapping[str, str] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)

    @property
    def known(self) -> dict[NodeId, Node]:
        """By id; of two the first. A node without a heading has NaN."""
        return {node.id: node for _, node in reversed(self.nodes)}


def check(draft: Draft, problems: Problems) -> None:
    """Notes duplicates, unknown nodes, lengths of zero or less, edges that lead back."""
    known = draft.known

    def note(path: Path, name: str, what: str, key: str) -> None:
        problems.note(path, draft.names.get(path, name), what, key=draft.words.get(key, key))

    def note_unknown(path: Path, name: str, ends: Iterable[tuple[str, NodeId]]) -> None:
        for key, node in ends:
            if node and node not in known:
                note(path, name, f"unknown node {node}{problems.hint(node, known)}", key)

    _note_duplicates("node", ((path, node.id) for path, node in draft.nodes), "id", note)
    codes = ((path, location.code) for path, location in draft.locations)
    _note_duplicates("location", codes, "code", note)
    for path, edge in draft.edges:
        name = f"{edge.u}-{edge.v}"
        note_unknown(path, name, (("u", edge.u), ("v", edge.v)))
        if edge.u == edge.v and edge.u:
            note(path, name, "leads back to its own node", "v")
        if edge.length_mm <= 0:
            note(path, name, f"length {edge.length_mm / 1000:g} m is not above zero", "length")
    _note_parallels(draft.edges, note)
    for path, location in draft.locations:
        ends = (("node", location.node), *(("also", node) for node in location.also))
        note_unknown(path, location.code, ends)


Note = Callable[[Path, str, str, str], None]


def _note_duplicates(what: str, ids: Iterable[Placed[str]], key: str, note: Note) -> None:
    first: dict[str, Path] = {}
    for path, name in ids:
        if first.setdefault(name, path) is not path and name:
            note(path, name, f"duplicate {what} (the first is {shown(first[name])})", key)


def _note_parallels(edges: Iterable[Placed[Edge]], note: Note) -> None:
    """Two edges may join the same nodes only as two one-way edges, one for each direction."""
    first: dict[tuple[NodeId, NodeId], Path] = {}
    for path, edge in edges:
        ways = [(edge.u, edge.v)] if edge.one_way else [(edge.u, edge.v), (edge.v, edge.u)]
        taken = next((first[way] for way in ways if way in first), None)
        if taken is not None and edge.u and edge.v:
            note(path, f"{edge.u}-{edge.v}", f"duplicate edge (the first is {shown(taken)})", "u")
        for way in ways:
            first.setdefault(way, path)


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


def on_maps(nodes: list[Placed[Node]], maps: Mapping[int, str]) -> list[Placed[Node]]:
    """The nodes with a map of their own only where it is not that of their floor."""
    return [
        (path, replace(node, map_id="") if node.map_id == maps.get(node.floor) else node)
        for path, node in nodes
    ]


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
        node.id: _headed(node, found.get(node.id, 0.0)) if node.id in open_ else node
        for _, node in draft.nodes
    }


def _headed(node: Node, heading_deg: float) -> Node:
    """As `replace`, in half its time: most nodes of a large floor come by here."""
    return Node(
        id=node.id,
        x_mm=node.x_mm,
        y_mm=node.y_mm,
        z_mm=node.z_mm,
        floor=node.floor,
        kind=node.kind,
        heading_deg=heading_deg,
        map_id=node.map_id,
    )
