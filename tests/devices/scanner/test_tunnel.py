"""A tunnel of two heads over a belt: each of them, and the sorter, on a real line of its own."""

import asyncio
from pathlib import Path

from devices.errors import Unreachable
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Associate, MultiRead, Scanner, TcpClient
from devices.passing import Eye
from devices.scanner.session import ScannerDriver
from devices.scanner.tunnel import Belt
from devices.tags.value import Value
from tests.devices.conveyor.plc import FakePlc, running
from tests.devices.conveyor.site import supervised
from tests.devices.conveyor.sorter import SORTER, World, up
from tests.devices.peers import ACCEPTED, PATIENCE_S, T0, HandClock, TcpPeer, watched
from wcs.names import DeviceId
from wcs.observations import Inducted, Scanned

CONFIG = load_map(Path("config/demo")).devices["tunnel1"]
TUNNEL, LEFT = DeviceId("tunnel1"), DeviceId("tunnel1_left")
BY_EYE = Associate(device=SORTER, event="induct", window=(-0.3, 1.5))
BY_NUMBER = Associate(window=(0.0, 0.5))


def scanner(id: DeviceId, port: int, live: Live, **changes: object) -> ScannerDriver:
    assert isinstance(CONFIG, Scanner)
    line = TcpClient(type="tcp-client", host="127.0.0.1", port=port)
    config = CONFIG.model_copy(update={"heartbeat": None, **changes})
    return ScannerDriver(id, config, line, clock=HandClock(), live=live)


def plain(id: DeviceId, port: int, live: Live, **changes: object) -> ScannerDriver:
    """Frames without a number: the eye has it."""
    return scanner(id, port, live, fields=("codes",), **changes)


async def test_what_two_heads_read_of_a_carton_is_one_read_with_the_number_of_the_eye() -> None:
    async with TcpPeer() as top, TcpPeer() as left, running(FakePlc()) as plc:
        world = World(plc)
        tunnel = plain(TUNNEL, top.port, world.live, associate=BY_EYE)
        head = plain(LEFT, left.port, world.live, tunnel=TUNNEL)
        async with (
            supervised(world.driver(), world.ears, world.clock),
            watched(tunnel) as watch,
            watched(head) as silent,
        ):
            await up(world)
            await asyncio.gather(top.connected(), left.connected())
            plc.induct(17)
            await world.ears.hear(Inducted)
            await top.sends(b"\x02L00004711\x03\x02NoRead\x03")
            await left.sends(b"\x02NoRead\x03\x02SW0000000042\x03\x02L00004711\x03")
            seen = await watch.next()
            assert isinstance(seen.observation, Scanned)
            assert seen.observation.trigger == 17 and seen.observation.scanner == TUNNEL
            assert set(seen.observation.codes) == {"L00004711", "SW0000000042"}
            assert "tunnel1_left: SW0000000042" in seen.raw
            seen.source.settled(seen, ACCEPTED)
            assert silent.waiting == 0
            assert world.live.of(LEFT)["read"].value == "L00004711"


async def test_a_carton_that_no_head_reads_is_a_no_read_with_its_number() -> None:
    async with TcpPeer() as top:
        live = Live()
        async with watched(plain(TUNNEL, top.port, live, associate=BY_EYE)) as watch:
            now = asyncio.get_running_loop().time()
            live.passing.tell(SORTER, Eye(SORTER, 17, now))
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and (seen.trigger, seen.codes) == (17, ())
            assert seen.conflict == ()


