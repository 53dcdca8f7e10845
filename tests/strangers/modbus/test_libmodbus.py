"""Our Modbus beside a stranger's: a server of ours in C on libmodbus, built when it is there."""

import asyncio
import os
import pty
import shutil
import subprocess
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.live import Live
from devices.map.schema import Io, Modbus, ModbusRtu, ModbusTcp
from devices.tags.lines import open_tags
from devices.tags.port import Denied, OpenTags
from tests.devices.conveyor.site import RunningClock
from wcs.names import DeviceId

SOURCE = Path(__file__).parent / "server.c"
TAGS: dict[str, Any] = {
    "word": {"at": "hr:5", "type": "uint16", "access": "rw"},
    "long": {"at": "hr:8", "type": "uint32", "access": "rw"},
    "real": {"at": "hr:20", "type": "float32", "word_order": "little", "access": "rw"},
    "lamp": {"at": "hr:30.4", "type": "bool", "access": "rw"},
    "input": {"at": "ir:59", "type": "int16"},
    "contact": {"at": "di:7", "type": "bool"},
    "coil": {"at": "co:3", "type": "bool", "access": "rw"},
    "last": {"at": "hr:59", "type": "uint16"},
    "beyond": {"at": "hr:60", "type": "uint16"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("without gcc")
    built = tmp_path_factory.mktemp("libmodbus") / "server"
    command = [compiler, str(SOURCE), "-I/usr/include/modbus", "-lmodbus", "-o", str(built)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("without libmodbus (Debian: libmodbus-dev)")
    return built


@contextmanager
def started(*command: str) -> Iterator[str]:
    """The line that it prints when it is ready."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@asynccontextmanager
async def tags_on(connection: Modbus, unit: int) -> AsyncIterator[OpenTags]:
    tags = {name: {"poll": "fast", **tag} for name, tag in TAGS.items()}
    told = {"kind": "io", "connection": "line", "unit": unit, "tags": tags}
    io = Io.model_validate(told)
    async with open_tags(DeviceId("io"), io, connection, RunningClock(), Live()) as opened:
        yield opened


async def everything_is_as_it_should_be(tags: OpenTags) -> None:
    shown = {name: value.value for name, value in tags.view().items()}
    assert shown == {
        "word": 5, "long": 8 * 65536 + 9, "real": pytest.approx(0.0), "lamp": True, "input": 59,
        "contact": True, "coil": False, "last": 59, "beyond": None,
    }  # fmt: skip
    assert tags.value("beyond").reason == "has no such address"
    await tags.write({"word": 4711}, {"long": 70_000, "coil": True}, {"real": -1.5})
    await tags.write({"lamp": False})
    seen = await tags.read("word", "long", "real", "coil", "lamp")
    assert [value.value for value in seen.values()] == [4711, 70_000, -1.5, True, False]
    assert seen["lamp"].raw == (30 & ~16,)  # its neighbours in the register stayed
    with pytest.raises(Denied, match="no such address"):
        await tags.read("beyond")


async def test_over_tcp(server: Path) -> None:
    with started(str(server), "tcp") as port:
        told = {"type": "modbus-tcp", "host": "127.0.0.1", "port": int(port)}
        async with tags_on(ModbusTcp.model_validate(told), 1) as tags:
            await everything_is_as_it_should_be(tags)


async def test_over_a_serial_line(server: Path) -> None:
    with cable() as (ours, theirs, ends), started(str(server), "rtu", theirs) as ready:
        assert ready == "ready"
        loop = asyncio.get_running_loop()
        for here, there in (ends, ends[::-1]):
            loop.add_reader(here, lambda a=here, b=there: os.write(b, os.read(a, 4096)))  # type: ignore[misc]
        told = {"type": "modbus-rtu", "port": ours, "baud": 115200, "format": "8N1"}
        try:
            async with tags_on(ModbusRtu.model_validate(told), 7) as tags:
                await everything_is_as_it_should_be(tags)
        finally:
            for end in ends:
                loop.remove_reader(end)


@contextmanager
def cable() -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Two serial ports by their paths, and the two ends between which bytes must be carried."""
    pairs = [pty.openpty() for _ in range(2)]
    for _, port in pairs:
        tty.setraw(port)
    try:
        yield os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1]), (pairs[0][0], pairs[1][0])
    finally:
        for pair in pairs:
            for end in pair:
                os.close(end)
