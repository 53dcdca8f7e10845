"""The in-motion scale over a real socket: cartons, the question when it is quiet, and silence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Scale, TcpClient
from devices.scale import tcp
from tests.devices.peers import T0, HandClock, Reply, TcpPeer, watched
from wcs.names import DeviceId
from wcs.observations import ScaleChanged, Weighed, WeighingFailed

MAP = load_map(Path("config/demo"))
SCALE = DeviceId("scale1")


def scale(port: int, live: Live | None = None, **changes: float) -> tcp.ScaleDriver:
    config, connection = MAP.devices[SCALE], MAP.connections["tcp_scale"]
    assert isinstance(config, Scale) and isinstance(connection, TcpClient)
    connection = connection.model_copy(update={"port": port})
    config = config.model_copy(update=changes)
    return tcp.ScaleDriver(SCALE, config, connection, clock=HandClock(), live=live or Live())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tcp, "ASK_AFTER_S", 0.5)
    yield


def answers(weight: bytes, end: bytes = b'I4 A "B0000000001"\r\n') -> Reply:
    def reply(data: bytes) -> bytes:
        return (weight if b"SI" in data else b"") + (end if b"I4" in data else b"")

    return reply


READY = ScaleChanged(scale=SCALE, ready=True, reason="", at=T0)
ZERO = b"S S        0 g\r\n"


async def test_every_stable_weight_unasked_is_a_carton() -> None:
    live = Live()
    async with TcpPeer(answers(ZERO)) as peer, watched(scale(peer.port, live)) as watch:
        assert await watch.observes() == READY
        await peer.sends(b"S D     9999 g\r\nS S     12")
        await peer.sends(b"34 g\r\nS I\r\n??\r\nS S      900 g\r\n")
        seen = await watch.next()
        assert seen.observation == Weighed(scale=SCALE, grams=1234, at=T0)
        assert seen.raw == "S S     1234 g"
        assert await watch.observes() == Weighed(scale=SCALE, grams=900, at=T0)
        assert live.of(SCALE)["weight"].value == 900
        assert live.of(SCALE)["serial"].value == "B0000000001"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (b"S S      900 g\r\n", b'I4 A "1"\r\n'),
        (b"S D       12 g\r\n", b"I4 I\r\n"),
        (b"S I\r\n", b"ES\r\n"),
        (b"S S      900 g\r\n", b""),
    ],
)
async def test_a_quiet_scale_is_asked_and_its_answer_is_no_carton(
    answer: bytes, end: bytes
) -> None:
    async with TcpPeer(answers(answer, end)) as peer, watched(scale(peer.port)) as watch:
        assert await watch.observes() == READY
        await peer.receives(b"SI\r\n")
        await peer.receives(b"SI\r\n")  # it answered, so it is asked again
        assert watch.waiting == 0


async def test_a_carton_that_comes_while_the_scale_is_asked_is_a_carton() -> None:
    both = answers(b"S S     1234 g\r\n" + ZERO)
    async with TcpPeer(both) as peer, watched(scale(peer.port)) as watch:
        assert await watch.observes() == Weighed(scale=SCALE, grams=1234, at=T0)
        assert await watch.observes() == READY


@pytest.mark.usefixtures("impatient")
async def test_a_problem_is_said_and_its_end_too() -> None:
    line = [b"S +\r\n"]
    peer = TcpPeer(lambda data: answers(line[0])(data))
    async with peer, watched(scale(peer.port)) as watch:
        changed = await watch.observes()
        assert isinstance(changed, ScaleChanged)
        assert (changed.ready, changed.reason) == (False, "overload: take off what lies on it")
        line[0] = b"S S       37 g\r\n"
        drifted = await watch.observes()
        assert isinstance(drifted, ScaleChanged)
        assert drifted.reason == "shows 37 g while it is empty: press zero"
        line[0] = ZERO
        assert await watch.observes() == READY


@pytest.mark.usefixtures("impatient")
async def test_a_carton_that_does_not_come_to_rest_is_said_so() -> None:
    peer = TcpPeer(answers(b"S D     1234 g\r\n"))
    async with peer, watched(scale(peer.port, stable_timeout_s=0.2)) as watch:
        assert await watch.observes() == READY
        await peer.sends(b"S D     1234 g\r\n")
        failed = await watch.observes()
        assert failed == WeighingFailed(scale=SCALE, reason="not stable within 0.2 s", at=T0)


@pytest.mark.usefixtures("impatient")
async def test_a_scale_that_does_not_answer_is_unreachable() -> None:
    async with TcpPeer() as peer, watched(scale(peer.port)) as watch:
        await peer.receives(b"SI\r\n")
        assert str(await watch.error()) == "scale1: does not answer SI"
