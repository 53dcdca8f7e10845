"""A hand scanner on a serial line: a pty whose stable link is given by `--port`.

A person's trigger comes from the world and leaves as code + CR; the host's escape sequences come
back as the tone that the person hears. Unplugged, the line hangs up and the link is gone.
"""

import asyncio
import logging
import os
import tty
from pathlib import Path
from typing import Final

from simulators.bus import BusClient, Message
from simulators.process import Place, parser, place, ready, run

TONES: Final = {b"\x1b[3q": True, b"\x1b[4q": False}
"""Datalogic: good read, bad read. The lamps `ESC [ 6 q` and `ESC [ 8 q` say the same again."""
LONGEST_ANSWER: Final = 64

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


class HandScanner:
    def __init__(self, link: Path, world: BusClient) -> None:
        self._link, self._world = link, world
        self._cable: Cable | None = None
        self._rest = b""

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
            case _:
                log.debug("not for a hand scanner: %s", fact)

    def _send(self, code: str) -> None:
        if self._cable is not None:
            try:
                os.write(self._cable.master, code.encode("ascii") + b"\r")
            except BlockingIOError:
                log.info("nobody reads the line: %s is lost", code)

    def _answered(self) -> None:
        assert self._cable is not None
        heard, self._rest = tones(self._rest + os.read(self._cable.master, 4096))
        for good in heard:
            self._world.act("tone", good=good)


async def main(site: Place) -> None:
    assert site.world is not None
    link = Path(site.port)
    world = BusClient(site.world, site.id)
    scanner = HandScanner(link, world)
    scanner.plug()
    try:
        ready(site.id, {"port": str(link)})
        await world.run(scanner.heard)
    finally:
        scanner.unplug()


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
