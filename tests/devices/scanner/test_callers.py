"""Scanners that call us: who is let in, who is not, and which of two lines counts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from devices.errors import Refused, Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Scanner, TcpServer
from devices.scanner.session import ScannerDriver
from simulators.free_port import free_port
from tests.devices.peers import PATIENCE_S, HandClock, Watch
from wcs.names import DeviceId
from wcs.observations import Scanned

CONFIG = load_map(Path("config/demo")).devices["scan_pack1"]
DOCK1, DOCK2 = DeviceId("dock1"), DeviceId("dock2")


def driver(
    id: DeviceId, port: int, peer: str = "127.0.0.1", live: Live | None = None
) -> ScannerDriver:
    assert isinstance(CONFIG, Scanner)
    line = TcpServer(type="tcp-server", host="127.0.0.1", port=port, peer=peer)
    config = CONFIG.model_copy(update={"heartbeat": None})
    return ScannerDriver(id, config, line, clock=HandClock(), live=live or Live())


class Served:
    """A driver waited for in the background, as the supervisor does."""

    def __init__(self, driver: ScannerDriver) -> None:
        self._driver, self._watch = driver, asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self.task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        async with self._driver.session() as session:
            watch = Watch(session)
            reading = asyncio.create_task(watch.read())
            self._watch.set_result(watch)
            await self._over.wait()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def watch(self) -> Watch:
        async with asyncio.timeout(PATIENCE_S):
            return await self._watch

    async def close(self) -> None:
        self._over.set()
        if not self._watch.done():
            self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Gun(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reads(self, *codes: str) -> None:
        self.writer.write(b"".join(b"\x02" + code.encode() + b"\x03" for code in codes))

    async def is_hung_up(self) -> None:
        """A reset is one too."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(self.reader.read(), return_exceptions=True)


Dial = Callable[..., Awaitable[Gun]]


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Tries until somebody listens."""
    guns: list[Gun] = []

    async def dial(port: int, source: str = "127.0.0.1") -> Gun:
        guns.append(await _dialled(port, source))
        return guns[-1]

    yield dial
    for gun in guns:
        gun.writer.transport.abort()
        await asyncio.gather(gun.writer.wait_closed(), return_exceptions=True)


async def _dialled(port: int, source: str) -> Gun:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                line = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                return Gun(*line)


async def codes(watch: Watch) -> tuple[str, ...]:
    seen = await watch.observes()
    assert isinstance(seen, Scanned)
    return seen.codes


async def test_two_scanners_share_a_port_and_are_told_apart_by_their_address(dial: Dial) -> None:
    port = free_port()
    one, two = Served(driver(DOCK1, port)), Served(driver(DOCK2, port, "127.0.0.2"))
    gun2, gun1 = await dial(port, "127.0.0.2"), await dial(port)
    gun2.reads("L00000002")
    gun1.reads("L00000001")
    assert await codes(await one.watch()) == ("L00000001",)
    assert await codes(await two.watch()) == ("L00000002",)
    await asyncio.gather(one.close(), two.close())


async def test_a_stranger_is_refused_in_a_sentence_and_once(
    dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    port, live = free_port(), Live()
    served = Served(driver(DOCK1, port, live=live))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            stranger = await dial(port, "127.0.0.9")
            stranger.reads("L66666666")
            await stranger.is_hung_up()
        gun = await dial(port)
    gun.reads("L00000001")
    assert await codes(await served.watch()) == ("L00000001",)
    assert [one.getMessage() for one in caplog.records] == [
        f"127.0.0.1:{port}: 127.0.0.9 called and was refused; the map lets in 127.0.0.1 (dock1)"
    ]
    assert live.of(DOCK1)["refused"].value == "127.0.0.9"
    await served.close()


async def test_of_two_lines_from_one_scanner_the_newest_counts(dial: Dial) -> None:
    port = free_port()
    first = Served(driver(DOCK1, port))
    old = await dial(port)
    old.writer.write(b"\x02L00000001\x03\x02L0000")
    watch = await first.watch()
    assert await codes(watch) == ("L00000001",)
    new = await dial(port)
    new.reads("L00000002")
    assert "called again: its newest line counts" in str(await watch.error())
    await old.is_hung_up()
    await first.close()
    second = Served(driver(DOCK1, port))  # as the supervisor does a moment later
    assert await codes(await second.watch()) == ("L00000002",)
    await second.close()


async def test_who_calls_between_two_sessions_is_kept_waiting(dial: Dial) -> None:
    port = free_port()
    first = Served(driver(DOCK1, port))
    (await dial(port)).writer.transport.abort()
    assert isinstance(await (await first.watch()).error(), Unreachable)
    await first.close()
    gun = await dial(port)
    gun.reads("L00000002")
    second = Served(driver(DOCK1, port))
    assert await codes(await second.watch()) == ("L00000002",)
    await second.close()


async def test_two_devices_with_one_peer_are_refused(dial: Dial) -> None:
    port = free_port()
    first = Served(driver(DOCK1, port))
    await dial(port)
    await first.watch()
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is dock1 already"):
        async with driver(DOCK2, port).session():
            pass
    await first.close()


async def test_a_port_that_is_taken_is_said() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port} cannot be listened at"):
            async with driver(DOCK1, port).session():
                pass


async def test_a_flood_on_a_line_that_nobody_reads_is_held_back(dial: Dial) -> None:
    port = free_port()
    served = Served(driver(DOCK1, port))
    (await dial(port)).writer.transport.abort()
    await (await served.watch()).error()
    await served.close()
    gun = await dial(port)
    stuck = asyncio.create_task(_floods(gun.writer))
    _, waiting = await asyncio.wait({stuck}, timeout=0.5)
    assert waiting  # 64 MB went nowhere: we hold 16 KiB of them, the kernel its own
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


async def _floods(line: asyncio.StreamWriter) -> None:
    for _ in range(1024):
        line.write(b"\x02" + bytes(65536))
        await line.drain()
