"""Alarms acknowledged and methods called over HTTP, with the name of who asked in the journal."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from devices.errors import Refused, Unreachable
from devices.map.load import load_map
from devices.mode import Mode
from devices.plant import Effective
from devices.tags.codec import Unwritable
from devices.tags.methods import Alarms, Methods
from devices.tags.observed import Observed
from devices.tags.opcua import OpcTags
from devices.tags.poller import Polled
from devices.tags.port import NoReply
from devices.tags.value import Plain, Value
from gateway.auditing import acts
from tests.gateway.web.bench import Bench
from wcs.names import DeviceId

MAP = """\
devicemap: 1
site: {code: T, gln: "1", timezone: UTC}
connections:
  plc: {type: opcua, url: "opc.tcp://127.0.0.1:4840", insecure: true, namespaces: {p: "urn:press"}}
devices:
  press:
    kind: io
    connection: plc
    tags:
      jam: {node: "p;s=Jam", type: bool}
    methods:
      home: {object: "p;s=P", method: "p;s=P.Home", in: {speed: uint16}, out: {ok: bool}}
"""
PRESS = DeviceId("press")


class Press:
    """The open line of a device that has an alarm and a method."""

    def __init__(self, desk: Bench) -> None:
        self.desk = desk
        self.error: Exception | None = None
        self.did: list[Any] = []

    def view(self) -> dict[str, Value]:
        at = self.desk.now()
        alarm = Value("active, not acknowledged", at, reason="paper jam (severity 700)")
        return {"jam": Value(True, at), "jam.alarm": alarm}

    async def acknowledge(self, tag: str, comment: str) -> None:
        self.did.append((tag, comment))
        if self.error:
            raise self.error

    async def call(
        self, name: str, given: Mapping[str, Plain], before: Any = None
    ) -> dict[str, Plain]:
        self.did.append((name, dict(given)))
        if self.error:
            raise self.error
        return {"ok": True}


@pytest.fixture
def press(desk: Bench, tmp_path: Path) -> Press:
    made, file = Press(desk), tmp_path / "devices.yaml"
    file.write_text(MAP)
    device_map = load_map(file)
    desk.known = replace(desk.known, map=device_map)
    desk.live.attach(PRESS, made.view, made)  # type: ignore[arg-type]
    set_mode(desk, "manual")
    return made


def set_mode(desk: Bench, mode: Mode) -> None:
    device_map = desk.known.map
    how = Effective(device_map.devices["press"], device_map.connections["plc"], mode)
    desk.gateway.equipment.wanted = {PRESS: how}


def kept(desk: Bench) -> list[tuple[str, str, str]]:
    with desk.store.reader() as conn:
        return [(row["by"], row["act"], row["outcome"]) for row in reversed(acts(conn))]


@pytest.fixture
def works(desk: Bench, web: httpx.AsyncClient) -> httpx.AsyncClient:
    web.headers.update(desk.bearer("engineer"))
    return web


async def test_an_alarm_is_listed_and_acknowledged(
    desk: Bench, press: Press, works: httpx.AsyncClient
) -> None:
    (row,) = (await works.get("/api/conditions")).json()
    assert (row["device"], row["tag"], row["state"]) == ("press", "jam", "active, not acknowledged")
    assert row["text"] == "paper jam (severity 700)"

    answer = await works.post("/api/conditions/press/jam", json={"comment": "cleared"})

    assert answer.status_code == 200 and answer.json()["outcome"] == "acknowledged"
    assert press.did == [("jam", "cleared")]
    assert kept(desk) == [
        ("a-engineer", "ConditionAcknowledged", "asked"),
        ("a-engineer", "ConditionAcknowledged", "acknowledged"),
    ]


async def test_a_method_is_called_once_with_the_types_of_the_map(
    desk: Bench, press: Press, works: httpx.AsyncClient
) -> None:
    answer = await works.post("/api/methods/press/home", json={"values": {"speed": "12"}})
    assert answer.status_code == 200
    assert answer.json() == {"outcome": "done", "reason": "", "gave": {"ok": True}}
    assert press.did == [("home", {"speed": 12})]
    assert [outcome for _, _, outcome in kept(desk)] == ["asked", "done"]
    with desk.store.reader() as conn:
        assert json.loads(acts(conn)[0]["what"].partition("gave ")[2]) == {"ok": True}


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (NoReply("press", "no answer in 2 s"), "unknown", "perhaps it was carried out"),
        (Refused("press", "refuses home: BadUserAccessDenied"), "refused", "BadUserAccessDenied"),
        (Unreachable("press", "the line broke"), "refused", "the line broke"),
        (Unwritable("home takes speed"), "refused", "home takes speed"),
    ],
)
@pytest.mark.parametrize("path", ["/api/methods/press/home", "/api/conditions/press/jam"])
async def test_what_went_wrong_is_said_and_kept(
    desk: Bench,
    press: Press,
    works: httpx.AsyncClient,
    path: str,
    error: Exception,
    outcome: str,
    words: str,
) -> None:
    press.error = error
    answer = await works.post(path, json={})
    assert answer.status_code == 409
    assert answer.json()["outcome"] == outcome and words in answer.json()["reason"]
    assert [each for _, _, each in kept(desk)] == ["asked", outcome]


async def test_what_must_not_be_is_not_sent(
    desk: Bench, press: Press, works: httpx.AsyncClient
) -> None:
    set_mode(desk, "observe")
    for path in ("/api/methods/press/home", "/api/conditions/press/jam"):
        answer = await works.post(path, json={})
        assert answer.status_code == 409
        assert answer.json()["reason"].startswith("the device is in observe")
    set_mode(desk, "manual")
    bad = await works.post("/api/methods/press/home", json={"values": {"speed": "fast"}})
    assert bad.json()["reason"] == "speed: 'fast' is no uint16"
    desk.live.lost(PRESS, "gone")
    away = await works.post("/api/conditions/press/jam", json={})
    assert away.json()["reason"] == "press is not connected"
    assert press.did == []
    assert [outcome for _, _, outcome in kept(desk)] == ["refused"] * 4


async def test_what_is_not_in_the_map_is_named(press: Press, works: httpx.AsyncClient) -> None:
    missing = await works.post("/api/methods/press/hom", json={})
    assert missing.status_code == 404
    assert missing.json()["detail"] == "press has no method 'hom' (did you mean 'home'?)"
    other = await works.post("/api/conditions/press/jm", json={})
    assert other.status_code == 404


async def test_an_operator_acknowledges_but_calls_nothing(
    desk: Bench, press: Press, web: httpx.AsyncClient
) -> None:
    web.headers.update(desk.bearer("operator"))
    assert (await web.post("/api/conditions/press/jam", json={})).status_code == 200
    assert (await web.post("/api/methods/press/home", json={})).status_code == 403


async def test_the_audit_over_http(desk: Bench, press: Press, works: httpx.AsyncClient) -> None:
    for _ in range(3):
        await works.post("/api/conditions/press/jam", json={"comment": "seen"})
    first = (await works.get("/api/audit?limit=4&device=press")).json()
    assert len(first["acts"]) == 4 and first["next"] is not None
    rest = (await works.get(f"/api/audit?limit=4&device=press&before={first['next']}")).json()
    assert len(rest["acts"]) == 2 and rest["next"] is None
    assert (await works.get("/api/audit?by=nobody")).json() == {"acts": [], "next": None}


def test_who_has_alarms_and_methods_of_its_own() -> None:
    assert issubclass(OpcTags, Alarms) and issubclass(OpcTags, Methods)
    assert issubclass(Observed, Alarms) and issubclass(Observed, Methods)  # to refuse them
    assert not issubclass(Polled, Alarms) and not issubclass(Polled, Methods)
