"""What a vehicle checks before it takes an order (VDA 5050 2.1.0, sections 6.6 and 6.7)."""

import math
from dataclasses import dataclass
from typing import Any

REACHABLE_M = 0.5
"""A first node this near is trivially reachable, whatever deviation the order allows."""


@dataclass(frozen=True, slots=True)
class Rejected(Exception):
    kind: str
    """VDA 5050 errorType."""
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    id: str
    type: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stop:
    """A node of the order. `edge` is the edge that leads to it, None for the first."""

    node: str
    sequence: int
    released: bool
    x: float
    y: float
    map_id: str
    theta: float | None
    actions: tuple[Action, ...]
    edge: str | None


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    update: int
    stops: tuple[Stop, ...]


def action_of(document: dict[str, Any]) -> Action:
    parameters = {one["key"]: one["value"] for one in document.get("actionParameters", ())}
    return Action(document["actionId"], document["actionType"], parameters)


def order_of(document: dict[str, Any]) -> Order:
    """Raises Rejected (validationError) when it is malformed, not contiguous or has an unreleased
    node before a released one."""
    try:
        nodes, edges = document["nodes"], document["edges"]
        stops = tuple(_stop(node, edges[at - 1] if at else None) for at, node in enumerate(nodes))
        order = Order(document["orderId"], int(document["orderUpdateId"]), stops)
    except (KeyError, TypeError, ValueError, IndexError) as err:
        raise Rejected("validationError", f"malformed order: {err!r}") from err
    _check(order, edges)
    return order


def _stop(node: dict[str, Any], edge: dict[str, Any] | None) -> Stop:
    position = node["nodePosition"]
    return Stop(
        node=node["nodeId"],
        sequence=int(node["sequenceId"]),
        released=bool(node["released"]),
        x=float(position["x"]),
        y=float(position["y"]),
        map_id=position["mapId"],
        theta=position.get("theta"),
        actions=tuple(action_of(action) for action in node["actions"]),
        edge=edge["edgeId"] if edge else None,
    )


def _check(order: Order, edges: list[dict[str, Any]]) -> None:
    stops = order.stops
    if not stops or len(edges) != len(stops) - 1:
        raise Rejected("validationError", "an order needs one edge less than nodes")
    first = stops[0].sequence
    if [stop.sequence for stop in stops] != list(range(first, first + 2 * len(stops), 2)):
        raise Rejected("validationError", "sequence ids of nodes must count by two")
    for before, after, edge in zip(stops, stops[1:], edges, strict=False):
        ends = edge.get("startNodeId"), edge.get("endNodeId")
        if ends != (before.node, after.node) or edge.get("sequenceId") != before.sequence + 1:
            raise Rejected("validationError", f"edge {edge.get('edgeId')} does not join its nodes")
        if after.released and not before.released:
            raise Rejected(
                "validationError", f"node {after.node} is released after one that is not"
            )
    if not stops[0].released:
        raise Rejected("validationError", "the first node is not released")


def check_start(stop: Stop, last_node: str, x: float, y: float) -> None:
    """Raises Rejected (noRouteError) unless the vehicle stands on the first node or near it."""
    apart_m = math.dist((stop.x, stop.y), (x, y))
    if stop.node != last_node and apart_m > REACHABLE_M:
        raise Rejected("noRouteError", f"first node {stop.node} is {apart_m:.1f} m away")


def check_actions(order: Order, known: tuple[str, ...]) -> None:
    for stop in order.stops:
        for action in stop.actions:
            if action.type not in known:
                raise Rejected("orderError", f"action {action.type} is not possible here")
