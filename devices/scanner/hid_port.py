"""The device file of a scanner on USB: found, opened, held for us alone, read by the loop."""

import errno
import fcntl
import fnmatch
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from devices import device_file
from devices.errors import Unreachable
from devices.map.schema import Hid

EVIOCGRAB: Final = 0x40044590
"""linux/input.h: _IOW('E', 0x90, int). Else what it scans is typed into a console as well."""
INPUT_MAJOR: Final = 13
SYSTEM: Final = Path("/sys/class")
ENTER: Final = 28
"""linux/input-event-codes.h: KEY_ENTER."""
_BEGINS: Final = {"keyboard": bytes.fromhex("05010906"), "pos": bytes.fromhex("058c0902")}
"""Usage page and usage: generic desktop, keyboard; bar code scanner, bar code scanner."""


class HidLine:
    """Reads; whatever ends it is `Unreachable`. A scanner on USB is told nothing."""

    def __init__(self, device: str, file: int) -> None:
        self._device, self._file = device, file

    async def read(self, within_s: float | None = None) -> bytes:
        """At least one byte. Raises TimeoutError after `within_s`, Unreachable when unplugged."""
        return await device_file.read(self._device, self._file, within_s)

    def write(self, data: bytes) -> None:
        raise TypeError(f"{self._device}: a scanner on USB takes no bytes")


@asynccontextmanager
async def opened(device: str, config: Hid, system: Path = SYSTEM) -> AsyncIterator[HidLine]:
    """Raises Unreachable when it is not there, or somebody else holds it."""
    path = config.port or str(_found(device, config, system))
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as err:
        hint = "may we read it?" if err.errno == errno.EACCES else "is it plugged in?"
        raise Unreachable(device, f"no scanner at {path}: {err.strerror}", hint=hint) from err
    try:
        _grab(device, path, file)
        yield HidLine(device, file)
    finally:
        os.close(file)


def _grab(device: str, path: str, file: int) -> None:
    """Only an input device can be held; a raw one is nobody's keyboard."""
    about = os.fstat(file)
    if not stat.S_ISCHR(about.st_mode) or os.major(about.st_rdev) != INPUT_MAJOR:
        return
    try:
        fcntl.ioctl(file, EVIOCGRAB, 1)
    except OSError as err:
        raise Unreachable(device, f"{path} is held by somebody else: {err.strerror}") from err


def _found(device: str, config: Hid, system: Path) -> Path:
    """The device file of the first one `vendor:product` whose serial number fits."""
    assert config.match is not None  # the map says either `port` or `match`
    wanted = _BEGINS.get(config.reports, b"")
    ours = _events(system) if config.reports == "events" else _raw(system, wanted)
    for name, usb, serial in ours:
        if usb == config.match.usb.lower() and fnmatch.fnmatch(serial, config.match.serial):
            return Path("/dev") / name
    raise Unreachable(device, f"no USB device {config.match.usb} is plugged in")


def _events(system: Path) -> Iterator[tuple[str, str, str]]:
    """(file, vendor:product, serial number) of each input device that has an Enter key: a scanner
    may be several."""
    for one in sorted(system.glob("input/event*")):
        if not _has_enter(_text(one / "device/capabilities/key")):
            continue
        vendor, product = _text(one / "device/id/vendor"), _text(one / "device/id/product")
        yield f"input/{one.name}", f"{vendor}:{product}", _text(one / "device/uniq")


def _has_enter(keys: str) -> bool:
    """keys: words of a bit map in hexadecimal, the lowest last; nothing where the kernel says
    nothing."""
    return not keys or bool(int(keys.split()[-1], 16) >> ENTER & 1)


def _raw(system: Path, begins: bytes) -> Iterator[tuple[str, str, str]]:
    """HID_ID=0003:00000C2E:00000B61 is bus, vendor and product.

    begins: of the report descriptor, by which a keyboard and a bar code scanner are told apart.
    """
    for one in sorted(system.glob("hidraw/hidraw*")):
        about = _bytes(one / "device/report_descriptor")
        if about and not about.startswith(begins):
            continue
        pairs = (line.partition("=") for line in _text(one / "device/uevent").splitlines())
        said = {key: value for key, _, value in pairs}
        _, _, usb = said.get("HID_ID", "").partition(":")
        vendor, _, product = usb.partition(":")
        yield one.name, f"{vendor[-4:]}:{product[-4:]}".lower(), said.get("HID_UNIQ", "")


def _text(file: Path) -> str:
    return _bytes(file).decode("ascii", "replace").strip()


def _bytes(file: Path) -> bytes:
    """It may be unplugged while we look."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
