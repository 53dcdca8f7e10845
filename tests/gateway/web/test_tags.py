"""Tags over HTTP: read by anybody, written by an engineer within the map's limits, on a real wire;
what was asked and what became of it is in the journal."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from devices.map.load import understood
from devices.map.reading import read
from devices.plant import Effective
from devices.tags.lines import open_tags
from tests.devices.peers import HandClock
from tests.devices.tags.stations import Bench as Bus
from tests.devices.tags.stations import Station, on_tcp
from tests.gateway.web.bench import Bench
from wcs.names import DeviceId

MAP = """\
devicemap: 1
site: {code: T, gln: "1", timezone: UTC}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1, port: PORT}
devices:
  meter:
    kind: io
    connection: plc
    tags:
      volts: {at: "ir:10", type: uint16, scale: 0.1, unit: V}
      speed: {at: "hr:20", type: uint16, access: rw, scale: 0.01, unit: m/s, range: [0, 2.5]}
      mode: {at: "hr:21", type: enum, access: rw, enum: {0: stop, 1: go}, permission: operator}
      run: {at: "co:3", type: bool, access: rw, permission: conveyor.run}
      secret: {at: "hr:22", type: uint16, access: rw, permission: admin}
      seq: {at: "hr:23", type: uint16, access: rw}
      lane: {at: "hr:24", type: uint16, access: rw}
      ack: {at: "ir:1", type: uint16, poll: fast}
      code: {at: "ir:2", type: uint16, poll: fast}
      horn: {at: "co:4", type: bool, access: rw}
      flip: {at: "co:5", type: bool, access: rw}
      level: {at: "hr:25", type: uint16, access: rw}
    handshakes:
      beep: {style: pulse, signal: horn}
      step: {style: toggle, signal: flip, echo: run}
      lift: {style: target, target: level, actual: ack, timeout: 9s}
      go: {style: command, data: [lane], seq: seq, ack: ack, result: code, ok: [a], timeout: 1s}
"""


@pytest.fixture
def bus() -> Bus:
    return Bus(1)


@pytest.fixture
def station(bus: Bus) -> Station:
    return bus[1]


@asynccontextmanager
async def metered(desk: Bench, bus: Bus, mode: Any) -> AsyncIterator[None]:
    """The bench's site has one device: a meter whose line is open."""
    async with on_tcp(bus):
        tree, errors = read(MAP.replace("PORT", str(bus.port)), "m.yaml")
        assert tree is not None and not errors
        made = understood(tree, []).map
        assert made is not None
        desk.known = replace(desk.known, map=made)
        id, config, line = DeviceId("meter"), made.devices["meter"], made.connections["plc"]
        desk.gateway.equipment.wanted = {id: Effective(config, line, mode)}
        async with open_tags(id, config, line, HandClock(), desk.live, mode):  # type: ignore[arg-type]
            yield


def kept(desk: Bench) -> list[tuple[str, str, str, str]]:
    rows: list[Any] = [one.observation for one in desk.asked]
    return [(row.tag, row.value, row.outcome, row.by) for row in rows]


async def put(
    web: httpx.AsyncClient, desk: Bench, role: str, tag: str, value: Any
) -> httpx.Response:
    path = f"/api/tags/meter/{tag}"
    return await web.post(path, json={"value": value}, headers=desk.bearer(role))


async def test_every_tag_is_shown_with_its_quality(
    desk: Bench, web: httpx.AsyncClient, bus: Bus, station: Station
) -> None:
    async with metered(desk, bus, "observe"):
        said = (await web.get("/api/tags/meter", headers=desk.bearer("viewer"))).json()
        volts = next(row for row in said if row["tag"] == "volts")
        assert (volts["value"], volts["unit"], volts["raw"]) == (1.0, "V", [10])
        assert (volts["quality"], volts["address"], volts["access"]) == ("good", "ir:10", "r")
        some = (await web.get("/api/tags?like=METER.vo", headers=desk.bearer("viewer"))).json()
        assert [row["tag"] for row in some] == ["volts"]


