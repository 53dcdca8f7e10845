"""A layout as a networkx graph, and a networkx graph as a layout. No path is computed on it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from routing.layout import Layout, layout_from

if TYPE_CHECKING:
    import networkx as nx

    from routing.floor import Edge, Node, NodeId

Row = dict[str, Any]


def graph_of(layout: Layout) -> nx.DiGraph[NodeId]:
    """Frozen; a two-way edge is two arcs. See `Layout.graph` for the attributes.

    networkx is imported here and nowhere else: 24 MB that a process which only walks does not pay.
    """
    import networkx as nx

    graph: nx.DiGraph[NodeId] = nx.DiGraph(name=layout.name, version=layout.version)
    graph.add_nodes_from((node.id, _of_node(node)) for node in layout.nodes.values())
    for edge in layout.edges:
        graph.add_edge(edge.u, edge.v, **_of_edge(edge))
        if not edge.one_way:
            graph.add_edge(edge.v, edge.u, **_of_edge(edge))
    nx.freeze(graph)
    return graph


def layout_from_graph(
    graph: nx.Graph[Any],
    name: str = "graph",
    *,
    locations: Iterable[Mapping[str, object]] = (),
    maps: Mapping[int, str] | None = None,
) -> Layout:
    """The layout of a networkx graph, with the checks of `layout_from`.

    Nodes are text or whole numbers. Attributes are the keys of `routing.reading`, in any of their
    units: `x`, `y`, `z`, `floor`, `kind` ...; `length_m`, `oneway`, `kind`, `speed`, `users`.
    An arc of a DiGraph is a one-way edge; with its opposite, if they agree and neither says
    `oneway`, it is a two-way edge. An edge of a Graph is two-way.
    Raises LayoutError with one problem for each mistake, another attribute among them.
    """
    nodes = [{**told, "id": node} for node, told in graph.nodes(data=True)]
    data: dict[str, object] = {"nodes": nodes, "edges": list(_edges(graph))}
    return layout_from({**data, "locations": list(locations), "maps": maps}, graph.name or name)


def _of_node(node: Node) -> Row:
    return {
        "x_mm": node.x_mm,
        "y_mm": node.y_mm,
        "z_mm": node.z_mm,
        "floor": node.floor,
        "kind": node.kind,
        "heading_deg": node.heading_deg,
    }


def _of_edge(edge: Edge) -> Row:
    return {
        "length_mm": edge.length_mm,
        "oneway": edge.one_way,
        "kind": edge.kind,
        "speed_mm_s": edge.speed_mm_s,
        "users": tuple(sorted(edge.users)),
    }


def _edges(graph: nx.Graph[Any]) -> Iterator[Row]:
    arcs = [(u, v, dict(told)) for u, v, told in graph.edges(data=True)]
    if not graph.is_directed():
        yield from ({**told, "u": u, "v": v} for u, v, told in arcs)
        return
    told_of: dict[tuple[Hashable, Hashable], Row] = {(u, v): told for u, v, told in arcs}
    done: set[tuple[Hashable, Hashable]] = set()
    for u, v, told in arcs:
        if told.get("oneway") or told_of.get((v, u)) != told:
            yield {**told, "u": u, "v": v, "oneway": True}
        elif (v, u) not in done:
            done.add((u, v))
            yield {**told, "u": u, "v": v}
