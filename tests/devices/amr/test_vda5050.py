"""Orders as the standard has them, and what a state proves: values in, values out."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from devices.amr.messages import Connection, Order, State
from devices.amr.reports import news
from devices.amr.vda5050 import (
    NoWay,
    Progress,
    condition,
    forgot,
    is_older,
    nodes_of,
    order,
    order_done,
    progress,
    state_request,
)
from devices.amr.wire import encoded
from tests.devices.amr.vehicles import (
    POSES,
    WAY,
    actions,
    ahead,
    body,
    header,
    rejection,
    state,
    trip,
)
from tests.devices.peers import T0
from wcs.names import DeviceId, Lpn
from wcs.observations import TripProgressed, VehicleChanged

TWO = (Lpn("L00000001"), Lpn("L00000002"))
LOADED = [{"loadId": "L00000001"}, {"loadId": "L00000002"}]


def official(reference: Path, name: str) -> jsonschema.Draft202012Validator:
    text = (reference / "data" / "vda5050" / "2.1.0" / f"{name}.schema").read_text()
    return jsonschema.Draft202012Validator(json.loads(text))


# --- orders ---------------------------------------------------------------------------------------


def test_an_order_byte_for_byte() -> None:
    short = trip("41-1", "L00000001", way=("HANDOVER", "INDUCT"))
    assert json.loads(encoded(order(short, "HANDOVER", header(7)))) == {
        "headerId": 7,
        "timestamp": "2026-11-21T10:00:00Z",
        "version": "2.1.0",
        "manufacturer": "WEDGE",
        "serialNumber": "0001",
        "orderId": "41-1",
        "orderUpdateId": 0,
        "nodes": [
            {
                "nodeId": "HANDOVER",
                "sequenceId": 0,
                "released": True,
                "nodePosition": {"x": 0.0, "y": 3.0, "theta": 1.5708, "mapId": "DEMO-1"},
                "actions": [_action("pick")],
            },
            {
                "nodeId": "INDUCT",
                "sequenceId": 2,
                "released": True,
                "nodePosition": {"x": 10.0, "y": 4.0, "theta": -1.5708, "mapId": "DEMO-1"},
                "actions": [_action("drop")],
            },
            {
                "nodeId": "HANDOVER",
                "sequenceId": 4,
                "released": True,
                "nodePosition": {"x": 0.0, "y": 3.0, "theta": 1.5708, "mapId": "DEMO-1"},
                "actions": [],
            },
        ],
        "edges": [_edge(1, "HANDOVER", "INDUCT"), _edge(3, "INDUCT", "HANDOVER")],
    }


def _action(kind: str) -> dict[str, Any]:
    return {
        "actionType": kind,
        "actionId": f"41-1:{kind}:L00000001",
        "blockingType": "HARD",
        "actionParameters": [
            {"key": "stationType", "value": "floor"},
            {"key": "loadId", "value": "L00000001"},
        ],
    }


def _edge(number: int, start: str, end: str) -> dict[str, Any]:
    return {
        "edgeId": f"{start}-{end}",
        "sequenceId": number,
        "released": True,
        "startNodeId": start,
        "endNodeId": end,
        "actions": [],
    }


@pytest.mark.parametrize(
    ("start", "nodes"),
    [
        ("HANDOVER", "HANDOVER M1 M2 INDUCT M2 M1 HANDOVER"),
        ("M1", "M1 HANDOVER M1 M2 INDUCT M2 M1 HANDOVER"),
        ("INDUCT", "INDUCT M2 M1 HANDOVER M1 M2 INDUCT M2 M1 HANDOVER"),
    ],
)
def test_the_vehicle_starts_where_it_stands_and_ends_where_it_picked(
    start: str, nodes: str
) -> None:
    assert nodes_of(trip(), start) == nodes.split()
    made = order(trip(), start, header())
    at = {node.sequenceId: node for node in made.nodes if node.actions}
    assert [node.nodeId for node in at.values()] == ["HANDOVER", "INDUCT"]
    assert min(at) == 2 * WAY.index(start)


@pytest.mark.parametrize("elsewhere", ["", "B3"])
def test_a_vehicle_off_the_way_gets_no_order(elsewhere: str) -> None:
    with pytest.raises(NoWay, match="not on the way"):
        order(trip(), elsewhere, header())


@given(
    way=st.lists(st.sampled_from("ABCDEFGH"), min_size=2, max_size=8, unique=True),
    cartons=st.integers(1, 6),
    theta=st.floats(-20, 20),
    data=st.data(),
)
def test_every_order_is_contiguous_released_and_does_each_thing_once(
    way: list[str], cartons: int, theta: float, data: st.DataObject
) -> None:
    asked = trip("t", *(f"L{number}" for number in range(cartons)), way=tuple(way))
    asked.nodes.update(dict.fromkeys(way, (1.0, 2.0, theta)))
    made = order(asked, data.draw(st.sampled_from(way)), header())
    assert Order.model_validate_json(encoded(made)) == made
    assert [node.sequenceId for node in made.nodes] == list(range(0, 2 * len(made.nodes), 2))
    joins = [(a.nodeId, b.nodeId, a.sequenceId + 1) for a, b in pairwise(made.nodes)]
    assert joins == [(edge.startNodeId, edge.endNodeId, edge.sequenceId) for edge in made.edges]
    assert all(node.released for node in made.nodes) and all(e.released for e in made.edges)
    steps = [action.actionId for node in made.nodes for action in node.actions]
    assert len(steps) == len(set(steps)) == 2 * cartons
    assert steps[:cartons] == [f"t:pick:L{number}" for number in range(cartons)]
    assert {made.nodes[0].nodeId, made.nodes[-1].nodeId} <= set(way)


def test_nonsense_never_becomes_an_order() -> None:
    made = json.loads(encoded(order(trip(), "HANDOVER", header())))
    spoils: tuple[dict[str, Any], ...] = (
        {"edges": made["edges"][:-1]},
        {"nodes": [made["nodes"][0], *made["nodes"][2:]]},
        {"nodes": []},
        {"orderId": ""},
        {"timestamp": "2026-11-21T10:00:00"},  # no zone
    )
    for spoil in spoils:
        with pytest.raises(ValidationError):
            Order.model_validate(made | spoil)


@given(start=st.sampled_from(WAY), cartons=st.integers(1, 6))
def test_what_we_send_fits_the_official_schemas(reference: Path, start: str, cartons: int) -> None:
    asked = trip("41-1", *(f"L{number:08}" for number in range(cartons)))
    made = order(asked, start, header())
    official(reference, "order").validate(json.loads(encoded(made)))
    asking = json.loads(encoded(state_request(header(3))))
    official(reference, "instantActions").validate(asking)


def test_our_states_by_hand_fit_the_official_schema(reference: Path) -> None:
    """Else the tests below would prove nothing about vehicles."""
    schema = official(reference, "state")
    for said in (
        body(),
        body(3, orderId="41-1", actionStates=actions(pick="FINISHED", drop="RUNNING")),
        body(4, errors=[rejection()], loads=LOADED, **ahead("M1", "M2")),
    ):
        schema.validate(said)
        State.model_validate(said)


def test_what_the_official_schema_requires_is_required_here(reference: Path) -> None:
    for name, model in (("order", Order), ("state", State), ("connection", Connection)):
        ours = {field for field, one in model.model_fields.items() if one.is_required()}
        required = set(official(reference, name).schema["required"])  # type: ignore[index]
        assert required - ours <= {"orderUpdateId"}, name
        assert ours <= required, name


# --- progress -------------------------------------------------------------------------------------


def test_an_order_on_its_way_proves_nothing_yet() -> None:
    for pick in ("WAITING", "RUNNING"):
        on_way = state(
            1, orderId="41-1", actionStates=actions(pick=pick, drop="WAITING"), **ahead("M1")
        )
        assert progress(on_way) == () and not order_done(on_way)


def test_one_carton_picked_is_not_the_trip_picked() -> None:
    half = actions(pick="FINISHED", drop="WAITING")
    half[1]["actionStatus"] = "RUNNING"
    assert progress(state(1, orderId="41-1", actionStates=half, **ahead("M1"))) == ()


def test_picked_when_every_pick_has_finished_with_what_the_vehicle_says_it_carries() -> None:
    picked = state(
        2,
        orderId="41-1",
        actionStates=actions(pick="FINISHED", drop="WAITING"),
        loads=LOADED,
        **ahead("M1", "M2"),
    )
    assert progress(picked) == (Progress("41-1", "picked", TWO),)


def test_dropped_only_when_the_whole_order_is_done() -> None:
    finished = actions(pick="FINISHED", drop="FINISHED")
    going_home = state(3, orderId="41-1", actionStates=finished, **ahead("M2", "M1"))
    assert [step.step for step in progress(going_home)] == ["picked"]
    home = state(4, orderId="41-1", actionStates=finished)
    assert progress(home)[-1] == Progress("41-1", "dropped", TWO)


def test_a_failed_action_fails_the_trip_once_even_if_the_vehicle_drives_on() -> None:
    states = actions(pick="FINISHED", drop="FAILED")
    states[2]["resultDescription"] = "shelf is full"
    (picked, *_), (failed,) = (
        [one for one in progress(state(3, orderId="41-1", actionStates=states)) if one.step == step]
        for step in ("picked", "failed")
    )
    assert picked.step == "picked"
    assert failed.lpns == TWO and "shelf is full" in failed.text


def test_a_trip_fails_when_the_last_of_its_picks_has_ended_and_names_all_that_failed() -> None:
    states = actions(pick="FAILED", drop="WAITING")
    states[1]["actionStatus"] = "RUNNING"
    running = state(3, orderId="41-1", actionStates=states, **ahead("M1"))
    assert progress(running) == ()
    states[1]["actionStatus"] = "FAILED"
    (failed,) = progress(state(4, orderId="41-1", actionStates=states, **ahead("M1")))
    assert (failed.step, failed.lpns) == ("failed", TWO)


def test_a_rejection_is_known_by_its_reference_and_not_by_an_error_being_there() -> None:
    rejected = state(1, errors=[rejection("41-1")])
    assert progress(rejected) == (
        Progress("41-1", "rejected", (), "orderError order 40-1 is active"),
    )
    other = {"errorType": "batteryLow", "errorLevel": "WARNING"}
    assert progress(state(1, errors=[other])) == ()
    accepted = state(1, orderId="41-1", errors=[rejection("41-1")], **ahead("M1"))
    assert progress(accepted) == ()  # an error about the order that it drives


def test_an_action_of_another_order_or_an_instant_action_proves_nothing() -> None:
    finished = [
        {"actionId": "state:0001:x:0", "actionType": "stateRequest", "actionStatus": "FINISHED"},
        *actions("40-9", pick="FINISHED", drop="FINISHED"),
    ]
    assert progress(state(1, orderId="41-1", actionStates=finished)) == ()


def test_progress_is_told_once_and_never_backwards() -> None:
    picked = actions(pick="FINISHED", drop="WAITING")
    told = [
        state(1, orderId="41-1", actionStates=picked, loads=LOADED, **ahead("M1")),
        state(2, orderId="41-1", actionStates=picked, loads=LOADED, **ahead("M2")),
        state(3, orderId="41-1", actionStates=actions(pick="FINISHED", drop="FINISHED")),
        state(4, orderId="41-1", actionStates=actions(pick="FINISHED", drop="FINISHED")),
    ]
    steps = [
        (seen.step, key)
        for before, after in pairwise([None, *told])
        if after is not None
        for seen, key in news(DeviceId("amr1"), before, after, T0)
        if isinstance(seen, TripProgressed)
    ]
    assert steps == [("picked", "amr1:41-1:picked"), ("dropped", "amr1:41-1:dropped")]


# --- the vehicle ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, ""),
        ({"operatingMode": "SEMIAUTOMATIC"}, ""),
        ({"operatingMode": "MANUAL"}, "in manual mode"),
        ({"paused": True}, "paused"),
        (
            {"safetyState": {"eStop": "MANUAL", "fieldViolation": False}},
            "emergency stop: a person resets it at the vehicle",
        ),
        (
            {"safetyState": {"eStop": "NONE", "fieldViolation": True}},
            "something stands in its protective field",
        ),
        ({"errors": [{"errorType": "motor", "errorLevel": "FATAL"}]}, "motor"),
        ({"errors": [{"errorType": "dust", "errorLevel": "WARNING"}]}, ""),
        (
            {"agvPosition": body()["agvPosition"] | {"positionInitialized": False}},
            "does not know where it is",
        ),
    ],
)
def test_ready_or_why_not(said: dict[str, Any], reason: str) -> None:
    now = condition(state(1, **said))
    assert (now.ready, now.reason, now.node) == (not reason, reason, "HANDOVER")


def test_a_vehicle_is_news_only_when_its_meaning_changes() -> None:
    at_m1 = {"lastNodeId": "M1", "driving": True}
    told = [
        state(1),
        state(2, driving=True, batteryState={"batteryCharge": 79.0, "charging": False}),
        state(3, **at_m1),
        state(4, **at_m1, loads=LOADED),
        state(5, **at_m1, operatingMode="MANUAL"),
    ]
    changes = [
        [
            seen
            for seen, _ in news(DeviceId("amr1"), before, after, T0)
            if isinstance(seen, VehicleChanged)
        ]
        for before, after in pairwise([None, *told])
        if after is not None
    ]
    assert [len(one) for one in changes] == [1, 0, 1, 0, 1]
    assert changes[-1][0].reason == "in manual mode"


def test_late_and_doubled_states_are_older_and_a_restarted_vehicle_is_not() -> None:
    fifth = state(5)
    assert is_older(state(4), fifth) and is_older(state(5), fifth)
    assert not is_older(state(6), fifth) and not is_older(state(5), None)
    restarted = body(0) | {"timestamp": (T0 + timedelta(minutes=1)).isoformat()}
    assert not is_older(State.model_validate(restarted), fifth)


def test_a_vehicle_that_lost_its_order_has_forgotten_it() -> None:
    on_trip = state(1, orderId="41-1", **ahead("M1"))
    assert forgot(on_trip, state(2))
    assert not forgot(on_trip, state(2, orderId="41-1"))
    done = state(3, orderId="41-1", actionStates=actions(pick="FINISHED", drop="FINISHED"))
    assert not forgot(done, state(4, orderId="42-1", **ahead("M1")))
    assert not forgot(state(1), state(2, orderId="41-1", **ahead("M1")))


def test_the_poses_of_the_site_are_sent_as_they_are() -> None:
    made = order(trip(), "HANDOVER", header())
    for node in made.nodes:
        where = node.nodePosition
        assert (where.x, where.y) == POSES[node.nodeId][:2]
        assert where.theta == pytest.approx(POSES[node.nodeId][2])