async def test_two_different_plates_on_one_carton_are_believed_neither() -> None:
    async with TcpPeer() as top, TcpPeer() as left:
        live = Live()
        tunnel = scanner(
            TUNNEL, top.port, live, associate=BY_NUMBER, multi_read=MultiRead(plate=r"L\d{8}")
        )
        async with (
            watched(tunnel) as watch,
            watched(scanner(LEFT, left.port, live, tunnel=TUNNEL)),
        ):
            await asyncio.gather(top.connected(), left.connected())
            await left.sends(b"\x0217;L00004712\x03")
            await top.sends(b"\x0217;L00004711;SW0000000042\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and (seen.trigger, seen.codes) == (17, ())
            assert set(seen.conflict) == {"L00004711", "L00004712"}


async def test_a_read_of_nobody_is_told_without_a_number_and_counted() -> None:
    async with TcpPeer() as top:
        live = Live()
        async with watched(plain(TUNNEL, top.port, live, associate=BY_EYE)) as watch:
            await top.sends(b"\x02L00004711\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned)
            assert (seen.trigger, seen.codes) == (None, ("L00004711",))
            await top.sends(b"\x02L00004712\x03")
            await watch.next()
            assert live.of(TUNNEL)["strays"].value == 2


async def test_without_its_own_line_the_tunnel_is_away_and_a_lost_head_takes_nothing_with_it() -> (
    None
):
    async with TcpPeer() as top, TcpPeer() as left:
        live = Live()
        tunnel = scanner(TUNNEL, top.port, live, associate=BY_NUMBER)
        async with watched(tunnel) as watch:
            async with watched(scanner(LEFT, left.port, live, tunnel=TUNNEL)) as head:
                await left.connected()
                left.hang_up()
                assert isinstance(await head.error(), Unreachable)
            await top.sends(b"\x0217;L00004711\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and seen.codes == ("L00004711",)
            top.hang_up()
            assert isinstance(await watch.error(), Unreachable)


async def test_one_frame_with_two_plates_is_judged_without_a_tunnel_too() -> None:
    async with TcpPeer() as gate:
        rule = MultiRead(plate=r"L\d{8}")
        async with watched(scanner(TUNNEL, gate.port, Live(), multi_read=rule)) as watch:
            await gate.sends(b"\x0217;L00004711;L00004712\x03")
            seen = await watch.observes()
            assert isinstance(seen, Scanned)
            assert (seen.codes, seen.conflict) == ((), ("L00004711", "L00004712"))


class Encoder:
    """The tags of a PLC, as far as a tunnel asks them."""

    def __init__(self) -> None:
        self.mm, self.quality = 65_000.0, "good"

    def value(self, name: str) -> Value:
        return Value(self.mm, T0, quality=self.quality)  # type: ignore[arg-type]


async def test_a_belt_that_stands_closes_no_gate_and_one_that_moves_does() -> None:
    along = Associate.model_validate(
        {"device": SORTER, "event": "induct", "encoder": "belt_mm", "along": ["-50mm", "250mm"]}
    )
    async with TcpPeer() as top:
        live, plc = Live(), Encoder()
        live.attach(SORTER, dict, plc)  # type: ignore[arg-type]
        async with watched(plain(TUNNEL, top.port, live, associate=along)) as watch:
            live.passing.tell(SORTER, Eye(SORTER, 17, asyncio.get_running_loop().time()))
            await top.sends(b"\x02L00004711\x03")
            await asyncio.sleep(0)
            plc.mm += 200
            await top.sends(b"\x02SW0000000042\x03")
            async with asyncio.timeout(PATIENCE_S):
                while "noise" not in live.of(TUNNEL):
                    await asyncio.sleep(0.01)
            assert watch.waiting == 0
            plc.mm = 0.0  # its counter begins anew
            plc.quality = "bad"
            await top.sends(b"\x02L00004711\x03")
            plc.quality = "good"
            async with asyncio.timeout(PATIENCE_S):
                while not watch.waiting:
                    plc.mm += 20
                    await asyncio.sleep(0.01)
            seen = await watch.observes()
            assert isinstance(seen, Scanned) and seen.trigger == 17
            assert "L00004711" in seen.codes


def test_a_belt_goes_on_from_where_it_was() -> None:
    live, plc = Live(), Encoder()
    live.attach(SORTER, dict, plc)  # type: ignore[arg-type]
    belt = Belt(live, SORTER, "belt_mm")
    assert belt.moved_mm == 0
    plc.mm += 30
    assert belt.moved_mm == 30
    plc.mm, plc.quality = 0, "bad"
    assert belt.moved_mm == 30
    plc.quality = "good"
    assert belt.moved_mm == 30
    plc.mm = 12
    assert belt.moved_mm == 42
    live.lost(SORTER, "away")
    assert belt.moved_mm == 42
