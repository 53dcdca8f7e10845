"""Scanner, scale and printer on real TCP lines, with their bytes written out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices.map.load import load_map
from devices.map.schema import Scanner
from simulators.lines import Lines
from simulators.printer import LabelPrinter, host_status
from simulators.process import LOOPBACK, port_of
from simulators.scale import InMotionScale
from simulators.scanner import FixedScanner, payload
from tests.simulators.equipment.bench import DEMO, SOON_S, bench, device, read, working

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def line_to(lines: Lines) -> AsyncIterator[Line]:
    async with await lines.listen(0) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, port_of(server))
        try:
            yield reader, writer
        finally:
            writer.close()


def scanner_of(id: str) -> FixedScanner:
    found = load_map(DEMO).devices[id]
    assert isinstance(found, Scanner)
    return FixedScanner(found)


# --- fixed scanners ---


async def test_a_tunnel_read_carries_the_trigger_and_every_code() -> None:
    scanner = scanner_of("tunnel1")
    async with (
        bench() as world,
        line_to(scanner.lines) as (reader, _),
        working(scanner.beat()),
        device(world, "tunnel1", lambda _: scanner.heard),
    ):
        assert await read(reader, b"\x03") == b"\x02HB\x03"
        world.tell("tunnel1", "read", codes=["L00004711", "SW0000000042"], trigger=17)
        assert await read(reader, b"\x03") == b"\x0217;L00004711;SW0000000042\x03"
        world.tell("tunnel1", "read", codes=[], trigger=18)
        assert await read(reader, b"\x03") == b"\x0218;NoRead\x03"


async def test_a_pack_scanner_says_only_codes() -> None:
    scanner = scanner_of("scan_pack1")
    async with (
        bench() as world,
        line_to(scanner.lines) as (reader, _),
        device(world, "scan_pack1", lambda _: scanner.heard),
    ):
        world.tell("scan_pack1", "read", codes=["L00004711"], trigger=None)
        frame = bytes.fromhex("02 4C 30 30 30 30 34 37 31 31 03")
        assert await read(reader, b"\x03") == frame


def test_a_payload_without_a_trigger_field_leaves_it_out() -> None:
    assert payload(["A", "B"], 5, ("codes",), ";") == "A;B"
    assert payload([], 5, ("trigger", "codes"), ";") == "5;NoRead"


async def test_an_unplugged_scanner_drops_its_lines_and_takes_no_new_one() -> None:
    scanner = scanner_of("tunnel1")
    async with line_to(scanner.lines) as (reader, writer), working(scanner.beat()):
        assert await read(reader, b"\x03") == b"\x02HB\x03"
        scanner.heard({"fact": "fault", "fault": "unplugged", "on": True})
        assert await _ends(reader)
        address = writer.get_extra_info("peername")
        second, closing = await asyncio.open_connection(*address)
        assert await _ends(second)
        closing.close()
        scanner.heard({"fact": "fault", "fault": "unplugged", "on": False})
        third, closing = await asyncio.open_connection(*address)
        assert await read(third, b"\x03") == b"\x02HB\x03"
        closing.close()


async def _ends(reader: asyncio.StreamReader) -> bool:
    """True when the other side closed, in whatever way."""
    try:
        async with asyncio.timeout(SOON_S):
            while await reader.read(100):
                pass
    except ConnectionResetError:
        return True
    return True


# --- scale ---


async def test_a_scale_says_a_carton_unasked_and_answers_si_without_a_carton() -> None:
    scale = InMotionScale()
    async with (
        bench() as world,
        line_to(scale.lines) as (reader, writer),
        device(world, "scale1", lambda _: scale.heard),
    ):
        writer.write(b"S")
        writer.write(b"I\r\n")
        assert await read(reader, b"\n") == b"S S        0 g\r\n"
        writer.write(b"I4\r\n")
        assert await read(reader, b"\n") == b'I4 A "B0000000001"\r\n'
        scale.heard({"fact": "fault", "fault": "zero_drift", "on": True})
        writer.write(b"SI\r\n")
        assert await read(reader, b"\n") == b"S S       37 g\r\n"
        scale.heard({"fact": "fault", "fault": "overload", "on": True})
        writer.write(b"SI\r\n")
        assert await read(reader, b"\n") == b"S +\r\n"
        world.tell("scale1", "weight", grams=1234, stable=True)
        assert await read(reader, b"\n") == b"S S     1234 g\r\n"
        world.tell("scale1", "weight", grams=98765, stable=False)
        assert await read(reader, b"\n") == b"S D    98765 g\r\n"
        writer.write(b"FOO\r\n")
        assert await read(reader, b"\n") == b"ES\r\n"


# --- printer ---

LABEL = b"^XA^FO40,40^FDAda Quist^FS^BY3^BCN,200,Y^FDSW0000000042^FS^BCN^FDL00000001^FS^XZ"
SET = b'! U1 setvar "device.user_p1" "L00000001"\r\n'
GET = b'! U1 getvar "device.user_p1"\r\n'


async def test_a_printer_prints_then_sets_what_it_printed() -> None:
    async with bench() as world, device(world, "print1", lambda _: lambda fact: None) as client:
        printer = LabelPrinter(client, speed=20)
        async with line_to(printer.lines) as (reader, writer), working(printer.work()):
            writer.write(GET)
            assert await read(reader, b'""') == b'""'
            writer.write(LABEL[:20])
            writer.write(LABEL[20:] + SET)
            await world.until(lambda: world.acts)
            (by, label) = world.acts[0]
            assert by == "print1"
            assert label["codes"] == ["SW0000000042", "L00000001"]
            assert label["fields"] == ["Ada Quist", "SW0000000042", "L00000001"]
            assert label["exception"] is False
            writer.write(GET)
            assert await read(reader, b'1"') == b'"L00000001"'


async def test_without_paper_nothing_comes_out_and_the_status_says_so() -> None:
    async with bench() as world, device(world, "print1", lambda _: lambda fact: None) as client:
        printer = LabelPrinter(client, speed=20)
        async with line_to(printer.lines) as (reader, writer), working(printer.work()):
            printer.heard({"fact": "fault", "fault": "paper_out", "on": True})
            writer.write(b"^XA^FDEXCEPTION^FS^XZ" + SET + b"~HS")
            first = await read(reader, b"\x03\r\n")
            assert first == b"\x02030,1,0,1218,001,0,0,0,000,0,0,0\x03\r\n"
            writer.write(GET)
            assert (await read(reader, b'""')).endswith(b'""')
            assert not world.acts
            printer.heard({"fact": "fault", "fault": "paper_out", "on": False})
            await world.until(lambda: world.acts)
            assert world.acts[0][1]["exception"] is True


def test_host_status_is_three_strings_of_the_programming_guide() -> None:
    assert host_status((), waiting=2) == (
        b"\x02030,0,0,1218,002,0,0,0,000,0,0,0\x03\r\n"
        b"\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n"
        b"\x021234,0\x03\r\n"
    )
