"""What a vehicle is asked and what its state means: VDA 5050 2.1.0, without a wire.

Progress is read from order, node, edge and action states, never from the position. The action id
`trip:step:lpn` is unique for ever and says itself what has ended, so nothing must be remembered.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from devices.amr.messages import (
    Action,
    ActionParameter,
    ActionState,
    Edge,
    Header,
    InstantActions,
    Node,
    NodePosition,
    Order,
    State,
    VehicleError,
)
from wcs.commands import SendTrip
from wcs.names import Lpn

Step = Literal["picked", "dropped", "rejected", "failed"]
_ACTION_OF: Final[dict[Step, str]] = {"picked": "pick", "dropped": "drop"}


class NoWay(ValueError):
    """The vehicle stands where the trip's way does not lead."""


def nodes_of(trip: SendTrip, last_node: str) -> list[str]:
    """From where the vehicle stands back to the pick node, on to the drop node, and back again.

    Raises NoWay when `last_node` is not on the way.
    """
    if last_node not in trip.way:
        raise NoWay(f"the vehicle is at {last_node or 'no node'}, not on the way {trip.way}")
    to_pick = trip.way[: trip.way.index(last_node) + 1][::-1]
    return [*to_pick, *trip.way[1:], *trip.way[-2::-1]]


def order(trip: SendTrip, last_node: str, header: Header) -> Order:
    """Everything released: one base, no horizon. Raises NoWay."""
    names = nodes_of(trip, last_node)
    pick_at = trip.way.index(last_node)
    at = {pick_at: "pick", pick_at + len(trip.way) - 1: "drop"}
    nodes = [
        Node(
            nodeId=name,
            sequenceId=2 * number,
            released=True,
            nodePosition=_position(trip, name),
            actions=tuple(_actions(trip, at[number])) if number in at else (),
        )
        for number, name in enumerate(names)
    ]
    return Order(**dict(header), orderId=trip.trip, nodes=tuple(nodes), edges=_edges(names))


def _edges(names: Sequence[str]) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            edgeId=f"{start}-{end}",
            sequenceId=2 * number + 1,
            released=True,
            startNodeId=start,
            endNodeId=end,
        )
        for number, (start, end) in enumerate(itertools.pairwise(names))
    )


def _position(trip: SendTrip, name: str) -> NodePosition:
    x, y, theta = trip.nodes[name]
    return NodePosition(x=x, y=y, theta=math.remainder(theta, math.tau), mapId=trip.map_id)


def _actions(trip: SendTrip, kind: str) -> Iterator[Action]:
    for lpn in trip.lpns:
        yield Action(
            actionType=kind,
            actionId=f"{trip.trip}:{kind}:{lpn}",
            blockingType="HARD",
            actionParameters=(
                ActionParameter(key="stationType", value="floor"),
                ActionParameter(key="loadId", value=lpn),
            ),
        )


def state_request(header: Header) -> InstantActions:
    """Asks for a state now. The id is unique by its instant."""
    identity = f"state:{header.serialNumber}:{header.timestamp.isoformat()}:{header.headerId}"
    ask = Action(actionType="stateRequest", actionId=identity, blockingType="NONE")
    return InstantActions(**dict(header), actions=(ask,))


# --- reading a state ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    trip: str
    step: Step
    lpns: tuple[Lpn, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether the vehicle can take orders and drive, why not, and the node it passed last."""

    ready: bool
    reason: str
    node: str | None


def progress(state: State) -> tuple[Progress, ...]:
    """Every step that this state proves; the same again from every later state of the order."""
    found = [*_rejected(state), *_failed(state)]
    if _all_finished(state, "picked"):
        on_board = (load.loadId for load in state.loads or ())
        found.append(
            Progress(state.orderId, "picked", tuple(Lpn(load) for load in on_board if load))
        )
    if order_done(state) and _all_finished(state, "dropped"):
        dropped = tuple(Lpn(_lpn(action)) for action in _of(state, "dropped"))
        found.append(Progress(state.orderId, "dropped", dropped))
    return tuple(found)


def order_done(state: State) -> bool:
    """Nothing left to pass and nothing left to do (2.1.0: the vehicle is idle)."""
    return not state.nodeStates and not state.edgeStates and _have_ended(state.actionStates)


def forgot(before: State, state: State) -> bool:
    """The vehicle was on a trip and now is not, without having ended it: it started anew, or a
    person took it over."""
    return bool(before.orderId) and not order_done(before) and state.orderId != before.orderId


def condition(state: State) -> Condition:
    return Condition(not (why := _trouble(state)), why, state.lastNodeId or None)


def is_older(state: State, than: State | None) -> bool:
    """Late or doubled. A vehicle that restarted counts its headers anew, with a later time."""
    if than is None:
        return False
    return state.headerId <= than.headerId and state.timestamp <= than.timestamp


def _of(state: State, step: Step) -> list[ActionState]:
    begins = f"{state.orderId}:{_ACTION_OF[step]}:"
    return [action for action in state.actionStates if action.actionId.startswith(begins)]


def _all_finished(state: State, step: Step) -> bool:
    actions = _of(state, step)
    return bool(actions) and all(action.actionStatus == "FINISHED" for action in actions)


def _have_ended(actions: Iterable[ActionState]) -> bool:
    return all(action.actionStatus in ("FINISHED", "FAILED") for action in actions)


def _lpn(action: ActionState) -> str:
    return action.actionId.rpartition(":")[2]


def _failed(state: State) -> Iterator[Progress]:
    """One for the trip, once all its picks or all its drops have ended: then it names every carton
    that stayed where it was, even if the vehicle drives on with the others."""
    ended = [actions for step in _ACTION_OF if _have_ended(actions := _of(state, step))]
    failed = [action for actions in ended for action in actions if action.actionStatus == "FAILED"]
    if failed:
        lpns = tuple(Lpn(_lpn(action)) for action in failed)
        words = "; ".join(f"{a.actionId} {a.resultDescription}".strip() for a in failed)
        yield Progress(state.orderId, "failed", lpns, words)


def _rejected(state: State) -> Iterator[Progress]:
    """An error that names an order which the vehicle did not take. It stays in the state until
    another order is taken, so it is matched by its reference, not by being there."""
    for error in state.errors:
        if (trip := _named(error)) and trip != state.orderId:
            words = " ".join((error.errorType, error.errorDescription, error.errorHint)).strip()
            yield Progress(trip, "rejected", (), words)


def _named(error: VehicleError) -> str:
    named = (ref.referenceValue for ref in error.errorReferences if ref.referenceKey == "orderId")
    return next(named, "")


def _trouble(state: State) -> str:
    if state.operatingMode not in ("AUTOMATIC", "SEMIAUTOMATIC"):
        return f"in {state.operatingMode.lower()} mode"
    if state.safetyState.eStop != "NONE":
        return "emergency stop: a person resets it at the vehicle"
    fatal = next((error for error in state.errors if error.errorLevel == "FATAL"), None)
    if fatal:
        return " ".join((fatal.errorType, fatal.errorDescription, fatal.errorHint)).strip()
    if state.agvPosition is not None and not state.agvPosition.positionInitialized:
        return "does not know where it is"
    if state.safetyState.fieldViolation:
        return "something stands in its protective field"
    return "paused" if state.paused else ""
