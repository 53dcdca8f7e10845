"""VDA 5050 version 2.1.0, restated: what we send is checked against it, what we read must fit it.

Only the fields that we use; a vehicle may say more. Names are those of the standard.
"""

import itertools
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Angle = Annotated[float, Field(ge=-3.14159265359, le=3.14159265359)]
"""Radians, counter-clockwise from +x."""
Count = Annotated[int, Field(ge=0)]
Level = Literal["WARNING", "FATAL"]
Mode = Literal["AUTOMATIC", "SEMIAUTOMATIC", "MANUAL", "SERVICE", "TEACHIN"]
ActionStatus = Literal["WAITING", "INITIALIZING", "RUNNING", "PAUSED", "FINISHED", "FAILED"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Header(_Part):
    headerId: Count
    timestamp: AwareDatetime
    version: str
    manufacturer: str
    serialNumber: str


# --- to the vehicle -------------------------------------------------------------------------------


class ActionParameter(_Part):
    key: str
    value: str | bool | float


class Action(_Part):
    actionType: str
    actionId: str
    blockingType: Literal["NONE", "SOFT", "HARD"]
    actionParameters: tuple[ActionParameter, ...] = ()


class NodePosition(_Part):
    """Metres."""

    x: float
    y: float
    theta: Angle
    mapId: str


class Node(_Part):
    nodeId: str
    sequenceId: Count
    released: bool
    nodePosition: NodePosition
    actions: tuple[Action, ...] = ()


class Edge(_Part):
    edgeId: str
    sequenceId: Count
    released: bool
    startNodeId: str
    endNodeId: str
    actions: tuple[Action, ...] = ()


class Order(Header):
    orderId: Annotated[str, Field(min_length=1)]
    orderUpdateId: Count = 0
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    edges: tuple[Edge, ...]

    @model_validator(mode="after")
    def _edges_join_nodes(self) -> "Order":
        """Nodes have even, edges odd sequence ids, contiguous (2.1.0, 6.6.2)."""
        if [node.sequenceId for node in self.nodes] != list(range(0, 2 * len(self.nodes), 2)):
            raise ValueError("sequence ids of the nodes are not 0, 2, 4, ...")
        joins = [
            (before.nodeId, after.nodeId, before.sequenceId + 1)
            for before, after in itertools.pairwise(self.nodes)
        ]
        if joins != [(edge.startNodeId, edge.endNodeId, edge.sequenceId) for edge in self.edges]:
            raise ValueError("the edges do not join the nodes")
        return self


class InstantActions(Header):
    actions: tuple[Action, ...]


# --- from the vehicle -----------------------------------------------------------------------------


class Connection(Header):
    connectionState: Literal["ONLINE", "OFFLINE", "CONNECTIONBROKEN"]


class NodeState(_Part):
    nodeId: str
    sequenceId: int
    released: bool


class EdgeState(_Part):
    edgeId: str
    sequenceId: int
    released: bool


class ActionState(_Part):
    actionId: str
    actionType: str = ""
    actionStatus: ActionStatus
    resultDescription: str = ""


class AgvPosition(_Part):
    x: float
    y: float
    theta: float
    mapId: str
    positionInitialized: bool


class Load(_Part):
    loadId: str = ""


class BatteryState(_Part):
    batteryCharge: float
    charging: bool


class ErrorReference(_Part):
    referenceKey: str
    referenceValue: str


class VehicleError(_Part):
    errorType: str
    errorReferences: tuple[ErrorReference, ...] = ()
    errorDescription: str = ""
    errorHint: str = ""
    errorLevel: Level


class SafetyState(_Part):
    eStop: Literal["AUTOACK", "MANUAL", "REMOTE", "NONE"]
    fieldViolation: bool


class State(Header):
    orderId: str
    orderUpdateId: int
    lastNodeId: str
    lastNodeSequenceId: int
    driving: bool
    paused: bool = False
    operatingMode: Mode
    nodeStates: tuple[NodeState, ...]
    edgeStates: tuple[EdgeState, ...]
    agvPosition: AgvPosition | None = None
    loads: tuple[Load, ...] | None = None
    actionStates: tuple[ActionState, ...]
    batteryState: BatteryState
    errors: tuple[VehicleError, ...]
    safetyState: SafetyState


class Visualization(Header):
    """Optional, for the eye only: never for progress."""

    agvPosition: AgvPosition | None = None
