"""What is new in a vehicle's state: observations where its meaning changed, values for pages."""

from collections.abc import Iterator
from datetime import datetime

from devices.amr.messages import AgvPosition, State
from devices.amr.vda5050 import condition, progress
from devices.tags.value import Plain
from wcs.names import DeviceId
from wcs.observations import TripProgressed, VehicleChanged


def news(
    vehicle: DeviceId, before: State | None, state: State, at: datetime
) -> Iterator[tuple[TripProgressed | VehicleChanged, str | None]]:
    """Each with its source key: a trip is picked, dropped, rejected or failed once, whatever is
    repeated; what was rejected is asked for again as another trip."""
    known = {(step.trip, step.step) for step in progress(before)} if before else set()
    for step in progress(state):
        if (step.trip, step.step) not in known:
            progressed = TripProgressed(
                vehicle=vehicle,
                trip=step.trip,
                step=step.step,
                lpns=step.lpns,
                text=step.text,
                at=at,
            )
            yield progressed, f"{vehicle}:{step.trip}:{step.step}"
    now = condition(state)
    if before is None or now != condition(before):
        changed = VehicleChanged(
            vehicle=vehicle, ready=now.ready, reason=now.reason, node=now.node, at=at
        )
        yield changed, None


def values(state: State) -> Iterator[tuple[str, Plain, str]]:
    """Name, value and unit of what the pages show."""
    yield "mode", state.operatingMode, ""
    yield "node", state.lastNodeId, ""
    yield "order", state.orderId, ""
    yield "driving", state.driving, ""
    yield "paused", state.paused, ""
    yield "battery", state.batteryState.batteryCharge, "%"
    yield "loads", " ".join(load.loadId for load in state.loads or ()), ""
    if state.agvPosition is not None:
        yield from position(state.agvPosition)


def position(where: AgvPosition) -> Iterator[tuple[str, Plain, str]]:
    yield "x", where.x, "m"
    yield "y", where.y, "m"
    yield "theta", where.theta, "rad"
    yield "map", where.mapId, ""
