"""The label printer over a real socket, against a printer made by hand."""

import asyncio
from pathlib import Path

import pytest

from devices.errors import Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Printer, TcpClient
from devices.printer import asked, session
from devices.printer.tcp import PrinterDriver
from tests.devices.peers import ACCEPTED, SOON, T0, HandClock, TcpPeer, Watch, posted, watched
from tests.devices.printer.peer import HandPrinter
from wcs.commands import PrintLabel
from wcs.names import DeviceId, Lpn
from wcs.observations import CommandFailed, LabelInDoubt, LabelPrinted, Observation, PrinterChanged

MAP = load_map(Path("config/demo"))
PRINTER = DeviceId("print1")


def printer(port: int, clock: HandClock | None = None, status_s: float = 0.05) -> PrinterDriver:
    config, connection = MAP.devices[PRINTER], MAP.connections["zpl_line"]
    assert isinstance(config, Printer) and isinstance(connection, TcpClient)
    connection = connection.model_copy(update={"port": port})
    status = config.status.model_copy(update={"every_s": status_s})
    config = config.model_copy(update={"status": status})
    return PrinterDriver(PRINTER, config, connection, clock=clock or HandClock(), live=Live())


def label(lpn: str = "L00004711", name: str = "") -> PrintLabel:
    zpl = f"^XA^FD{lpn}^FS^XZ"
    return PrintLabel(device=PRINTER, lpn=Lpn(lpn), zpl=zpl, name=name or "W" + lpn, before=SOON)


READY = PrinterChanged(printer=PRINTER, ready=True, reason="", at=T0)


def stopped(reason: str) -> PrinterChanged:
    return PrinterChanged(printer=PRINTER, ready=False, reason=reason, at=T0)


def out(lpn: str, name: str = "") -> LabelPrinted:
    return LabelPrinted(printer=PRINTER, lpn=Lpn(lpn), name=name or "W" + lpn, at=T0)


async def observes(watch: Watch) -> Observation:
    """The next observation, and it is in our books."""
    seen = await watch.next()
    seen.source.settled(seen, ACCEPTED)
    return seen.observation


async def test_it_says_at_once_whether_it_is_ready_and_what_it_printed_last() -> None:
    async with HandPrinter("W9") as device, watched(printer(device.port)) as watch:
        assert watch.session.has == ("label=W9",)
        assert await observes(watch) == READY
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        assert watch.session.has == ()


