"""A door asked for over HTTP: journaled with a name, refused with a reason."""

from dataclasses import replace

import httpx
import pytest

from devices.map.load import understood
from devices.map.reading import read
from tests.gateway.web.bench import Bench
from wcs.commands import DoorWanted
from wcs.names import DeviceId
from wcs.observations import DeviceModeSet, DoorAsked

MAP = """\
devicemap: 1
site: {code: T, gln: "1", timezone: UTC}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1}
devices:
  fire1:
    kind: door
    connection: plc
    tags:
      up: {at: "di:0", type: bool, poll: fast}
      down: {at: "di:1", type: bool, poll: fast}
      wish: {at: "co:0", type: bool, access: rw}
    open: up
    closed: down
    handshakes: {move: {style: target, target: wish, actual: up, timeout: 9s}}
  curtain1:
    kind: door
    connection: plc
    unit: 2
    tags: {up: {at: "di:0", type: bool, poll: fast}, down: {at: "di:1", type: bool, poll: fast}}
    open: up
    closed: down
  meter: {kind: io, connection: plc, unit: 3, tags: {volts: {at: "ir:0", type: uint16}}}
"""


@pytest.fixture
async def hall(desk: Bench, web: httpx.AsyncClient) -> httpx.AsyncClient:
    tree, errors = read(MAP, "m.yaml")
    assert tree is not None and not errors
    made = understood(tree, []).map
    assert made is not None
    desk.known = replace(desk.known, map=made)
    await desk.site()
    web.headers.update(desk.bearer("operator"))
    return web


async def ask(web: httpx.AsyncClient, device: str, to: str) -> tuple[int, str]:
    answer = await web.post(f"/api/doors/{device}", json={"to": to})
    said = answer.json()
    return answer.status_code, str(said.get("reason") or said.get("detail") or "")


async def test_a_wish_is_journaled_with_its_name_and_kept(
    desk: Bench, hall: httpx.AsyncClient
) -> None:
    assert await ask(hall, "fire1", "open") == (200, "")
    asked = desk.asked[-1].observation
    assert isinstance(asked, DoorAsked)
    assert (asked.device, asked.to, asked.by) == ("fire1", "open", "a-operator")
    wanted: list[DoorWanted] = []
    await desk.decide(lambda tx: wanted.extend(tx.find(DoorWanted)))
    assert [(one.device, one.to) for one in wanted] == [("fire1", "open")]
    assert await ask(hall, "fire1", "free") == (200, "")
    await desk.decide(lambda tx: wanted.extend(tx.find(DoorWanted)))
    assert len(wanted) == 1


async def test_what_cannot_be_asked_is_said(desk: Bench, hall: httpx.AsyncClient) -> None:
    assert await ask(hall, "fire2", "open") == (
        404,
        "there is no device 'fire2' (did you mean 'fire1'?)",
    )
    assert await ask(hall, "meter", "open") == (404, "meter is no door but of the kind io")
    assert await ask(hall, "curtain1", "open") == (
        422,
        "curtain1 is moved by hand: it is only watched",
    )
    assert (await ask(hall, "fire1", "ajar"))[0] == 422
    set_ = DeviceModeSet(device=DeviceId("fire1"), mode="observe", by="anna", at=desk.now())
    await desk.tell(set_)
    assert await ask(hall, "fire1", "open") == (
        409,
        "fire1 is in observe: it is ordered only in automatic",
    )


async def test_its_page_has_the_keys(desk: Bench, hall: httpx.AsyncClient) -> None:
    hall.headers.update(desk.bearer("engineer"))
    page = await hall.get("/devices/fire1")
    assert page.status_code == 200
    assert 'data-api="/api/doors/fire1"' in page.text
