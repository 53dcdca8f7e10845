"""A day of the demo whose vehicle drives through a fire door: the door loses its power once,
nothing is sent through while it is not open, and the day ends as the seed says."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.flows.warehouse import CONFIG, Warehouse, until, warehouse

pytestmark = pytest.mark.slow
ORDERS, SPEED = 2, 60.0
LINE = "connections:\n  plc_door: {type: modbus-tcp, host: 127.0.0.1, port: 502, timeout: 500ms}\n"
DOOR = """
  fire1:
    kind: door
    connection: plc_door
    area: HALL
    tags:
      beat: {at: "ir:0", type: uint16, poll: fast}
      gw_beat: {at: "hr:0", type: uint16, access: w}
      up: {at: "di:0", type: bool, poll: fast}
      down: {at: "di:1", type: bool, poll: fast}
      eye: {at: "di:2", type: bool, poll: fast}
      going: {at: "di:3", type: bool, poll: fast}
      wish: {at: "hr:9", type: enum, access: rw, enum: {0: none, 1: open, 2: closed}}
    open: up
    closed: down
    occupied: eye
    handshakes:
      heartbeat: {watch: beat, drive: gw_beat, every: 500ms, lost_after: 5s}
      move: {style: target, target: wish, actual: up, busy: going, timeout: 20s}
"""


def site_with_a_door(folder: Path) -> Path:
    shutil.copytree(CONFIG, folder)
    devices, site = folder / "devices.yaml", folder / "site.yaml"
    text = devices.read_text()
    assert text.count("\nconnections:\n") == 1
    devices.write_text(text.replace("connections:\n", LINE, 1).rstrip() + DOOR)
    told = site.read_text()
    assert told.count("  drop_node: INDUCT\n") == 1
    site.write_text(
        told.replace("  drop_node: INDUCT\n", "  drop_node: INDUCT\n  doors: [fire1]\n")
    )
    return folder


STORY = """SELECT seq, kind, body FROM journal WHERE kind IN ('DoorChanged', 'DeviceDown')
UNION ALL SELECT seq, kind, body FROM events WHERE kind = 'TripSent' ORDER BY seq"""


def story(house: Warehouse) -> list[tuple[str, dict[str, Any]]]:
    """What the door said and when the vehicle was sent, in order."""
    with closing(sqlite3.connect(f"file:{house.data / 'wedge.db'}?mode=ro", uri=True)) as conn:
        return [(kind, json.loads(body)) for _, kind, body in conn.execute(STORY)]


def states_at_trips(told: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """What the door had said last whenever the vehicle was sent."""
    found, state = [], "unknown"
    for kind, body in told:
        match kind:
            case "DoorChanged":
                state = body["state"]
            case "DeviceDown" if body["device"] == "fire1":
                state = "unknown"
            case "TripSent":
                found.append(state)
            case _:
                continue
    return found


async def test_the_vehicle_waits_for_the_door_and_the_day_is_as_it_should_be(
    tmp_path: Path,
) -> None:
    config = site_with_a_door(tmp_path / "site")
    async with warehouse(
        tmp_path / "run", orders=ORDERS, seed=5, speed=SPEED, config=config
    ) as house:

        async def opened() -> bool:
            return any(body.get("state") == "open" for _, body in story(house))

        await until(opened, 60, "the door was opened for the vehicle")
        broken = await house.control("POST", "/break/fire1", {"mode": "kill", "seconds": 1.0})
        assert broken.status == 202
        verdict = await house.ending.judged()
        told = story(house)

    assert verdict.reasons == []
    assert verdict.result["replay_identical"] and verdict.result["books_balance"]
    assert verdict.result["wrong_lanes"] == verdict.result["unexplained_hospital"] == 0
    sent = states_at_trips(told)
    assert sent and set(sent) == {"open"}
    assert ("DeviceDown", "fire1") in {(kind, body.get("device")) for kind, body in told}
