"""Scanners that fail (faults 46 to 49), on pseudo terminals and TCP: no wrong code, no code twice,
the other scanner unaffected, and well again by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from devices.supervise import MAX_S
from tests.devices.peers import TcpPeer
from tests.faults.cable import Cable
from tests.faults.site import ALARM_S, Site, site

GATE = "tunnel1"
HAND, OTHER = "hand1", "hand2"


@asynccontextmanager
async def hands(folder: Path) -> AsyncIterator[tuple[Site, Cable, Cable]]:
    cables = [Cable(folder / name) for name in (HAND, OTHER)]
    ports = {
        "com_pick": {"port": str(cables[0].node)},
        "com_hospital": {"port": str(cables[1].node)},
    }
    async with site(HAND, OTHER, **ports) as made:
        yield made, cables[0], cables[1]
    for cable in cables:
        cable.close()


async def works(made: Site, cable: Cable, name: str, code: str) -> None:
    cable.sends(f"{code}\r".encode())
    await made.hears(lambda: (code,) in made.codes(name))


async def test_46_a_pulled_cable_is_said_and_a_new_one_found_and_half_a_code_forgotten(
    tmp_path: Path,
) -> None:
    async with hands(tmp_path) as (made, cable, other):
        await works(made, cable, HAND, "L00000001")
        cable.sends(b"L0000")
        cable.unplug()
        assert (await made.away(HAND)).startswith("was unplugged")
        await works(made, other, OTHER, "L00000007")
        cable.plug_in()
        await made.back(HAND, 2)
        await works(made, cable, HAND, "L00000002")
        assert made.codes(HAND) == [("L00000001",), ("L00000002",)]
        assert made.lost(OTHER) == 0


async def test_46_a_scanner_is_found_by_what_it_is_whatever_its_port_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cable = Cable(tmp_path / "ttyUSB0")

    def plugged() -> list[ListPortInfo]:
        port = ListPortInfo(str(cable.node))
        port.vid, port.pid, port.serial_number = 0x05F9, 0x4204, "G123"
        return [port] if cable.node.is_symlink() else []

    monkeypatch.setattr(list_ports, "comports", plugged)
    match = {"port": None, "match": {"usb": "05f9:4204"}}
    async with site(HAND, com_pick=match) as made:
        cable.unplug()
        assert (await made.away(HAND)).startswith("was unplugged")
        cable.renamed(tmp_path / "ttyUSB1")
        await made.back(HAND, 2)
        await works(made, cable, HAND, "L00000002")
    cable.close()


NOISE = {
    "bytes of a plug": (b"\x00\xff\xfe\x00\r", 0),
    "a zero in the middle": (b"L0000\x000009\r", 0),
    "another terminator": (b"L00000008\nL00000009\r", 0),
    "a parity error": (b"L0000\xb10009\r", 0),
    "a line in pieces": (b"L000|00009\r", 1),
}


@pytest.mark.parametrize("what", NOISE)
async def test_47_noise_on_a_serial_line_is_no_code(tmp_path: Path, what: str) -> None:
    sent, whole = NOISE[what]
    async with hands(tmp_path) as (made, cable, other):
        for piece in sent.split(b"|"):
            cable.sends(piece)
        await works(made, other, OTHER, "L00000007")
        await works(made, cable, HAND, "L00000001")
        assert made.codes(HAND) == [*[("L00000009",)] * whole, ("L00000001",)]
        assert made.lost(HAND) == made.lost(OTHER) == 0


GATES = {
    "no end of the first": b"\x0217;L0000\x0218;L00000002\x03",
    "no beginning of the first": b"17;L00000001\x03\x0218;L00000002\x03",
    "an end too many": b"\x03\x03\x0218;L00000002\x03\x03",
    "a zero inside": b"\x0217;L00\x0000001\x03\x0218;L00000002\x03",
    "noise between": b"\xff\x00garbage\x0218;L00000002\x03\xff",
}


@pytest.mark.parametrize("what", GATES)
async def test_47_two_frames_that_run_together_never_make_a_third(what: str) -> None:
    async with TcpPeer() as scanner, site(GATE, tcp_tunnel={"port": scanner.port}) as made:
        await scanner.sends(GATES[what] + b"\x0219;L00000003\x03")
        await made.hears(lambda: ("L00000003",) in made.codes(GATE))
        assert made.codes(GATE) == [("L00000002",), ("L00000003",)]


MEGABYTE = b"L" * 1_000_000


async def test_48_a_megabyte_without_an_end_is_dropped_on_a_serial_line(tmp_path: Path) -> None:
    async with hands(tmp_path) as (made, cable, other):
        for at in range(0, len(MEGABYTE), 2000):
            cable.sends(MEGABYTE[at : at + 2000])
            dropped = at + 2000 - 2048
            await made.hears(partial(dropped_at_least, made, dropped))
        await works(made, other, OTHER, "L00000007")
        cable.sends(b"\r")
        await works(made, cable, HAND, "L00000001")
        assert made.codes(HAND) == [("L00000001",)]
        assert noise(made, HAND) == len(MEGABYTE) + 1
        assert made.lost(HAND) == made.lost(OTHER) == 0


async def test_48_a_megabyte_without_an_end_is_dropped_on_tcp() -> None:
    async with TcpPeer() as scanner, site(GATE, tcp_tunnel={"port": scanner.port}) as made:
        await scanner.sends(b"\x0217;" + MEGABYTE + b"\x0218;L00000002\x03")
        await made.hears(lambda: ("L00000002",) in made.codes(GATE))
        assert made.codes(GATE) == [("L00000002",)]
        assert noise(made, GATE) == len(MEGABYTE) + 4


def dropped_at_least(made: Site, count: int) -> bool:
    return noise(made, HAND) >= count


def noise(made: Site, name: str) -> int:
    """Bytes that the page shows as dropped."""
    value = made.live.of(made.of(name).id).get("noise")
    return int(str(value.value)) if value else 0


async def test_49_a_trigger_that_bounces_is_one_scan_and_a_second_pull_is_two(
    tmp_path: Path,
) -> None:
    async with hands(tmp_path) as (made, cable, _):
        cable.sends(b"L00000001\rL00000001\rL00000001\r")
        await works(made, cable, HAND, "L00000002")
        cable.sends(b"L00000001\r")
        await made.hears(lambda: len(made.codes(HAND)) == 3)
        assert made.codes(HAND) == [("L00000001",), ("L00000002",), ("L00000001",)]


async def test_49_nothing_legible_is_a_carton_all_the_same() -> None:
    """What becomes of it is a rule: tests/rules/test_hospital.py, tests/rules/test_packing.py."""
    async with TcpPeer() as scanner, site(GATE, tcp_tunnel={"port": scanner.port}) as made:
        await scanner.sends(b"\x0217;NoRead\x03\x0218;NoRead\x03")
        await made.hears(lambda: len(made.codes(GATE)) == 2)
        assert made.codes(GATE) == [(), ()]


def test_a_silent_gate_is_known_and_tried_again_soon_enough() -> None:
    for name in ("scan_pack1", GATE):
        beat = Site().map.devices[name].heartbeat  # type: ignore[union-attr]
        assert beat is not None and beat.lost_after_s <= ALARM_S
    assert MAX_S <= 3.0
