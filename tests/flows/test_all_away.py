"""A gateway whose every device and host is away: that is a state, shown everywhere."""

import json
from pathlib import Path

import httpx
import pytest

from simulators.director.gateway import GatewayProcess
from simulators.hosts.call import call
from tests.flows.warehouse import ONE_HOST, free_port, gateway_command, until

WITHIN_S = 30.0
PAGES = ("/", "/work", "/work/PICK-A", "/books", "/api/status", "/api/orders", "/metrics")
SECRETS = dict.fromkeys(("SHOP_SECRET", "ERP_TOKEN", "CARRIER_TOKEN"), "x")


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """An overlay in which nobody listens at any address."""
    dead = {"host": ONE_HOST, "port": free_port()}
    pick, hospital = ({"port": str(tmp_path / f"unplugged{n}")} for n in (1, 2))
    there = dict.fromkeys(
        ("plc_sorter", "broker", "tcp_pack", "tcp_tunnel", "tcp_scale", "zpl_line", "zpl_hospital"),
        dead,
    )
    merge = {"url": f"opc.tcp://{ONE_HOST}:{dead['port']}/merge"}
    overlay = tmp_path / "overlay.json"
    connections = {**there, "opc_merge": merge, "com_pick": pick, "com_hospital": hospital}
    url = f"http://{ONE_HOST}:{dead['port']}"
    hosts = {host: {"url": url} for host in ("shop", "erp", "carrier")}
    overlay.write_text(json.dumps({"connections": connections, "hosts": hosts}))
    return overlay


async def test_every_device_is_down_with_a_reason_and_no_page_fails(tmp_path: Path, nowhere: Path):
    data, port, log = tmp_path / "data", free_port(), tmp_path / "gateway.log"
    command = gateway_command(data, port, "--overlay", str(nowhere))
    gateway = GatewayProcess(command, SECRETS, f"http://{ONE_HOST}:{port}", log)
    try:
        await gateway.start()
        token = (data / "local.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}

        async def all_down() -> list[dict[str, str]] | None:
            rows = (await call("GET", f"{gateway.url}/api/devices", headers=headers)).body
            return rows if {row["health"] for row in rows} == {"down"} else None

        rows = await until(all_down, WITHIN_S, "every device is down")
        answers = [await _status(gateway.url + page, headers) for page in PAGES]
        ready = await call("GET", f"{gateway.url}/health/ready")
    finally:
        await gateway.stop()

    assert all(row["why"] for row in rows)
    assert answers == [200] * len(PAGES)
    assert ready.status == 200 and ready.body["status"] == "degraded"
    assert {row["id"] for row in ready.body["degraded"]} == {row["id"] for row in rows}
    assert "Traceback" not in log.read_text()


async def _status(url: str, headers: dict[str, str]) -> int:
    """A page is no JSON; only whether it came counts."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url, headers=headers)).status_code
