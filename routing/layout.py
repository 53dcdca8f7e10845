"""A warehouse floor as an immutable value: nodes, edges, and locations that hang on nodes.

Inside everything is an integer: millimetres and node numbers. `graph` is the same floor as a
networkx graph, for people and for tools; no path is computed on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2s
from operator import attrgetter
from typing import TYPE_CHECKING

from routing.draft import Draft, check, headed
from routing.errors import LayoutError
from routing.floor import USERS, Edge, Location, LocationCode, Node, NodeId, User
from routing.problems import Problems
from routing.reach import note_disconnected
from routing.reading import read_plain

if TYPE_CHECKING:
    import networkx as nx

Arc = tuple[int, int, int]  # (node number at the far end, length in mm, edge number)
_NODE = attrgetter(*(field.name for field in fields(Node)))
_EDGE = attrgetter(*(field.name for field in fields(Edge) if field.name != "users"))
_LOCATION = attrgetter(*(field.name for field in fields(Location)))


@dataclass(frozen=True, eq=False)
class Layout:
    """One version of one floor plan. Two layouts of the same version are the same floor.

    nodes and locations keep the order of the data. maps: map id by floor, for the poses of
    vehicles. Built by `layout_from`, which checks what this class trusts.
    """

    name: str
    nodes: Mapping[NodeId, Node]
    edges: tuple[Edge, ...]
    locations: Mapping[LocationCode, Location]
    maps: Mapping[int, str]

    @cached_property
    def version(self) -> str:
        """12 hex digits of the content (BLAKE2s): equal on every machine and after a restart."""
        nodes = [*map(_NODE, self.nodes.values())]
        edges = [(_EDGE(edge), sorted(edge.users)) for edge in self.edges]
        content = (
            nodes,
            edges,
            [*map(_LOCATION, self.locations.values())],
            sorted(self.maps.items()),
        )
        return blake2s(repr(content).encode(), digest_size=6).hexdigest()

    @cached_property
    def ids(self) -> tuple[NodeId, ...]:
        """Node ids by node number."""
        return tuple(self.nodes)

    @cached_property
    def number(self) -> dict[NodeId, int]:
        """Node numbers by node id."""
        return {node: i for i, node in enumerate(self.nodes)}

    @cached_property
    def arcs(self) -> tuple[tuple[Arc, ...], ...]:
        """What leaves each node number."""
        return self._arcs(backwards=False)

    @cached_property
    def arcs_in(self) -> tuple[tuple[Arc, ...], ...]:
        """What enters each node number; the arc's first field is where it comes from."""
        return self._arcs(backwards=True)

    def _arcs(self, *, backwards: bool) -> tuple[tuple[Arc, ...], ...]:
        arcs: list[list[Arc]] = [[] for _ in self.nodes]
        for number, edge in enumerate(self.edges):
            u, v = self.number[edge.u], self.number[edge.v]
            if not (edge.one_way and backwards):
                arcs[u].append((v, edge.length_mm, number))
            if not (edge.one_way and not backwards):
                arcs[v].append((u, edge.length_mm, number))
        return tuple(map(tuple, arcs))

    @cached_property
    def edges_between(self) -> dict[tuple[NodeId, NodeId], tuple[int, ...]]:
        """Edge numbers by both orders of their ends (two when each direction is its own edge)."""
        found: dict[tuple[NodeId, NodeId], tuple[int, ...]] = {}
        for number, edge in enumerate(self.edges):
            for ends in ((edge.u, edge.v), (edge.v, edge.u)):
                found[ends] = (*found.get(ends, ()), number)
        return found

    @cached_property
    def directed(self) -> bool:
        """Whether some edge is one-way."""
        return any(edge.one_way for edge in self.edges)

    @cached_property
    def users(self) -> frozenset[User]:
        """Who may go on some edge at all: a layout of vehicles has none for people."""
        return frozenset().union(*(edge.users for edge in self.edges))

    @cached_property
    def barred(self) -> Mapping[User, tuple[int, ...]]:
        """The edge numbers that each sort of user may not go on."""
        return {
            user: tuple(i for i, edge in enumerate(self.edges) if user not in edge.users)
            for user in sorted(USERS)
        }

    @cached_property
    def graph(self) -> nx.DiGraph[NodeId]:
        """The floor as a frozen networkx graph; a two-way edge is two arcs.

        Nodes: x_mm, y_mm, z_mm, floor, kind, heading_deg. Edges: length_mm, oneway, kind,
        speed_mm_s, users. `routing.networks.layout_from_graph` is the way back.
        """
        from routing.networks import graph_of

        return graph_of(self)


def layout_from(data: Mapping[str, object], name: str) -> Layout:
    """The layout that plain data describes, checked as a whole (`routing.reading` has the keys).

    data: `blocks` of aisles x bays, and free `nodes`, `edges`, `locations`; what a YAML or JSON
    reader returns. Lengths are integers in `*_mm` keys or metres in the bare ones.
    name: of the data, for errors, and of the layout if the data has no name of its own.
    Raises LayoutError with one problem for each mistake: misspelt key, bad number, unknown or
    duplicate id, length of zero or less, a location that cannot be reached from a depot and back.
    """
    problems = Problems()
    draft = read_plain(data, problems)
    return layout_of(draft, problems, name)


def layout_of(draft: Draft, problems: Problems, name: str) -> Layout:
    """The layout of a floor that was read. Raises LayoutError with what reading it noted, too."""
    check(draft, problems)
    if problems:
        raise LayoutError(name, problems)
    edges = tuple(edge for _, edge in draft.edges)
    locations = {location.code: location for _, location in draft.locations}
    layout = Layout(draft.name or name, headed(draft), edges, locations, draft.maps)
    note_disconnected(layout, draft.locations, problems)
    if problems:
        raise LayoutError(name, problems)
    return layout
