"""The hand scanner on a pseudo terminal: codes, tones after the answer, unplugged and back."""

import asyncio
import gc
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.errors import Refused, Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Feedback, Scanner, Serial
from devices.scanner.session import ScannerDriver
from tests.devices.peers import ACCEPTED, PATIENCE_S, REFUSED, T0, HandClock, watched
from wcs.names import DeviceId
from wcs.observations import Scanned

MAP = load_map(Path("config/demo"))
HAND = DeviceId("hand1")
GOOD, BAD = b"\x1b[3q\x1b[6q", b"\x1b[4q\x1b[8q"


class Gun:
    """The scanner's end of the cable; its node is a link, as udev makes one by USB id."""

    def __init__(self, node: Path) -> None:
        self.node = node
        self.plug_in()

    def plug_in(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.node.symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        self.node.unlink()
        os.close(self._slave)
        os.close(self._master)

    def reads(self, code: bytes) -> None:
        os.write(self._master, code)

    async def hears(self, size: int) -> bytes:
        """So many bytes, or what came until patience ended."""
        os.set_blocking(self._master, False)
        loop, got = asyncio.get_running_loop(), b""
        async with asyncio.timeout(PATIENCE_S):
            while len(got) < size:
                ready = loop.create_future()
                loop.add_reader(self._master, ready.set_result, None)
                await ready
                loop.remove_reader(self._master)
                got += os.read(self._master, size - len(got))
        return got

    def silent(self) -> bool:
        os.set_blocking(self._master, False)
        try:
            return not os.read(self._master, 1)
        except BlockingIOError:
            return True


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[Gun]:
    gun = Gun(tmp_path / "hand1")
    yield gun
    if gun.node.is_symlink():
        gun.unplug()


def driver(gun: Gun, clock: HandClock | None = None, live: Live | None = None) -> ScannerDriver:
    config, connection = MAP.devices[HAND], MAP.connections["com_pick"]
    assert isinstance(config, Scanner) and isinstance(connection, Serial)
    connection = connection.model_copy(update={"port": str(gun.node)})
    return ScannerDriver(HAND, config, connection, clock=clock or HandClock(), live=live or Live())


async def test_a_code_arrives_byte_by_byte_and_gets_its_tone_after_the_answer(gun: Gun) -> None:
    async with watched(driver(gun)) as watch:
        for byte in b"L00004711\r":
            gun.reads(bytes([byte]))
        seen = await watch.next()
        assert seen.observation == Scanned(scanner=HAND, codes=("L00004711",), at=T0)  # type: ignore[arg-type]
        assert seen.key is None
        assert gun.silent()  # nothing before the transaction has answered
        seen.source.settled(seen, ACCEPTED)
        assert await gun.hears(len(GOOD)) == GOOD


async def test_a_refused_scan_gets_the_bad_tone(gun: Gun) -> None:
    async with watched(driver(gun)) as watch:
        gun.reads(b"WHAT\r")
        seen = await watch.next()
        seen.source.settled(seen, REFUSED)
        assert await gun.hears(len(BAD)) == BAD


async def test_an_answer_after_a_second_gives_no_tone(gun: Gun) -> None:
    clock = HandClock()
    async with watched(driver(gun, clock)) as watch:
        gun.reads(b"L00004711\r")
        first = await watch.next()
        clock.moves(1.1)
        gun.reads(b"L00004712\r")
        second = await watch.next()
        first.source.settled(first, ACCEPTED)
        second.source.settled(second, REFUSED)
        assert await gun.hears(len(BAD)) == BAD  # the late good tone is not in front of it


async def test_a_bounce_is_one_scan(gun: Gun) -> None:
    async with watched(driver(gun)) as watch:
        gun.reads(b"L00004711\rL00004711\rL00004712\r")
        first, second = await watch.observes(), await watch.observes()
        assert isinstance(first, Scanned) and isinstance(second, Scanned)
        assert (first.codes, second.codes) == (("L00004711",), ("L00004712",))


async def test_half_a_code_is_forgotten_when_the_line_falls_silent(gun: Gun) -> None:
    live = Live()
    async with watched(driver(gun, live=live)) as watch:
        gun.reads(b"L0000")
        async with asyncio.timeout(PATIENCE_S):
            while (noise := live.of(HAND).get("noise")) is None or noise.value != 5:
                await asyncio.sleep(0.005)
        gun.reads(b"4711\rL00004712\r")
        seen = await watch.observes()
        assert isinstance(seen, Scanned) and seen.codes == ("L00004712",)


async def test_packets_in_the_middle_of_text_are_refused(gun: Gun) -> None:
    config, connection = MAP.devices[HAND], MAP.connections["com_pick"]
    assert isinstance(config, Scanner) and isinstance(connection, Serial)
    config = config.model_copy(update={"feedback": Feedback(style="zebra-ssi")})
    scanner = ScannerDriver(HAND, config, connection, clock=HandClock(), live=Live())
    with pytest.raises(Refused, match="zebra-ssi needs its packets"):
        async with scanner.session():
            pass


async def test_unplugged_it_is_unreachable_and_plugged_in_it_is_back(gun: Gun) -> None:
    scanner = driver(gun)
    async with watched(scanner) as watch:
        gun.reads(b"L00004711\r")
        late = await watch.next()
        gun.unplug()
        assert isinstance(await watch.error(), Unreachable)
        late.source.settled(late, ACCEPTED)  # its receipt is void; nothing happens
    with pytest.raises(Unreachable, match="is it plugged in"):
        async with scanner.session():
            pass
    gun.plug_in()
    async with watched(scanner) as watch:
        gun.reads(b"L00004712\r")
        seen = await watch.observes()
        assert isinstance(seen, Scanned) and seen.codes == ("L00004712",)
        late.source.settled(late, ACCEPTED)
        assert gun.silent()


async def test_a_cable_pulled_just_before_the_tone_is_no_drama(
    gun: Gun, caplog: pytest.LogCaptureFixture
) -> None:
    async with watched(driver(gun)) as watch:
        gun.reads(b"L00004711\r")
        seen = await watch.next()
        gun.unplug()
        seen.source.settled(seen, ACCEPTED)
        assert isinstance(await watch.error(), Unreachable)
    gc.collect()
    assert caplog.text == ""


async def test_a_gun_that_takes_no_tones_never_stops_the_loop(gun: Gun) -> None:
    async with watched(driver(gun)) as watch:
        gun.reads(b"L00004711\r")
        seen = await watch.next()
        for _ in range(10_000):  # its buffer holds far less, and nobody reads it
            seen.source.settled(seen, ACCEPTED)
        gun.reads(b"L00004712\r")
        assert isinstance(await watch.observes(), Scanned)
