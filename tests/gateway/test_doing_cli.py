"""`wedge condition`, `wedge call` and `wedge audit`: what is asked of the gateway, what is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway import devicecli, doingcli
from gateway.cli import app
from gateway.reports import DATABASE
from tests.gateway.web.bench import bench
from wcs.names import DeviceId
from wcs.observations import DeviceModeSet

DONE = {"outcome": "done", "reason": "", "gave": {"ticket": 7}}


class Asked:
    def __init__(self, status: int, said: Any) -> None:
        self.answer = (status, said)
        self.got: list[tuple[str, str, Any]] = []

    def __call__(self, data: Path, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        self.got.append((method, path, body))
        return self.answer


def wedge(monkeypatch: pytest.MonkeyPatch, gateway: Asked, *said: str) -> Result:
    for module in (doingcli, devicecli):
        monkeypatch.setattr(module, "asked", gateway)
    return CliRunner().invoke(app, said)


def test_a_method_is_called_with_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Asked(200, DONE)
    result = wedge(monkeypatch, gateway, "call", "merge1.release", "lane=2", "why=jam=over")
    assert (result.exit_code, result.stdout) == (0, "merge1.release: ticket 7\n")
    values = {"values": {"lane": "2", "why": "jam=over"}}
    assert gateway.got == [("POST", "/api/methods/merge1/release", values)]


def test_an_alarm_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Asked(200, {"outcome": "acknowledged", "reason": "", "gave": {}})
    result = wedge(monkeypatch, gateway, "condition", "ack", "merge1.jam", "--comment", "cleared")
    assert (result.exit_code, result.stdout) == (0, "merge1.jam: acknowledged\n")
    assert gateway.got == [("POST", "/api/conditions/merge1/jam", {"comment": "cleared"})]


def test_a_no_is_one_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    no = {"outcome": "refused", "reason": "the device is in observe", "gave": {}}
    result = wedge(monkeypatch, Asked(409, no), "call", "merge1.release")
    assert result.exit_code == 1
    assert result.stderr == "wedge: merge1.release: the device is in observe\n"


@pytest.mark.parametrize("said", ["call merge1", "call m.r lane", "condition ack x"])
def test_what_cannot_be_asked_is_two(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    gateway = Asked(200, DONE)
    assert wedge(monkeypatch, gateway, *said.split()).exit_code == 2
    assert gateway.got == []


async def test_the_audit_says_from_what_to_what(tmp_path: Path) -> None:
    with bench(tmp_path) as desk:
        await desk.site()
        sorter = DeviceId("sorter1")
        await desk.tell(DeviceModeSet(device=sorter, mode="observe", by="anna", at=desk.now()))
    assert (tmp_path / DATABASE).exists()
    shown = CliRunner().invoke(app, ["audit", "--by", "anna", "--data", str(tmp_path)])
    assert "device sorter1, mode observe  automatic -> observe" in shown.stdout
    rows = json.loads(CliRunner().invoke(app, ["audit", "--json", "--data", str(tmp_path)]).stdout)
    assert [row["by"] for row in rows] == ["anna", "test"]
