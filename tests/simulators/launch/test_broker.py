"""Both brokers, as the zone and the gateway use them: retained words, QoS 1, one port for ever."""

from pathlib import Path

import pytest

from simulators.broker import LIMITS, settings
from simulators.child import Program
from simulators.spawn import Nursery
from tests.simulators.lights.peer import child, peer


@pytest.fixture(params=["mosquitto", "amqtt"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    if request.param == "mosquitto":
        request.getfixturevalue("mosquitto")
    amqtt = ("--amqtt",) if request.param == "amqtt" else ()
    return Program("broker", "simulators.broker", ("--state", str(tmp_path / "state"), *amqtt))


async def test_it_carries_words_and_keeps_what_is_retained(
    program: Program, tmp_path: Path, nursery: Nursery
) -> None:
    async with child(program, tmp_path, nursery) as broker:
        port = broker.address["port"]
        async with peer(port, "a/#") as hearer, peer(port, "b/#") as sayer:
            sayer.say("a/kept", {"n": 1}, retain=True)
            assert (await hearer.hears(lambda h: h[0] == "a/kept"))[1] == {"n": 1}
        async with peer(port, "a/#") as late:
            assert await late.hears(lambda h: h[2]) == ("a/kept", {"n": 1}, True)


async def test_it_keeps_its_port_over_a_restart(
    program: Program, tmp_path: Path, nursery: Nursery
) -> None:
    async with child(program, tmp_path, nursery) as broker:
        before = broker.address
        await broker.stop()
        assert await broker.start() == before


async def test_mosquitto_keeps_what_is_retained_over_a_restart(
    mosquitto: Path, tmp_path: Path, nursery: Nursery
) -> None:
    program = Program("broker", "simulators.broker", ("--state", str(tmp_path / "state")))
    async with child(program, tmp_path, nursery) as broker:
        port = broker.address["port"]
        async with peer(port, "a/#") as sayer:
            sayer.say("a/kept", 7, retain=True)
            await sayer.hears(lambda h: h[0] == "a/kept")
        await broker.restart()
        async with peer(port, "a/#") as late:
            assert (await late.hears(lambda h: h[2]))[1] == 7


async def test_amqtt_says_what_it_cannot_do(tmp_path: Path, nursery: Nursery) -> None:
    program = Program("broker", "simulators.broker", ("--state", str(tmp_path), "--amqtt"))
    async with child(program, tmp_path, nursery):
        assert LIMITS in (tmp_path / "broker.log").read_text()


def test_mosquitto_listens_on_loopback_without_delay(tmp_path: Path) -> None:
    lines = settings(1883, tmp_path, "me").splitlines()
    assert "listener 1883 127.0.0.1" in lines
    assert "set_tcp_nodelay true" in lines
    assert f"persistence_location {tmp_path}/" in lines
