"""The documents that a vehicle sends, as VDA 5050 2.1.0 has them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from simulators.amr.order import Stop
from simulators.amr.vehicle import SPEED_M_S, Vehicle
from simulators.amr.work import INSTANT_ACTIONS, NODE_ACTIONS, Fault

VERSION = "2.1.0"
CAPACITY = 6
STATE_EVERY_S = 5.0
VISUALIZATION_EVERY_S = 0.5


class Headers:
    """One counter per topic, from 0 after every start."""

    def __init__(self, manufacturer: str, serial: str) -> None:
        self._manufacturer, self._serial = manufacturer, serial
        self._sent: Counter[str] = Counter()

    def on(self, topic: str, body: dict[str, Any], now: datetime | None = None) -> dict[str, Any]:
        moment = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
        header = {
            "headerId": self._sent[topic],
            "timestamp": moment.replace("+00:00", "Z"),
            "version": VERSION,
            "manufacturer": self._manufacturer,
            "serialNumber": self._serial,
        }
        self._sent[topic] += 1
        return {**header, **body}


def state(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "orderId": vehicle.order_id,
        "orderUpdateId": vehicle.order_update,
        "lastNodeId": vehicle.last_node,
        "lastNodeSequenceId": vehicle.last_sequence,
        "nodeStates": [_node_state(stop) for stop in vehicle.ahead],
        "edgeStates": [_edge_state(stop) for stop in vehicle.ahead if stop.edge],
        "driving": vehicle.driving,
        "paused": vehicle.paused,
        "distanceSinceLastNode": round(vehicle.travelled_m, 3),
        "agvPosition": _position(vehicle),
        "loads": [{"loadId": load, "loadType": "carton"} for load in vehicle.loads],
        "actionStates": [
            {
                "actionId": one.action.id,
                "actionType": one.action.type,
                "actionStatus": one.status,
                "resultDescription": one.result,
            }
            for one in vehicle.doing.values()
        ],
        "batteryState": {
            "batteryCharge": round(vehicle.battery.charge, 1),
            "charging": vehicle.battery.charging,
        },
        "operatingMode": "AUTOMATIC",
        "errors": [_error(fault) for fault in vehicle.errors],
        "information": [],
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
    }


def visualization(vehicle: Vehicle) -> dict[str, Any]:
    return {"agvPosition": _position(vehicle)}


def news(state: dict[str, Any]) -> dict[str, Any]:
    """What of a state is worth a message of its own: all but position and charge."""
    slow = ("agvPosition", "distanceSinceLastNode", "batteryState")
    charging = state["batteryState"]["charging"]
    return {"charging": charging, **{key: of for key, of in state.items() if key not in slow}}


def _position(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "x": round(vehicle.x, 3),
        "y": round(vehicle.y, 3),
        "theta": round(vehicle.theta, 4),
        "mapId": vehicle.map_id,
        "positionInitialized": True,
    }


def _node_state(stop: Stop) -> dict[str, Any]:
    position = {"x": stop.x, "y": stop.y, "mapId": stop.map_id}
    if stop.theta is not None:
        position["theta"] = stop.theta
    return {
        "nodeId": stop.node,
        "sequenceId": stop.sequence,
        "released": stop.released,
        "nodePosition": position,
    }


def _edge_state(stop: Stop) -> dict[str, Any]:
    return {"edgeId": stop.edge, "sequenceId": stop.sequence - 1, "released": stop.released}


def _error(fault: Fault) -> dict[str, Any]:
    return {
        "errorType": fault.kind,
        "errorLevel": "WARNING",
        "errorDescription": fault.text,
        "errorReferences": [
            {"referenceKey": key, "referenceValue": value} for key, value in fault.references
        ],
    }


def factsheet() -> dict[str, Any]:
    """Without `blockingTypes`: the official 2.1.0 schema has no valid value for it."""
    load = {"key": "loadId", "valueDataType": "STRING", "isOptional": False}
    station = {"key": "stationType", "valueDataType": "STRING", "isOptional": True}
    at_nodes = [
        {
            "actionType": kind,
            "actionScopes": ["NODE"],
            "actionParameters": [load, station],
        }
        for kind in NODE_ACTIONS
    ]
    instant = [{"actionType": kind, "actionScopes": ["INSTANT"]} for kind in INSTANT_ACTIONS]
    return {
        "typeSpecification": {
            "seriesName": "Simulated carton carrier",
            "agvKinematic": "DIFF",
            "agvClass": "CARRIER",
            "maxLoadMass": 90,
            "localizationTypes": ["NATURAL"],
            "navigationTypes": ["AUTONOMOUS"],
        },
        "physicalParameters": {
            "speedMin": 0.1,
            "speedMax": SPEED_M_S,
            "accelerationMax": 1.0,
            "decelerationMax": 1.0,
            "heightMax": 1.4,
            "width": 0.7,
            "length": 1.1,
        },
        "protocolLimits": {
            "maxStringLens": {"idLen": 64},
            "maxArrayLens": {"order.nodes": 64, "node.actions": 16, "state.loads": CAPACITY},
            "timing": {
                "minOrderInterval": 0.1,
                "minStateInterval": 0.01,
                "defaultStateInterval": STATE_EVERY_S,
                "visualizationInterval": VISUALIZATION_EVERY_S,
            },
        },
        "protocolFeatures": {"optionalParameters": [], "agvActions": at_nodes + instant},
        "agvGeometry": {},
        "loadSpecification": {
            "loadPositions": [f"shelf{n}" for n in range(1, CAPACITY + 1)],
            "loadSets": [{"setName": "cartons", "loadType": "carton", "maxWeight": 15}],
        },
    }