async def test_an_engineer_writes_and_it_is_read_back(
    desk: Bench, web: httpx.AsyncClient, bus: Bus, station: Station
) -> None:
    async with metered(desk, bus, "manual"):
        said = await put(web, desk, "engineer", "speed", 1.25)
        assert (said.status_code, said.json()["value"]) == (200, 1.25)
        assert station.hr[20] == 125
        assert (await put(web, desk, "engineer", "speed", "0.5")).status_code == 200
        assert (await put(web, desk, "engineer", "run", "true")).json()["value"] is True
        assert station.co[3] == 1
        assert (await put(web, desk, "operator", "mode", "go")).json()["value"] == "go"
        assert (await put(web, desk, "engineer", "lane", 2)).status_code == 200
    assert kept(desk)[:2] == [
        ("speed", "1.25", "asked", "a-engineer"),
        ("speed", "1.25", "written", "a-engineer"),
    ]


@pytest.mark.parametrize(
    ("mode", "role", "tag", "value", "words"),
    [
        ("manual", "engineer", "speed", 2.6, "2.6 lies outside 0..2.5"),
        ("manual", "engineer", "speed", "fast", "'fast' is neither a number nor true or false"),
        ("manual", "engineer", "speed", True, "True is not a number"),
        ("manual", "engineer", "volts", 1, "volts is only read"),
        ("manual", "operator", "speed", 1, "writing speed needs engineer"),
        ("manual", "operator", "run", True, "needs engineer (conveyor.run)"),
        ("manual", "engineer", "secret", 1, "needs admin (admin)"),
        ("manual", "engineer", "seq", 1, "seq is written by the handshake go"),
        (
            "automatic",
            "engineer",
            "lane",
            1,
            "lane is written by the handshake go; in manual it may be set",
        ),
        ("automatic", "engineer", "horn", True, "horn is written by the handshake beep; in manual"),
        ("automatic", "engineer", "flip", True, "flip is written by the handshake step; in manual"),
        ("automatic", "engineer", "level", 1, "level is written by the handshake lift; in manual"),
        ("observe", "engineer", "speed", 1, "the device is in observe: manual or automatic"),
        ("off", "engineer", "speed", 1, "the device is in off"),
    ],
)
async def test_what_must_not_be_written_is_not(
    desk: Bench, web: httpx.AsyncClient, bus: Bus, station: Station,
    mode: str, role: str, tag: str, value: Any, words: str,
) -> None:  # fmt: skip
    async with metered(desk, bus, mode):
        said = await put(web, desk, role, tag, value)
    assert said.status_code == 409
    assert words in said.json()["reason"]
    assert station.writes == []
    assert kept(desk)[-1][2] == "refused"


async def test_what_reads_back_as_something_else_is_said(
    desk: Bench, web: httpx.AsyncClient, bus: Bus, station: Station
) -> None:
    class Stubborn(list[int]):
        """A PLC that puts its own value back at once."""

        def __setitem__(self, at: Any, value: Any) -> None: ...

    station.hr = Stubborn(station.hr)
    async with metered(desk, bus, "manual"):
        said = (await put(web, desk, "engineer", "speed", 1)).json()
    assert (said["outcome"], said["value"]) == ("differs", 0.2)
    assert kept(desk)[-1][2] == "differs"


async def test_a_write_without_a_reply_may_have_happened(
    desk: Bench, web: httpx.AsyncClient, bus: Bus, station: Station
) -> None:
    async with metered(desk, bus, "manual"):
        bus.spoil = lambda asked, answer: [] if asked[7] == 6 else [answer]
        said = (await put(web, desk, "engineer", "speed", 1)).json()
    assert said["outcome"] == "unknown" and "perhaps it was carried out" in said["reason"]
    assert [outcome for _, _, outcome, _ in kept(desk)] == ["asked", "unknown"]


async def test_what_is_not_there_is_not_found(desk: Bench, web: httpx.AsyncClient) -> None:
    headers = desk.bearer("engineer")
    said = await web.post("/api/tags/sorter1/sped", json={"value": 1}, headers=headers)
    assert said.status_code == 404 and "did you mean 'speed'?" in said.json()["detail"]
    assert (await web.get("/api/tags/sorter9", headers=headers)).status_code == 404
    said = await web.post("/api/tags/sorter1/speed", content=json.dumps({"value": None}),
                          headers={**headers, "content-type": "application/json"})  # fmt: skip
    assert said.status_code == 422


async def test_the_page_names_every_device(desk: Bench, web: httpx.AsyncClient) -> None:
    page = (await web.get("/tags?device=sorter1", headers=desk.bearer("viewer"))).text
    assert "<option selected>sorter1</option>" in page and "data-writes" not in page
    assert "data-writes" in (await web.get("/tags", headers=desk.bearer("operator"))).text
