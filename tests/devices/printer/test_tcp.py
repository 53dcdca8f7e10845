"""The label printer over a real socket, against a printer made by hand."""

import asyncio
import re
from pathlib import Path

import pytest

from devices.errors import Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Printer, TcpClient
from devices.printer import tcp
from tests.devices.peers import ACCEPTED, SOON, T0, HandClock, TcpPeer, posted, watched
from wcs.commands import PrintLabel
from wcs.names import DeviceId, Lpn
from wcs.observations import CommandFailed, LabelPrinted, PrinterChanged

MAP = load_map(Path("config/demo"))
PRINTER = DeviceId("print1")
SET = re.compile(rb'(\^XA.*?\^XZ)|setvar "device.user_p1" "([^"]*)"|(getvar)|(~HS)', re.DOTALL)


class HandPrinter(TcpPeer):
    """Prints only when told to, so that a test sees what waits."""

    def __init__(self, last: str = "", *, prints: bool = True) -> None:
        super().__init__(self._answer)
        self.last, self.prints, self.paper = last, prints, True
        self.printed: list[bytes] = []
        self._queue: list[tuple[bytes, bytes]] = []

    def print_all(self) -> None:
        for label, name in self._queue:
            if label:
                self.printed.append(label)
            else:
                self.last = name.decode()
        self._queue.clear()

    def _answer(self, data: bytes) -> bytes:
        answer = b""
        for label, name, asked, status in SET.findall(data):
            if asked:
                answer += f'"{self.last}"'.encode()
            elif status:
                flag = b"0" if self.paper else b"1"
                waits = b"%03d" % sum(bool(label) for label, _ in self._queue)
                answer += b"\x02030," + flag + b",0,0," + waits + b",0\x03\r\n"
                answer += b"\x02000,0,0,0\x03\r\n\x021234,0\x03\r\n"
            elif label or name:
                self._queue.append((label, name))
            if self.prints and self.paper:
                self.print_all()
        return answer


def printer(port: int, clock: HandClock | None = None, **wire: float) -> tcp.PrinterDriver:
    config, connection = MAP.devices[PRINTER], MAP.connections["zpl_line"]
    assert isinstance(config, Printer) and isinstance(connection, TcpClient)
    connection = connection.model_copy(update={"port": port})
    status = config.status.model_copy(update={"every_s": wire.get("status_s", 2.0)})
    config = config.model_copy(update={"status": status})
    return tcp.PrinterDriver(PRINTER, config, connection, clock=clock or HandClock(), live=Live())


def label(lpn: str = "L00004711", text: str = "one") -> PrintLabel:
    zpl = f"^XA^FD{lpn}^FS^FD{text}^FS^XZ"
    return PrintLabel(device=PRINTER, lpn=Lpn(lpn), zpl=zpl, before=SOON)


READY = PrinterChanged(printer=PRINTER, ready=True, reason="", at=T0)


def out(lpn: str) -> LabelPrinted:
    return LabelPrinted(printer=PRINTER, lpn=Lpn(lpn), at=T0)


async def test_it_says_at_once_whether_it_is_ready_and_what_it_printed_last() -> None:
    async with HandPrinter("L00000009") as device, watched(printer(device.port)) as watch:
        assert watch.session.has == ("label=L00000009",)
        assert await watch.observes() == READY
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        assert watch.session.has == ()


