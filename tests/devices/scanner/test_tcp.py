"""The fixed scanner over a real socket: reads, beats, silence, noise and hanging up."""

import asyncio
from pathlib import Path

import pytest

from devices.errors import Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Scanner, TcpClient
from devices.scanner.session import ScannerDriver
from tests.devices.peers import T0, HandClock, TcpPeer, watched
from wcs.names import DeviceId
from wcs.observations import Scanned

MAP = load_map(Path("config/demo"))
TUNNEL = DeviceId("tunnel1")


def tunnel(port: int, *, lost_after_s: float = 3.0, live: Live | None = None) -> ScannerDriver:
    config, connection = MAP.devices[TUNNEL], MAP.connections["tcp_tunnel"]
    assert isinstance(config, Scanner) and config.heartbeat and isinstance(connection, TcpClient)
    beat = config.heartbeat.model_copy(update={"lost_after_s": lost_after_s})
    return ScannerDriver(
        TUNNEL,
        config.model_copy(update={"heartbeat": beat}),
        connection.model_copy(update={"port": port}),
        clock=HandClock(),
        live=live or Live(),
    )


async def test_a_gate_is_one_observation_with_its_trigger_and_frame() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port)) as watch:
        await scanner.sends(b"\x02HB\x03\x0217;L00004711;SW0000000042\x03")
        seen = await watch.next()
        assert seen.observation == Scanned(
            scanner=TUNNEL,
            codes=("L00004711", "SW0000000042"),  # type: ignore[arg-type]
            trigger=17,
            at=T0,
        )
        assert (seen.key, seen.raw) == (None, "17;L00004711;SW0000000042")
        await scanner.sends(b"\x0218;NoRead\x03")
        no_read = await watch.observes()
        assert isinstance(no_read, Scanned)
        assert (no_read.codes, no_read.trigger) == ((), 18)


async def test_noise_is_counted_where_people_see_it_and_is_no_observation() -> None:
    async with TcpPeer() as scanner:
        live = Live()
        async with watched(tunnel(scanner.port, live=live)) as watch:
            await scanner.sends(b"garbage\x02not;a;gate\x03\x0219;L00004711\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and seen.trigger == 19
            await scanner.sends(b"\x0220;NoRead\x03")
            await watch.next()
            assert live.of(TUNNEL)["noise"].value == len(b"garbagenot;a;gate")


async def test_beats_keep_the_line_alive_and_silence_ends_it() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port, lost_after_s=0.2)) as watch:
        await scanner.sends(b"\x02HB\x03")
        assert "silent for 0.2 s" in str(await watch.error())


async def test_noise_is_no_sign_of_life() -> None:
    async def babble(scanner: TcpPeer) -> None:
        while True:
            await scanner.sends(b"\x00\x03garbage")
            await asyncio.sleep(0.02)

    async with TcpPeer() as scanner, watched(tunnel(scanner.port, lost_after_s=0.2)) as watch:
        babbling = asyncio.create_task(babble(scanner))
        assert "silent" in str(await watch.error())
        babbling.cancel()


async def test_a_scanner_that_hangs_up_is_unreachable() -> None:
    async with TcpPeer() as scanner, watched(tunnel(scanner.port)) as watch:
        await scanner.connected()
        scanner.hang_up()
        assert isinstance(await watch.error(), Unreachable)


async def test_half_a_frame_does_not_outlive_its_line() -> None:
    async with TcpPeer() as scanner:
        async with watched(tunnel(scanner.port)) as watch:
            await scanner.sends(b"\x0217;L0000")
            scanner.hang_up()
            await watch.error()
        async with watched(tunnel(scanner.port)) as watch:
            await scanner.sends(b"4711\x03\x0218;L00004712\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and seen.codes == ("L00004712",)


async def test_nobody_listening_is_said_with_the_address() -> None:
    async with TcpPeer() as scanner:
        port = scanner.port
    with pytest.raises(Unreachable, match=f"tunnel1: nobody answers at 127.0.0.1:{port}"):
        async with tunnel(port).session():
            pass
