"""A label printer: ZPL in, labels out one after another, `~HS` and variables answered at once."""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from simulators.bus import BusClient, Message
from simulators.lines import Line, Lines
from simulators.process import Place, parser, place, ready_tcp, run

PART: Final = re.compile(
    rb"(?P<label>\^XA.*?\^XZ)|(?P<status>~HS)|(?P<cancel>~JX)"
    rb'|! U1 setvar "(?P<name>[^"]*)" "(?P<value>[^"]*)"\r\n'
    rb'|! U1 getvar "(?P<asked>[^"]*)"\r\n',
    re.DOTALL,
)
FIELD: Final = re.compile(r"\^FD([^^]*)\^FS")
CODE_128: Final = re.compile(r"\^BC[^^]*\^FD([^^]*)\^FS")
EXCEPTION: Final = "EXCEPTION"
LONGEST_LABEL: Final = 1 << 20
LABEL_S: Final = 1.0
"""A label of 150 mm at 150 mm/s, in simulated seconds."""
SHORTEST_S: Final = 0.05

log = logging.getLogger("printer")


@dataclass(frozen=True, slots=True)
class Job:
    """A label, or a variable that is set when everything before it is out."""

    zpl: str = ""
    name: str = ""
    value: str = ""


STOPS: Final = ("paper_out", "ribbon_out", "head_open", "paused")
"""Faults that stop it between two labels; what waits comes out when they end."""


def host_status(stopped: Collection[str], waiting: int) -> bytes:
    """Three strings, ZPL II programming guide, `~HS` Host Status Return."""
    paper, ribbon, head, pause = (int(stop in stopped) for stop in STOPS)
    strings = (
        f"030,{paper},{pause},1218,{waiting:03},0,0,0,000,0,0,0",
        f"000,0,{head},{ribbon},1,2,6,0,00000000,1,000",
        "1234,0",
    )
    return b"".join(b"\x02" + each.encode("ascii") + b"\x03\r\n" for each in strings)


class LabelPrinter:
    def __init__(self, world: BusClient, speed: float) -> None:
        self.lines = Lines(self._received)
        self._world, self._label_s = world, max(SHORTEST_S, LABEL_S / speed)
        self._jobs: deque[Job] = deque()
        self._wake, self._runs = asyncio.Event(), asyncio.Event()
        self._runs.set()
        self._stopped: set[str] = set()
        self._lives = 0
        self._variables: dict[str, str] = {}
        """Kept over a power cut."""

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "fault", "fault": "power_cut", "on": on}:
                self._power_cut(on)
            case {"fact": "fault", "fault": stop, "on": on} if stop in STOPS:
                self._stopped.add(stop) if on else self._stopped.discard(stop)
                self._runs.clear() if self._stopped else self._runs.set()
            case {"fact": "fault", "fault": "unplugged", "on": on}:
                self.lines.unplug(on)
            case _:
                log.debug("not for a printer: %s", fact)

    async def work(self) -> None:
        """Prints what waits, in order, for ever; without paper it waits."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._jobs:
                life = self._lives
                await self._do(self._jobs[0])
                if life == self._lives:
                    self._jobs.popleft()

    async def _do(self, job: Job) -> None:
        if job.name:
            self._variables[job.name] = job.value
            return
        life = self._lives
        await self._runs.wait()
        await asyncio.sleep(self._label_s)
        if life != self._lives:  # half a label
            return
        fields = FIELD.findall(job.zpl)
        codes = CODE_128.findall(job.zpl)
        self._world.act("label", fields=fields, codes=codes, exception=EXCEPTION in fields)

    def _power_cut(self, on: bool) -> None:
        self._lives += 1
        self._jobs.clear()
        self.lines.unplug(on)

    def _received(self, data: bytes, line: Line) -> None:
        buffer, end = line.rest + data, 0
        for found in PART.finditer(buffer):
            end = found.end()
            self._take(found, line)
        line.rest = buffer[end:][-LONGEST_LABEL:]

    def _take(self, found: re.Match[bytes], line: Line) -> None:
        if found["status"]:
            line.send(host_status(self._stopped, self._labels()))
        elif found["cancel"]:
            log.debug("a format that never came to its end is dropped")
        elif found["asked"] is not None:
            line.send(f'"{self._variables.get(found["asked"].decode(), "")}"'.encode())
        elif found["label"]:
            self._queue(Job(zpl=found["label"].decode("utf-8", "replace")))
        else:
            self._queue(Job(name=found["name"].decode(), value=found["value"].decode()))

    def _queue(self, job: Job) -> None:
        self._jobs.append(job)
        self._wake.set()

    def _labels(self) -> int:
        return min(999, sum(bool(job.zpl) for job in self._jobs))


async def main(site: Place) -> None:
    assert site.world is not None
    world = BusClient(site.world, site.id)
    printer = LabelPrinter(world, site.speed)
    server = await printer.lines.listen(site.tcp_port)
    async with server, asyncio.TaskGroup() as tasks:
        tasks.create_task(world.run(printer.heard))
        tasks.create_task(printer.work())
        ready_tcp(site.id, server)


if __name__ == "__main__":
    site = place(parser(__doc__).parse_args())
    run(lambda: main(site))
