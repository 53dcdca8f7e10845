"""Devices of a running site are swapped under traffic: the others do not notice, nothing is lost,
nothing is wrong, and the journal replays."""

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulators.director.ending import gateway_says
from simulators.hosts.call import Answer, call
from tests.flows.warehouse import CONFIG, Warehouse, until, warehouse

pytestmark = pytest.mark.slow
ORDERS, SPEED = 10, 30.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Warehouse]:
    """A site whose files may be edited: `tmp_path / "site"`."""
    shutil.copytree(CONFIG, tmp_path / "site")
    how = {"orders": ORDERS, "seed": 5, "speed": SPEED, "config": tmp_path / "site"}
    async with warehouse(tmp_path / "run", **how) as made:  # type: ignore[arg-type]
        yield made


async def asked(house: Warehouse, path: str, body: Any = None, *, method: str = "POST") -> Answer:
    """With patience: files are read, units tried, simulators started."""
    headers = {"Authorization": f"Bearer {house.token}"}
    url = house.director.gateway.url + path
    return await call(method, url, body, headers=headers, within_s=60.0)


async def device(house: Warehouse, name: str) -> dict[str, Any]:
    rows = await house.get("/api/devices")
    return next(row for row in rows if row["id"] == name)


async def every_lamp_answers(house: Warehouse) -> bool:
    walked = await asked(house, "/api/ready/lamps/ptl_a/walk", {"colour": "blue"})
    return walked.status == 200 and "no answer" not in walked.body["reason"]


async def is_up(house: Warehouse, name: str) -> None:
    async def up() -> bool:
        return bool((await device(house, name))["health"] == "up")

    await until(up, 20, f"{name} is up")


def running(house: Warehouse) -> int:
    """The gateway's process."""
    pid = house.director.gateway.pid
    assert pid is not None
    return pid


def changes_of(house: Warehouse, name: str) -> list[str]:
    """What was said of a device, in order."""
    with closing(sqlite3.connect(f"file:{house.data / 'wedge.db'}?mode=ro", uri=True)) as conn:
        rows = conn.execute("SELECT body FROM events WHERE kind = 'DeviceChanged' ORDER BY n")
        told = [json.loads(body) for (body,) in rows]
    return [body["why"] for body in told if body["device"] == name]


async def sorted_some(house: Warehouse, many: int = 1) -> None:
    async def some() -> bool:
        cartons = (await house.get("/api/status"))["cartons"]
        return sum(cartons.get(state, 0) for state in ("sorted", "shipped")) >= many

    await until(some, 60, f"{many} cartons are sorted")


async def test_devices_are_swapped_under_traffic_and_the_day_ends_as_the_seed_says(
    house: Warehouse, tmp_path: Path
) -> None:
    await is_up(house, "sorter1")
    sorter_since = (await device(house, "sorter1"))["since"]
    pack_since = (await device(house, "scan_pack1"))["since"]
    await sorted_some(house)

    # Another timeout of the tunnel's line in the file: only the tunnel is swapped.
    file = tmp_path / "site" / "devices.yaml"
    good = file.read_text()
    edited = good.replace("port: 2112, keepalive: 5s", "port: 2112, keepalive: 4s")
    assert edited != good
    file.write_text(edited)
    looked = (await asked(house, "/api/reload", method="GET")).body
    assert looked["devices"] == ["tunnel1"]
    answer = await asked(house, "/api/reload")
    assert (answer.status, answer.body["reason"]) == (200, "swapped tunnel1")
    await is_up(house, "tunnel1")
    assert (await device(house, "sorter1"))["since"] == sorter_since

    # A bad file changes nothing and says why, with its place.
    file.write_text(edited.replace("protocol: mt-sics", "protocoll: mt-sics"))
    answer = await asked(house, "/api/reload")
    assert answer.status == 409
    assert "devices.yaml:" in answer.body["reason"] and "protocol" in answer.body["reason"]
    file.write_text(edited)

    # A rule of the site: journaled, and nothing is swapped.
    site = tmp_path / "site" / "site.yaml"
    site.write_text(site.read_text().replace("max_loops: 3", "max_loops: 4"))
    answer = await asked(house, "/api/reload")
    assert (answer.status, answer.body["reason"]) == (200, "1 changes of the rules")

    # The sorter itself, in the middle of everything.
    for mode in ("manual", "automatic"):
        body = {"mode": mode}
        assert (await asked(house, "/api/devices/sorter1/mode", body)).status == 200
        await is_up(house, "sorter1")

    # The same by a signal, in the middle of it: the pack scanner's line.
    file.write_text(edited.replace("port: 2111, keepalive: 5s", "port: 2111, keepalive: 4s"))
    os.kill(running(house), signal.SIGHUP)

    async def swapped() -> bool:
        return bool((await device(house, "scan_pack1"))["since"] != pack_since)

    await until(swapped, 60, "the pack scanner is swapped")

    verdict = await house.ending.judged()
    assert verdict.reasons == []
    assert verdict.result["replay_identical"] and verdict.result["books_balance"]
    assert verdict.result["wrong_lanes"] == verdict.result["unexplained_hospital"] == 0
    assert changes_of(house, "scale1") == ["it answers"]
    for swapped_once in ("tunnel1", "scan_pack1"):
        told = changes_of(house, swapped_once)
        assert told == ["it answers", "is being changed", "it answers"]


