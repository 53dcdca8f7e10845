"""The in-motion scale: says each carton's weight unasked, and answers `SI` and `I4` in between
(MT-SICS). In between it is empty: a carton is on it for no longer than it takes to say its weight.
"""

import logging
from typing import Final

from simulators.bus import BusClient, Message
from simulators.lines import Line, Lines
from simulators.process import Place, parser, place, ready_tcp, run

SERIAL: Final = b'I4 A "B0000000001"\r\n'
SYNTAX_ERROR: Final = b"ES\r\n"
LONGEST_COMMAND: Final = 64
DRIFT_G: Final = 37

log = logging.getLogger("scale")


def weight_line(grams: int, *, stable: bool) -> bytes:
    """`S S     1234 g`: the value right-aligned in eight places."""
    return f"S {'S' if stable else 'D'} {grams:>8} g\r\n".encode("ascii")


class InMotionScale:
    """drift_g: what it shows while it is empty. range: how it is over or under its range."""

    def __init__(self) -> None:
        self.lines = Lines(self._asked)
        self._drift_g = 0
        self._range = ""

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "weight", "grams": grams, "stable": stable}:
                self.lines.send(weight_line(grams, stable=stable))
            case {"fact": "fault", "fault": "zero_drift", "on": on}:
                self._drift_g = DRIFT_G if on else 0
            case {"fact": "fault", "fault": "overload" | "underload" as fault, "on": on}:
                self._range = {"overload": "+", "underload": "-"}[fault] if on else ""
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.lines.unplug(on)
            case _:
                log.debug("not for a scale: %s", fact)

    def _asked(self, data: bytes, line: Line) -> None:
        *commands, rest = (line.rest + data).split(b"\r\n")
        line.rest = rest[:LONGEST_COMMAND]
        for command in commands:
            line.send(self._answer(command))

    def _answer(self, command: bytes) -> bytes:
        match command:
            case b"SI" if self._range:
                return f"S {self._range}\r\n".encode()
            case b"SI":
                return weight_line(self._drift_g, stable=True)
            case b"I4":
                return SERIAL
            case _:
                return SYNTAX_ERROR


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
