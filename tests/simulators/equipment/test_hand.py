"""The hand scanner on its pty, as a serial driver sees it."""

import asyncio
import os
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from simulators.hand_scanner import HandScanner, tones
from tests.simulators.equipment.bench import SOON_S, bench, device


@pytest.mark.parametrize(
    ("data", "heard", "rest"),
    [
        (b"\x1b[3q", [True], b""),
        (b"\x1b[4q\x1b[8q", [False], b""),
        (b"\x1b[6q\x1b[3q\x1b[", [True], b"\x1b["),
        (b"noise", [], b"noise"),
    ],
)
def test_tones(data: bytes, heard: list[bool], rest: bytes) -> None:
    assert tones(data) == (heard, rest)


@given(st.lists(st.integers(1, 5), max_size=10))
def test_tones_survive_any_chopping(sizes: list[int]) -> None:
    stream, rest, heard = b"\x1b[3q\x1b[6q\x1b[4q\x1b[8q\x1b[3q", b"", []
    for size in [*sizes, len(stream)]:
        found, rest = tones(rest + stream[:size])
        heard += found
        stream = stream[size:]
    assert heard == [True, False, True]


async def test_a_trigger_leaves_as_code_and_cr_and_tones_come_back(tmp_path: Path) -> None:
    link = tmp_path / "hand1"
    async with bench() as world, device(world, "hand1", lambda _: lambda fact: None) as client:
        scanner = HandScanner(link, client)
        scanner.plug()
        with serial.Serial(str(link), 115200, timeout=SOON_S) as port:
            scanner.heard({"fact": "trigger", "code": "L00000001"})
            assert await asyncio.to_thread(port.read_until, b"\r") == b"L00000001\r"
            port.write(b"\x1b[6q\x1b[3q")
            await world.until(lambda: world.acts)
            assert world.acts == [("hand1", {"act": "tone", "good": True})]
        scanner.unplug()


async def test_unplugged_the_line_hangs_up_and_the_link_is_gone_until_it_is_back(
    tmp_path: Path,
) -> None:
    link = tmp_path / "hand1"
    async with bench() as world, device(world, "hand1", lambda _: lambda fact: None) as client:
        scanner = HandScanner(link, client)
        scanner.plug()
        held = os.open(link, os.O_RDWR | os.O_NOCTTY)
        scanner.heard({"fact": "fault", "fault": "unplugged", "on": True})
        assert not link.is_symlink()
        assert os.read(held, 1) == b""
        os.close(held)
        scanner.heard({"fact": "trigger", "code": "lost"})
        scanner.heard({"fact": "fault", "fault": "unplugged", "on": False})
        with serial.Serial(str(link), 115200, timeout=SOON_S) as port:
            scanner.heard({"fact": "trigger", "code": "L00000002"})
            assert await asyncio.to_thread(port.read_until, b"\r") == b"L00000002\r"
        scanner.unplug()
