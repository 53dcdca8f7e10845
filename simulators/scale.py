"""The in-motion scale: says each carton's weight unasked, and answers `SI` in between (MT-SICS)."""

import logging
from typing import Final

from simulators.bus import BusClient, Message
from simulators.lines import Line, Lines
from simulators.process import Place, parser, place, ready_tcp, run

NOTHING_STABLE: Final = b"S I\r\n"
SYNTAX_ERROR: Final = b"ES\r\n"
LONGEST_COMMAND: Final = 64

log = logging.getLogger("scale")


def weight_line(grams: int, *, stable: bool) -> bytes:
    """`S S     1234 g`: the value right-aligned in eight places."""
    return f"S {'S' if stable else 'D'} {grams:>8} g\r\n".encode("ascii")


class InMotionScale:
    def __init__(self) -> None:
        self.lines = Lines(self._asked)

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "weight", "grams": grams, "stable": stable}:
                self.lines.send(weight_line(grams, stable=stable))
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.lines.unplug(on)
            case _:
                log.debug("not for a scale: %s", fact)

    def _asked(self, data: bytes, line: Line) -> None:
        *commands, rest = (line.rest + data).split(b"\r\n")
        line.rest = rest[:LONGEST_COMMAND]
        for command in commands:
            line.send(NOTHING_STABLE if command == b"SI" else SYNTAX_ERROR)


async def main(site: Place) -> None:
    assert site.world is not None
    scale, world = InMotionScale(), BusClient(site.world, site.id)
    server = await scale.lines.listen(site.tcp_port)
    async with server:
        ready_tcp(site.id, server)
        await world.run(scale.heard)


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
