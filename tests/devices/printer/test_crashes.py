"""Whatever breaks in the middle of a label: the carton never carries two without a person's word,
and never none without somebody being asked. Our rules, our driver, a real socket, a printer made by
hand."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import pytest

from devices.errors import DeviceError
from devices.failed import failed
from devices.printer import session
from devices.printer.session import PrinterSession
from tests.devices.peers import ACCEPTED
from tests.devices.printer.peer import HandPrinter
from tests.devices.printer.test_tcp import printer
from tests.rules.belt import PRINT1, A, B, Belt
from wcs.commands import LabelWanted, PrintLabel
from wcs.envelope import Posted, Seen
from wcs.model import Label
from wcs.names import Lpn
from wcs.observations import DeviceDown, DeviceUp, LabelInDoubt, LabelJudged, LabelPrinted

SOON_S = 20.0


class Killed(Exception):
    """The gateway is no more; nothing that it knew beside its books is left."""


@dataclass
class BeltClock:
    belt: Belt

    def now(self) -> datetime:
        return self.belt.now


@dataclass
class Fault:
    """cut: the line breaks after so many bytes to the printer. power: it goes after so many parts
    of a label. killed: the gateway ends at its n-th report of a label, before its commit; 0 right
    behind the command."""

    cut: int | None = None
    power: int | None = None
    killed: int | None = None
    paper: bool = True


@dataclass
class Gateway:
    """Rules and driver joined, as the service joins them."""

    belt: Belt
    device: HandPrinter
    waiting: list[Posted] = field(default_factory=list)

    async def run(self, fault: Fault) -> None:
        """Until the label is out, held, or the line broke, or we did."""
        self.device.bytes_left, self.device.parts_left = fault.cut, fault.power
        self.device.paper, self.device.looks_left = fault.paper, 3
        self._nobody_took_it()
        try:
            async with printer(self.device.port, BeltClock(self.belt), 0.01).session() as line:  # type: ignore[arg-type]
                try:
                    await self._serve(line, fault)
                except DeviceError:
                    for seen in line.last_words():
                        self._says(seen.observation)
                    raise
        except DeviceError as err:
            self._says(DeviceDown(device=PRINT1, reason=err.problem, at=self.belt.later(0.1)))
        finally:
            self.device.bytes_left = self.device.parts_left = None

    async def _serve(self, line: PrinterSession, fault: Fault) -> None:
        self._says(DeviceUp(device=PRINT1, has=line.has, at=self.belt.later(0.1)))
        self._post(line)
        if fault.killed == 0:
            raise Killed
        if not self._wants():
            return
        reports = 0
        async for seen in line.observations():
            if isinstance(seen.observation, LabelPrinted | LabelInDoubt):
                reports += 1
                if reports == fault.killed:
                    raise Killed
            self._commit(seen)
            self._post(line)
            if not self._wants():
                return

    def _nobody_took_it(self) -> None:
        """What was posted while there was no line, as `Links` says it."""
        posted, self.waiting = self.waiting, []
        for one in posted:
            self._says(failed(one, "not connected", self.belt.later(0.1)))

    def _commit(self, seen: Seen) -> None:
        self._says(seen.observation)
        seen.source.settled(seen, ACCEPTED)
        key = f"label:{A}"
        wanted = self.belt.tx.get(LabelWanted, A)
        if wanted and not wanted.command and not wanted.doubt and key in self.belt.tx.timers:
            self.belt.fires(key)
            self._keep()

    def _says(self, observation: object) -> None:
        self.belt.says(observation)
        self._keep()

    def _keep(self) -> None:
        self.waiting += [
            Posted(id, 1, command)
            for id, command in self.belt.tx.commands
            if isinstance(command, PrintLabel)
        ]

    def _post(self, line: PrinterSession) -> None:
        while self.waiting:
            line.post(self.waiting.pop(0))

    def _wants(self) -> bool:
        wanted = self.belt.tx.get(LabelWanted, A)
        return wanted is not None and not wanted.doubt


def before_a_label(history: bool) -> Belt:
    belt = Belt()
    if history:  # the printer has printed for us before
        belt.says(LabelPrinted(printer=PRINT1, lpn=Lpn(B), name="W1", at=belt.later()))
    belt.carried()
    belt.at_pack(A)
    belt.weighs()
    belt.issued()
    return belt


def labels_on(device: HandPrinter) -> int:
    return sum(f"^FD{A}^FS" in text for text in device.printed)


async def lives(history: bool, faults: list[Fault]) -> None:
    belt = before_a_label(history)
    async with asyncio.timeout(SOON_S), HandPrinter("W1" if history else "") as device:
        gateway = Gateway(belt, device)
        gateway._keep()
        for fault in [*faults, Fault()]:
            with suppress(Killed):
                await gateway.run(fault)
            gateway.waiting.clear()
            device.hang_up()
            assert labels_on(device) <= 1, "two labels, and nobody was asked"
        held = belt.tx.get(LabelWanted, A)
        if held is not None:  # nobody knows: a person looks
            assert held.doubt and f"label:{A}" in belt.errands()
            there = labels_on(device) > 0
            gateway._says(LabelJudged(lpn=Lpn(A), there=there, by="anna", at=belt.later()))
            with suppress(Killed):
                await gateway.run(Fault())
        assert belt.tx.get(LabelWanted, A) is None
        assert labels_on(device) == belt.has(Label, A).prints == 1
    await all_lines_end(device)


async def all_lines_end(device: HandPrinter) -> None:
    """Lines that were taken just before the printer was closed end too."""
    for _ in range(3):
        await asyncio.sleep(0)
        device.hang_up()


def fault(chance: Random) -> Fault:
    return chance.choice(
        [
            Fault(cut=chance.randrange(450)),
            Fault(power=chance.randrange(4)),
            Fault(killed=chance.randrange(3)),
            Fault(power=chance.randrange(4), paper=False),
            Fault(killed=chance.randrange(2), paper=False),
        ]
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LOOK_EVERY_S", 0.005)


@pytest.mark.parametrize("history", [True, False])
async def test_each_fault_alone(history: bool) -> None:
    cuts = [Fault(cut=at) for at in range(0, 450, 15)]
    powers = [Fault(power=part, paper=paper) for part in range(4) for paper in (True, False)]
    kills = [Fault(killed=at, paper=paper) for at in range(3) for paper in (True, False)]
    for one in (*cuts, *powers, *kills):
        await told(history, [one])


@pytest.mark.parametrize("seed", range(3))
async def test_faults_upon_faults(seed: int) -> None:
    chance = Random(seed)
    for _ in range(15):
        history = chance.random() < 0.5
        await told(history, [fault(chance) for _ in range(chance.randrange(2, 5))])


async def told(history: bool, faults: list[Fault]) -> None:
    try:
        await lives(history, faults)
    except (AssertionError, TimeoutError) as err:
        raise AssertionError(f"history {history}, {faults}") from err
