"""Modes, replacements, simulators, reload and readiness over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.gateway.web.bench import Bench
from wcs.equipment import Setup
from wcs.names import DeviceId
from wcs.observations import DeviceUp, ReadyChecked


@pytest.fixture
async def works(desk: Bench, web: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """An engineer's token; the devices run."""
    await desk.site()
    await desk.gateway.equipment.refresh()
    web.headers.update(desk.bearer("engineer"))
    yield web
    await desk.gateway.equipment.close()


async def row(works: httpx.AsyncClient, device: str) -> Any:
    return next(one for one in (await works.get("/api/devices")).json() if one["id"] == device)


async def post(works: httpx.AsyncClient, path: str, **body: Any) -> tuple[int, str]:
    answer = await works.post(path, json=body)
    said = answer.json()
    return answer.status_code, str(said.get("reason") or said.get("detail") or "")


async def test_a_mode_is_journaled_carried_out_and_shown(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    assert await post(works, "/api/devices/scale1/mode", mode="observe") == (200, "")
    assert (await row(works, "scale1"))["mode"] == "observe"
    assert desk.gateway.equipment.wanted[DeviceId("scale1")].mode == "observe"
    assert desk.asked[-1].observation.by == "a-engineer"  # type: ignore[union-attr]
    assert (await row(works, "sorter1"))["mode"] == "automatic"


async def test_what_is_no_device_or_no_mode_is_said(works: httpx.AsyncClient) -> None:
    status, why = await post(works, "/api/devices/scale11/mode", mode="off")
    assert (status, why) == (404, "there is no device 'scale11' (did you mean 'scale1'?)")
    assert (await post(works, "/api/devices/scale1/mode", mode="on"))[0] == 422
    assert (await post(works, "/api/devices/scale1/mode", mode="off", by="eve"))[0] == 422


async def test_a_replacement_is_tried_by_reading_alone_and_then_taken(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    status, why = await post(works, "/api/devices/scale1/replace", host="10.0.0.9", port="4306")
    assert (status, why) == (200, "")
    ((device, how),) = desk.trials.tried
    assert (device, how.mode, how.connection.host) == ("scale1", "observe", "10.0.0.9")  # type: ignore[union-attr]
    assert (await row(works, "scale1"))["binding"] == {"host": "10.0.0.9", "port": 4306}
    running = desk.gateway.equipment.running[DeviceId("scale1")]
    assert (running.mode, running.connection.port) == ("automatic", 4306)  # type: ignore[union-attr]


async def test_a_unit_that_does_not_answer_is_not_taken(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    desk.trials.problems["scale1"] = "nobody answers"
    before = desk.gateway.equipment.running[DeviceId("scale1")]
    status, why = await post(works, "/api/devices/scale1/replace", host="10.0.0.9")
    assert status == 409
    assert why.startswith("scale1: not taken, the old one stays: nobody answers (host 10.0.0.9")
    assert desk.gateway.equipment.running[DeviceId("scale1")] == before
    assert (await row(works, "scale1"))["binding"] == {}


async def test_undo_goes_back_one_step(works: httpx.AsyncClient) -> None:
    assert (await post(works, "/api/devices/scale1/undo"))[0] == 409
    await post(works, "/api/devices/scale1/replace", host="10.0.0.9")
    await post(works, "/api/devices/scale1/replace", port="4306")
    assert (await row(works, "scale1"))["binding"] == {"host": "10.0.0.9", "port": 4306}
    assert (await post(works, "/api/devices/scale1/undo"))[0] == 200
    assert (await row(works, "scale1"))["binding"] == {"host": "10.0.0.9"}


@pytest.mark.parametrize(
    ("device", "body", "why"),
    [
        ("scale1", {"url": "opc.tcp://x"}, "what can change: host, port"),
        ("scale1", {"port": "99999"}, "port: Input should be less than or equal to 65535"),
        ("merge1", {"url": "http://x"}, "url: String should match pattern"),
        ("hand1", {"serial": "123"}, "usb is missing"),
        ("hand1", {"port": "/dev/x", "usb": "1:2"}, "not both"),
        ("sorter1", {"unit": "999"}, "unit: 999 is not between 0 and 255"),
    ],
)
async def test_what_the_map_would_not_take_is_not_even_tried(
    desk: Bench, works: httpx.AsyncClient, device: str, body: dict[str, str], why: str
) -> None:
    status, told = await post(works, f"/api/devices/{device}/replace", **body)
    assert status == 409 and why in told
    assert desk.trials.tried == []


async def test_a_vehicle_is_replaced_by_its_serial_and_a_scanner_by_what_usb_says(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    await post(works, "/api/devices/amr1/replace", serial="0002")
    await post(works, "/api/devices/hand1/replace", usb="05f9:4204", serial="G1")
    running: Any = desk.gateway.equipment.running
    assert running["amr1"].config.vda5050.serial == "0002"
    assert running["hand1"].connection.match.serial == "G1"
    assert running["hand1"].connection.port is None


async def test_nothing_new_is_no_replacement(works: httpx.AsyncClient) -> None:
    assert (await post(works, "/api/devices/scale1/replace"))[0] == 422


async def test_a_simulator_takes_the_place_and_is_said_everywhere(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    assert (await post(works, "/api/devices/scale1/simulate", to="on"))[0] == 200
    assert (await row(works, "scale1"))["simulated"]
    assert (await works.get("/api/status")).json()["simulated_devices"] == ["scale1"]
    assert 'wedge_device_simulated{device="scale1"} 1.0' in (await works.get("/metrics")).text
    status, why = await post(works, "/api/devices/scale1/replace", host="10.0.0.9")
    assert status == 409 and "SIMULATED" in why
    assert (await post(works, "/api/devices/scale1/simulate", to="off"))[0] == 200
    assert not (await row(works, "scale1"))["simulated"]


async def test_what_moves_goods_is_not_simulated_in_automatic_unless_somebody_is_sure(
    works: httpx.AsyncClient,
) -> None:
    status, why = await post(works, "/api/devices/sorter1/simulate", to="on")
    assert status == 409 and "--yes" in why
    assert (await post(works, "/api/devices/sorter1/simulate", to="on", sure="yes"))[0] == 200
    await post(works, "/api/devices/merge1/mode", mode="observe")
    assert (await post(works, "/api/devices/merge1/simulate", to="on"))[0] == 200


async def test_a_device_whose_simulator_is_not_there_does_not_run_at_all(
    desk: Bench, works: httpx.AsyncClient
) -> None:
    """After a restart of the gateway: never the real one while people believe it simulated."""
    await desk.save(Setup(device=DeviceId("scale1"), simulated=True))
    await desk.gateway.equipment.refresh()
    assert "scale1" not in desk.gateway.equipment.running
    assert desk.gateway.equipment.simulated == ("scale1",)
    watching = asyncio.create_task(desk.gateway.equipment.watch_simulators())
    async with asyncio.timeout(5):
        while "scale1" not in desk.gateway.equipment.running:
            await asyncio.sleep(0.01)
    watching.cancel()
    running: Any = desk.gateway.equipment.running
    assert running["scale1"].connection.port == 9


async def test_what_is_observed_is_asked_of_sorters_alone(works: httpx.AsyncClient) -> None:
    assert (await works.get("/api/devices/sorter1/observed")).json()["agreement"] is None
    assert (await works.get("/api/devices/scale1/observed")).status_code == 404


async def test_the_look_before_a_shift(desk: Bench, works: httpx.AsyncClient) -> None:
    assert (await works.get("/api/ready")).json() is None
    for name in desk.known.map.devices:
        await desk.tell(DeviceUp(device=DeviceId(name), at=desk.now()))
    desk.up.update(desk.known.map.devices)
    said = (await works.post("/api/ready")).json()
    lines = {(line["check"], line["device"]): line for line in said["lines"]}
    assert lines["test scan", "hand1"]["state"] == "skipped"
    assert lines["clock", None]["state"] == "good"
    assert isinstance(desk.asked[-1].observation, ReadyChecked)
    assert (await works.get("/api/ready")).json()["by"] == "a-engineer"
