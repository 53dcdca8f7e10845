"""Forked or a program of its own: a child is given the same, and ends in the same ways."""

import os
import signal
from pathlib import Path

import pytest

from simulators.child import Child, NotReady, Program
from simulators.running import Spawn
from simulators.spawn import Nursery, spawn
from tests.simulators.launch.test_child import alive

ECHO = "tests.simulators.launch.echo"


@pytest.fixture(params=["forked", "alone"])
def way(request: pytest.FixtureRequest, nursery: Nursery) -> Spawn:
    return nursery if request.param == "forked" else spawn


async def test_a_child_is_given_its_arguments_its_secrets_and_its_log(
    way: Spawn, tmp_path: Path
) -> None:
    child = Child(Program("echo", ECHO, secrets={"WORD": "hush"}, port="4711"), tmp_path, way)
    assert await child.start() == {"port": "4711", "word": "hush", "pid": child.pid}
    assert "a word on stderr" in (tmp_path / "echo.log").read_text()
    assert "WORD" not in os.environ
    await child.stop()
    assert not alive(child.pid or 0)


async def test_a_secret_is_not_on_the_command_line(way: Spawn, tmp_path: Path) -> None:
    child = Child(Program("echo", ECHO, secrets={"WORD": "hush"}), tmp_path, way)
    await child.start()
    assert b"hush" not in Path(f"/proc/{child.pid}/cmdline").read_bytes()
    await child.stop()


async def test_a_killed_child_is_noticed_and_can_be_started_again(
    way: Spawn, tmp_path: Path
) -> None:
    child = Child(Program("echo", ECHO), tmp_path, way)
    first = await child.start()
    await child.kill()
    assert not child.running
    assert (await child.start())["pid"] != first["pid"]
    await child.stop()


async def test_a_child_that_cannot_start_says_why_in_its_log(way: Spawn, tmp_path: Path) -> None:
    child = Child(Program("none", "simulators.none_such"), tmp_path, way)
    with pytest.raises(NotReady, match=r"none\.log"):
        await child.start()
    assert "none_such" in (tmp_path / "none.log").read_text()


async def test_a_forked_child_has_its_own_name_and_session(
    nursery: Nursery, tmp_path: Path
) -> None:
    child = Child(Program("echo", ECHO), tmp_path, nursery)
    await child.start()
    assert child.pid is not None
    assert Path(f"/proc/{child.pid}/comm").read_text() == "echo\n"
    assert os.getsid(child.pid) == child.pid
    await child.stop()


async def test_children_outlive_a_nursery_that_was_killed(tmp_path: Path) -> None:
    with Nursery(tmp_path / "nursery.log") as nursery:
        child = Child(Program("echo", ECHO), tmp_path, nursery)
        await child.start()
        os.kill(nursery.pid, signal.SIGKILL)
        with pytest.raises(ConnectionError, match=r"nursery\.log"):
            await Child(Program("late", ECHO), tmp_path, nursery).start()
    assert child.running
    await child.stop()
    assert not alive(child.pid or 0)


async def test_no_descriptor_is_left_behind(way: Spawn, tmp_path: Path) -> None:
    child = Child(Program("echo", ECHO), tmp_path, way)
    await child.start()
    await child.stop()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        await child.start()
        await child.stop()
    assert len(os.listdir("/proc/self/fd")) == before
