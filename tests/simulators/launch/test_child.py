"""One simulator as a child: ready line, restart on its port, and every way to end."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from simulators import child as module
from simulators.child import Child, NotReady, Program

WITHIN_S = 15.0


def erp(folder: Path) -> Child:
    secrets = {"ERP_TOKEN": "a", "CONTROL_TOKEN": "b"}
    return Child(Program("erp", "simulators.erp", ("--state", str(folder)), secrets), folder)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that init has yet to collect does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def listens(port: int) -> bool:
    try:
        _, line = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    line.close()
    return True


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_child_ends_and_comes_back_on_its_port(tmp_path: Path, end: str) -> None:
    one = erp(tmp_path)
    address = await one.start()
    pid = one.pid
    assert pid is not None
    assert alive(pid)
    await getattr(one, end)()
    assert not alive(pid)
    assert not one.running
    assert await one.start() == address
    await one.stop()


async def test_starting_what_runs_changes_nothing(tmp_path: Path) -> None:
    one = erp(tmp_path)
    await one.start()
    pid = one.pid
    await one.start()
    assert one.pid == pid
    await one.stop()


async def test_stopping_what_does_not_run_is_no_mistake(tmp_path: Path) -> None:
    one = erp(tmp_path)
    await one.stop()
    await one.kill()


async def test_a_child_that_hears_nobody_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLITE_S", 0.2)
    monkeypatch.setattr(module, "FIRM_S", 0.2)
    one = Child(Program("stubborn", "tests.simulators.launch.stubborn"), tmp_path)
    await one.start()
    pid = one.pid
    assert pid is not None
    await one.stop()
    assert not alive(pid)


async def test_a_child_that_fails_says_where_its_words_are(tmp_path: Path) -> None:
    one = Child(Program("none", "simulators.none_such"), tmp_path)
    with pytest.raises(NotReady, match=r"none did not start; see .*none\.log"):
        await one.start()
    assert "none_such" in (tmp_path / "none.log").read_text()


async def test_nobody_outlives_a_parent_that_was_killed(tmp_path: Path, mosquitto: Path) -> None:
    command = [sys.executable, "-m", "tests.simulators.launch.parent", str(tmp_path)]
    parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    found = json.loads(await parent.stdout.readline())
    port = found["broker"][1]["port"]
    assert await listens(port)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(WITHIN_S):
        while any(alive(pid) for pid, _ in found.values()) or await listens(port):
            await asyncio.sleep(0.02)


async def test_killing_the_broker_leaves_no_mosquitto(tmp_path: Path, mosquitto: Path) -> None:
    one = Child(Program("broker", "simulators.broker", ("--state", str(tmp_path))), tmp_path)
    port = (await one.start())["port"]
    await one.kill()
    async with asyncio.timeout(WITHIN_S):
        while await listens(port):
            await asyncio.sleep(0.02)
    assert (await one.start())["port"] == port
    await one.stop()
    assert not await listens(port)


def test_a_process_that_is_no_more_is_not_alive() -> None:
    assert alive(os.getpid())
    assert not alive(2**22 + 1)
