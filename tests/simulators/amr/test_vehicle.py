"""The vehicle by value: which orders it takes, how it drives, picks, drops, cancels, charges."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from simulators.amr import messages
from simulators.amr.battery import FULL
from simulators.amr.vehicle import Vehicle

AT = {"HANDOVER": (0.0, 3.0), "M1": (0.0, 8.0), "M2": (10.0, 8.0), "INDUCT": (10.0, 4.0)}
WAY = tuple(AT)
BACK = WAY[::-1]
LOADS = ("L00000001", "L00000002")


def handling(kind: str, load: str) -> dict:
    parameters = [{"key": "stationType", "value": "floor"}, {"key": "loadId", "value": load}]
    return {
        "actionType": kind,
        "actionId": f"{kind}-{load}",
        "blockingType": "HARD",
        "actionParameters": parameters,
    }


def order(id: str = "T1", way: tuple[str, ...] = WAY + BACK[1:], update: int = 0, **at) -> dict:
    """A trip along `way`; picks at its first node, drops at INDUCT. `at`: actions by node."""
    actions = at or {
        "HANDOVER": [handling("pick", load) for load in LOADS],
        "INDUCT": [handling("drop", load) for load in LOADS],
    }
    nodes = []
    for n, node in enumerate(way):
        x, y = AT[node]
        done_here = actions.get(node, []) if n < len(WAY) else []
        position = {"x": x, "y": y, "mapId": "DEMO-1", "allowedDeviationXY": 0.5}
        nodes.append(
            {"nodeId": node, "sequenceId": 2 * n, "released": True, "nodePosition": position}
            | {"actions": done_here}
        )
    edges = [
        {"edgeId": f"{a}-{b}", "sequenceId": 2 * n + 1, "released": True, "actions": []}
        | {"startNodeId": a, "endNodeId": b}
        for n, (a, b) in enumerate(pairwise(way))
    ]
    header = {"headerId": 0, "timestamp": "2026-11-21T10:00:00.000Z", "version": "2.1.0"}
    name = {"manufacturer": "WEDGE", "serialNumber": "0001"}
    body = {"orderId": id, "orderUpdateId": update, "nodes": nodes, "edges": edges}
    return header | name | body


def instant(kind: str, id: str = "i1") -> dict:
    return {"actions": [{"actionType": kind, "actionId": id, "blockingType": "NONE"}]}


def vehicle() -> Vehicle:
    return Vehicle("HANDOVER", 0.0, 3.0, "DEMO-1")


def live(one: Vehicle, seconds: float, *, missing: tuple[str, ...] = ()) -> list[dict]:
    """Lets time pass; the world does what it is asked. Returns every state on the way."""
    states = [messages.state(one)]
    while seconds > 0:
        seconds = one.advance(seconds)
        while one.asks:
            asked = one.asks.popleft()
            one.handled(asked.load, asked.load not in missing, "not there")
            states.append(messages.state(one))
        states.append(messages.state(one))
    return states


def errors(one: Vehicle) -> list[str]:
    return [error["errorType"] for error in messages.state(one)["errors"]]


def action_states(state: dict) -> dict[str, str]:
    return {action["actionId"]: action["actionStatus"] for action in state["actionStates"]}


def test_a_trip_picks_drives_drops_and_returns() -> None:
    one = vehicle()
    one.offer(order())
    states = live(one, 60)
    last = states[-1]
    assert last["lastNodeId"] == "HANDOVER"
    assert (last["nodeStates"], last["edgeStates"], last["driving"]) == ([], [], False)
    assert set(action_states(last).values()) == {"FINISHED"}
    aboard = [tuple(load["loadId"] for load in state["loads"]) for state in states]
    assert LOADS in aboard
    assert aboard[-1] == ()


def test_it_drives_at_its_speed() -> None:
    one = vehicle()
    one.offer(order(way=("HANDOVER", "M1"), HANDOVER=[]))
    live(one, 4.0)  # 4.8 of 5 metres
    assert one.last_node == "HANDOVER"
    assert messages.state(one)["agvPosition"]["y"] == pytest.approx(7.8)
    live(one, 0.2)
    assert one.last_node == "M1"


def test_it_stands_while_it_handles_a_load() -> None:
    one = vehicle()
    one.offer(order())
    assert not messages.state(one)["driving"]
    one.advance(1.0)
    running = action_states(messages.state(one))
    assert running["pick-L00000001"] == "RUNNING"
    assert running["pick-L00000002"] == "WAITING"


def test_it_waits_for_a_carton_that_comes_late() -> None:
    one = vehicle()
    one.offer(order())
    for _ in range(3):
        one.advance(30.0)
    assert one.last_node == "HANDOVER"
    assert [asked.load for asked in one.asks] == ["L00000001"]


def test_a_carton_that_is_not_there_fails_its_action_and_it_drives_on() -> None:
    one = vehicle()
    one.offer(order())
    last = live(one, 60, missing=("L00000002",))[-1]
    assert action_states(last)["pick-L00000002"] == "FAILED"
    assert last["lastNodeId"] == "HANDOVER"
    assert last["nodeStates"] == []


def test_a_resend_is_ignored() -> None:
    one = vehicle()
    one.offer(order())
    before = live(one, 6.0)[-1]
    one.offer(order())
    assert messages.state(one) == before


def test_another_order_while_one_is_active_is_answered_by_an_error_that_names_it() -> None:
    one = vehicle()
    one.offer(order("T1"))
    one.offer(order("T2"))
    (error,) = messages.state(one)["errors"]
    assert error["errorType"] == "orderError"
    assert {"referenceKey": "orderId", "referenceValue": "T2"} in error["errorReferences"]
    assert one.order_id == "T1"


def test_errors_stay_until_an_order_is_accepted() -> None:
    one = vehicle()
    one.offer(order("T1", way=("INDUCT", "M2")))
    assert errors(one) == ["noRouteError"]
    live(one, 100)
    assert errors(one) == ["noRouteError"]
    one.offer(order("T2"))
    assert errors(one) == []


def test_a_first_node_within_half_a_metre_is_reachable() -> None:
    one = Vehicle("NOWHERE", 0.3, 3.0, "DEMO-1")
    one.offer(order())
    assert one.order_id == "T1"


def broken(change) -> dict:
    document = json.loads(json.dumps(order()))
    change(document)
    return document


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (broken(lambda d: d.pop("nodes")), "validationError"),
        (broken(lambda d: d["edges"].pop()), "validationError"),
        (broken(lambda d: d["nodes"][1].update(sequenceId=3)), "validationError"),
        (broken(lambda d: d["nodes"][1].update(released=False)), "validationError"),
        (broken(lambda d: d["nodes"][0].update(released=False)), "validationError"),
        (broken(lambda d: d["edges"][0].update(endNodeId="M2")), "validationError"),
        (broken(lambda d: d["nodes"][1].pop("nodePosition")), "validationError"),
        (broken(lambda d: d["nodes"][1]["actions"].append(handling("fly", "L"))), "orderError"),
        ([], "validationError"),
        (None, "validationError"),
    ],
)
def test_a_bad_order_changes_nothing_but_the_errors(document, kind: str) -> None:
    one = vehicle()
    one.offer(document)
    assert errors(one) == [kind]
    assert (one.order_id, one.active) == ("", False)


def test_a_base_is_extended_at_its_last_node() -> None:
    one = vehicle()
    one.offer(order(way=("HANDOVER", "M1"), HANDOVER=[]))
    longer = order(way=("HANDOVER", "M1", "M2"), update=1, HANDOVER=[])
    longer["nodes"], longer["edges"] = longer["nodes"][1:], longer["edges"][1:]
    one.offer(longer)
    assert errors(one) == []
    assert live(one, 60)[-1]["lastNodeId"] == "M2"


@pytest.mark.parametrize(("update", "from_node"), [(0, 0), (1, 0)])
def test_an_update_that_is_older_or_does_not_join_is_refused(update: int, from_node: int) -> None:
    one = vehicle()
    one.offer(order(update=1 if update == 0 else 0))
    one.offer(order(update=update))
    assert errors(one) == ["orderUpdateError"]


def test_cancelling_ends_at_the_next_node_with_what_waits_failed() -> None:
    one = vehicle()
    one.offer(order())
    live(one, 6.0)  # both picked, on the way to M1
    one.instant(instant("cancelOrder"))
    assert action_states(messages.state(one))["i1"] == "RUNNING"
    last = live(one, 30)[-1]
    assert last["lastNodeId"] == "M1"
    assert (last["nodeStates"], last["driving"]) == ([], False)
    assert action_states(last)["i1"] == "FINISHED"
    assert action_states(last)["drop-L00000001"] == "FAILED"
    assert [load["loadId"] for load in last["loads"]] == list(LOADS)
    one.offer(order("T2", way=("M1", "M2", "INDUCT")))
    assert one.order_id == "T2"


def test_cancelling_nothing_is_an_error() -> None:
    one = vehicle()
    one.instant(instant("cancelOrder"))
    assert errors(one) == ["noOrderToCancel"]
    assert action_states(messages.state(one)) == {"i1": "FAILED"}


def test_an_unknown_instant_action_is_reported_in_errors_only() -> None:
    one = vehicle()
    one.instant(instant("dance"))
    assert errors(one) == ["instantActionError"]
    assert action_states(messages.state(one)) == {}


def test_a_pause_stops_it_and_its_end_lets_it_go() -> None:
    one = vehicle()
    one.offer(order(way=("HANDOVER", "M1"), HANDOVER=[]))
    one.instant(instant("startPause", "p1"))
    assert live(one, 30)[-1]["lastNodeId"] == "HANDOVER"
    one.instant(instant("stopPause", "p2"))
    assert live(one, 30)[-1]["lastNodeId"] == "M1"


def test_a_request_for_the_state_is_noted_once() -> None:
    one = vehicle()
    one.instant(instant("stateRequest", "s1"))
    one.instant(instant("stateRequest", "s1"))
    assert list(one.said) == ["stateRequest"]


def test_the_battery_falls_with_the_way_and_rises_at_idle() -> None:
    one = vehicle()
    one.offer(order())
    live(one, 40)
    used = one.battery.charge
    assert used < 80 - 1.9  # 38 metres
    states = live(one, 900)
    assert any(state["batteryState"]["charging"] for state in states)
    assert used < one.battery.charge <= FULL
    assert not live(one, 3600)[-1]["batteryState"]["charging"]


def test_a_fresh_vehicle_knows_no_order() -> None:
    state = messages.state(vehicle())
    assert (state["orderId"], state["orderUpdateId"], state["nodeStates"]) == ("", 0, [])


@given(st.lists(st.floats(0.01, 20.0), max_size=40))
def test_time_in_any_pieces_leads_to_the_same_place(pieces: list[float]) -> None:
    whole, cut = vehicle(), vehicle()
    for one in (whole, cut):
        one.offer(order(way=("HANDOVER", "M1", "M2", "INDUCT"), HANDOVER=[]))
    live(whole, sum(pieces))
    for piece in pieces:
        live(cut, piece)
    assert whole.last_node == cut.last_node
    assert (whole.x, whole.y) == pytest.approx((cut.x, cut.y), abs=1e-6)


def validator(reference: Path, name: str) -> Draft202012Validator:
    schema = json.loads((reference / f"data/vda5050/2.1.0/{name}.schema").read_text())
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_our_own_orders_are_orders_of_the_standard(reference: Path) -> None:
    validator(reference, "order").validate(order())


def test_every_message_is_valid_against_the_official_schema(reference: Path) -> None:
    headers = messages.Headers("WEDGE", "0001")
    one = vehicle()
    one.offer(order("T0", way=("INDUCT", "M2")))
    one.instant(instant("dance", "i0"))
    one.offer(order())
    states = live(one, 8.0)
    one.instant(instant("cancelOrder"))
    states += live(one, 30.0)
    for state in states:
        validator(reference, "state").validate(headers.on("state", state))
    shown = headers.on("visualization", messages.visualization(one))
    validator(reference, "visualization").validate(shown)
    validator(reference, "factsheet").validate(headers.on("factsheet", messages.factsheet()))
    for connection in ("ONLINE", "OFFLINE", "CONNECTIONBROKEN"):
        said = headers.on("connection", {"connectionState": connection})
        validator(reference, "connection").validate(said)
