"""The modules as a stranger's master hears them: golden frames, any chopping, a process on a port
and on a serial line."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.map.load import read_map
from devices.map.schema import LightZone
from simulators.child import Program
from simulators.pick_iq import Rack
from simulators.process import HostPort
from simulators.programs import Run, device_programs
from simulators.spawn import Nursery
from tests.simulators.lights.peer import child, world

EXAMPLE = Path("docs/examples/pick-iq.yaml")
READ_MODEL = bytes.fromhex("0103 03EB 0004 341F")
MODEL = bytes.fromhex("0103 08 5054 4C31 3130 5300")
"""PTL110S, two characters to a register."""
LIGHT = bytes.fromhex("0106 1EDC 0001")


def rack() -> Rack:
    device = read_map(EXAMPLE).map
    assert device is not None
    zone = device.devices["ptl_b"]
    assert isinstance(zone, LightZone)
    return Rack(zone)


def framed(body: bytes) -> bytes:
    """By the polynomial, not by ours: CRC-16/MODBUS has 0x4B37 for `123456789`."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return body + value.to_bytes(2, "little")


def test_the_checksum_is_the_standard_one() -> None:
    assert framed(b"123456789")[-2:] == bytes.fromhex("374B")


def test_a_module_says_its_model() -> None:
    answer = rack().line().feed(framed(READ_MODEL[:6]))
    assert answer == framed(MODEL)


def test_a_job_lights_it_and_a_restart_puts_it_out() -> None:
    one = rack()
    assert one.line().feed(framed(LIGHT)) == framed(LIGHT)
    assert one.modules["B-01"].on and one.modules["B-01"].lit == 1
    one.modules["B-01"].restart()
    assert not one.modules["B-01"].on


def test_others_on_the_line_say_nothing() -> None:
    line = rack().line()
    assert line.feed(framed(b"\x09" + LIGHT[1:])) == b""
    damaged = bytearray(framed(LIGHT))
    damaged[3] ^= 1
    assert line.feed(bytes(damaged)) == b""


def test_what_it_does_not_have_is_refused_by_code() -> None:
    assert rack().line().feed(framed(bytes.fromhex("0103 0000 0001"))) == framed(
        bytes.fromhex("0183 02")
    )
    assert rack().line().feed(framed(bytes.fromhex("0107 0000 0001"))) == framed(
        bytes.fromhex("0187 01")
    )


RACK = rack()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=30), st.binary(max_size=6))
def test_any_chopping_and_noise_ahead(sizes: list[int], noise: bytes) -> None:
    """Noise may promise so many bytes that the first requests are swallowed."""
    line, whole = RACK.line(), noise + framed(READ_MODEL[:6]) + framed(LIGHT) * 40
    answers = b""
    for size in [*sizes, len(whole)]:
        answers, whole = answers + line.feed(whole[:size]), whole[size:]
    assert framed(LIGHT) in answers


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "devices.yaml").write_text(EXAMPLE.read_text())
    return tmp_path / "site"


async def test_a_process_on_a_port_told_by_the_world(
    site: Path, tmp_path: Path, nursery: Nursery
) -> None:
    async with world() as (floor, floor_at):
        arguments = ("--map", str(site), "--world", floor_at)
        program = Program("ptl_b", "simulators.pick_iq", arguments)
        async with child(program, tmp_path, nursery) as zone:
            reader, writer = await asyncio.open_connection("127.0.0.1", zone.address["port"])
            writer.write(framed(LIGHT))
            assert await reader.readexactly(8) == framed(LIGHT)
            seen = await floor.sees(lambda act: act["act"] == "lamp" and act["on"])
            assert seen["light"] == "B-01"
            fact = {"fact": "fault", "fault": "stuck", "light": "B-01", "on": True}
            floor.bus.tell("ptl_b", fact)
            async with asyncio.timeout(20):
                key = b""
                while key != framed(bytes.fromhex("0103 02 0001")):
                    writer.write(framed(bytes.fromhex("0103 1EE6 0001")))
                    key = await reader.readexactly(7)
            writer.close()


async def test_a_process_on_a_serial_line(site: Path, tmp_path: Path, nursery: Nursery) -> None:
    link = tmp_path / "rs485"
    program = Program("ptl_b", "simulators.pick_iq", ("--map", str(site)), port=str(link))
    async with child(program, tmp_path, nursery) as zone:
        assert zone.address == {"port": str(link), "format": "8N1"}
        port = os.open(link, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(port, framed(LIGHT))
            answer = b""
            async with asyncio.timeout(20):
                while len(answer) < 8:
                    answer += await asyncio.to_thread(os.read, port, 8)
            assert answer == framed(LIGHT)
        finally:
            os.close(port)


def test_a_site_with_modules_plays_them_where_its_map_has_them(tmp_path: Path) -> None:
    known = read_map(EXAMPLE).map
    assert known is not None
    lamps = known.model_copy(update={"devices": {"ptl_b": known.devices["ptl_b"]}})
    run = Run(EXAMPLE.parent, tmp_path, seed=7, speed=1.0, orders=0, gateway="http://127.0.0.1:1")
    at = HostPort("127.0.0.1", 1)
    (program,) = device_programs(run, lamps, at, at)
    assert (program.module, program.port) == ("simulators.pick_iq", str(tmp_path / "ptl_b"))
    assert "--broker" not in program.arguments
