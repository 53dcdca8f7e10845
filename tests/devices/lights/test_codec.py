"""Topics and JSON of a zone, byte for byte as `docs/wires.md` has them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.lights.codec import Counted, Status, ZoneCodec, light_of
from devices.lights.wire import LampState, Press
from devices.map.load import load_map
from devices.map.schema import LightZone
from wcs.commands import SetLight
from wcs.names import DeviceId, LightId, TaskId

ZONE = load_map(Path("config/demo")).devices["ptl_a"]
assert isinstance(ZONE, LightZone) and ZONE.mqtt is not None
CODEC = ZoneCodec(ZONE.mqtt)
BEFORE = datetime(2026, 11, 21, 10, tzinfo=UTC)


def lamp(light: str = "A-03", task: str | None = "12-3") -> SetLight:
    return SetLight(
        device=DeviceId("ptl_a"),
        light=LightId(light),
        task=TaskId(task) if task else None,
        colour="green",
        qty=3,
        before=BEFORE,
    )


def test_a_lamp_is_lit() -> None:
    assert CODEC.command(lamp()) == (
        "wh1/ptl/A/A-03/set",
        b'{"task": "12-3", "on": true, "colour": "green", "qty": 3, "text": "", "flash": false, '
        b'"before": "2026-11-21T10:00:00.000Z"}',
    )


def test_a_lamp_goes_dark() -> None:
    topic, payload = CODEC.command(lamp(task=None))
    assert topic == "wh1/ptl/A/A-03/set"
    assert payload == b'{"task": null, "on": false, "before": "2026-11-21T10:00:00.000Z"}'


def test_the_deadline_is_utc_with_milliseconds() -> None:
    berlin = timezone(timedelta(hours=1))
    command = SetLight(
        device=DeviceId("ptl_a"),
        light=LightId("A-01"),
        task=None,
        before=datetime(2026, 11, 21, 11, 0, 0, 123456, berlin),
    )
    assert json.loads(CODEC.command(command)[1])["before"] == "2026-11-21T10:00:00.123Z"


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        ("A-03/state", {"task": "12-3", "on": True}, LampState(LightId("A-03"), TaskId("12-3"))),
        ("A-03/state", {"task": None, "on": True}, LampState(LightId("A-03"), None)),
        ("A-03/state", {"task": "12-3", "on": False}, LampState(LightId("A-03"), None)),
        (
            "A-03/event",
            {"event": "confirm", "qty": 2, "task": "12-3", "seq": 17, "boot": "a1b2"},
            Press(LightId("A-03"), TaskId("12-3"), "confirm", 2, "a1b2:17"),
        ),
        (
            "A-03/event",
            {"event": "short", "qty": 0, "task": None, "seq": 18, "boot": "a1b2", "more": 1},
            Press(LightId("A-03"), None, "short", 0, "a1b2:18"),
        ),
        (
            "A-03/event",
            {"event": "qty", "qty": 2, "task": "12-3", "seq": 19, "boot": "a1b2"},
            Counted(LightId("A-03"), 2),
        ),
        (
            "A-03/state",
            {"task": "12-3", "on": True, "fault": "stuck"},
            LampState(LightId("A-03"), TaskId("12-3"), "stuck"),
        ),
        (
            "A-03/state",
            {"task": None, "on": False, "fault": "no_answer"},
            LampState(LightId("A-03"), None, "no_answer"),
        ),
        ("A-03/state", {"task": None, "on": False, "fault": "sulks"}, None),
        ("status", {"online": True, "boot": "a1b2"}, Status(online=True, boot="a1b2")),
        ("status", {"online": False}, Status(online=False)),
        ("status", {"online": "yes"}, None),
        ("A-03/event", {"event": "hold", "qty": 2, "task": None, "seq": 1, "boot": "a"}, None),
        ("A-03/event", {"event": "confirm", "qty": -1, "task": None, "seq": 1, "boot": "a"}, None),
        ("A-03/event", {"event": "confirm", "qty": 1.5, "task": None, "seq": 1, "boot": "a"}, None),
        ("A-03/event", {"event": "confirm", "qty": 1, "task": None, "boot": "a"}, None),
        ("A-03/set", {"task": None, "on": False}, None),
        ("A-03/x/state", {"task": None, "on": False}, None),
        ("/state", {"task": None, "on": False}, None),
    ],
)
def test_what_a_zone_says(topic: str, payload: object, said: object) -> None:
    assert CODEC.read(f"wh1/ptl/A/{topic}", json.dumps(payload).encode()) == said


@settings(max_examples=40)
@given(
    topic=st.sampled_from(["status", "A-03/state", "A-03/event", "A-03/set", "x"]),
    payload=st.one_of(
        st.binary(max_size=60),
        st.recursive(st.none() | st.booleans() | st.text(max_size=5), st.lists).map(
            lambda body: json.dumps(body).encode()
        ),
        st.just(b"[" * 50_000),
    ),
)
def test_no_message_breaks_the_reader(topic: str, payload: bytes) -> None:
    CODEC.read(f"wh1/ptl/A/{topic}", payload)


@given(light=st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True))
def test_a_light_is_found_again_in_its_topic(light: str) -> None:
    topic, _ = CODEC.command(lamp(light))
    assert light_of("wh1/ptl/A/{light}/set", topic) == light
