"""A hand scanner on a serial line: a pty whose stable link is given by `--port`.

A person's trigger comes from the world and leaves as code + CR, or as a packet where the map says
so; the host's answer comes back as the tone that the person hears. Unplugged, the line hangs up and
the link is gone; other faults: `simulators.scanner_faults`.
"""

import asyncio
import logging
import os
import tty
from pathlib import Path
from typing import Final, Protocol

from devices.map.load import load_map
from devices.map.schema import Scanner
from simulators.bus import BusClient, Message
from simulators.process import Place, parser, place, ready, run
from simulators.scanner_faults import Spoiler
from simulators.scanner_ssi import SsiGun

TONES: Final = {b"\x1b[3q": True, b"\x1b[4q": False}
"""Datalogic: good read, bad read. The lamps `ESC [ 6 q` and `ESC [ 8 q` say the same again."""
LONGEST_ANSWER: Final = 64
ANSWER_S: Final = 2.0
"""A packet that is not acknowledged by then is sent again."""

log = logging.getLogger("hand")


def tones(data: bytes) -> tuple[list[bool], bytes]:
    """The tones in a stretch of bytes, good or bad, and the unfinished rest."""
    found = []
    while len(parts := data.split(b"q", 1)) == 2:
        sequence, data = parts[0][-3:] + b"q", parts[1]
        if sequence in TONES:
            found.append(TONES[sequence])
    return found, data[-LONGEST_ANSWER:]


class Cable:
    """One pty with its link; our own open end keeps it alive while the host comes and goes."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        fresh = link.with_name(link.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(link)

    def pull(self) -> None:
        self._link.unlink(missing_ok=True)
        os.close(self.master)
        os.close(self._slave)


class Gun(Protocol):
    """What the scanner speaks."""

    tones: list[bool]
    """What the person has heard, oldest first."""

    def frame(self, code: str) -> bytes: ...
    def hears(self, data: bytes) -> bytes: ...
    def again(self) -> bytes: ...


class TextGun:
    def __init__(self, end: str = "\r", encoding: str = "ascii") -> None:
        self._end, self._encoding = end, encoding
        self._rest = b""
        self.tones: list[bool] = []

    def frame(self, code: str) -> bytes:
        return (code + self._end).encode(self._encoding)

    def hears(self, data: bytes) -> bytes:
        heard, self._rest = tones(self._rest + data)
        self.tones += heard
        return b""

    def again(self) -> bytes:
        return b""


def gun_of(device: Scanner) -> Gun:
    if device.framing.packets == "zebra-ssi":
        return SsiGun(device.payload.encoding)
    return TextGun(device.framing.end, device.payload.encoding)


class HandScanner:
    def __init__(self, link: Path, world: BusClient, gun: Gun | None = None, seed: int = 7) -> None:
        self._link, self._world, self._gun = link, world, gun or TextGun()
        self._spoiler = Spoiler(seed)
        self._cable: Cable | None = None

    def plug(self) -> None:
        if self._cable is None:
            self._cable = Cable(self._link)
            asyncio.get_running_loop().add_reader(self._cable.master, self._answered)

    def unplug(self) -> None:
        if self._cable is not None:
            asyncio.get_running_loop().remove_reader(self._cable.master)
            self._cable.pull()
            self._cable = None

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "trigger", "code": code}:
                self._send(code)
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.unplug() if on else self.plug()
            case {"fact": "fault", "fault": "disconnect"}:
                self.unplug()
                self.plug()
            case _ if not self._spoiler.told(fact):
                log.debug("not for a hand scanner: %s", fact)
            case _:
                return

    def _send(self, code: str) -> None:
        self._write(self._gun.frame(code))
        asyncio.get_running_loop().call_later(ANSWER_S, self._insist)

    def _insist(self) -> None:
        if again := self._gun.again():
            self._write(again)
            asyncio.get_running_loop().call_later(ANSWER_S, self._insist)

    def _write(self, frame: bytes) -> None:
        if self._cable is None:
            return
        try:
            for piece in self._spoiler.pieces(frame):
                os.write(self._cable.master, piece)
        except BlockingIOError:
            log.info("nobody reads the line: %r is lost", frame)

    def _answered(self) -> None:
        assert self._cable is not None
        before = len(self._gun.tones)
        answer = self._gun.hears(os.read(self._cable.master, 4096))
        if answer:
            os.write(self._cable.master, answer)
        for good in self._gun.tones[before:]:
            self._world.act("tone", good=good)


async def main(site: Place) -> None:
    assert site.world is not None
    link, device = Path(site.port), load_map(site.map).devices.get(site.id)
    if not isinstance(device, Scanner):
        raise SystemExit(f"{site.id} is not a scanner of this map")
    world = BusClient(site.world, site.id)
    scanner = HandScanner(link, world, gun_of(device), site.seed)
    scanner.plug()
    try:
        ready(site.id, {"port": str(link)})
        await world.run(scanner.heard)
    finally:
        scanner.unplug()


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