async def test_labels_come_out_one_after_another_and_each_is_reported_when_it_is_out() -> None:
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await watch.observes()
        watch.session.post(posted(label("L00000001"), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        await device.receives(b"^FDL00000001^FS")
        await device.receives(b"getvar")
        assert b"L00000002" not in device.got  # it waits for the first
        device.print_all()
        assert await watch.observes() == out("L00000001")
        await device.receives(b"^FDL00000002^FS")
        device.print_all()
        assert await watch.observes() == out("L00000002")
        assert len(device.printed) == 2


async def test_the_same_label_again_is_reported_only_when_it_is_out_again() -> None:
    device = HandPrinter("L00004711", prints=False)
    async with device, watched(printer(device.port)) as watch:
        await watch.observes()
        watch.session.post(posted(label()))
        await device.receives(b'setvar "device.user_p1" ""')
        await device.receives(b"getvar")
        assert b"^XA" not in device.got  # the name of the first one still stands
        device.last = ""
        await device.receives(b'"L00004711"\r\n')
        await device.receives(b"getvar")
        assert watch.waiting == 0
        device.print_all()
        assert await watch.observes() == out("L00004711")


async def test_a_label_that_is_still_to_come_out_is_awaited_when_the_line_is_back() -> None:
    async with HandPrinter(prints=False) as device:
        async with watched(printer(device.port)) as watch:
            await watch.observes()
            watch.session.post(posted(label()))
            await device.receives(b'"L00004711"\r\n')
        opening = asyncio.create_task(opened(printer(device.port)))
        await device.receives(b"~HS")
        await device.receives(b"~HS")  # a label waits, so it is asked again
        device.print_all()
        assert await opening == ("label=L00004711",)


async def opened(driver: tcp.PrinterDriver) -> tuple[str, ...]:
    async with driver.session() as session:
        return session.has


async def test_a_label_after_its_deadline_is_never_sent() -> None:
    clock = HandClock()
    async with HandPrinter() as device, watched(printer(device.port, clock)) as watch:
        await watch.observes()
        clock.moves(5)  # exactly at `before`
        watch.session.post(posted(label(), "7-1"))
        failed = await watch.observes()
        assert failed == CommandFailed(
            device=PRINTER,
            command="7-1",
            what="Print the label of L00004711",
            reason="too late",
            at=SOON,
        )
        assert device.printed == [] and b"^XA" not in device.got


async def test_a_label_that_waited_too_long_behind_another_is_not_sent() -> None:
    clock = HandClock()
    async with HandPrinter(prints=False) as device, watched(printer(device.port, clock)) as watch:
        await watch.observes()
        watch.session.post(posted(label("L00000001"), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        await device.receives(b"^FDL00000001^FS")
        clock.moves(6)
        device.print_all()
        assert isinstance(await watch.observes(), LabelPrinted)
        failed = await watch.observes()
        assert isinstance(failed, CommandFailed) and failed.command == "8-1"
        assert len(device.printed) == 1


async def test_paper_out_is_said_while_a_label_waits_for_paper_and_then_it_comes_out() -> None:
    async with HandPrinter() as device, watched(printer(device.port, status_s=0.05)) as watch:
        assert await watch.observes() == READY
        device.paper = False
        watch.session.post(posted(label()))
        changed = await watch.observes()
        assert changed == PrinterChanged(printer=PRINTER, ready=False, reason="paper out", at=T0)
        device.paper = True
        both = [await watch.observes(), await watch.observes()]
        assert READY in both and out("L00004711") in both


async def test_a_ready_printer_that_never_says_it_is_out_fails_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tcp, "OUT_WITHIN_S", 0.2)
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await watch.observes()
        watch.session.post(posted(label(), "7-1"))
        failed = await watch.observes()
        assert isinstance(failed, CommandFailed)
        assert failed.reason == "sent, but not out of the printer"


async def test_what_is_no_label_is_refused_and_the_next_one_is_printed() -> None:
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        await watch.observes()
        bad = PrintLabel(device=PRINTER, lpn=Lpn("L1"), zpl="hello", before=SOON)
        watch.session.post(posted(bad))
        watch.session.post(posted(label()))
        failed = await watch.observes()
        assert isinstance(failed, CommandFailed) and failed.reason.startswith("not a label")
        assert await watch.observes() == out("L00004711")


async def test_more_labels_than_may_wait_are_refused_one_by_one() -> None:
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await watch.observes()
        for number in range(tcp.WAITING_AT_MOST + 2):
            watch.session.post(posted(label(), f"{number}-1"))
        await device.receives(b"getvar")
        refused = [await watch.observes() for _ in range(2)]
        assert all(isinstance(one, CommandFailed) for one in refused)


async def test_a_silent_printer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "ANSWER_WITHIN_S", 0.1)
    async with TcpPeer() as mute:
        with pytest.raises(Unreachable, match="does not answer ~HS"):
            async with printer(mute.port).session():
                pass
    async with HandPrinter() as device, watched(printer(device.port, status_s=0.05)) as watch:
        seen = await watch.next()
        seen.source.settled(seen, ACCEPTED)
        device.hang_up()
        assert isinstance(await watch.error(), Unreachable)