async def test_labels_come_out_one_after_another_and_each_is_reported_when_it_is_out() -> None:
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await observes(watch)
        watch.session.post(posted(label("L00000001"), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        await device.receives(b"^FDL00000001^FS")
        await device.receives(b"getvar")
        assert b"L00000002" not in device.got  # it waits for the first
        device.print_all()
        assert await observes(watch) == out("L00000001")
        await device.receives(b"^FDL00000002^FS")
        device.print_all()
        assert await observes(watch) == out("L00000002")
        assert len(device.printed) == 2


async def test_the_next_label_waits_until_the_last_one_is_in_our_books() -> None:
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        await observes(watch)
        watch.session.post(posted(label("L00000001"), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        seen = await watch.next()
        assert seen.observation == out("L00000001")
        for _ in range(3):  # it is asked how it is, and gets no label
            await device.receives(b"~HS")
        assert len(device.printed) == 1
        seen.source.settled(seen, ACCEPTED)
        assert await observes(watch) == out("L00000002")


async def test_a_variable_that_runs_ahead_of_the_paper_is_not_believed() -> None:
    device = HandPrinter(prints=False, ahead=True)
    async with device, watched(printer(device.port)) as watch:
        await observes(watch)
        watch.session.post(posted(label()))
        await device.receives(b"getvar")
        await device.receives(b"~HS")
        await device.receives(b"getvar")
        assert device.vars["p1"] == "WL00004711" and watch.waiting == 0
        device.print_all()
        assert await observes(watch) == out("L00004711")


async def test_a_name_that_the_printer_knows_already_is_forgotten_first() -> None:
    device = HandPrinter("WL00004711", prints=False)
    async with device, watched(printer(device.port)) as watch:
        await observes(watch)
        watch.session.post(posted(label()))
        await device.receives(b'setvar "device.user_p1" "none"')
        await device.receives(b"^XA")
        assert watch.waiting == 0
        device.print_all()
        assert await observes(watch) == out("L00004711")


async def test_a_label_that_is_still_to_come_out_is_awaited_when_the_line_is_back() -> None:
    async with HandPrinter(prints=False) as device:
        async with watched(printer(device.port)) as watch:
            await observes(watch)
            watch.session.post(posted(label()))
            await device.receives(b'"WL00004711"\r\n')
        opening = asyncio.create_task(opened(printer(device.port)))
        await device.receives(b"~HS")
        await device.receives(b"~HS")  # a label waits, so it is asked again
        device.print_all()
        assert await opening == ("label=WL00004711",)


async def opened(driver: PrinterDriver) -> tuple[str, ...]:
    async with driver.session() as session:
        return session.has


async def test_a_label_that_waits_for_paper_while_the_line_is_cut_comes_out_once() -> None:
    async with HandPrinter("W1") as device:
        async with watched(printer(device.port)) as watch:
            await observes(watch)
            device.paper = False
            watch.session.post(posted(label()))
            assert await observes(watch) == stopped("paper out")
            assert watch.session.last_words() == []  # type: ignore[attr-defined]
        async with watched(printer(device.port)) as watch:
            assert watch.session.has == ("label=W1", "begun=WL00004711")
            assert await observes(watch) == stopped("paper out")
            watch.session.post(posted(label("L00000002")))
            await device.receives(b"~HS")
            assert b"L00000002" not in device.got
            device.paper = True
            device.print_all()
            assert await observes(watch) == READY
            assert await observes(watch) == out("", "WL00004711")
            assert await observes(watch) == out("L00000002")
        assert len(device.printed) == 2


async def test_a_label_under_way_when_the_power_went_is_begun_and_nothing_more() -> None:
    async with HandPrinter("W1", prints=False) as device:
        async with watched(printer(device.port)) as watch:
            await observes(watch)
            watch.session.post(posted(label()))
            await device.receives(b'p1" "WL00004711"\r\n')
            device.loses_power()
            assert isinstance(await watch.error(), Unreachable)
        assert await opened(printer(device.port)) == ("label=W1", "begun=WL00004711")


async def test_what_never_reached_the_printer_is_neither_begun_nor_ended() -> None:
    async with HandPrinter("W1") as device:
        async with watched(printer(device.port, status_s=60)) as watch:
            await observes(watch)
            device.deaf = True
            watch.session.post(posted(label()))
            await device.receives(b"^XA")
            device.hang_up()
            assert isinstance(await watch.error(), Unreachable)
            device.deaf = False
        assert await opened(printer(device.port)) == ("label=W1",)


async def test_half_a_format_is_dropped_before_the_next_one() -> None:
    async with HandPrinter() as device:
        device.partial = True
        assert await opened(printer(device.port)) == ()
        assert not device.partial


async def test_a_label_after_its_deadline_is_never_sent() -> None:
    clock = HandClock()
    async with HandPrinter() as device, watched(printer(device.port, clock)) as watch:
        await observes(watch)
        clock.moves(5)  # exactly at `before`
        watch.session.post(posted(label(), "7-1"))
        failed = await observes(watch)
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
        await observes(watch)
        watch.session.post(posted(label("L00000001"), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        await device.receives(b"^FDL00000001^FS")
        clock.moves(6)
        device.print_all()
        assert isinstance(await observes(watch), LabelPrinted)
        failed = await observes(watch)
        assert isinstance(failed, CommandFailed) and failed.command == "8-1"
        assert len(device.printed) == 1


@pytest.mark.parametrize(
    ("flag", "words"),
    [("head", "head open"), ("ribbon", "ribbon out"), ("pause", "paused")],
)
async def test_each_state_is_said_while_a_label_is_held_and_ends_by_itself(
    flag: str, words: str
) -> None:
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        assert await observes(watch) == READY
        device.flags = {flag: 1}
        watch.session.post(posted(label()))
        assert await observes(watch) == stopped(words)
        device.flags = {}
        device.print_all()
        both = [await observes(watch), await observes(watch)]
        assert READY in both and out("L00004711") in both and len(device.printed) == 1


async def test_a_printer_that_is_mute_without_paper_still_holds_its_label(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "ANSWER_WITHIN_S", 1.0)
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        assert await observes(watch) == READY
        device.mute = True
        watch.session.post(posted(label()))
        assert await observes(watch) == stopped("no paper or ribbon or the head is open")
        device.mute = False
        device.print_all()
        both = [await observes(watch), await observes(watch)]
        assert READY in both and out("L00004711") in both


async def test_a_ready_printer_that_never_says_it_is_out_leaves_the_label_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "OUT_WITHIN_S", 0.2)
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await observes(watch)
        watch.session.post(posted(label(), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        doubt = await observes(watch)
        assert isinstance(doubt, LabelInDoubt) and doubt.name == "WL00004711"
        await device.receives(b"~HS")
        assert b"L00000002" not in device.got  # what may still come out comes first
        device.print_all()
        assert await observes(watch) == out("L00004711")
        await device.receives(b"L00000002")


async def test_a_printer_without_a_memory_leaves_each_label_to_be_scanned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "ANSWER_WITHIN_S", 1.0)
    device = HandPrinter(prints=False)
    device.remembers = False
    async with device, watched(printer(device.port)) as watch:
        assert watch.session.has == ()
        assert await observes(watch) == READY
        watch.session.post(posted(label(), "7-1"))
        watch.session.post(posted(label("L00000002"), "8-1"))
        await device.receives(b"^FDL00004711^FS")
        await device.receives(b"~HS")
        await device.receives(b"~HS")
        assert watch.waiting == 0 and b"L00000002" not in device.got  # it waits in the printer
        device.print_all()
        doubt = await observes(watch)
        assert isinstance(doubt, LabelInDoubt)
        assert (doubt.lpn, doubt.reason) == ("L00004711", session.NO_MEMORY)
        await device.receives(b"^FDL00000002^FS")


async def test_what_is_no_label_is_refused_and_the_next_one_is_printed() -> None:
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        await observes(watch)
        bad = PrintLabel(device=PRINTER, lpn=Lpn("L1"), zpl="hello", before=SOON)
        watch.session.post(posted(bad))
        watch.session.post(posted(label()))
        failed = await observes(watch)
        assert isinstance(failed, CommandFailed) and failed.reason.startswith("not a label")
        assert await observes(watch) == out("L00004711")


async def test_more_labels_than_may_wait_are_refused_one_by_one() -> None:
    async with HandPrinter(prints=False) as device, watched(printer(device.port)) as watch:
        await observes(watch)
        for number in range(session.WAITING_AT_MOST + 2):
            watch.session.post(posted(label(), f"{number}-1"))
        await device.receives(b"getvar")
        refused = [await observes(watch) for _ in range(2)]
        assert all(isinstance(one, CommandFailed) for one in refused)


async def test_a_silent_printer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "ANSWER_WITHIN_S", 0.1)
    async with TcpPeer() as silent:
        with pytest.raises(Unreachable, match="does not answer ~HS"):
            async with printer(silent.port).session():
                pass


async def test_a_cut_line_ends_the_session() -> None:
    async with HandPrinter() as device, watched(printer(device.port)) as watch:
        assert await observes(watch) == READY
        device.hang_up()
        assert isinstance(await watch.error(), Unreachable)
