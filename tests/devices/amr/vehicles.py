"""States as a vehicle would send them, made by hand."""

from datetime import timedelta
from typing import Any

from devices.amr.messages import Header, State
from tests.devices.peers import SOON, T0
from wcs.commands import SendTrip
from wcs.names import DeviceId, Lpn

HEADER: dict[str, Any] = {
    "headerId": 0,
    "timestamp": "2026-11-21T10:00:00.000Z",
    "version": "2.1.0",
    "manufacturer": "WEDGE",
    "serialNumber": "0001",
}
WAY = ("HANDOVER", "M1", "M2", "INDUCT")
POSES = {
    "HANDOVER": (0.0, 3.0, 1.5708),
    "M1": (0.0, 8.0, 0.0),
    "M2": (10.0, 8.0, -1.5708),
    "INDUCT": (10.0, 4.0, -1.5708),
}


def trip(name: str = "41-1", *lpns: str, way: tuple[str, ...] = WAY) -> SendTrip:
    return SendTrip(
        device=DeviceId("amr1"),
        trip=name,
        lpns=tuple(Lpn(lpn) for lpn in lpns or ("L00000001", "L00000002")),
        way=way,
        nodes=POSES,
        map_id="DEMO-1",
        before=SOON,
    )


def header(number: int = 0) -> Header:
    return Header.model_validate(HEADER | {"headerId": number})


def actions(name: str = "41-1", *, pick: str, drop: str) -> list[dict[str, Any]]:
    return [
        {
            "actionId": f"{name}:{kind}:L0000000{carton}",
            "actionType": kind,
            "actionStatus": status,
        }
        for kind, status in (("pick", pick), ("drop", drop))
        for carton in (1, 2)
    ]


def body(number: int = 0, **more: Any) -> dict[str, Any]:
    """An idle vehicle at the hand-over node; `number` counts messages, a second apart."""
    at = T0 + timedelta(seconds=number)
    idle = {
        "orderId": "",
        "orderUpdateId": 0,
        "lastNodeId": "HANDOVER",
        "lastNodeSequenceId": 0,
        "driving": False,
        "operatingMode": "AUTOMATIC",
        "nodeStates": [],
        "edgeStates": [],
        "agvPosition": {
            "x": 0.0,
            "y": 3.0,
            "theta": 1.57,
            "mapId": "DEMO-1",
            "positionInitialized": True,
        },
        "actionStates": [],
        "batteryState": {"batteryCharge": 80.0, "charging": False},
        "errors": [],
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
    }
    said = {"headerId": number, "timestamp": at.isoformat().replace("+00:00", "Z")}
    return HEADER | said | idle | more


def state(number: int = 0, **more: Any) -> State:
    return State.model_validate(body(number, **more))


def ahead(*nodes: str, start: int = 2) -> dict[str, Any]:
    """Node and edge states of what is still to be passed."""
    return {
        "nodeStates": [
            {"nodeId": node, "sequenceId": start + 2 * at, "released": True}
            for at, node in enumerate(nodes)
        ],
        "edgeStates": [
            {"edgeId": f"-{node}", "sequenceId": start + 2 * at - 1, "released": True}
            for at, node in enumerate(nodes)
        ],
    }


def rejection(name: str = "41-1", kind: str = "orderError") -> dict[str, Any]:
    return {
        "errorType": kind,
        "errorLevel": "WARNING",
        "errorDescription": "order 40-1 is active",
        "errorReferences": [
            {"referenceKey": "orderId", "referenceValue": name},
            {"referenceKey": "orderUpdateId", "referenceValue": "0"},
        ],
    }
