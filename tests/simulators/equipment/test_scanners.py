"""Scanners that dial in and scanners on USB, as processes, told by their control port."""

import asyncio
import json
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.map.load import load_map
from devices.map.schema import Hid, TcpServer
from simulators.free_port import free_port
from simulators.programs import module_of
from simulators.scanner_faults import Spoiler
from simulators.scanner_keys import events, pos_reports, reports, stroke
from simulators.scanner_ssi import SsiGun, packet

SOON_S = 20.0
MAP = """devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
connections:
  dial: {type: tcp-server, host: 0.0.0.0, port: 2112, peer: 10.0.0.21}
  usb: {type: hid, match: {usb: "0c2e:0b61"}}
devices:
  dock1: {kind: scanner, connection: dial, framing: {start: "\\x02", end: "\\x03"}}
  desk1: {kind: scanner, connection: usb, framing: {end: "\\r"}}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "devices.yaml").write_text(MAP)
    return tmp_path


@asynccontextmanager
async def playing(site: Path, id: str, port: str) -> AsyncIterator[tuple[dict[str, Any], int]]:
    """The simulator that the map asks for; its address, and its control port."""
    map, at = load_map(site), free_port()
    module = module_of(map.devices[id], map.connections[map.devices[id].connection])
    arguments = ["-m", module, "--id", id, "--map", str(site), "--port", port, "--control", str(at)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        async with asyncio.timeout(SOON_S):
            line = await child.stdout.readline()
        yield json.loads(line)["address"], at
    finally:
        child.stdin.close()
        await child.wait()


async def told(port: int, **fact: object) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(json.dumps(fact).encode() + b"\n")
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_scanner_dials_until_its_host_listens(site: Path) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.put_nowait(b"called")
        while data := await reader.read(100):
            got.put_nowait(data)
        writer.close()

    async with playing(site, "dock1", "0") as (address, control):
        line = load_map(site, {"dial": address}).connections["dial"]
        assert isinstance(line, TcpServer) and line.peer == "127.0.0.1"
        server = await asyncio.start_server(serve, line.host, line.port)
        async with server, asyncio.timeout(SOON_S):
            assert await got.get() == b"called"
            assert await told(control, fact="trigger", code="L00000001") == {"ok": True}
            assert await got.get() == b"\x02L00000001\x03"
            await told(control, fact="fault", fault="disconnect", on=True)
            assert await got.get() == b"called"
            assert not (await told(control, what="?"))["ok"]


async def test_a_scanner_on_usb_is_a_file_that_can_be_pulled(site: Path) -> None:
    node = site / "hid"
    async with playing(site, "desk1", str(node)) as (address, control):
        line = load_map(site, {"usb": address}).connections["usb"]
        assert isinstance(line, Hid) and line.port == str(node) and line.match is None
        await told(control, fact="trigger", code="A")
        with node.open("rb", buffering=0) as file:
            pressed = struct.unpack("llHHi", await asyncio.to_thread(file.read, 24))
            assert pressed[2:] == (1, 42, 1)  # left shift goes down
            await told(control, fact="fault", fault="unplugged", on=True)
        assert not node.exists()
        await told(control, fact="fault", fault="unplugged", on=False)
        assert node.is_fifo()


@given(st.integers(1, 64), st.binary(max_size=200))
def test_what_is_chopped_or_held_back_is_not_lost(unit: int, frame: bytes) -> None:
    line = Spoiler(7, unit)
    line.told({"fact": "fault", "fault": "chopped", "on": True})
    assert b"".join(line.pieces(frame)) == frame
    line.told({"fact": "fault", "fault": "merged", "on": True})
    assert b"".join([*line.pieces(b"1"), *line.pieces(b"2")]) == b"12"


def test_keys_as_they_sit_on_the_keyboards() -> None:
    assert stroke("]", "us")[1:] == (27, 0x30)
    assert stroke("z", "de")[1:] == (21, 0x1C)
    assert stroke("@", "fr") == (0x40, 11, 0x27)
    assert reports("]C1", "us")[:8].hex() == "0000300000000000"
    assert len(events("aB", "us")) == 24 * (4 + 8)
    assert pos_reports(b"A" * 60, b"]Q0")[63] == 1


def test_a_packet_is_sent_three_times_and_then_given_up() -> None:
    gun = SsiGun()
    first = gun.frame("A")
    assert first == packet(0xF3, 3, ord("A"))
    assert gun.again()[3] == 1 and gun.again() and not gun.again()
    gun.frame("B")
    gun.hears(bytes.fromhex("04D00400FF28"))
    assert not gun.due
    assert gun.hears(bytes.fromhex("05E604000FFF02")) == packet(0xD0)
    assert gun.tones == [False]
