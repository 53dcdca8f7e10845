"""A fixed scanner whose map has its codes read as GS1, over a real socket."""

from datetime import date
from pathlib import Path

from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Payload, Scanner, TcpClient
from devices.scanner.payload import way_of
from devices.scanner.session import ScannerDriver
from tests.devices.peers import HandClock, TcpPeer, watched
from wcs.names import DeviceId
from wcs.observations import Scanned

MAP = load_map(Path("config/demo"))
TUNNEL = DeviceId("tunnel1")
SERIAL = b"]C1010950600013435217251200%b\x1d21%b"


def tunnel(port: int) -> ScannerDriver:
    config, connection = MAP.devices[TUNNEL], MAP.connections["tcp_tunnel"]
    assert isinstance(config, Scanner) and isinstance(connection, TcpClient)
    gs1 = {"payload": Payload(parse="auto"), "dedupe_s": 60.0}
    return ScannerDriver(
        TUNNEL,
        config.model_copy(update=gs1),
        connection.model_copy(update={"port": port}),
        clock=HandClock(),
        live=Live(),
    )


async def test_rules_get_the_key_and_what_else_the_codes_say() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port)) as watch:
        await scanner.sends(b"\x0217;L00004711;" + SERIAL % (b"10AB12", b"S7") + b"\x03")
        seen = await watch.next()
        scanned = seen.observation
        assert isinstance(scanned, Scanned)
        assert (scanned.codes, scanned.trigger) == (("L00004711", "9506000134352"), 17)
        (mark,) = scanned.marks
        assert (mark.code, mark.gtin) == ("9506000134352", "09506000134352")
        assert (mark.lot, mark.serial, mark.expires) == ("AB12", "S7", date(2025, 12, 31))
        assert (mark.problems, mark.guessed) == ((), False)
        assert seen.raw == "17;L00004711;]C101095060001343521725120010AB12\x1d21S7"


async def test_a_bad_part_reaches_the_rules_in_words_and_stops_nothing() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port)) as watch:
        await scanner.sends(b"\x0217;]C100106141411234567890\x1d400A-1;L00004711\x03")
        scanned = await watch.observes()
        assert isinstance(scanned, Scanned)
        assert scanned.codes == ("00106141411234567890\x1d400A-1", "L00004711")
        assert scanned.marks[0].problems == ("(00) check digit is 0, should be 7",)


async def test_a_gate_is_told_once_and_the_next_piece_of_the_same_article_too() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port)) as watch:
        for serial in (b"S7", b"S7", b"S8", b"S7"):
            await scanner.sends(b"\x0217;" + SERIAL % (b"10AB12", serial) + b"\x03")
        await scanner.sends(b"\x0218;" + SERIAL % (b"10AB12", b"S7") + b"\x03")
        told = [await watch.observes() for _ in range(3)]
        pieces = [(one.trigger, one.marks[0].serial) for one in told if isinstance(one, Scanned)]
        assert pieces == [(17, "S7"), (17, "S8"), (18, "S7")]


def test_the_map_says_how_a_station_reads(tmp_path: Path) -> None:
    text = Path("config/demo/devices.yaml").read_text()
    framed = "fields: [trigger, codes]"
    assert text.count(framed) == 1
    how = "    payload: {parse: gs1, aim_identifier: required}\n    counts: pulls\n"
    (tmp_path / "devices.yaml").write_text(text.replace(framed, f"{framed}\n{how}".rstrip()))
    config = load_map(tmp_path).devices[TUNNEL]
    assert isinstance(config, Scanner)
    assert (way_of(config.payload), config.counts) == ("gs1", "pulls")
    before = MAP.devices[TUNNEL]
    assert isinstance(before, Scanner) and way_of(before.payload) == "plain"