async def test_a_unit_is_replaced_and_a_device_simulated_while_the_site_runs(
    house: Warehouse, tmp_path: Path
) -> None:
    await is_up(house, "scale1")
    before = (await device(house, "scale1"))["since"]

    # Nobody there: not taken, and the old one goes on.
    answer = await asked(house, "/api/devices/print2/replace", {"port": "1"})
    assert answer.status == 409 and "the old one stays" in answer.body["reason"]
    await is_up(house, "print2")

    # The other printer in its place, and back.
    other = int(str(house.sims.address("print1")["port"]))
    await asked(house, "/api/devices/print1/mode", {"mode": "off"})
    answer = await asked(house, "/api/devices/print2/replace", {"port": str(other)})
    assert answer.status == 200, answer.body
    await is_up(house, "print2")
    assert (await device(house, "print2"))["binding"] == {"port": other}
    assert (await asked(house, "/api/devices/print2/undo", None)).status == 200
    assert (await device(house, "print2"))["binding"] == {}
    await asked(house, "/api/devices/print1/mode", {"mode": "automatic"})
    assert (await device(house, "scale1"))["since"] == before

    # A simulator in the place of the scale; what moves is refused in automatic.
    answer = await asked(house, "/api/devices/sorter1/simulate", {"to": "on"})
    assert answer.status == 409 and "--yes" in answer.body["reason"]
    answer = await asked(house, "/api/devices/scale1/simulate", {"to": "on"})
    assert answer.status == 200, answer.body
    await is_up(house, "scale1")
    assert (await device(house, "scale1"))["simulated"]
    metrics = await house.text("/metrics")
    assert 'wedge_device_simulated{device="scale1"} 1.0' in metrics
    assert (await house.get("/api/status"))["simulated_devices"] == ["scale1"]
    assert "SIMULATED" in await house.text("/books")
    answer = await asked(house, "/api/devices/scale1/simulate", {"to": "off"})
    await is_up(house, "scale1")
    assert not (await device(house, "scale1"))["simulated"]


async def test_before_the_shift_the_lamps_are_walked_and_the_look_is_kept(house: Warehouse) -> None:
    for name in ("ptl_a", "sorter1", "print1"):
        await is_up(house, name)
    await until(lambda: every_lamp_answers(house), 60, "every lamp of ptl_a answers")
    assert (await asked(house, "/api/ready/lamps/ptl_a/seen", {"seen": "good"})).status == 200

    said = json.loads(await gateway_says("ready", "--json", "--data", str(house.data)))
    lines = {(line["check"], line["device"]): line for line in said["lines"]}
    lamps = lines["lamps and colours", "ptl_a"]
    assert lamps["state"] == "good" and "seen by local" in lamps["found"]
    assert lines["printer paper", "print1"]["state"] == "good"
    assert lines["clock", None]["state"] in ("good", "bad")  # as this machine is kept in step
    assert lines["test scan", "hand1"]["state"] in ("skipped", "good")
    assert all(line["remedy"] for line in said["lines"] if line["state"] == "bad")
    assert (await house.get("/api/ready"))["by"] == "local"
