"""All simulators of a map: the overlay, secrets, ports over restarts, and nobody left behind."""

import json
from pathlib import Path

import pytest

from devices.map.load import load_map
from simulators.child import NotReady
from simulators.launch import Launch
from simulators.process import HostPort
from simulators.programs import HOSTS, Run, device_programs, first_programs
from tests.simulators.launch.test_child import alive

DEMO = Path("config/demo")
AT = HostPort("127.0.0.1", 20_001)
SOME = ("broker", *HOSTS, "ptl_a")


def launch(folder: Path, only=SOME, orders: int = 0) -> Launch:
    return Launch(DEMO, folder, seed=3, speed=20, orders=orders, only=only)


async def test_the_overlay_says_where_everything_is(tmp_path: Path, mosquitto: Path) -> None:
    async with launch(tmp_path) as sims:
        overlay = json.loads(sims.overlay.read_text())
        assert overlay["hosts"].keys() == set(HOSTS)
        assert overlay["hosts"]["shop"]["url"].startswith("http://127.0.0.1:")
        assert overlay["connections"] == {"broker": sims.address("broker")}
        assert overlay["simulated"] == {"speed": 20, "seed": 3}
        assert Path(overlay["stock"]).read_text() == (DEMO / "stock.csv").read_text()
        sims.write_overlay(control="http://127.0.0.1:9", control_token="t")
        assert json.loads(sims.overlay.read_text())["simulated"]["control_token"] == "t"


async def test_what_is_secret_is_for_the_owner_only(tmp_path: Path) -> None:
    async with launch(tmp_path, ["erp"]) as sims:
        for path in (sims.overlay, tmp_path / "secrets.json"):
            assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads((tmp_path / "secrets.json").read_text()) == sims.secrets
        assert sims.secrets["ERP_TOKEN"] not in sims.overlay.read_text()


async def test_a_second_launch_in_the_same_folder_keeps_the_secrets(tmp_path: Path) -> None:
    kept = []
    for _ in range(2):
        async with launch(tmp_path, ["carrier"]) as sims:
            kept.append(sims.secrets)
    assert kept[0] == kept[1]


async def test_each_can_be_killed_started_and_restarted_on_its_port(tmp_path: Path) -> None:
    async with launch(tmp_path, ["erp"]) as sims:
        address = sims.address("erp")
        await sims.kill("erp")
        assert sims.status() == {"erp": "down"}
        assert await sims.start("erp") == address
        assert await sims.restart("erp") == address
        assert sims.status() == {"erp": "running"}
        with pytest.raises(KeyError):
            await sims.kill("fridge")


async def test_nobody_is_left_behind(tmp_path: Path, mosquitto: Path) -> None:
    with pytest.raises(RuntimeError):
        async with launch(tmp_path) as sims:
            pids = [child.pid for child in sims.children.values()]
            raise RuntimeError
    assert pids
    assert not any(alive(pid) for pid in pids if pid)


async def test_one_that_does_not_start_ends_all_and_names_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.programs.module_of", lambda *_: "simulators.none_such")
    sims = launch(tmp_path, ["erp", "scale1"])
    with pytest.raises(NotReady, match=r"scale1\.log"):
        async with sims:
            pass
    assert not any(child.running for child in sims.children.values())


def test_every_device_of_the_demo_has_a_program(tmp_path: Path) -> None:
    devices = load_map(DEMO)
    run = Run(DEMO, tmp_path, seed=7, speed=20.0, orders=50, gateway="http://127.0.0.1:8100")
    programs = {one.id: one for one in device_programs(run, devices, AT, AT)}
    assert programs.keys() == devices.devices.keys()
    assert programs["hand1"].port == str(tmp_path / "hand1")
    assert programs["tunnel1"].port == "0"
    assert "--broker" in programs["amr1"].arguments
    assert "--broker" not in programs["sorter1"].arguments


def test_hosts_are_given_their_own_secrets_only(tmp_path: Path) -> None:
    run = Run(DEMO, tmp_path, seed=7, speed=20.0, orders=50, gateway="http://127.0.0.1:8100")
    names = ("SHOP_SECRET", "ERP_TOKEN", "CARRIER_TOKEN", "CONTROL_TOKEN")
    programs = {one.id: one for one in first_programs(run, {name: name for name in names}, AT, AT)}
    assert programs["erp"].secrets.keys() == {"ERP_TOKEN", "CONTROL_TOKEN"}
    assert programs["world"].secrets == {}
