"""The in-motion scale over a real socket: cartons, the question when it is quiet, and silence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Scale, TcpClient
from devices.scale import tcp
from tests.devices.peers import T0, HandClock, TcpPeer, watched
from wcs.names import DeviceId
from wcs.observations import Weighed

MAP = load_map(Path("config/demo"))
SCALE = DeviceId("scale1")


def scale(port: int, live: Live | None = None) -> tcp.ScaleDriver:
    config, connection = MAP.devices[SCALE], MAP.connections["tcp_scale"]
    assert isinstance(config, Scale) and isinstance(connection, TcpClient)
    connection = connection.model_copy(update={"port": port})
    return tcp.ScaleDriver(SCALE, config, connection, clock=HandClock(), live=live or Live())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tcp, "ASK_AFTER_S", 0.1)
    yield


async def test_every_stable_weight_unasked_is_a_carton() -> None:
    live = Live()
    async with TcpPeer() as peer, watched(scale(peer.port, live)) as watch:
        await peer.sends(b"S D     9999 g\r\nS S     12")
        await peer.sends(b"34 g\r\nS I\r\n??\r\nS S      900 g\r\n")
        seen = await watch.next()
        assert seen.observation == Weighed(scale=SCALE, grams=1234, at=T0)
        assert seen.raw == "S S     1234 g"
        assert await watch.observes() == Weighed(scale=SCALE, grams=900, at=T0)
        assert live.of(SCALE)["weight"].value == 900


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [b"S D       12 g\r\n", b"S I\r\n"])
async def test_a_quiet_scale_is_asked_and_its_answer_is_no_carton(answer: bytes) -> None:
    async with TcpPeer(lambda data: answer) as peer, watched(scale(peer.port)) as watch:
        await peer.receives(b"SI\r\n")
        await peer.receives(b"SI\r\n")  # it answered, so it is asked again
        await peer.sends(b"S S      900 g\r\n")
        assert await watch.observes() == Weighed(scale=SCALE, grams=900, at=T0)


@pytest.mark.usefixtures("impatient")
async def test_a_scale_that_does_not_answer_is_unreachable() -> None:
    async with TcpPeer() as peer, watched(scale(peer.port)) as watch:
        await peer.receives(b"SI\r\n")
        assert str(await watch.error()) == "scale1: does not answer SI"
