"""The gateway as a program: what a meter is polled is published, shown when it cannot be, and what
a killed gateway had kept is published by the next one."""

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.benchmarks.rig import AWAY, DEAD, ROOT, SECRETS
from tests.contract.mqtt import contract
from tests.devices.brokers import Broker
from tests.devices.conftest import forgetful
from tests.devices.tags.stations import Bench, on_tcp
from tests.gateway.telemetry.site import Reader

__all__ = ["forgetful"]
PATIENCE_S = 30.0
METER = """
  meter1:
    kind: io
    connection: meter_line
    tags:
      power: {at: "hr:7", type: uint16, unit: W}
      energy: {at: "hr:8", type: uint32, unit: Wh}
"""


def a_site(folder: Path, meter: Bench, broker: Broker) -> Path:
    config = Path(shutil.copytree(ROOT / "config/demo", folder / "site"))
    devices = (config / "devices.yaml").read_text()
    line = "\n  meter_line: {type: modbus-tcp, host: 127.0.0.1, port: 1, timeout: 2s}\ntemplates:"
    (config / "devices.yaml").write_text(devices.replace("\ntemplates:", line, 1) + METER)
    with (config / "site.yaml").open("a") as file:
        file.write("telemetry: {connection: broker, site: wh1}\n")
    there = {
        **dict.fromkeys((*AWAY, "plc_sorter", "tcp_tunnel"), DEAD),
        "opc_merge": {"url": "opc.tcp://127.0.0.1:1/merge"},
        "meter_line": {"host": "127.0.0.1", "port": meter.port},
        "broker": {"host": "127.0.0.1", "port": broker.port},
    }
    (folder / "overlay.json").write_text(json.dumps({"connections": there}))
    return config


class Run:
    def __init__(self, process: asyncio.subprocess.Process, url: str, token: str) -> None:
        self.process = process
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False)

    async def says(self, path: str, *words: str) -> str:
        """Asks until the answer holds the words."""
        while True:
            text = (await self.http.get(path)).text
            if all(word in text for word in words):
                return text
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(config: Path, folder: Path) -> AsyncIterator[Run]:
    data = folder / "data"
    command = ["-m", "gateway", "run", str(config), "--port", "0", "--data", str(data)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, "--overlay", str(folder / "overlay.json")),
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=ROOT,
        env={**os.environ, **SECRETS},
    )
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            assert process.stdout is not None
            url = (await process.stdout.readline()).decode().split()[1]
            run = Run(process, url, (data / "local.token").read_text().strip())
            async with run.http:
                yield run
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def kept(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "data" / "telemetry.db")) as reader:
        return list(reader.execute("SELECT device, number FROM messages ORDER BY id"))


@pytest.mark.slow
async def test_a_meter_is_published_and_a_killed_gateway_loses_nothing_that_it_kept(
    forgetful: Broker, tmp_path: Path
) -> None:
    async with on_tcp(Bench()) as meter:
        config = a_site(tmp_path, meter, forgetful)
        async with running(config, tmp_path) as run:
            async with Reader(forgetful) as reader:
                first: dict[str, Any] = (await reader.reads(1))[0]
                assert first["values"] == {"power": 7, "energy": 8 * 65536 + 9}
                contract().check("wedge/wh1/tags/meter1", first)
            await run.says("/health/live", "alive")
            forgetful.stop()
            await run.says("/api/status", '"telemetry":"', "broker")
            await run.says("/health/ready", '"id":"telemetry"')
            await run.says("/metrics", "wedge_telemetry_waiting", "wedge_telemetry_lost")
            async with asyncio.timeout(PATIENCE_S):
                while len(kept(tmp_path)) < 10:
                    await asyncio.sleep(0.05)
            run.process.kill()
            await run.process.wait()
        waiting = kept(tmp_path)
        forgetful.start()
        async with Reader(forgetful) as reader, running(config, tmp_path) as again:
            got = [(told["device"], told["seq"]) for told in await reader.reads(len(waiting) + 3)]
            assert got[: len(waiting)] == waiting
            assert reader.doubles == 0
            text = await again.says("/api/status", '"alarms":{}')
            assert json.loads(text)["site"] == "Wedge demo warehouse"
