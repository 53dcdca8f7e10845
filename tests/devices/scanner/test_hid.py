"""The device file of a scanner on USB: found, read, unplugged and back. A FIFO plays the file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from devices.errors import Unreachable
from devices.live import Live
from devices.map.connections import SerialMatch
from devices.map.schema import Framing, Hid, Payload, Scanner
from devices.scanner import hid_port
from devices.scanner.session import ScannerDriver
from tests.devices.peers import ACCEPTED, HandClock, watched
from tests.devices.scanner.test_keyboard import HELLO, stroke
from tests.devices.scanner.test_pos import report
from wcs.names import DeviceId
from wcs.observations import Scanned

DESK, PLAIN = DeviceId("desk1"), Payload()
Reports = Literal["events", "keyboard", "pos"]


class Usb:
    """The kernel's end of a device file, as udev names it."""

    def __init__(self, node: Path) -> None:
        self.node = node
        self.plug_in()

    def plug_in(self) -> None:
        os.mkfifo(self.node)
        self._held = os.open(self.node, os.O_RDWR)

    def unplug(self) -> None:
        self.node.unlink()
        os.close(self._held)

    def says(self, data: bytes) -> None:
        os.write(self._held, data)


@pytest.fixture
def usb(tmp_path: Path) -> Iterator[Usb]:
    usb = Usb(tmp_path / "event7")
    yield usb
    if usb.node.exists():
        usb.unplug()


def driver(
    usb: Usb, reports: Reports, payload: Payload = PLAIN, live: Live | None = None
) -> ScannerDriver:
    config = Scanner(kind="scanner", connection="usb", framing=Framing(end="\r"), payload=payload)
    line = Hid(type="hid", port=str(usb.node), reports=reports)
    return ScannerDriver(DESK, config, line, clock=HandClock(), live=live or Live())


CODE = b"".join(map(stroke, (5, 8, 2, 2, 28)))
"""4711 and Enter."""


@pytest.mark.parametrize(
    ("reports", "data", "codes"),
    [
        ("events", CODE, ("4711",)),
        ("keyboard", HELLO, ("Hello, 4711",)),
        ("pos", report(b"L00004711", b"]C0"), ("L00004711",)),
    ],
)
async def test_a_scan(usb: Usb, reports: Reports, data: bytes, codes: tuple[str, ...]) -> None:
    async with watched(driver(usb, reports)) as watch:
        for byte in data:
            usb.says(bytes([byte]))
        seen = await watch.next()
        assert isinstance(seen.observation, Scanned) and seen.observation.codes == codes
        seen.source.settled(seen, ACCEPTED)  # it hears nothing, and nothing breaks


async def test_the_identifier_comes_with_the_report(usb: Usb) -> None:
    scanner = driver(usb, "pos", Payload(aim_identifier="required"))
    async with watched(scanner) as watch:
        usb.says(report(b"0195060001343520\x1d10AB", b"]C1"))
        seen = await watch.observes()
        assert isinstance(seen, Scanned)
        assert seen.codes == ("9506000134352",) or seen.marks[0].problems  # GTIN, or said wrong


async def test_a_key_that_means_nothing_makes_noise_and_no_code(usb: Usb) -> None:
    live = Live()
    async with watched(driver(usb, "events", live=live)) as watch:
        usb.says(b"".join(map(stroke, (5, 59, 8, 28))) + CODE)  # F1 in the middle
        seen = await watch.observes()
        assert isinstance(seen, Scanned) and seen.codes == ("4711",)
        usb.says(CODE)
        await watch.next()
        assert live.of(DESK)["noise"].value == 3


async def test_unplugged_it_is_unreachable_and_plugged_in_it_is_back(usb: Usb) -> None:
    scanner = driver(usb, "events")
    async with watched(scanner) as watch:
        usb.says(CODE[: len(CODE) // 2])
        usb.unplug()
        assert "was unplugged" in str(await watch.error())
    with pytest.raises(Unreachable, match="is it plugged in"):
        async with scanner.session():
            pass
    usb.plug_in()
    async with watched(scanner) as watch:
        usb.says(CODE)
        seen = await watch.observes()
        assert isinstance(seen, Scanned) and seen.codes == ("4711",)


def test_an_input_device_is_found_by_what_is_plugged_in(tmp_path: Path) -> None:
    for number, vendor in (("3", "046d"), ("12", "0c2e")):
        about = tmp_path / f"input/event{number}/device"
        (about / "id").mkdir(parents=True)
        (about / "id/vendor").write_text(f"{vendor}\n")
        (about / "id/product").write_text("0b61\n")
        (about / "uniq").write_text("21006\n")
    volume = tmp_path / "input/event1/device"  # the same scanner, its keys for the volume
    (volume / "id").mkdir(parents=True)
    (volume / "id/vendor").write_text("0c2e\n")
    (volume / "id/product").write_text("0b61\n")
    (volume / "uniq").write_text("21006\n")
    (volume / "capabilities").mkdir()
    (volume / "capabilities/key").write_text("e0000 0 0 0\n")
    keys = tmp_path / "input/event12/device/capabilities"
    keys.mkdir()
    (keys / "key").write_text("1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n")
    line = Hid(type="hid", match=SerialMatch(usb="0C2E:0B61", serial="21*"))
    assert hid_port._found("desk1", line, tmp_path) == Path("/dev/input/event12")
    gone = Hid(type="hid", match=SerialMatch(usb="0c2e:ffff"))
    with pytest.raises(Unreachable, match="no USB device 0c2e:ffff is plugged in"):
        hid_port._found("desk1", gone, tmp_path)


def test_a_raw_device_is_found_by_what_is_plugged_in(tmp_path: Path) -> None:
    said = "DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B61\nHID_NAME=Honeywell\nHID_UNIQ=21006\n"
    for number, begins in ((0, "05010906a101"), (1, "058c0902a101")):
        about = tmp_path / f"hidraw/hidraw{number}/device"
        about.mkdir(parents=True)
        (about / "uevent").write_text(said)
        (about / "report_descriptor").write_bytes(bytes.fromhex(begins))
    line = Hid(type="hid", reports="pos", match=SerialMatch(usb="0c2e:0b61"))
    assert hid_port._found("desk1", line, tmp_path) == Path("/dev/hidraw1")
    keyboard = line.model_copy(update={"reports": "keyboard"})
    assert hid_port._found("desk1", keyboard, tmp_path) == Path("/dev/hidraw0")
